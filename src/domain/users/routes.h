#pragma once

#include <vector>

#include "domain/ports/route.h"
#include "domain/users/users.h"

namespace souk::users {

/// All of the service's HTTP routes. `users` outlives them.
[[nodiscard]] std::vector<Route> routes(const Users& users);

/// Parts of the above: signing up and in, for customers and for staff; and what the signed-in see
/// of themselves.
[[nodiscard]] std::vector<Route> auth_routes(const Users& users);
[[nodiscard]] std::vector<Route> me_routes(const Users& users);
[[nodiscard]] std::vector<Route> address_routes(const Users& users);

}  // namespace souk::users
