#pragma once

#include <functional>
#include <vector>

#include "domain/ports/message_bus.h"
#include "domain/ports/route.h"
#include "domain/products/products.h"

namespace souk::products {

/// All HTTP routes of the service. `products` outlives them.
[[nodiscard]] std::vector<Route> routes(const Products& products);

/// Queues `products-orders` (reservations) and `products-imports`. `products` outlives them.
[[nodiscard]] std::vector<Reaction> reactions(const Products& products);
/// The queues of those reactions and the types that they take.
[[nodiscard]] std::vector<Subscription> subscriptions();

// The parts of `routes`, one file each.
[[nodiscard]] std::vector<Route> product_routes(const Products& products);
[[nodiscard]] std::vector<Route> variant_routes(const Products& products);
[[nodiscard]] std::vector<Route> product_status_routes(const Products& products);
[[nodiscard]] std::vector<Route> inventory_routes(const Products& products);
[[nodiscard]] std::vector<Route> category_routes(const Products& products);
[[nodiscard]] std::vector<Route> file_routes(const Products& products);

using ProductVerb = std::function<Result<Change<ProductView>>()>;
/// Runs and commits a verb and tidies up where that is needed; answers with the product, or with
/// nothing for 204.
[[nodiscard]] Result<Response> answer_product(const Products& products, const Caller& caller,
                                              const ProductVerb& verb, int status);
/// The product as this caller may see it, with an entity tag that changes with its stock too.
[[nodiscard]] Response product_response(const Products& products, const Caller& caller,
                                        const ProductView& view, int status);

}  // namespace souk::products
