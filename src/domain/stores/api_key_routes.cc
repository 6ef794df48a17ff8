#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/stores/routes.h"

namespace souk::stores {

namespace {

using namespace schema;

Schema scopes_schema() {
    std::vector<std::string> names;
    for (const Permission permission : all_permissions()) {
        names.emplace_back(name_of(permission));
    }
    const auto count = static_cast<std::int64_t>(names.size());
    return list(one_of(std::move(names)), count, 1);
}

std::vector<SchemaMember> key_members() {
    return {required("id", schema::id("key_")),
            required("name", line(1, 100)),
            required("scopes", scopes_schema()),
            required("prefix", text(1, 20)),
            required("last_four", text(4, 4)),
            required("created_by", text(1, 100)),
            required("created_at", text(TextFormat::instant)),
            required("version", integer(1, 1))};
}

Schema key_schema() { return object(key_members()).named("ApiKey"); }

Schema issued_schema() {
    auto members = key_members();
    members.push_back(
        required("secret", text(55, 55).described("Shown here and never again: keep it safe.")));
    return object(std::move(members)).named("IssuedApiKey");
}

std::vector<Permission> scopes_in(JsonView list) {
    std::vector<Permission> scopes;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto scope = permission_named(list.at(i).text_or());
        CHECK(scope.has_value());  // The route's schema has let it through.
        scopes.push_back(*scope);
    }
    return scopes;
}

Route list_route(const Stores& stores) {
    return {.name = "list_api_keys",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/api-keys",
            .summary = "The store's secret keys, without their secrets.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::api_keys_write,
            .paged = true,
            .work = Admission::Work::quick,
            .answers = {{200, "A page of keys.", page_of(key_schema)}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                return answer_page(
                    stores.ledger().environment(), request,
                    cat("api keys of ", caller.in_store().text()),
                    [&](int limit, const std::string& from) {
                        return stores.api_keys(caller, limit, from);
                    },
                    render_api_key);
            }};
}

Route show_route(const Stores& stores) {
    return {.name = "show_api_key",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/api-keys/{key}",
            .summary = "One of the store's secret keys, without its secret.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::api_keys_write,
            .work = Admission::Work::quick,
            .answers = {{200, "The key.", key_schema}},
            .handle = [&stores](const Caller& caller, const Request& request) -> Result<Response> {
                return json_response(
                    200, render_api_key(TRY(stores.api_key(caller, request.parameter("key")))),
                    api_key_version);
            }};
}

Route create_route(const Stores& stores) {
    return {.name = "create_api_key",
            .method = Method::post,
            .pattern = "/v1/stores/{store}/api-keys",
            .summary = "Makes a secret key with scopes that the caller has itself.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::api_keys_write,
            .body = object({required("name", line(1, 100)), required("scopes", scopes_schema())}),
            .idempotency = IdempotencyKey::honoured,
            .answers = {{201, "The key with its secret.", issued_schema}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                const std::string name = request.json()["name"].text_or();
                const auto scopes = scopes_in(request.json()["scopes"]);
                return respond(
                    caller, stores.ledger(),
                    [&] { return stores.create_api_key(caller, name, scopes); },
                    [&](const IssuedApiKey& issued) {
                        Response response =
                            json_response(201, render_issued_api_key(issued), api_key_version);
                        response.headers.emplace_back(
                            "Location", cat("/v1/stores/", caller.in_store().text(), "/api-keys/",
                                            issued.key.id.text()));
                        return response;
                    });
            }};
}

Route revoke_route(const Stores& stores) {
    return {.name = "revoke_api_key",
            .method = Method::del,
            .pattern = "/v1/stores/{store}/api-keys/{key}",
            .summary = "Revokes a key; it opens nothing from now on.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::api_keys_write,
            .if_match = true,
            .answers = {{204, "The key is revoked."}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                return respond(
                    caller, stores.ledger(),
                    [&] { return stores.revoke_api_key(caller, request.parameter("key")); },
                    [](const Done&) { return empty_response(204); });
            }};
}

}  // namespace

std::vector<Route> api_key_routes(const Stores& stores) {
    return {list_route(stores), show_route(stores), create_route(stores), revoke_route(stores)};
}

}  // namespace souk::stores
