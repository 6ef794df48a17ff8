#include "gateway/openapi.h"

#include <algorithm>
#include <array>
#include <map>

#include "domain/base/text.h"
#include "gateway/request_reading.h"

namespace souk::gateway {

namespace {

using Components = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view problem_schema =
    R"({"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string"},)"
    R"("code":{"type":"string"},"request_id":{"type":"string"},"errors":{"type":"array","items":{"type":"object",)"
    R"("properties":{"pointer":{"type":"string"},"code":{"type":"string"},"detail":{"type":"string"}},)"
    R"("required":["pointer","code","detail"]}}},"required":["type","title","status","detail","instance","code","request_id","errors"]})";

void parameter(JsonWriter& out, std::string_view name, std::string_view in, bool required,
               std::string_view schema_json, std::string_view description) {
    out.begin_object().member("name", name).member("in", in).member("required", required);
    if (!description.empty()) {
        out.member("description", description);
    }
    out.raw_member("schema", schema_json).end_object();
}

void path_parameters(JsonWriter& out, const Route& route) {
    for (const auto segment : split(route.pattern, '/')) {
        if (segment.starts_with('{')) {
            const auto name = segment.substr(1, segment.size() - 2);
            parameter(out, name, "path", true, R"({"type":"string","minLength":1})",
                      name == "store" ? "The store's id or slug." : "");
        }
    }
}

void query_parameters(JsonWriter& out, const Route& route, Components& components) {
    for (const auto& query : route.query) {
        parameter(out, query.name, "query", false, render_json_schema(query.schema, components),
                  query.description);
    }
    if (route.paged) {
        parameter(out, "limit", "query", false,
                  render_json_schema(schema::integer(1, 100), components), "20 when absent.");
        parameter(out, "cursor", "query", false,
                  render_json_schema(schema::text(1, 2048), components),
                  "`next_cursor` of the page before.");
    }
}

void header_parameters(JsonWriter& out, const Route& route) {
    constexpr std::string_view any_text = R"({"type":"string"})";
    if (route.idempotency != IdempotencyKey::not_applicable) {
        parameter(out, "Idempotency-Key", "header", route.idempotency == IdempotencyKey::required,
                  R"({"type":"string","maxLength":255})",
                  "Makes a retry safe for 24 hours. 1 to 255 visible ASCII characters.");
    }
    if (route.if_match) {
        parameter(out, "If-Match", "header", false, any_text,
                  "The entity tag of the version that you saw.");
    }
    for (const auto& name : route.headers) {
        parameter(out, name, "header", false, any_text, "");
    }
}

/// The failures that follow from what the route takes.
std::vector<std::pair<int, std::string_view>> failures_of(const Route& route) {
    std::vector<std::pair<int, std::string_view>> failures{
        {400, "Malformed request"}, {401, "Authentication required"},
        {403, "Forbidden"},         {404, "Not found"},
        {414, "URI too long"},      {429, "Too many requests"},
        {431, "Headers too large"}, {500, "A fault of the server"},
        {503, "Try again later"}};
    if (route.method != Method::get) {
        failures.emplace_back(409, "Conflict");
        failures.emplace_back(422, "Unprocessable content");
        failures.emplace_back(413, "Content too large");
        failures.emplace_back(415, "Unsupported media type");
    }
    if (route.if_match) {
        failures.emplace_back(412, "The version is another by now");
    }
    std::ranges::sort(failures);
    return failures;
}

/// What answers carry besides a body: name, description. All of them are texts.
constexpr std::array header_table = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"ETag", "Names the version, of what has one."},
    {"Idempotent-Replayed", "`true` when this is the first answer again."},
    {"Location", "Where that which was made is found."},
    {"RateLimit", "What is left of the limit, and the seconds until there is more."},
    {"RateLimit-Policy", "The limit, and its window in seconds."},
    {"Retry-After", "Seconds."},
});
void header_names(JsonWriter& out, const std::vector<std::string_view>& names) {
    if (names.empty()) {
        return;
    }
    out.key("headers").begin_object();
    for (const auto name : names) {
        out.raw_member(name, cat(R"({"$ref":"#/components/headers/)", name, R"("})"));
    }
    out.end_object();
}

void failure_headers(JsonWriter& out, const Route& route, int status) {
    const bool has_key = route.idempotency != IdempotencyKey::not_applicable;
    if (status == 429) {
        header_names(out, {"RateLimit", "RateLimit-Policy", "Retry-After"});
    } else if (status == 503 || (status == 409 && has_key)) {  // The key is in flight.
        header_names(out, {"Retry-After"});
    }
}

void answer_headers(JsonWriter& out, const Route& route, int status) {
    std::vector<std::string_view> names;
    if (status == 200 || status == 201) {
        names.emplace_back("ETag");
    }
    if (route.idempotency != IdempotencyKey::not_applicable) {
        names.emplace_back("Idempotent-Replayed");
    }
    if (status == 201 || status == 202) {
        names.emplace_back("Location");
    }
    header_names(out, names);
}

void responses(JsonWriter& out, const Route& route, Components& components) {
    out.key("responses").begin_object();
    for (const auto& answer : route.answers) {
        out.key(cat(answer.status)).begin_object().member("description", answer.description);
        answer_headers(out, route, answer.status);
        const bool is_json = answer.content_type == "application/json";
        if (answer.body || !is_json || answer.status == 200) {
            out.key("content").begin_object().key(answer.content_type).begin_object();
            if (answer.body) {
                out.raw_member("schema", render_json_schema(answer.body(), components));
            } else if (is_json) {  // In a shape that others say: OpenAPI's own, OpenID's.
                out.raw_member("schema", R"({"type":"object"})");
            }
            out.end_object().end_object();
        }
        out.end_object();
    }
    if (route.method == Method::get) {
        out.key("304").begin_object().member("description", "Not modified");
        header_names(out, {"ETag"});
        out.end_object();
    }
    for (const auto& [status, description] : failures_of(route)) {
        out.key(cat(status)).begin_object().member("description", description);
        failure_headers(out, route, status);
        out.raw_member(
               "content",
               R"({"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}})")
            .end_object();
    }
    out.end_object();
}

