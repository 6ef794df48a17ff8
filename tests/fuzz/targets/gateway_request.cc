#include <algorithm>
#include <string>

#include "adapters/memory/test_environment.h"
#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"
#include "gateway/request_reading.h"
#include "gateway/router.h"

namespace souk::fuzz {

namespace {

using namespace gateway;

Route route(Method method, std::string pattern) {
    Route out;
    out.name = pattern;
    out.method = method;
    out.pattern = std::move(pattern);
    out.audiences = audience::anyone;
    out.paged = method == Method::get;
    out.query = {{"sort", schema::one_of({"created", "title"})},
                 {"min", schema::integer(0, 9)},
                 {"q", schema::text(1, 20)},
                 {"draft", schema::boolean()}};
    out.body = schema::object(
        {schema::required("a", schema::integer(0, 9)), schema::optional("b", schema::text(0, 5))});
    out.idempotency = IdempotencyKey::honoured;
    out.handle = [](const Caller&, const Request&) { return empty_response(204); };
    return out;
}

const Router& router() {
    static const Router table({route(Method::get, "/v1/stores/{store}/products"),
                               route(Method::post, "/v1/stores/{store}/products"),
                               route(Method::get, "/v1/stores/{store}/products/{product}"),
                               route(Method::get, "/v1/stores/{store}/products/export"),
                               route(Method::put, "/v1/stores/all/products/{product}"),
                               route(Method::patch, "/v1/me"), route(Method::get, "/")});
    return table;
}

/// A request a line at a time: method, path, query, `name: value` headers, an empty line, the body.
Request request_from(std::string_view input) {
    Bytes bytes(input);
    Request request;
    request.method = method_named(bytes.line()).value_or(Method::get);
    request.path = bytes.line();
    request.query = bytes.line();
    for (std::string_view line = bytes.line(); !line.empty(); line = bytes.line()) {
        const std::size_t colon = std::min(line.find(':'), line.size());
        request.headers.emplace_back(ascii_lower(line.substr(0, colon)),
                                     trimmed(line.substr(std::min(colon + 1, line.size()))));
    }
    request.body = bytes.rest();
    return request;
}

/// Segment by segment, the path is what the pattern says.
void check_match(const Request& request) {
    const auto match = router().match(request.method, request.path);
    if (match.route == nullptr) {
        HOLDS(match.parameters.empty());
        HOLDS(std::ranges::count(match.allowed, request.method) == 0);
        return;
    }
    HOLDS(router().find(request.method, request.path) == match.route);
    const auto pattern = souk::split(match.route->pattern, '/');
    const auto path = souk::split(request.path, '/');
    HOLDS(path.size() == pattern.size());
    std::size_t taken = 0;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (!pattern[i].starts_with('{')) {
            HOLDS(path[i] == pattern[i]);
            continue;
        }
        const auto& [name, value] = match.parameters.at(taken++);
        HOLDS(cat('{', name, '}') == pattern[i]);
        HOLDS(percent_decoded(path[i], PercentStyle::path) == value);
        HOLDS(!value.empty() && is_utf8(value) && !value.contains('\0'));
    }
    HOLDS(taken == match.parameters.size());
}

void check_query(const Route& asked, const Request& request) {
    const auto parameters = read_query(asked, request.query);
    if (!parameters) {
        HOLDS(!parameters.error().fields.empty());
        return;
    }
    std::string again;
    for (const auto& [name, value] : *parameters) {
        HOLDS(std::ranges::count(*parameters, name, &Parameter::first) == 1);
        HOLDS(is_utf8(value) && !value.contains('\0'));
        HOLDS(name != "limit" || (to_integer(value) >= 1 && to_integer(value) <= 100));
        HOLDS(name != "min" || (to_integer(value) >= 0 && to_integer(value) <= 9));
        HOLDS(name != "sort" || value == "created" || value == "title");
        HOLDS(name != "draft" || value == "true" || value == "false");
        HOLDS(name != "cursor" || asked.paged);
        again += cat(again.empty() ? "" : "&", percent_encoded(name), '=', percent_encoded(value));
    }
    HOLDS(read_query(asked, again) == *parameters);
}

void check_body(const Route& asked, const Request& request) {
    const auto document = read_body(asked, request);
    if (!document) {
        return;
    }
    const JsonView root = document->root();
    if (asked.method == Method::get) {
        HOLDS(!root.present());
        return;
    }
    HOLDS(root["a"].integer().value_or(-1) >= 0 && root["a"].integer_or(0) <= 9);
    HOLDS(root.size() == (root["b"].present() ? 2U : 1U));
    HOLDS(request.header("content-type").size() >= std::string_view("application/json").size());
}

void check_headers(const Route& asked, const Request& request) {
    static TestEnvironment test;
    static const Environment environment = test.environment();
    const std::string id = read_request_id(request, environment);
    HOLDS(!id.empty() && id.size() <= 128);
    HOLDS(std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7f'; }));
    const auto versions = read_if_match(request);
    if (versions && *versions) {
        // Each is written out in the header, so that no version is ever made up.
        for (const std::uint64_t version : **versions) {
            std::string header(request.header("if-match"));
            std::erase(header, '0');
            std::string digits = cat(version);
            std::erase(digits, '0');
            HOLDS(header.contains(digits));
        }
    }
    const auto key =
        read_idempotency(asked, request, system_caller(StoreId::trusted("s"), ""), environment);
    if (key && *key) {
        HOLDS((*key)->scope.size() == 64 && (*key)->fingerprint.size() == 64);
        HOLDS((*key)->seal_key.size() == 32);
        Request other;
        other.method = request.method;
        other.path = request.path;
        other.query = request.query;
        other.headers = request.headers;
        other.body = request.body + ' ';
        const auto another =
            read_idempotency(asked, other, system_caller(StoreId::trusted("s"), ""), environment);
        HOLDS((*another)->scope == (*key)->scope);
        HOLDS((*another)->fingerprint != (*key)->fingerprint);
    }
    if (none_match_hit(request, "\"7-a\"")) {
        HOLDS(request.header("if-none-match").contains("\"7-a\"") ||
              request.header("if-none-match").contains('*'));
    }
}

}  // namespace

FUZZ_TARGET(gateway_request) {
    const Request request = request_from(input);
    check_match(request);
    for (const Route& asked : {router().routes()[0], router().routes()[1]}) {
        check_query(asked, request);
        check_body(asked, request);
        check_headers(asked, request);
    }
}

}  // namespace souk::fuzz
