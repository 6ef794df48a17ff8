#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/products/errors.h"
#include "domain/products/product_render.h"
#include "domain/products/routes.h"

namespace souk::products {

namespace {

Result<VariantId> variant_parameter(const Request& request) {
    const auto id = VariantId::parse(request.parameter("variant"));
    if (!id) {
        return fail(errors::not_found, "The product has no such variant.");
    }
    return *id;
}

Route list_route(const Products& products) {
    return {
        .name = "list_variants",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/products/{product}/variants",
        .summary = "The variants of a product, as the product shows them.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_read,
        .paged = true,
        .work = Admission::Work::quick,
        .answers = {{200, "A page of variants.", schema::page_of(variant_schema)}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const ProductView view = TRY(products.product(caller, request.parameter("product")));
            auto rendered = render_variants(view, Viewer::staff);
            std::vector<ListItem> items;
            for (std::size_t i = 0; i < rendered.size(); ++i) {
                items.push_back({view.product.variants[i].id.text(), std::move(rendered[i])});
            }
            return list_page(
                products.ledger().environment(),
                cat("variants\n", caller.in_store().text(), "\n", view.product.id.text()), request,
                items);
        }};
}

Route add_route(const Products& products) {
    return {
        .name = "add_variant",
        .method = Method::post,
        .pattern = "/v1/stores/{store}/products/{product}/variants",
        .summary = "Adds a variant; answers with the whole product, the new variant last.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_write,
        .body = create_variant_schema(),
        .idempotency = IdempotencyKey::honoured,
        .if_match = true,
        .answers = {{201, "The product.", product_schema}},
        .handle = [&products](const Caller& caller, const Request& request) {
            const VariantPatch command = parse_variant_patch(request.json());
            return answer_product(
                products, caller,
                [&] { return products.add_variant(caller, request.parameter("product"), command); },
                201);
        }};
}

Route change_route(const Products& products) {
    return {
        .name = "change_variant",
        .method = Method::patch,
        .pattern = "/v1/stores/{store}/products/{product}/variants/{variant}",
        .summary = "Changes a variant; If-Match names the product's version.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_write,
        .body = change_variant_schema(),
        .if_match = true,
        .answers = {{200, "The product.", product_schema}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const VariantId variant = TRY(variant_parameter(request));
            const VariantPatch command = parse_variant_patch(request.json());
            return answer_product(
                products, caller,
                [&] {
                    return products.change_variant(caller, request.parameter("product"), variant,
                                                   command);
                },
                200);
        }};
}

Route delete_route(const Products& products) {
    return {
        .name = "delete_variant",
        .method = Method::del,
        .pattern = "/v1/stores/{store}/products/{product}/variants/{variant}",
        .summary = "Removes a variant with its stock; the last one stays.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_write,
        .if_match = true,
        .answers = {{204, "It is gone."}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const VariantId variant = TRY(variant_parameter(request));
            return answer_product(
                products, caller,
                [&] {
                    return products.remove_variant(caller, request.parameter("product"), variant);
                },
                204);
        }};
}

}  // namespace

std::vector<Route> variant_routes(const Products& products) {
    return {list_route(products), add_route(products), change_route(products),
            delete_route(products)};
}

}  // namespace souk::products
