#include "domain/stores/routes.h"

#include <iterator>

#include "domain/base/text.h"
#include "domain/base/text_format.h"
#include "domain/ports/cursor.h"

namespace souk::stores {

namespace {

using namespace schema;

constexpr std::int64_t name_length_max = 200;

Schema tax_schema() {
    return object({required("rate_basis_points",
                            integer(0, tax_rate_max).described("2000 is 20 percent.")),
                   required("included",
                            boolean().described("Whether prices contain their tax already."))})
        .named("Tax");
}

Schema shipping_schema() {
    return list(object({required("id", text(TextFormat::slug)),
                        required("name", line(1, name_length_max)), required("price", money())})
                    .named("ShippingMethod"),
                shipping_methods_max);
}

Schema moderation_schema() {
    return one_of(
        {std::string(name_of(Moderation::none)), std::string(name_of(Moderation::required))});
}

/// What may be left out when a store is made and changed when it is there.
std::vector<SchemaMember> optional_settings(Schema tax) {
    return {schema::optional("locale", text(TextFormat::locale)),
            schema::optional("domains", list(text(1, 253), domains_max)),
            schema::optional("tax", std::move(tax)),
            schema::optional("shipping_methods", shipping_schema()),
            schema::optional("moderation", moderation_schema())};
}

Schema create_schema() {
    auto members = optional_settings(tax_schema());
    members.insert(members.begin(), {required("slug", slug(slug_length_max)),
                                     required("name", line(1, name_length_max)),
                                     required("currency", text(TextFormat::currency))});
    return object(std::move(members));
}

Schema change_schema() {
    auto members =
        optional_settings(object({schema::optional("rate_basis_points", integer(0, tax_rate_max)),
                                  schema::optional("included", boolean())}));
    members.insert(members.begin(), {schema::optional("slug", slug(slug_length_max)),
                                     schema::optional("name", line(1, name_length_max)),
                                     schema::optional("currency", text(TextFormat::currency))});
    return object(std::move(members));
}

Schema membership_schema() {
    auto members = store_members();
    members.push_back(required("role", one_of({"owner", "admin", "catalog", "orders", "support"})));
    return object(std::move(members)).named("StoreMembership");
}

std::string render_membership(const Membership& membership) {
    JsonWriter out;
    out.begin_object();
    write_store(out, membership.store);
    out.member("role", name_of(membership.role)).end_object();
    return out.take();
}

Route create_route(const Stores& stores) {
    return {.name = "create_store",
            .method = Method::post,
            .pattern = "/v1/stores",
            .summary = "Opens a store; the caller becomes its owner.",
            .service = "stores",
            .audiences = audience::account,
            .body = create_schema(),
            .idempotency = IdempotencyKey::honoured,
            .answers = {{201, "The store.", store_schema}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                const CreateStore command = parse_create_store(request.json());
                return respond(
                    caller, stores.ledger(), stores.platform(),
                    [&] { return stores.create(caller, command); },
                    [](const Store& store) {
                        Response response = json_response(201, render_store(store), store.version);
                        response.headers.emplace_back("Location",
                                                      cat("/v1/stores/", store.id.text()));
                        return response;
                    });
            }};
}

Route list_route(const Stores& stores) {
    return {.name = "list_stores",
            .method = Method::get,
            .pattern = "/v1/stores",
            .summary = "The stores that the caller is a member of.",
            .service = "stores",
            .audiences = audience::account,
            .paged = true,
            .work = Admission::Work::quick,
            .answers = {{200, "A page of stores.", page_of(membership_schema)}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                return answer_page(
                    stores.ledger().environment(), request, cat("stores of ", caller.principal.id),
                    [&](int limit, const std::string& from) {
                        return stores.mine(caller, limit, from);
                    },
                    render_membership);
            }};
}

Route show_route(const Stores& stores) {
    return {.name = "show_store",
            .method = Method::get,
            .pattern = "/v1/stores/{store}",
            .summary = "A store as everyone sees it, also while it is suspended.",
            .service = "stores",
            .audiences = audience::anyone,
            .caching = Caching::page,
            .work = Admission::Work::quick,
            .answers = {{200, "The store.", store_schema}},
            .handle = [&stores](const Caller& caller, const Request&) -> Result<Response> {
                const Store store = TRY(stores.store(caller.in_store()));
                return json_response(200, render_store(store), store.version);
            }};
}

Route update_route(const Stores& stores) {
    return {.name = "update_store",
            .method = Method::patch,
            .pattern = "/v1/stores/{store}",
            .summary = "Changes a store's settings; its currency stays.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::store_write,
            .body = change_schema(),
            .if_match = true,
            .answers = {{200, "The store.", store_schema}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                const StoreChanges changes = parse_store_changes(request.json());
                return respond(
                    caller, stores.ledger(), [&] { return stores.update(caller, changes); },
                    [](const Store& store) {
                        return json_response(200, render_store(store), store.version);
                    });
            }};
}

}  // namespace

std::vector<SchemaMember> store_members() {
    return {required("id", schema::id("store_")),
            required("slug", slug(slug_length_max)),
            required("name", line(1, name_length_max)),
            required("currency", text(TextFormat::currency)),
            required("locale", text(TextFormat::locale)),
            required("domains", list(text(1, 253), domains_max)),
            required("tax", tax_schema()),
            required("shipping_methods", shipping_schema()),
            required("moderation", moderation_schema()),
            required("status", one_of({"open", "suspended"})),
            required("created_at", text(TextFormat::instant)),
            required("version", integer(1, INT64_MAX))};
}

Schema store_schema() { return object(store_members()).named("Store"); }

std::vector<Route> store_routes(const Stores& stores) {
    return {create_route(stores), list_route(stores), show_route(stores), update_route(stores)};
}

std::vector<Route> routes(const Stores& stores) {
    std::vector<Route> all = store_routes(stores);
    for (auto part : {member_routes(stores), api_key_routes(stores), admin_routes(stores)}) {
        std::ranges::move(part, std::back_inserter(all));
    }
    return all;
}

}  // namespace souk::stores
