#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/limits.h"
#include "domain/products/routes.h"

namespace souk::products {

namespace {

using namespace schema;

Schema category_schema() {
    return object({required("id", id("cat_")), required("handle", text(TextFormat::slug)),
                   required("name", line(1, category_name_max)),
                   required("parent_id", id("cat_").nullable()),
                   required("position", integer(0, category_position_max)),
                   required("version", integer(1, INT64_MAX))})
        .named("Category");
}

std::vector<SchemaMember> category_members() {
    return {schema::optional("handle", text(TextFormat::slug)),
            schema::optional("parent_id", id("cat_").nullable()),
            schema::optional("position", integer(0, category_position_max))};
}

Schema create_schema() {
    auto members = category_members();
    members.push_back(required("name", line(1, category_name_max)));
    return object(std::move(members));
}
Schema change_schema() {
    auto members = category_members();
    members.push_back(schema::optional("name", line(1, category_name_max)));
    return object(std::move(members));
}

CategoryPatch parse_category(JsonView body) {
    CategoryPatch patch;
    if (body["handle"].present()) {
        patch.handle = body["handle"].text_or();
    }
    if (body["name"].present()) {
        patch.name = body["name"].text_or();
    }
    if (const JsonView parent = body["parent_id"]; parent.present()) {
        patch.parent.emplace();
        if (parent.is_string()) {
            *patch.parent = CategoryId::trusted(parent.text_or());
        }
    }
    patch.position = body["position"].integer();
    return patch;
}

std::string render(const Category& category) {
    JsonWriter out;
    out.begin_object()
        .member("id", category.id.text())
        .member("handle", category.handle)
        .member("name", category.name)
        .member("parent_id",
                category.parent ? std::optional(category.parent->text()) : std::nullopt)
        .member("position", category.position)
        .member("version", category.version)
        .end_object();
    return out.take();
}

/// The category of the path, by id or handle. Errors: not_found.
Result<CategoryId> category_parameter(const Products& products, const StoreId& store,
                                      const Request& request) {
    const auto id = TRY(products.categories().resolve(store, request.parameter("category")));
    if (!id) {
        return fail(errors::not_found, "The store has no such category.");
    }
    return *id;
}

Route list_route(const Products& products) {
    return {
        .name = "list_categories",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/categories",
        .summary = "The store's categories by position and name.",
        .service = "products",
        .audiences = audience::anyone,
        .paged = true,
        .caching = Caching::page,
        .work = Admission::Work::quick,
        .answers = {{200, "A page of categories.", page_of(category_schema)}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const auto page = TRY(
                products.categories().list(caller.in_store(), request.limit(), request.cursor()));
            std::vector<std::string> items;
            for (const auto& category : page.items) {
                items.push_back(render(category));
            }
            return page_response(items, page.next_cursor);
        }};
}

Route show_route(const Products& products) {
    return {
        .name = "show_category",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/categories/{category}",
        .summary = "One category, by id or handle.",
        .service = "products",
        .audiences = audience::anyone,
        .caching = Caching::page,
        .work = Admission::Work::quick,
        .answers = {{200, "The category.", category_schema}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const Category category = TRY(
                products.categories().category(caller.in_store(), request.parameter("category")));
            return json_response(200, render(category), category.version);
        }};
}

Route create_route(const Products& products) {
    return {.name = "create_category",
            .method = Method::post,
            .pattern = "/v1/stores/{store}/categories",
            .summary = "Makes a category.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::catalog_write,
            .body = create_schema(),
            .idempotency = IdempotencyKey::honoured,
            .answers = {{201, "The category.", category_schema}},
            .handle = [&products](const Caller& caller, const Request& request) {
                const CategoryPatch command = parse_category(request.json());
                return respond(
                    caller, products.ledger(),
                    [&] { return products.categories().create(caller, command); },
                    [&](const Category& category) {
                        Response response = json_response(201, render(category), category.version);
                        response.headers.emplace_back(
                            "Location", cat("/v1/stores/", caller.in_store().text(), "/categories/",
                                            category.id.text()));
                        return response;
                    });
            }};
}

Route change_route(const Products& products) {
    return {
        .name = "change_category",
        .method = Method::patch,
        .pattern = "/v1/stores/{store}/categories/{category}",
        .summary = "Changes a category or moves it below another.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_write,
        .body = change_schema(),
        .if_match = true,
        .answers = {{200, "The category.", category_schema}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const CategoryId id = TRY(category_parameter(products, caller.in_store(), request));
            const CategoryPatch command = parse_category(request.json());
            return respond(
                caller, products.ledger(),
                [&] { return products.categories().change(caller, id, command); },
                [](const Category& category) {
                    return json_response(200, render(category), category.version);
                });
        }};
}

Route delete_route(const Products& products) {
    return {
        .name = "delete_category",
        .method = Method::del,
        .pattern = "/v1/stores/{store}/categories/{category}",
        .summary = "Deletes a category that has neither products nor categories below it.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_write,
        .if_match = true,
        .answers = {{204, "It is gone."}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const CategoryId id = TRY(category_parameter(products, caller.in_store(), request));
            return respond(
                caller, products.ledger(), [&] { return products.categories().remove(caller, id); },
                [](const Done&) { return empty_response(204); });
        }};
}

}  // namespace

std::vector<Route> category_routes(const Products& products) {
    return {list_route(products), show_route(products), create_route(products),
            change_route(products), delete_route(products)};
}

}  // namespace souk::products
