#include "domain/users/profile_repository.h"

#include <chrono>

#include "domain/base/text.h"

namespace souk::users {

namespace {

constexpr int row_format = 1;
constexpr std::string_view profile_sort = "profile";
constexpr std::string_view book_sort = "book";
constexpr std::string_view address_prefix = "address#";
constexpr std::string_view address_end = "address$";  // The next sort after every address.
constexpr std::chrono::minutes decoy_kept{1};

std::string partition_of(const UserId& user) { return cat("user#", user.text()); }

std::string address_sort(const AddressId& id) { return cat(address_prefix, id.text()); }

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(errors::corrupt_row, cat("A row of the users table is wrong: ", what, "."));
}

Result<JsonDocument> opened(const StoreRow& row) {
    auto document = TRY(JsonDocument::parse(row.body));
    if (document.root()["v"].integer_or(0) != row_format) {
        return corrupt("its format is unknown");
    }
    return document;
}

std::string encode_profile(const Profile& profile) {
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("email", profile.email)
        .member("name", profile.name)
        .member("phone", profile.phone)
        .member("created_at", profile.created_at.unix_ms())
        .end_object();
    return out.take();
}

std::string encode_book(const AddressBook& book) {
    JsonWriter out;
    out.begin_object().member("v", row_format).member("count", book.count).key("preferred");
    if (book.preferred) {
        out.value(book.preferred->text());
    } else {
        out.null();
    }
    out.end_object();
    return out.take();
}

std::string encode_address(const SavedAddress& saved) {
    JsonWriter out;
    out.begin_object().member("v", row_format);
    for (const auto& [name, member] : address_texts) {
        out.member(name, saved.address.*member);
    }
    out.end_object();
    return out.take();
}

Result<SavedAddress> decode_address(const StoreRow& row) {
    const JsonDocument document = TRY(opened(row));
    SavedAddress saved{.id = AddressId::trusted(row.sort.substr(address_prefix.size())),
                       .address = parse_address(document.root()),
                       .version = row.version};
    return saved;
}

}  // namespace

Result<std::optional<Profile>> ProfileRepository::profile(const UserId& user) const {
    const auto row = TRY(wall_.find(partition_of(user), profile_sort));
    if (!row) {
        return std::nullopt;
    }
    const JsonDocument document = TRY(opened(*row));
    const JsonView root = document.root();
    const auto created_at = root["created_at"].integer();
    if (!created_at) {
        return corrupt("a profile has no time");
    }
    const auto phone = root["phone"].string();
    return Profile{.id = user,
                   .email = root["email"].text_or(),
                   .name = root["name"].text_or(),
                   .phone = phone ? std::optional(std::string(*phone)) : std::nullopt,
                   .created_at = Instant::from_unix_ms(*created_at),
                   .version = row->version};
}

Result<AddressBook> ProfileRepository::book(const UserId& user) const {
    const auto row = TRY(wall_.find(partition_of(user), book_sort));
    if (!row) {
        return AddressBook{};
    }
    const JsonDocument document = TRY(opened(*row));
    const auto count = document.root()["count"].integer();
    if (!count) {
        return corrupt("an address book has no count");
    }
    AddressBook book{.count = *count, .preferred = std::nullopt, .version = row->version};
    if (const auto preferred = document.root()["preferred"].string()) {
        book.preferred = AddressId::trusted(std::string(*preferred));
    }
    return book;
}

Result<SavedAddress> ProfileRepository::address(const UserId& user, std::string_view id) const {
    if (const auto address = AddressId::parse(id)) {
        if (const auto row = TRY(wall_.find(partition_of(user), address_sort(*address)))) {
            return decode_address(*row);
        }
    }
    return fail(errors::not_found, "There is no such address.");
}

Result<AddressPage> ProfileRepository::addresses(const UserId& user, int limit,
                                                 const std::string& cursor) const {
    auto page = TRY(wall_.query({.partition = partition_of(user),
                                 .from = std::string(address_prefix),
                                 .before = std::string(address_end),
                                 .limit = limit,
                                 .cursor = cursor}));
    const AddressBook all = TRY(book(user));
    AddressPage answer{.entries = {}, .cursor = std::move(page.cursor)};
    for (const auto& row : page.rows) {
        answer.entries.push_back(entry_of(TRY(decode_address(row)), all));
    }
    return answer;
}

void ProfileRepository::put_profile(Changes& changes, const Profile& profile) const {
    wall_.put(changes,
              {.partition = partition_of(profile.id),
               .sort = std::string(profile_sort),
               .body = encode_profile(profile)},
              Expect::as_read(profile.version));
}

void ProfileRepository::put_book(Changes& changes, const UserId& user,
                                 const AddressBook& book) const {
    wall_.put(changes,
              {.partition = partition_of(user),
               .sort = std::string(book_sort),
               .body = encode_book(book)},
              Expect::as_read(book.version));
}

void ProfileRepository::put_address(Changes& changes, const UserId& user,
                                    const SavedAddress& saved) const {
    wall_.put(changes,
              {.partition = partition_of(user),
               .sort = address_sort(saved.id),
               .body = encode_address(saved)},
              Expect::as_read(saved.version));
}

void ProfileRepository::erase_address(Changes& changes, const UserId& user,
                                      const SavedAddress& saved) const {
    wall_.erase(changes, partition_of(user), address_sort(saved.id), Expect::at(saved.version));
}

void ProfileRepository::put_decoy(Changes& changes, const Environment& environment) const {
    wall_.put(changes,
              {.partition = cat("decoy#", to_hex(environment.crypto.random(1))),
               .sort = "decoy",
               .body = "{}",
               .expires = environment.now() + decoy_kept},
              Expect::any());
}

}  // namespace souk::users
