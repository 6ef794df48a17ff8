#include "domain/stores/store_rows.h"

#include "domain/base/text.h"
#include "domain/stores/store.h"

namespace souk::stores {

namespace {

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(errors::corrupt_row, cat("A row of the stores table is wrong: ", what, "."));
}

Result<std::int64_t> number_in(JsonView root, std::string_view name) {
    const auto number = root[name].integer();
    if (!number) {
        return corrupt(cat("the number ", name, " is missing"));
    }
    return *number;
}

Result<Instant> instant_in(JsonView root, std::string_view name) {
    return Instant::from_unix_ms(TRY(number_in(root, name)));
}

Result<Currency> currency_in(JsonView code) {
    const auto currency = Currency::parse(code.text_or());
    if (!currency) {
        return corrupt("its currency is unknown");
    }
    return *currency;
}

std::vector<std::string> texts_in(JsonView list) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < list.size(); ++i) {
        texts.push_back(list.at(i).text_or());
    }
    return texts;
}

Result<Status> status_in(JsonView name) {
    for (const Status status : {Status::open, Status::suspended}) {
        if (name.text_or() == name_of(status)) {
            return status;
        }
    }
    return corrupt("its status is unknown");
}

Result<Moderation> moderation_in(JsonView name) {
    for (const Moderation moderation : {Moderation::none, Moderation::required}) {
        if (name.text_or() == name_of(moderation)) {
            return moderation;
        }
    }
    return corrupt("its moderation is unknown");
}

/// Prices are in the store's currency, so that is kept once.
Result<std::vector<ShippingMethod>> shipping_in(JsonView list, Currency currency) {
    std::vector<ShippingMethod> methods;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const JsonView method = list.at(i);
        const std::int64_t amount = TRY(number_in(method, "amount"));
        methods.push_back(
            {method["id"].text_or(), method["name"].text_or(), Money{currency, amount}});
    }
    return methods;
}

void write_lists(JsonWriter& out, const Store& store) {
    out.key("domains").begin_array();
    for (const auto& domain : store.domains) {
        out.value(domain);
    }
    out.end_array().key("shipping").begin_array();
    for (const auto& method : store.shipping_methods) {
        out.begin_object()
            .member("id", method.id)
            .member("name", method.name)
            .member("amount", method.price.amount)
            .end_object();
    }
    out.end_array();
}

}  // namespace

Result<JsonDocument> opened(const StoreRow& row) {
    auto document = TRY(JsonDocument::parse(row.body));
    if (document.root()["v"].integer_or(0) != row_format) {
        return corrupt("its format is unknown");
    }
    return document;
}

std::string encode_store(const Store& store) {
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("id", store.id.text())
        .member("slug", store.slug)
        .member("name", store.name)
        .member("currency", store.currency.code())
        .member("locale", store.locale)
        .member("tax_rate", store.tax.rate_basis_points)
        .member("tax_included", store.tax.mode == TaxMode::included)
        .member("moderation", name_of(store.moderation))
        .member("status", name_of(store.status))
        .member("created_at", store.created_at.unix_ms());
    write_lists(out, store);
    out.end_object();
    return out.take();
}

Result<Store> decode_store(const StoreRow& row) {
    const JsonDocument document = TRY(opened(row));
    const JsonView root = document.root();
    const Currency currency = TRY(currency_in(root["currency"]));
    const auto tax_rate = TRY(number_in(root, "tax_rate"));
    auto shipping_methods = TRY(shipping_in(root["shipping"], currency));
    const Moderation moderation = TRY(moderation_in(root["moderation"]));
    const Status status = TRY(status_in(root["status"]));
    const Instant created_at = TRY(instant_in(root, "created_at"));
    return Store{
        .id = StoreId::trusted(root["id"].text_or()),
        .slug = root["slug"].text_or(),
        .name = root["name"].text_or(),
        .currency = currency,
        .locale = root["locale"].text_or(),
        .domains = texts_in(root["domains"]),
        .tax = {tax_rate, root["tax_included"].bool_or(false) ? TaxMode::included : TaxMode::added},
        .shipping_methods = std::move(shipping_methods),
        .moderation = moderation,
        .status = status,
        .created_at = created_at,
        .version = row.version};
}

std::string encode_member(const Member& member) {
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("email", member.email)
        .member("name", member.name)
        .member("role", name_of(member.role))
        .member("since", member.since.unix_ms())
        .end_object();
    return out.take();
}

Result<Member> decode_member(const StoreRow& row) {
    const JsonDocument document = TRY(opened(row));
    const JsonView root = document.root();
    const Role role = TRY(decode_role(root["role"]));
    const Instant since = TRY(instant_in(root, "since"));
    return Member{.user = UserId::trusted(row.sort),
                  .email = root["email"].text_or(),
                  .name = root["name"].text_or(),
                  .role = role,
                  .since = since,
                  .version = row.version};
}

std::string encode_roster(const Roster& roster) {
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("members", roster.members)
        .member("owners", roster.owners)
        .member("api_keys", roster.api_keys)
        .end_object();
    return out.take();
}

Result<Roster> decode_roster(const StoreRow& row) {
    const JsonDocument document = TRY(opened(row));
    const JsonView root = document.root();
    const std::int64_t members = TRY(number_in(root, "members"));
    const std::int64_t owners = TRY(number_in(root, "owners"));
    const std::int64_t api_keys = TRY(number_in(root, "api_keys"));
    return Roster{
        .members = members, .owners = owners, .api_keys = api_keys, .version = row.version};
}

std::string encode_api_key(const ApiKey& key) {
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("name", key.name)
        .member("prefix", key.prefix)
        .member("last_four", key.last_four)
        .member("lookup", key.lookup)
        .member("created_by", key.created_by)
        .member("created_at", key.created_at.unix_ms());
    out.raw_member("scopes", encode_scopes(key.scopes)).end_object();
    return out.take();
}

Result<ApiKey> decode_api_key(const StoreRow& row) {
    const JsonDocument document = TRY(opened(row));
    const JsonView root = document.root();
    auto scopes = TRY(decode_scopes(root["scopes"]));
    const Instant created_at = TRY(instant_in(root, "created_at"));
    return ApiKey{.id = KeyId::trusted(row.sort),
                  .name = root["name"].text_or(),
                  .scopes = std::move(scopes),
                  .prefix = root["prefix"].text_or(),
                  .last_four = root["last_four"].text_or(),
                  .lookup = root["lookup"].text_or(),
                  .created_by = root["created_by"].text_or(),
                  .created_at = created_at};
}

std::string encode_scopes(const std::vector<Permission>& scopes) {
    JsonWriter out;
    out.begin_array();
    for (const Permission scope : scopes) {
        out.value(name_of(scope));
    }
    out.end_array();
    return out.take();
}

Result<std::vector<Permission>> decode_scopes(JsonView scopes) {
    std::vector<Permission> permissions;
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        const auto permission = permission_named(scopes.at(i).text_or());
        if (!permission) {
            return corrupt("a scope is unknown");
        }
        permissions.push_back(*permission);
    }
    return permissions;
}

Result<Role> decode_role(JsonView role) {
    const auto named = role_named(role.text_or());
    if (!named) {
        return corrupt("a role is unknown");
    }
    return *named;
}

}  // namespace souk::stores
