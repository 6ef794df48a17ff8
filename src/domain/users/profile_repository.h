#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/ports/store_ledger.h"
#include "domain/users/profile.h"

namespace souk::users {

struct AddressPage {
    std::vector<AddressEntry> entries;
    std::optional<std::string> cursor;  // The ledger's own: seal it before it leaves.
};

/// The rows of one realm's people: inside a store's walls its customers, on the platform the staff.
class ProfileRepository {
public:
    explicit ProfileRepository(WalledLedger wall) : wall_(std::move(wall)) {}

    [[nodiscard]] Result<std::optional<Profile>> profile(const UserId& user) const;
    [[nodiscard]] Result<AddressBook> book(const UserId& user) const;
    /// Errors: not_found.
    [[nodiscard]] Result<SavedAddress> address(const UserId& user, std::string_view id) const;
    /// In the order of their making.
    [[nodiscard]] Result<AddressPage> addresses(const UserId& user, int limit,
                                                const std::string& cursor) const;

    /// Each expects the row at the version that it was read at (0: none), so a change in between
    /// fails.
    void put_profile(Changes& changes, const Profile& profile) const;
    void put_book(Changes& changes, const UserId& user, const AddressBook& book) const;
    void put_address(Changes& changes, const UserId& user, const SavedAddress& saved) const;
    void erase_address(Changes& changes, const UserId& user, const SavedAddress& saved) const;
    /// A row that means nothing, one of a few: the price of an answer that must not tell by its
    /// time whether an e-mail is known.
    void put_decoy(Changes& changes, const Environment& environment) const;

private:
    WalledLedger wall_;
};

}  // namespace souk::users
