#include "domain/products/routes.h"

#include <iterator>

#include "domain/base/text.h"
#include "domain/ports/tagged_response.h"
#include "domain/products/product_render.h"

namespace souk::products {

std::vector<Route> routes(const Products& products) {
    std::vector<Route> all;
    for (const auto& part : {product_routes, variant_routes, product_status_routes,
                             inventory_routes, category_routes, file_routes}) {
        std::ranges::move(part(products), std::back_inserter(all));
    }
    return all;
}

Response product_response(const Products& products, const Caller& caller, const ProductView& view,
                          int status) {
    const bool staff = caller.may(Permission::catalog_read);
    Response response = tagged_response(
        status, render_product(view, staff ? Viewer::staff : Viewer::shopper, products.media()),
        view.product.version);
    if (status == 201) {
        response.headers.emplace_back("Location", cat("/v1/stores/", caller.in_store().text(),
                                                      "/products/", view.product.id.text()));
    }
    return response;
}

Result<Response> answer_product(const Products& products, const Caller& caller,
                                const ProductVerb& verb, int status) {
    std::optional<ProductId> untidy;
    auto response = respond(caller, products.ledger(), verb, [&](const ProductView& view) {
        untidy = view.untidy ? std::optional(view.product.id) : std::nullopt;
        return status == 204 ? empty_response(204)
                             : product_response(products, caller, view, status);
    });
    if (response && untidy) {
        // The change stands whatever becomes of this; what it leaves, the sweep finds.
        if (const auto tidied = products.finish(caller.in_store(), *untidy); !tidied) {
            products.ledger().environment().telemetry.log(
                LogLevel::warning, "A product's surplus rows wait for the sweep.",
                {{"code", tidied.error().code.name}});
        }
    }
    return response;
}

}  // namespace souk::products
