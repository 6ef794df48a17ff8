#include "domain/base/text.h"
#include "domain/products/product_render.h"
#include "domain/products/routes.h"

namespace souk::products {

namespace {

using Verb = std::function<Result<Change<ProductView>>(const Caller&, std::string_view product)>;

Route verb_route(const Products& products, std::string_view verb_name, std::string_view summary,
                 Permission permission, Verb verb) {
    return {.name = cat(verb_name, "_product"),
            .method = Method::post,
            .pattern = cat("/v1/stores/{store}/products/{product}/", verb_name),
            .summary = std::string(summary),
            .service = "products",
            .audiences = audience::staff,
            .permission = permission,
            .idempotency = IdempotencyKey::honoured,
            .if_match = true,
            .answers = {{200, "The product.", product_schema}},
            .handle = [&products, verb = std::move(verb)](const Caller& caller,
                                                          const Request& request) {
                return answer_product(
                    products, caller, [&] { return verb(caller, request.parameter("product")); },
                    200);
            }};
}

Verb setting(const Products& products, Status status) {
    return [&products, status](const Caller& caller, std::string_view product) {
        return products.set_status(caller, product, status);
    };
}

}  // namespace

std::vector<Route> product_status_routes(const Products& products) {
    return {verb_route(products, "publish", "Puts a product up for sale.",
                       Permission::catalog_write, setting(products, Status::published)),
            verb_route(products, "unpublish", "Makes a product a draft again.",
                       Permission::catalog_write, setting(products, Status::draft)),
            verb_route(products, "archive", "Puts a product away.", Permission::catalog_write,
                       setting(products, Status::archived)),
            verb_route(products, "approve", "Lets a product be sold where the store moderates.",
                       Permission::catalog_approve,
                       [&products](const Caller& caller, std::string_view product) {
                           return products.approve(caller, product);
                       })};
}

}  // namespace souk::products
