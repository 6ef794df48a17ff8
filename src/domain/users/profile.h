#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/address.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/base/json.h"
#include "domain/ports/identity.h"

/// What the users service knows of a person besides the account, which is Identity's. Pure.
namespace souk::users {

/// Units: characters; counts per customer.
inline constexpr std::int64_t name_length_max = 200;
inline constexpr std::int64_t phone_length_max = 32;
inline constexpr std::int64_t addresses_max = 50;

struct Profile {
    UserId id;
    std::string email;
    std::string name;
    std::optional<std::string> phone;
    Instant created_at;
    std::uint64_t version = 0;  // 0 until a row has been written.
};

/// The profile that an account has before it says more of itself.
[[nodiscard]] Profile profile_of(const Account& account);

/// What to change; an empty member stays as it is.
struct ProfileChanges {
    std::optional<std::string> name;
    std::optional<std::optional<std::string>> phone;  // An inner nothing takes the number away.
};
[[nodiscard]] ProfileChanges parse_profile_changes(JsonView body);
[[nodiscard]] Profile changed(Profile before, const ProfileChanges& changes);
[[nodiscard]] std::string render_profile(const Profile& profile);
/// Shape: id, email, name, platform_admin, totp.
[[nodiscard]] std::string render_staff(const Account& account);

/// A place that a customer has things sent to.
struct SavedAddress {
    AddressId id;
    Address address = {};
    std::uint64_t version = 0;  // 0 until a row has been written.
};

/// The members of an address by their names in bodies and rows.
inline constexpr std::array address_texts =
    std::to_array<std::pair<std::string_view, std::string Address::*>>({
        {"name", &Address::name},
        {"company", &Address::company},
        {"line1", &Address::line1},
        {"line2", &Address::line2},
        {"city", &Address::city},
        {"region", &Address::region},
        {"postal_code", &Address::postal_code},
        {"country", &Address::country},
        {"phone", &Address::phone},
    });

/// A customer's addresses as a whole: how many there are, and which is the default.
struct AddressBook {
    std::int64_t count = 0;
    std::optional<AddressId> preferred;
    std::uint64_t version = 0;  // 0 until a row has been written.
};

struct AddressChanges {
    std::vector<std::pair<std::string Address::*, std::string>> texts;
    std::optional<bool> preferred;  // Whether it shall be the default.
};
[[nodiscard]] AddressChanges parse_address_changes(JsonView body);
[[nodiscard]] SavedAddress changed(SavedAddress before, const AddressChanges& changes);
/// The first address of a book becomes its default unless told otherwise. Errors:
/// too_many_addresses.
[[nodiscard]] Result<AddressBook> with_address(AddressBook book, const SavedAddress& saved,
                                               const AddressChanges& changes);
[[nodiscard]] AddressBook with_choice(AddressBook book, const AddressId& address,
                                      const AddressChanges& changes);
[[nodiscard]] AddressBook without_address(AddressBook book, const AddressId& address);

/// An address as its owner sees it.
struct AddressEntry {
    SavedAddress saved;
    bool preferred = false;  // The book's default.
};
[[nodiscard]] AddressEntry entry_of(const SavedAddress& saved, const AddressBook& book);
[[nodiscard]] std::string render_address(const AddressEntry& entry);

}  // namespace souk::users
