#include "gateway/operator_routes.h"

#include <memory>
#include <utility>

namespace souk::gateway {

namespace {

constexpr std::string_view health_pattern = "/healthz";
constexpr std::string_view ready_pattern = "/readyz";

Response text_response(std::string_view content_type, std::string body) {
    Response response;
    response.content_type = content_type;
    response.body = std::make_shared<const std::string>(std::move(body));
    return response;
}

Route page(std::string name, std::string pattern, std::string summary, Handler handle,
           std::string content_type, std::function<Schema()> body = nullptr) {
    Route route;
    route.name = std::move(name);
    route.pattern = std::move(pattern);
    route.summary = std::move(summary);
    route.service = "operator";
    route.audiences = audience::anyone;
    route.work = Admission::Work::quick;
    route.answers = {{200, "As asked", std::move(body), std::move(content_type)}};
    route.handle = std::move(handle);
    return route;
}

/// What a probe answers when all is well.
Schema status_schema(std::string word) {
    return schema::object({schema::required("status", schema::one_of({std::move(word)}))});
}

/// A page that is the same for everyone and changes rarely.
Response public_json(std::string body) {
    Response response = json_response(200, std::move(body));
    response.headers.emplace_back("Cache-Control", "public, max-age=300");
    return response;
}

}  // namespace

std::vector<Route> operator_routes(OperatorPages pages, Identity& identity) {
    const auto shared = std::make_shared<const OperatorPages>(std::move(pages));
    std::vector<Route> routes;
    routes.push_back(page(
        "health", std::string(health_pattern), "Whether the process lives",
        [](const Caller&, const Request&) -> Result<Response> {
            return json_response(200, R"({"status":"ok"})");
        },
        "application/json", [] { return status_schema("ok"); }));
    routes.push_back(page(
        "ready", std::string(ready_pattern), "Whether requests can be served",
        [shared](const Caller&, const Request&) -> Result<Response> {
            TRY(shared->ready());
            return json_response(200, R"({"status":"ready"})");
        },
        "application/json", [] { return status_schema("ready"); }));
    routes.push_back(page(
        "metrics", "/metrics", "Prometheus metrics",
        [shared](const Caller&, const Request& request) -> Result<Response> {
            return text_response("text/plain; version=0.0.4; charset=utf-8",
                                 TRY(shared->metrics(request)));
        },
        "text/plain"));
    routes.push_back(page(
        "openapi", "/openapi.json", "This document",
        [shared](const Caller&, const Request&) -> Result<Response> {
            return public_json(shared->openapi());
        },
        "application/json"));
    routes.push_back(page(
        "jwks", "/.well-known/jwks.json", "The keys that sign access tokens",
        [&identity](const Caller&, const Request&) -> Result<Response> {
            return public_json(identity.jwks());
        },
        "application/json"));
    routes.push_back(page(
        "openid_configuration", "/.well-known/openid-configuration", "OpenID Connect discovery",
        [&identity](const Caller&, const Request&) -> Result<Response> {
            return public_json(identity.openid_configuration());
        },
        "application/json"));
    return routes;
}

bool is_probe(const Route& route) {
    return route.pattern == health_pattern || route.pattern == ready_pattern;
}

}  // namespace souk::gateway
