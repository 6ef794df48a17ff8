#pragma once

#include <vector>

#include "domain/ports/route.h"
#include "domain/stores/stores.h"

namespace souk::stores {

/// All of the service's HTTP routes. `stores` outlives them.
[[nodiscard]] std::vector<Route> routes(const Stores& stores);

/// Parts of the above: S, its members, its API keys, and what the platform's administrators do.
[[nodiscard]] std::vector<Route> store_routes(const Stores& stores);
[[nodiscard]] std::vector<Route> member_routes(const Stores& stores);
[[nodiscard]] std::vector<Route> api_key_routes(const Stores& stores);
[[nodiscard]] std::vector<Route> admin_routes(const Stores& stores);

/// The members of a store's public body.
[[nodiscard]] std::vector<SchemaMember> store_members();
[[nodiscard]] Schema store_schema();

}  // namespace souk::stores