void security(JsonWriter& out, const Route& route) {
    out.key("security").begin_array();
    if (route.audiences.anyone) {
        out.begin_object().end_object();
    }
    out.begin_object().key("bearer").begin_array().end_array().end_object().end_array();
    std::string who;
    const auto admit = [&who](bool admitted, std::string_view name) {
        if (admitted) {
            who += cat(who.empty() ? "" : " ", name);
        }
    };
    admit(route.audiences.anyone, "anyone");
    admit(route.audiences.customer, "customer");
    admit(route.audiences.staff, "staff");
    admit(route.audiences.account, "account");
    admit(route.audiences.platform, "platform");
    out.member("x-audience", who);
    if (route.permission != Permission::none) {
        out.member("x-permission", name_of(route.permission));
    }
}

void operation(JsonWriter& out, const Route& route, Components& components) {
    out.key(ascii_lower(name_of(route.method))).begin_object();
    out.member("operationId", route.name).member("summary", route.summary);
    out.key("tags").begin_array().value(route.service).end_array();
    security(out, route);
    out.key("parameters").begin_array();
    path_parameters(out, route);
    query_parameters(out, route, components);
    header_parameters(out, route);
    out.end_array();
    if (route.body || route.body_content_type != "application/json") {
        out.key("requestBody").begin_object().member("required", !route.body_optional);
        out.key("content").begin_object();
        std::vector<std::string_view> content_types{route.body_content_type};
        if (route.method == Method::patch) {
            content_types.emplace_back(merge_patch);
        }
        for (const auto content_type : content_types) {
            out.key(content_type).begin_object();
            out.raw_member("schema", route.body ? render_json_schema(*route.body, components)
                                                : std::string(R"({"type":"string"})"));
            out.end_object();
        }
        out.end_object().end_object();
    }
    responses(out, route, components);
    out.end_object();
}

}  // namespace

std::string render_openapi(const std::vector<Route>& routes) {
    std::map<std::string, std::vector<const Route*>> by_path;
    for (const auto& route : routes) {
        by_path[route.pattern].push_back(&route);
    }
    Components components{{"Problem", std::string(problem_schema)}};
    JsonWriter out;
    out.begin_object().member("openapi", "3.1.0");
    out.raw_member(
        "info", R"({"title":"Souk","version":"1","description":"A multi-store commerce backend.",)"
                R"("license":{"name":"Apache-2.0","identifier":"Apache-2.0"}})");
    out.raw_member("servers", R"([{"url":"/"}])");
    out.key("paths").begin_object();
    for (const auto& [path, operations] : by_path) {
        out.key(path).begin_object();
        for (const Route* route : operations) {
            operation(out, *route, components);
        }
        out.end_object();
    }
    out.end_object();
    out.key("components").begin_object();
    out.raw_member(
        "securitySchemes",
        R"({"bearer":{"type":"http","scheme":"bearer","description":)"
        R"("An access token of a customer or staff account, or a store's secret key (sk_…)."}})");
    out.key("headers").begin_object();
    for (const auto& [name, description] : header_table) {
        out.key(name).begin_object().member("description", description);
        out.raw_member("schema", R"({"type":"string"})").end_object();
    }
    out.end_object();
    out.key("schemas").begin_object();
    for (const auto& [name, json] : components) {
        out.raw_member(name, json);
    }
    out.end_object().end_object().end_object();
    return out.take();
}

}  // namespace souk::gateway
