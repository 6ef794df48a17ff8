#include "domain/ports/http.h"

#include <algorithm>

#include "domain/base/names.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr Names<Method, 8> method_table{{
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::del, "DELETE"},
    {Method::options, "OPTIONS"},
    {Method::unknown, "?"},  // No method is called so.
}};

constexpr int limit_default = 20;

/// Whether a header of that text does not end before it.
bool stays_in_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

std::string_view name_of(Method method) { return name_in(method_table, method); }

std::optional<Method> method_named(std::string_view name) { return value_in(method_table, name); }

std::string_view Request::header(std::string_view name) const {
    const auto found = std::ranges::find(headers, name, &Parameter::first);
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

const std::string& Request::parameter(std::string_view name) const {
    const auto found = std::ranges::find(path_parameters, name, &Parameter::first);
    CHECK(found != path_parameters.end());
    return found->second;
}

std::optional<std::string_view> Request::query_parameter(std::string_view name) const {
    const auto found = std::ranges::find(query_parameters, name, &Parameter::first);
    return found == query_parameters.end() ? std::nullopt
                                           : std::optional<std::string_view>(found->second);
}

int Request::limit() const {
    const auto text = query_parameter("limit");
    return text ? static_cast<int>(to_integer(*text).value_or(limit_default)) : limit_default;
}

std::string Request::cursor() const { return std::string(query_parameter("cursor").value_or("")); }

bool has_body(int status) { return status != 204 && status != 304 && status >= 200; }

bool is_sendable(const Response& response) {
    return response.status >= 200 && response.status <= 599 &&
           stays_in_line(response.content_type) &&
           std::ranges::all_of(response.headers, [](const Parameter& header) {
               return stays_in_line(header.first) && stays_in_line(header.second);
           });
}

Response json_response(int status, std::string json) {
    Response response;
    response.status = status;
    response.body = std::make_shared<const std::string>(std::move(json));
    return response;
}

Response json_response(int status, std::string json, std::uint64_t version) {
    Response response = json_response(status, std::move(json));
    response.headers.emplace_back("ETag", cat('"', version, '"'));
    return response;
}

Response empty_response(int status) {
    Response response;
    response.status = status;
    response.content_type.clear();
    return response;
}

Response page_response(const std::vector<std::string>& items,
                       const std::optional<std::string>& next_cursor) {
    JsonWriter out;
    out.begin_object().key("items").begin_array();
    for (const auto& item : items) {
        out.raw(item);
    }
    out.end_array().member("next_cursor", next_cursor).end_object();
    return json_response(200, out.take());
}

}  // namespace souk
