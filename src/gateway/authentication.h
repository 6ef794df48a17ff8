#pragma once

#include <optional>
#include <string_view>

#include "domain/ports/caller.h"
#include "domain/ports/http.h"
#include "domain/ports/identity.h"
#include "domain/ports/route.h"
#include "gateway/tenants.h"

/// Who calls, and whether the route admits them.
namespace souk::gateway {

/// The principal behind the Authorization header; a guest without one. `store` is the route's
/// store, if any. Errors: unauthenticated for a token that is malformed, forged, expired, or
/// another store's.
[[nodiscard]] Result<Principal> authenticate(const Request& request,
                                             const std::optional<StoreId>& store,
                                             Identity& identity, const Tenants& tenants);

/// Errors: unauthenticated (a credential would help), forbidden (it would not).
[[nodiscard]] Result<void> authorise(const Route& route, const Principal& principal);

}  // namespace souk::gateway
