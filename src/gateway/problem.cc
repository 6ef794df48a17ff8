#include "gateway/problem.h"

#include <algorithm>
#include <array>
#include <span>

#include "domain/base/text.h"

namespace souk::gateway {

namespace {

struct StatusRow {
    std::string_view code;
    int status;
};

constexpr std::array status_table = std::to_array<StatusRow>({
    {"malformed_json", 400},   {"malformed_request", 400},      {"invalid_header", 400},
    {"invalid_query", 400},    {"invalid_cursor", 400},         {"idempotency_key_required", 400},
    {"unauthenticated", 401},  {"invalid_token", 401},          {"invalid_credentials", 401},
    {"totp_required", 401},    {"method_not_allowed", 405},     {"request_timeout", 408},
    {"version_mismatch", 412}, {"body_too_large", 413},         {"ledger_too_large", 413},
    {"target_too_long", 414},  {"unsupported_media_type", 415}, {"rate_limited", 429},
    {"head_too_large", 431},   {"unknown_parameter", 400},
});

constexpr std::array<std::pair<int, ErrorCode>, 7> refusal_table{{
    {400, errors::malformed_request},
    {408, errors::request_timeout},
    {413, errors::body_too_large},
    {414, errors::target_too_long},
    {429, souk::errors::rate_limited},
    {431, errors::head_too_large},
    {503, souk::errors::unavailable},
}};

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid: return 422;
        case ErrorKind::not_found: return 404;
        case ErrorKind::conflict: return 409;
        case ErrorKind::denied: return 403;
        case ErrorKind::exhausted: return 429;
        case ErrorKind::unavailable: return 503;
        case ErrorKind::corrupt: return 500;
    }
    return 500;
}

constexpr std::array title_table = std::to_array<std::pair<int, std::string_view>>({
    {400, "Bad request"},
    {401, "Authentication required"},
    {403, "Forbidden"},
    {404, "Not found"},
    {405, "Method not allowed"},
    {408, "Request timeout"},
    {409, "Conflict"},
    {412, "Precondition failed"},
    {413, "Content too large"},
    {414, "URI too long"},
    {415, "Unsupported media type"},
    {422, "Unprocessable content"},
    {429, "Too many requests"},
    {431, "Request header fields too large"},
    {503, "Service unavailable"},
});

std::string_view title_of(int status) {
    const auto* row =
        std::ranges::find(title_table, status, &std::pair<int, std::string_view>::first);
    return row != title_table.end() ? row->second : "Internal error";
}

}  // namespace

int status_of(const ErrorCode& code) {
    const auto* row = std::ranges::find(status_table, code.name, &StatusRow::code);
    return row != status_table.end() ? row->status : status_of(code.kind);
}

ErrorCode code_for_refusal(int status) {
    const auto* row = std::ranges::find(refusal_table, status, &std::pair<int, ErrorCode>::first);
    return row != refusal_table.end() ? row->second : errors::malformed_request;
}

Response render_problem(const Error& error, std::string_view instance,
                        std::string_view request_id) {
    const int status = status_of(error.code);
    JsonWriter out;
    out.begin_object()
        .member("type", cat("https://souk.dev/problems/", error.code.name))
        .member("title", title_of(status))
        .member("status", status);
    if (status == 500) {
        out.member("detail",
                   "Something went wrong on our side. Quote the request id when you ask.");
    } else {
        out.member("detail", error.detail.empty() ? title_of(status) : error.detail);
    }
    out.member("instance", instance)
        .member("code", error.code.name)
        .member("request_id", request_id);
    // Always there, so that whoever reads it need not ask first.
    out.key("errors").begin_array();
    const std::size_t told = status == 500 ? 0 : std::min(error.fields.size(), errors_told_max);
    for (const auto& field : std::span(error.fields).first(told)) {
        out.begin_object()
            .member("pointer", field.pointer)
            .member("code", field.code)
            .member("detail", field.detail)
            .end_object();
    }
    out.end_array();
    for (const auto& [name, json] : error.members) {
        out.raw_member(name, json);
    }
    Response response = json_response(status, out.end_object().take());
    response.content_type = "application/problem+json";
    if (status == 401) {
        response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"souk\"");
    }
    for (const auto& [name, json] : error.members) {
        if (name == "retry_after") {
            response.headers.emplace_back("Retry-After", json);
        }
    }
    if (status == 503) {
        response.headers.emplace_back("Retry-After", "1");
    }
    return response;
}

}  // namespace souk::gateway
