#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/environment.h"
#include "domain/ports/http.h"
#include "domain/ports/route.h"

/// Turns the text of a request into what its route promises its handler: all mistakes at once.
namespace souk::gateway {

/// Decodes and validates the query by the route's table. Errors: invalid_query.
[[nodiscard]] Result<std::vector<Parameter>> read_query(const Route& route, std::string_view query);

/// Parses and validates the body by the route's schema. Errors: unsupported_media_type,
/// malformed_json, validation_failed. Of a spooled body the head alone is looked at, and nothing of
/// what comes with a GET.
[[nodiscard]] Result<JsonDocument> read_body(const Route& route, const Request& request);
/// What the body of a PATCH may be called, too (RFC 7386).
inline constexpr std::string_view merge_patch = "application/merge-patch+json";

/// The version in If-Match: `"7"` or `"7-…"`; nothing without the header or for `*`. Errors:
/// invalid_header.
[[nodiscard]] Result<std::optional<std::vector<std::uint64_t>>> read_if_match(
    const Request& request);

/// Errors: idempotency_key_required.
[[nodiscard]] Result<void> require_idempotency_key(const Route& route, const Request& request);

/// The key's record names, hashed with the store, the caller and the route. Errors:
/// invalid_header.
[[nodiscard]] Result<std::optional<Idempotency>> read_idempotency(const Route& route,
                                                                  const Request& request,
                                                                  const Caller& caller,
                                                                  const Environment& environment);

/// X-Request-Id if it is a sensible token of at most 128 characters, else a fresh req_… id.
[[nodiscard]] std::string read_request_id(const Request& request, const Environment& environment);

/// Whether If-None-Match names this entity tag.
[[nodiscard]] bool none_match_hit(const Request& request, std::string_view etag);

}  // namespace souk::gateway
