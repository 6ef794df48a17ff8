#include <algorithm>
#include <array>

#include "domain/base/text.h"
#include "domain/products/limits.h"
#include "domain/products/product_render.h"
#include "domain/products/routes.h"

namespace souk::products {

namespace {

using namespace schema;

struct SortName {
    std::string_view name;
    SortBy sort;
    Direction direction;
};
constexpr std::array<SortName, 6> sort_table{{
    {"title", SortBy::title, Direction::forward},
    {"-title", SortBy::title, Direction::backward},
    {"price", SortBy::price, Direction::forward},
    {"-price", SortBy::price, Direction::backward},
    {"created", SortBy::created, Direction::forward},
    {"-created", SortBy::created, Direction::backward},
}};

std::vector<QueryParameter> list_parameters() {
    std::vector<std::string> sorts;
    for (const auto& row : sort_table) {
        sorts.emplace_back(row.name);
    }
    return {{"category", text(1, handle_max), "A category's id or handle; those below it count."},
            {"tag", text(1, tag_max)},
            {"q", text(1, 100),
             "Words of title, vendor, SKU or options, or how they begin, whatever their case and "
             "accents; "
             "all of "
             "them must be found."},
            {"price_min", integer(0, amount_max), "In minor units, of any variant."},
            {"price_max", integer(0, amount_max), "In minor units, of any variant."},
            {"in_stock", boolean(), "Whether a variant can be had now."},
            {"status", one_of({"draft", "published", "archived"}), "For staff."},
            {"sort", one_of(std::move(sorts)), "Newest first unless said otherwise."}};
}

ListQuery parse_list_query(const Request& request) {
    ListQuery query{.limit = request.limit(), .cursor = request.cursor()};
    const auto number = [&](std::string_view name) -> std::optional<std::int64_t> {
        const auto value = request.query_parameter(name);
        return value ? to_integer(*value) : std::nullopt;
    };
    if (const auto category = request.query_parameter("category")) {
        query.category = std::string(*category);
    }
    if (const auto tag = request.query_parameter("tag")) {
        query.tag = std::string(trimmed(*tag));
    }
    if (const auto words = request.query_parameter("q")) {
        query.terms = terms_of(*words);
        query.terms.resize(std::min(query.terms.size(), query_terms_max));
    }
    query.price_min = number("price_min");
    query.price_max = number("price_max");
    if (const auto in_stock = request.query_parameter("in_stock")) {
        query.in_stock = *in_stock == "true";
    }
    if (const auto status = request.query_parameter("status")) {
        query.status = status_named(*status);
    }
    if (const auto sort = request.query_parameter("sort")) {
        const auto* row = std::ranges::find(sort_table, *sort, &SortName::name);
        query.sort = row->sort;
        query.direction = row->direction;
    }
    return query;
}

Route list_route(const Products& products) {
    return {
        .name = "list_products",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/products",
        .summary =
            "Products of the store; a page that filters much may be short and still have a next.",
        .service = "products",
        .audiences = audience::anyone,
        .query = list_parameters(),
        .paged = true,
        .caching = Caching::page,
        .work = Admission::Work::quick,
        .answers = {{200, "A page of products.", page_of(product_schema)}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const ListQuery query = parse_list_query(request);
            if (request.query_parameter("q") && query.terms.empty()) {
                return page_response({}, std::nullopt);  // Nothing is called by signs alone.
            }
            const ListPage page = TRY(products.list(caller, query));
            const Viewer viewer =
                caller.may(Permission::catalog_read) ? Viewer::staff : Viewer::shopper;
            std::vector<std::string> items;
            for (const auto& view : page.items) {
                items.push_back(render_product(view, viewer, products.media()));
            }
            return page_response(items, page.next_cursor);
        }};
}

Route show_route(const Products& products) {
    return {
        .name = "show_product",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/products/{product}",
        .summary = "One product, by id or handle.",
        .service = "products",
        .audiences = audience::anyone,
        .caching = Caching::page,
        .work = Admission::Work::quick,
        .answers = {{200, "The product.", product_schema}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            return product_response(
                products, caller, TRY(products.product(caller, request.parameter("product"))), 200);
        }};
}

Route create_route(const Products& products) {
    return {.name = "create_product",
            .method = Method::post,
            .pattern = "/v1/stores/{store}/products",
            .summary = "Makes a product; without variants it is a draft that they are added to.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::catalog_write,
            .body = create_product_schema(),
            .idempotency = IdempotencyKey::honoured,
            .answers = {{201, "The product.", product_schema}},
            .handle = [&products](const Caller& caller, const Request& request) {
                const ProductPatch command = parse_product_patch(request.json());
                return answer_product(
                    products, caller, [&] { return products.create(caller, command); }, 201);
            }};
}

Route change_route(const Products& products) {
    return {.name = "change_product",
            .method = Method::patch,
            .pattern = "/v1/stores/{store}/products/{product}",
            .summary = "Changes the members that are sent; null clears one.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::catalog_write,
            .body = change_product_schema(),
            .if_match = true,
            .answers = {{200, "The product.", product_schema}},
            .handle = [&products](const Caller& caller, const Request& request) {
                const ProductPatch command = parse_product_patch(request.json());
                return answer_product(
                    products, caller,
                    [&] { return products.change(caller, request.parameter("product"), command); },
                    200);
            }};
}

Route delete_route(const Products& products) {
    return {.name = "delete_product",
            .method = Method::del,
            .pattern = "/v1/stores/{store}/products/{product}",
            .summary = "Deletes a product with its variants and their stock.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::catalog_write,
            .if_match = true,
            .answers = {{204, "It is gone."}},
            .handle = [&products](const Caller& caller, const Request& request) {
                return answer_product(
                    products, caller,
                    [&] { return products.remove(caller, request.parameter("product")); }, 204);
            }};
}

}  // namespace

std::vector<Route> product_routes(const Products& products) {
    return {list_route(products), show_route(products), create_route(products),
            change_route(products), delete_route(products)};
}

}  // namespace souk::products
