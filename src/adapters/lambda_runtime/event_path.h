#pragma once

#include <string>

#include "domain/base/json.h"

namespace souk::lambda {

/// The request's path as the client encoded it, or an equivalent: API Gateway tells it decoded, so
/// that the slash of `%2F` looks like any other. It is put together again from the route's key and
/// the path parameters where these make up the path (with or without a stage before it); else the
/// decoded path is encoded as a whole. Shape: `event` is an HTTP API's, payload 2.0.
[[nodiscard]] std::string encoded_path(JsonView event);

}  // namespace souk::lambda
