#include "domain/stores/store_repository.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/stores/store_rows.h"

namespace souk::stores {

namespace {

constexpr std::string_view settings_partition = "store";
constexpr std::string_view settings_sort = "settings";
constexpr std::string_view members_partition = "members";
constexpr std::string_view keys_partition = "api-keys";
constexpr std::string_view roster_partition = "roster";
constexpr std::string_view roster_sort = "counts";

std::unexpected<Error> missing(std::string_view what) {
    return fail(errors::not_found, cat("There is no such ", what, "."));
}

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::ranges::find(all, one) != all.end();
}

StoreRow row_of(std::string_view partition, std::string_view sort, std::string body) {
    StoreRow row;
    row.partition = partition;
    row.sort = sort;
    row.body = std::move(body);
    return row;
}

}  // namespace

Result<Store> StoreRepository::settings() const {
    const auto row = TRY(wall_.find(settings_partition, settings_sort));
    if (!row) {
        return missing("store");
    }
    return decode_store(*row);
}

Result<bool> StoreRepository::exists() const {
    return TRY(wall_.find(settings_partition, settings_sort)).has_value();
}

Result<Member> StoreRepository::member(const UserId& user) const {
    auto maybe = TRY(find_member(user));
    if (!maybe) {
        return missing("member");
    }
    return *std::move(maybe);
}

Result<std::optional<Member>> StoreRepository::find_member(const UserId& user) const {
    const auto row = TRY(wall_.find(members_partition, user.text()));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_member(*row));
}

Result<Listing<Member>> StoreRepository::members(int limit, const std::string& cursor) const {
    auto page = TRY(wall_.query(
        {.partition = std::string(members_partition), .limit = limit, .cursor = cursor}));
    Listing<Member> listing{.items = {}, .cursor = std::move(page.cursor)};
    for (const auto& row : page.rows) {
        listing.items.push_back(TRY(decode_member(row)));
    }
    return listing;
}

Result<Roster> StoreRepository::roster() const {
    const auto row = TRY(wall_.find(roster_partition, roster_sort));
    if (!row) {
        return missing("store");
    }
    return decode_roster(*row);
}

Result<ApiKey> StoreRepository::api_key(const KeyId& id) const {
    const auto row = TRY(wall_.find(keys_partition, id.text()));
    if (!row) {
        return missing("API key");
    }
    return decode_api_key(*row);
}

Result<Listing<ApiKey>> StoreRepository::api_keys(int limit, const std::string& cursor) const {
    auto page = TRY(
        wall_.query({.partition = std::string(keys_partition), .limit = limit, .cursor = cursor}));
    Listing<ApiKey> listing{.items = {}, .cursor = std::move(page.cursor)};
    for (const auto& row : page.rows) {
        listing.items.push_back(TRY(decode_api_key(row)));
    }
    return listing;
}

void StoreRepository::add(Changes& changes, const Store& store, const Member& owner) const {
    wall_.put(changes, row_of(settings_partition, settings_sort, encode_store(store)),
              Expect::absent());
    index_.describe(changes, store);
    index_.take_slug(changes, store);
    for (const auto& domain : store.domains) {
        index_.take_domain(changes, store.id, domain);
    }
    wall_.put(changes, row_of(members_partition, owner.user.text(), encode_member(owner)),
              Expect::absent());
    index_.put_membership(changes, store.id, owner);
    wall_.put(changes,
              row_of(roster_partition, roster_sort, encode_roster({.members = 1, .owners = 1})),
              Expect::absent());
}

void StoreRepository::save(Changes& changes, const Store& before, const Store& after) const {
    wall_.put(changes, row_of(settings_partition, settings_sort, encode_store(after)),
              Expect::at(before.version));
    index_.describe(changes, after);
    if (after.slug != before.slug) {
        index_.free_slug(changes, before);
        index_.take_slug(changes, after);
    }
    for (const auto& domain : before.domains) {
        if (!has(after.domains, domain)) {
            index_.free_domain(changes, domain);
        }
    }
    for (const auto& domain : after.domains) {
        if (!has(before.domains, domain)) {
            index_.take_domain(changes, after.id, domain);
        }
    }
}

void StoreRepository::add_member(Changes& changes, const Member& member,
                                 const Roster& roster) const {
    wall_.put(changes, row_of(members_partition, member.user.text(), encode_member(member)),
              Expect::absent());
    index_.put_membership(changes, wall_.store(), member);
    put_roster(changes, roster);
}

void StoreRepository::save_member(Changes& changes, const Member& member,
                                  const Roster& roster) const {
    wall_.put(changes, row_of(members_partition, member.user.text(), encode_member(member)),
              Expect::at(member.version));
    index_.put_membership(changes, wall_.store(), member);
    put_roster(changes, roster);
}

void StoreRepository::erase_member(Changes& changes, const Member& member,
                                   const Roster& roster) const {
    wall_.erase(changes, members_partition, member.user.text(), Expect::at(member.version));
    index_.erase_membership(changes, wall_.store(), member.user);
    put_roster(changes, roster);
}

void StoreRepository::add_api_key(Changes& changes, const IssuedApiKey& issued,
                                  const Roster& roster, const Crypto& crypto) const {
    wall_.put(changes, row_of(keys_partition, issued.key.id.text(), encode_api_key(issued.key)),
              Expect::absent());
    index_.put_grant(changes, wall_.store(), issued, crypto);
    put_roster(changes, roster);
}

void StoreRepository::erase_api_key(Changes& changes, const ApiKey& key,
                                    const Roster& roster) const {
    wall_.erase(changes, keys_partition, key.id.text(), Expect::present());
    index_.erase_grant(changes, key);
    put_roster(changes, roster);
}

void StoreRepository::put_roster(Changes& changes, const Roster& roster) const {
    wall_.put(changes, row_of(roster_partition, roster_sort, encode_roster(roster)),
              Expect::at(roster.version));
}

}  // namespace souk::stores
