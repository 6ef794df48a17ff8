#include "domain/stores/store_index.h"

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/stores/store_rows.h"

namespace souk::stores {

namespace {

constexpr std::string_view holder_sort = "holder";
constexpr std::string_view grant_sort = "grant";
constexpr std::string_view directory = "directory";
// Half of the digest finds the row and half proves the secret, so the comparison that decides runs
// in constant time while the look-up tells a guesser nothing.
constexpr std::size_t lookup_digits = 32;

std::string slug_partition(std::string_view slug) { return cat("slug#", slug); }
std::string domain_partition(std::string_view host) { return cat("domain#", host); }
std::string user_partition(const UserId& user) { return cat("user#", user.text()); }
std::string key_partition(std::string_view lookup) { return cat("key#", lookup); }

std::string digest_of(std::string_view secret, const Crypto& crypto) {
    return to_hex(crypto.sha256(secret));
}

Result<StoreId> store_in(JsonView row) {
    auto store = StoreId::parse(row["store"].text_or());
    if (!store) {
        return fail(errors::corrupt_row, "A row of the store index names no store.");
    }
    return store;
}

Result<std::optional<StoreId>> holder(const PlatformLedger& platform,
                                      const std::string& partition) {
    const auto row = TRY(platform.find(partition, holder_sort));
    if (!row) {
        return std::nullopt;
    }
    const JsonDocument document = TRY(opened(*row));
    return TRY(store_in(document.root()));
}

std::string holder_body(const StoreId& store) {
    JsonWriter out;
    out.begin_object().member("v", row_format).member("store", store.text()).end_object();
    return out.take();
}

Result<ApiKeyGrant> decode_grant(JsonView row) {
    ApiKeyGrant grant{
        .store = TRY(store_in(row)), .key = KeyId::trusted(row["key"].text_or()), .scopes = {}};
    grant.scopes = TRY(decode_scopes(row["scopes"]));
    return grant;
}

}  // namespace

Result<std::optional<StoreId>> StoreIndex::with_slug(std::string_view slug) const {
    return holder(platform_, slug_partition(slug));
}

Result<std::optional<StoreId>> StoreIndex::with_domain(std::string_view host) const {
    return holder(platform_, domain_partition(host));
}

Result<std::optional<ApiKeyGrant>> StoreIndex::opened_by(std::string_view secret,
                                                         const Crypto& crypto) const {
    const std::string digest = digest_of(secret, crypto);
    const auto row =
        TRY(platform_.find(key_partition(digest.substr(0, lookup_digits)), grant_sort));
    if (!row) {
        return std::nullopt;
    }
    const JsonDocument document = TRY(opened(*row));
    if (!equal_in_constant_time(document.root()["proof"].text_or(), digest.substr(lookup_digits))) {
        return std::nullopt;
    }
    return TRY(decode_grant(document.root()));
}

Result<Listing<Store>> StoreIndex::all(int limit, const std::string& cursor) const {
    auto page = TRY(
        platform_.query({.partition = std::string(directory), .limit = limit, .cursor = cursor}));
    Listing<Store> listing{.items = {}, .cursor = std::move(page.cursor)};
    for (const auto& row : page.rows) {
        listing.items.push_back(TRY(decode_store(row)));
    }
    return listing;
}

Result<Listing<Membership>> StoreIndex::of_user(const UserId& user, int limit,
                                                const std::string& cursor) const {
    auto page =
        TRY(platform_.query({.partition = user_partition(user), .limit = limit, .cursor = cursor}));
    std::vector<StoreKey> described;
    for (const auto& row : page.rows) {
        described.push_back({std::string(directory), row.sort});
    }
    const auto stores = TRY(platform_.find_many(described));
    Listing<Membership> listing{.items = {}, .cursor = std::move(page.cursor)};
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        if (!stores[i]) {
            return fail(errors::corrupt_row, "A membership names a store that is not described.");
        }
        const JsonDocument document = TRY(opened(page.rows[i]));
        const auto role = TRY(decode_role(document.root()["role"]));
        listing.items.push_back({TRY(decode_store(*stores[i])), role});
    }
    return listing;
}

void StoreIndex::take_slug(Changes& changes, const Store& store) const {
    platform_.put(changes,
                  {.partition = slug_partition(store.slug),
                   .sort = std::string(holder_sort),
                   .body = holder_body(store.id)},
                  Expect::absent());
}

void StoreIndex::free_slug(Changes& changes, const Store& store) const {
    platform_.erase(changes, slug_partition(store.slug), holder_sort, Expect::present());
}

void StoreIndex::take_domain(Changes& changes, const StoreId& store, std::string_view host) const {
    platform_.put(changes,
                  {.partition = domain_partition(host),
                   .sort = std::string(holder_sort),
                   .body = holder_body(store)},
                  Expect::absent());
}

void StoreIndex::free_domain(Changes& changes, std::string_view host) const {
    platform_.erase(changes, domain_partition(host), holder_sort, Expect::present());
}

void StoreIndex::describe(Changes& changes, const Store& store) const {
    platform_.put(
        changes,
        {.partition = std::string(directory), .sort = store.id.text(), .body = encode_store(store)},
        Expect::any());
}

void StoreIndex::put_membership(Changes& changes, const StoreId& store,
                                const Member& member) const {
    JsonWriter out;
    out.begin_object().member("v", row_format).member("role", name_of(member.role)).end_object();
    platform_.put(
        changes,
        {.partition = user_partition(member.user), .sort = store.text(), .body = out.take()},
        Expect::any());
}

void StoreIndex::erase_membership(Changes& changes, const StoreId& store,
                                  const UserId& user) const {
    platform_.erase(changes, user_partition(user), store.text(), Expect::any());
}

void StoreIndex::put_grant(Changes& changes, const StoreId& store, const IssuedApiKey& issued,
                           const Crypto& crypto) const {
    const std::string digest = digest_of(issued.secret, crypto);
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("store", store.text())
        .member("key", issued.key.id.text())
        .member("proof", digest.substr(lookup_digits));
    out.key("scopes").raw(encode_scopes(issued.key.scopes)).end_object();
    platform_.put(changes,
                  {.partition = key_partition(issued.key.lookup),
                   .sort = std::string(grant_sort),
                   .body = out.take()},
                  Expect::absent());
}

void StoreIndex::erase_grant(Changes& changes, const ApiKey& key) const {
    platform_.erase(changes, key_partition(key.lookup), grant_sort, Expect::present());
}

std::string StoreIndex::lookup_of(std::string_view secret, const Crypto& crypto) {
    return digest_of(secret, crypto).substr(0, lookup_digits);
}

}  // namespace souk::stores
