#include "adapters/lambda_runtime/http_event.h"

#include <algorithm>

#include "adapters/lambda_runtime/event_path.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

/// The one Cookie header that `cookies[]` was split from. Source: RFC 6265, section 4.2.1.
std::string joined_cookies(JsonView cookies) {
    std::string joined;
    for (std::size_t i = 0; i < cookies.size(); ++i) {
        joined += cat(joined.empty() ? "" : "; ", cookies.at(i).text_or());
    }
    return joined;
}

std::vector<Parameter> parse_headers(JsonView event) {
    std::vector<Parameter> headers;
    const std::string cookies =
        event["cookies"].is_array() ? joined_cookies(event["cookies"]) : std::string{};
    const JsonView given = event["headers"];
    const std::size_t count = given.is_object() ? given.size() : 0;
    headers.reserve(count + 1);
    for (std::size_t i = 0; i < count; ++i) {
        const auto [name, value] = given.member(i);
        std::string lower = ascii_lower(name);
        // Some emulators leave the header where it was, beside `cookies`.
        if (value.is_string() && (lower != "cookie" || cookies.empty())) {
            headers.emplace_back(std::move(lower), value.text_or());
        }
    }
    if (!cookies.empty()) {
        headers.emplace_back("cookie", cookies);
    }
    return headers;
}

Result<std::string> parse_body(JsonView event) {
    const auto body = event["body"].string().value_or("");
    if (!event["isBase64Encoded"].bool_or(false)) {
        return std::string(body);
    }
    auto decoded = from_base64(body);
    if (!decoded) {
        return fail(errors::http_body_undecodable, "The body is not valid base64.");
    }
    return *std::move(decoded);
}

}  // namespace

bool is_http_event(JsonView event) {
    return event["version"].string() == "2.0" && event["requestContext"]["http"].is_object();
}

Result<Request> parse_http_event(JsonView event) {
    const JsonView http = event["requestContext"]["http"];
    const auto method_name = http["method"].string();
    if (!is_http_event(event) || !method_name || !event["rawPath"].is_string()) {
        return fail(errors::http_event_malformed,
                    "The event is not one of an HTTP API in payload format 2.0.");
    }
    Request request;
    request.method = method_named(*method_name).value_or(Method::unknown);
    if (request.method == Method::head && event["routeKey"].string() == "$default") {
        // No HEAD has a route of its own: all go to the function for what no route takes, which may
        // not read what most of them ask for. 405 is better than what it would make of that.
        request.method = Method::unknown;
    }
    request.path = encoded_path(event);
    request.query = event["rawQueryString"].text_or();
    request.headers = parse_headers(event);
    request.peer = http["sourceIp"].text_or();
    request.body = TRY(parse_body(event));
    return request;
}

}  // namespace souk::lambda
