#include "adapters/lambda_runtime/http_result.h"

#include <algorithm>
#include <array>

#include "domain/base/clipped_text.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

constexpr std::array<std::string_view, 3> framing_headers{"connection", "content-length",
                                                          "transfer-encoding"};

struct Headers {
    std::vector<Parameter> single;
    std::vector<std::string> cookies;
};

void add(std::vector<Parameter>& headers, std::string_view name, std::string value) {
    const auto same = std::ranges::find_if(headers, [&](const Parameter& known) {
        return ascii_equal_ignoring_case(known.first, name);
    });
    if (same == headers.end()) {
        headers.emplace_back(name, std::move(value));
    } else {
        same->second += cat(", ", value);
    }
}

Headers gather(const Response& response, std::string_view body) {
    Headers out;
    if (!body.empty() && !response.content_type.empty()) {
        // Bytes beyond ASCII have no meaning there since RFC 7230, and JSON must be UTF-8.
        out.single.emplace_back("Content-Type", readable(response.content_type));
    }
    for (const auto& [name, value] : response.headers) {
        const std::string lower = ascii_lower(name);
        if (lower == "set-cookie") {
            out.cookies.push_back(readable(value));
        } else if (std::ranges::find(framing_headers, lower) == framing_headers.end()) {
            add(out.single, name, readable(value));
        }
    }
    return out;
}

}  // namespace

bool is_text(std::string_view content_type) {
    const std::string type = ascii_lower(trimmed(content_type.substr(0, content_type.find(';'))));
    return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
           type == "application/json" || type == "application/xml" ||
           type == "application/javascript";
}

std::string render_http_result(const Response& response, Method method) {
    const std::string_view body =
        has_body(response.status) && method != Method::head ? response.text() : std::string_view{};
    const Headers headers = gather(response, body);
    const bool plain = body.empty() || (is_text(response.content_type) && is_utf8(body));
    JsonWriter out;
    out.begin_object().member("statusCode", response.status).key("headers").begin_object();
    for (const auto& [name, value] : headers.single) {
        out.member(name, value);
    }
    out.end_object();
    if (!headers.cookies.empty()) {
        out.key("cookies").begin_array();
        for (const auto& cookie : headers.cookies) {
            out.value(cookie);
        }
        out.end_array();
    }
    if (plain) {
        out.member("body", body);
    } else {
        out.member("body", to_base64(body));
    }
    return out.member("isBase64Encoded", !plain).end_object().take();
}

}  // namespace souk::lambda
