#include "adapters/aws_client/http_message.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::aws {

namespace {

// Source: RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               marks.contains(c);
    });
}

bool is_header_value(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_target(std::string_view text) {
    return text.starts_with('/') &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view lower_case_name) {
    const auto found = std::ranges::find(headers, lower_case_name, &Headers::value_type::first);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::string> render(const HttpRequest& request, const Origin& origin) {
    const bool sendable = is_token(request.method) && is_target(request.target) &&
                          std::ranges::all_of(request.headers, [](const auto& header) {
                              return is_token(header.first) && is_header_value(header.second);
                          });
    if (!sendable) {
        return fail(errors::aws_misconfigured,
                    "The method, the path or a header of the request is malformed.");
    }
    std::string out = cat(request.method, ' ', request.target,
                          " HTTP/1.1\r\nHost: ", origin.authority(), "\r\nUser-Agent: Souk\r\n");
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        out += cat("Content-Length: ", request.body.size(), "\r\n");
    }
    for (const auto& [name, value] : request.headers) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
    return out.append("\r\n").append(request.body);
}

}  // namespace souk::aws
