#include "domain/users/profile.h"

#include "domain/base/text.h"
#include "domain/users/errors.h"

namespace souk::users {

Profile profile_of(const Account& account) {
    return {.id = account.user,
            .email = account.email,
            .name = account.name,
            .phone = std::nullopt,
            .created_at = account.created_at,
            .version = 0};
}

ProfileChanges parse_profile_changes(JsonView body) {
    ProfileChanges changes;
    if (const auto name = body["name"].string()) {
        changes.name = std::string(*name);
    }
    if (const JsonView phone = body["phone"]; phone.present()) {
        changes.phone = phone.is_null() ? std::nullopt : std::optional(phone.text_or());
    }
    return changes;
}

Profile changed(Profile before, const ProfileChanges& changes) {
    if (changes.name) {
        before.name = *changes.name;
    }
    if (changes.phone) {
        before.phone = *changes.phone;
    }
    return before;
}

std::string render_profile(const Profile& profile) {
    JsonWriter out;
    out.begin_object()
        .member("id", profile.id.text())
        .member("email", profile.email)
        .member("name", profile.name)
        .member("phone", profile.phone)
        .member("created_at", to_rfc3339(profile.created_at))
        .member("version", profile.version)
        .end_object();
    return out.take();
}

std::string render_staff(const Account& account) {
    JsonWriter out;
    out.begin_object()
        .member("id", account.user.text())
        .member("email", account.email)
        .member("name", account.name)
        .member("platform_admin", account.platform_admin)
        .member("totp", account.totp)
        .end_object();
    return out.take();
}

AddressChanges parse_address_changes(JsonView body) {
    AddressChanges changes;
    for (const auto& [name, member] : address_texts) {
        if (const JsonView text = body[name]; text.present()) {
            changes.texts.emplace_back(member, text.text_or());  // Null takes a text away.
        }
    }
    changes.preferred = body["default"].boolean();
    return changes;
}

SavedAddress changed(SavedAddress before, const AddressChanges& changes) {
    for (const auto& [member, text] : changes.texts) {
        before.address.*member = text;
    }
    return before;
}

Result<AddressBook> with_address(AddressBook book, const SavedAddress& saved,
                                 const AddressChanges& changes) {
    if (book.count >= addresses_max) {
        return fail(errors::too_many_addresses,
                    cat("An account keeps at most ", addresses_max, " addresses."));
    }
    if (changes.preferred.value_or(book.count == 0)) {
        book.preferred = saved.id;
    }
    ++book.count;
    return book;
}

AddressBook with_choice(AddressBook book, const AddressId& address, const AddressChanges& changes) {
    if (changes.preferred == true) {
        book.preferred = address;
    } else if (changes.preferred == false && book.preferred == address) {
        book.preferred.reset();
    }
    return book;
}

AddressBook without_address(AddressBook book, const AddressId& address) {
    --book.count;
    if (book.preferred == address) {
        book.preferred.reset();
    }
    return book;
}

AddressEntry entry_of(const SavedAddress& saved, const AddressBook& book) {
    return {saved, book.preferred == saved.id};
}

std::string render_address(const AddressEntry& entry) {
    JsonWriter out;
    out.begin_object().member("id", entry.saved.id.text());
    for (const auto& [name, member] : address_texts) {
        out.member(name, entry.saved.address.*member);
    }
    out.member("default", entry.preferred).member("version", entry.saved.version).end_object();
    return out.take();
}

}  // namespace souk::users
