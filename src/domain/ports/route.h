#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/schema.h"
#include "domain/ports/caller.h"
#include "domain/ports/http.h"

/// The row of the one route table. Services make them in routes.cc; the gateway matches,
/// authenticates, authorises, validates and throttles by them, and openapi.yaml is rendered from
/// them.
namespace souk {

/// Who may call a route. A route names every audience that it admits; there is no default.
///   anyone     no credential needed (one that is sent must be valid)
///   by_body    anyone, by what the body proves (a password, a code, a refresh token): what the
///              client's token says beside it, perhaps an expired one, is not looked at
///   customer   a signed-in customer of the route's store
///   staff      a staff member or API key with the route's permission in the route's store
///   account    a signed-in staff account, whatever its roles (`/v1/me`, `POST /v1/stores`)
///   platform   a platform administrator
struct Audiences {
    bool anyone = false;
    bool by_body = false;
    bool customer = false;
    bool staff = false;
    bool account = false;
    bool platform = false;
};
namespace audience {
inline constexpr Audiences anyone{.anyone = true, .customer = true, .staff = true};
inline constexpr Audiences by_body{
    .anyone = true, .by_body = true, .customer = true, .staff = true};
inline constexpr Audiences customer{.customer = true};
inline constexpr Audiences staff{.staff = true};
inline constexpr Audiences customer_or_staff{.customer = true, .staff = true};
inline constexpr Audiences account{.account = true};
inline constexpr Audiences platform{.platform = true};
}  // namespace audience

enum class IdempotencyKey { not_applicable, honoured, required };
/// How a shared cache may keep a GET's answer; `page` answers are also kept in process until a
/// commit touches a row that they were made from.
enum class Caching { none, page };
enum class Throttle { ordinary, sign_in, code };

struct QueryParameter {
    std::string name;
    Schema schema;
    std::string description = {};
};

struct Answer {
    int status;
    std::string description;
    /// Nothing: no body (or not JSON). Made when somebody asks: a function's start must not wait.
    std::function<Schema()> body = nullptr;
    std::string content_type = "application/json";
};

using Handler = std::function<Result<Response>(const Caller&, const Request&)>;
/// What a spooled body's head must satisfy besides its credential, such as a signature; parameters
/// are there. May be asked without the handler, and the handler without it.
using Judge = std::function<Result<void>(const Caller&, const Request& head)>;

struct Route {
    std::string name;  // operationId, e.g. "place_order"
    Method method = Method::get;
    std::string pattern;  // "/v1/stores/{store}/orders/{order}"
    std::string summary;
    std::string service;  // "orders": the tag in openapi.yaml and the function on AWS.
    Audiences audiences;
    Permission permission = Permission::none;  // What staff need.
    std::optional<Schema> body = std::nullopt;
    bool body_optional = false;
    std::string body_content_type = "application/json";
    std::uint64_t body_max = 1024 * 1024;  // Units: bytes.
    bool spool = false;                    // The handler reads Request::spooled.
    Judge judge = nullptr;                 // Before the body is spooled.
    std::vector<QueryParameter> query = {};
    bool paged = false;  // Adds `limit` and `cursor`.
    IdempotencyKey idempotency = IdempotencyKey::not_applicable;
    bool if_match = false;  // Honours If-Match.
    Caching caching = Caching::none;
    Throttle throttle = Throttle::ordinary;
    Admission::Work work = Admission::Work::blocking;
    std::vector<Answer> answers;  // Successes; the errors that follow from the rest are added.
    std::vector<std::string> headers =
        {};  // Further request headers, e.g. "X-Order-Token", "Prefer".
    Handler handle;
};

}  // namespace souk
