#include "gateway/gateway.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/ports/request_head.h"
#include "gateway/authentication.h"
#include "gateway/operator_routes.h"
#include "gateway/problem.h"
#include "gateway/request_log.h"
#include "gateway/request_reading.h"
#include "gateway/response_headers.h"

namespace souk::gateway {

struct Gateway::Visit {
    Request request;
    Router::Match match;
    const Route* route = nullptr;  // Once it may be served.
    Caller caller;
    bool store_open = true;
    std::string page_key;
    std::vector<Parameter> headers;  // For the response, whatever it will be.
};

namespace {

std::string digest_of(const Response& page, const Crypto& crypto) {
    return to_hex(crypto.sha256(page.text()).substr(0, 8));
}

/// A tag that changes with every byte of the page, and that still tells If-Match the version: stock
/// moves a product's page without raising its version.
void tag_page(Response& page, const Crypto& crypto) {
    std::string version(header_of(page, "ETag"));
    version.erase(std::min(version.find('-'), version.size()));
    std::erase(version, '"');
    set_header(page, "ETag",
               cat('"', version.empty() ? "0" : version, '-', digest_of(page, crypto), '"'));
    set_header(page, "Cache-Control", "public, max-age=5");
    set_header(page, "Vary", "Authorization, Origin");
}

bool is_page(const Route& route, const Request& request) {
    return route.caching == Caching::page && request.header("authorization").empty();
}

/// Whether it works for the request's store: a staff account alone is anybody's who signs up.
bool is_of_store(const Principal& principal) {
    return principal.kind == Principal::Kind::api_key ||
           (principal.kind == Principal::Kind::staff && principal.role.has_value());
}

/// Empty where it is no web page's.
std::string_view host_of(std::string_view origin) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (origin.starts_with(scheme)) {
            origin.remove_prefix(scheme.size());
            return origin.substr(0, origin.find(':'));
        }
    }
    return {};
}

}  // namespace

Gateway::Gateway(std::vector<Route> routes, Environment environment, Identity& identity,
                 const Tenants& tenants, const CommitEpochs& epochs, GatewayOptions options)
    : router_(std::move(routes)),
      environment_(std::move(environment)),
      identity_(identity),
      tenants_(tenants),
      options_(options),
      ordinary_(options.ordinary),
      sign_in_(options.sign_in),
      pages_(epochs, options.page_cache_bytes_max) {}

Admission Gateway::admit(const Request& head) const {
    const Route* route = router_.find(head.method, head.path);
    // Of the network, a thread that serves connections must not wait: it would keep waiting all.
    const bool waits = options_.reads_wait && (route == nullptr || !is_probe(*route));
    const auto quick = waits ? Admission::Work::blocking : Admission::Work::quick;
    if (route == nullptr) {
        return {.work = quick, .body_max = 1024 * 1024, .spool = false};
    }
    return {.work = route->work == Admission::Work::quick ? quick : route->work,
            .body_max = route->body_max,
            .spool = route->spool};
}

Response Gateway::refuse(int status, std::string_view detail, const Request* head) const {
    Visit visit;
    visit.request = head != nullptr ? head_of(*head) : Request{.method = Method::unknown};
    visit.caller.request_id = read_request_id(visit.request, environment_);
    Response response = render_problem(Error{code_for_refusal(status), std::string(detail)},
                                       visit.request.path, visit.caller.request_id);
    finish(visit, response);
    log(visit, response, std::chrono::steady_clock::now());
    return response;
}

Response Gateway::handle(Request request) {
    Visit visit;
    visit.request = std::move(request);
    const auto started = std::chrono::steady_clock::now();
    Response response = dispatch(visit);
    count(visit, response, started);
    log(visit, response, started);
    return response;
}

std::optional<Response> Gateway::judge(const Request& head) {
    Visit visit;
    visit.request = head_of(head);
    const auto started = std::chrono::steady_clock::now();
    begin(visit);
    auto judged = judge_head(visit);
    if (judged) {
        return std::nullopt;  // It is counted and traced when it is handled.
    }
    Response response = answered(visit, fail(std::move(judged).error()));
    count(visit, response, started);
    log(visit, response, started);
    return response;
}

void Gateway::count(const Visit& visit, const Response& response,
                    std::chrono::steady_clock::time_point started) const {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - started);
    const std::string_view name =
        visit.route == nullptr ? "none" : std::string_view(visit.route->name);
    const std::string status = cat(response.status);
    environment_.telemetry.count("souk_http_requests_total", 1,
                                 {{"route", name}, {"status", status}});
    environment_.telemetry.time("souk_http_request_seconds", took, {{"route", name}});
}

void Gateway::log(const Visit& visit, Response& response,
                  std::chrono::steady_clock::time_point started) const {
    if (!options_.log_requests) {
        return;
    }
    const Route* const route = visit.match.route != nullptr
                                   ? visit.match.route
                                   : router_.find(visit.request.method, visit.request.path);
    // A kept page was answered before its store was looked for. A refusal is not worth a read.
    const bool known = visit.caller.store || response.status >= 400;
    log_when_answered(environment_.telemetry,
                      {.request = visit.request,
                       .caller = visit.caller,
                       .route = route == nullptr ? "none" : std::string_view(route->name),
                       .store = known ? visit.caller.store : store_of(visit),
                       .started = started},
                      response);
}

Response Gateway::dispatch(Visit& visit) {
    // The hottest path first: a page that anyone may read and that nothing has touched.
    if (visit.request.method == Method::get && visit.request.header("authorization").empty() &&
        visit.request.header("origin").empty()) {
        visit.page_key = cat(visit.request.path, '?', visit.request.query);
        if (const auto page = pages_.find(visit.page_key)) {
            return cached(visit, *page);
        }
    }
    begin(visit);
    // Not by its path, which may hold what only its owner may know: a cart is opened by its id.
    const Route* const route = visit.match.route;
    auto span =
        environment_.telemetry.span(route == nullptr ? "none" : std::string_view(route->name),
                                    visit.request.header("traceparent"));
    visit.caller.traceparent = span->traceparent();
    auto served = serve(visit);
    if (const int status = served ? served->status : status_of(served.error().code);
        status >= 500) {
        span->failed(served ? "5xx" : served.error().code.name);
    }
    return answered(visit, std::move(served));
}

void Gateway::begin(Visit& visit) const {
    visit.caller.request_id = read_request_id(visit.request, environment_);
    visit.match = router_.match(visit.request.method, visit.request.path);
}

Response Gateway::answered(const Visit& visit, Result<Response> served) const {
    const auto fault = served ? std::nullopt : std::optional(served.error());
    Response response = fault ? render_problem(*fault, visit.request.path, visit.caller.request_id)
                              : *std::move(served);
    if (response.status >= 500) {
        const std::string_view code = fault ? fault->code.name : "5xx";
        environment_.telemetry.log(
            LogLevel::error, "request failed",
            {{"request_id", visit.caller.request_id},
             {"route", visit.route == nullptr ? "none" : std::string_view(visit.route->name)},
             {"code", code},
             {"detail", fault ? std::string_view(fault->detail) : std::string_view{}}});
    }
    finish(visit, response);
    return response;
}

Response Gateway::cached(Visit& visit, const Response& page) {
    visit.caller.request_id = read_request_id(visit.request, environment_);
    const auto admitted = throttle(visit, nullptr, client_at(visit.request.peer));
    Response response =
        admitted ? page
                 : render_problem(admitted.error(), visit.request.path, visit.caller.request_id);
    finish(visit, response);
    return response;
}

Result<void> Gateway::judge_head(Visit& visit) {
    if (visit.match.route == nullptr) {
        TRY(serve_unrouted(visit));
        return {};
    }
    TRY(check_head(visit));
    TRY(read_body(*visit.route, visit.request));
    TRY(read_idempotency(*visit.route, visit.request, visit.caller, environment_));
    return visit.route->judge ? visit.route->judge(visit.caller, visit.request) : Result<void>{};
}

Result<Response> Gateway::serve_unrouted(Visit& visit) {
    const Router::Match& match = visit.match;
    // A preflight is not counted: it shows no credential, and where the address has used its limit
    // up, a browser would not send the request whose own limit is another's.
    const bool is_preflight = visit.request.method == Method::options && !match.allowed.empty();
    if (!is_preflight) {
        TRY(throttle(visit, nullptr, client_at(visit.request.peer)));
    }
    if (match.allowed.empty()) {
        return fail(errors::route_not_found, "There is no such route.");
    }
    std::string allowed = "OPTIONS";
    for (const Method method : match.allowed) {
        allowed += cat(", ", name_of(method), method == Method::get ? ", HEAD" : "");
    }
    visit.headers.emplace_back("Allow", allowed);
    if (is_preflight) {
        return preflight();
    }
    return fail(errors::method_not_allowed, cat("This route allows ", allowed, "."));
}

Result<void> Gateway::check_head(Visit& visit) {
    Router::Match& match = visit.match;
    // Whoever shows a credential for a route of his own is counted by name, once that is proven: an
    // office behind one address is not one client, and made-up credentials are no names.
    const bool by_credential = !visit.request.header("authorization").empty();
    const bool by_name = by_credential && match.route->throttle == souk::Throttle::ordinary;
    // A probe is never turned away: it would take the process for dead. With a credential it is a
    // request like any other, or here one could guess them without end.
    const bool is_free = !by_credential && is_probe(*match.route);
    if (!by_name && !is_free) {
        TRY(throttle(visit, match.route, client_at(visit.request.peer)));
    }
    visit.route = match.route;
    visit.request.path_parameters = std::move(match.parameters);
    const auto identified = identify(visit);
    if (by_name) {
        const std::string& name = visit.caller.principal.id;
        TRY(throttle(visit, visit.route,
                     identified && !name.empty() ? name : client_at(visit.request.peer)));
    }
    TRY(identified);
    TRY(authorise(*visit.route, visit.caller.principal));
    if (!visit.store_open && visit.route->pattern != "/v1/stores/{store}" &&
        !(is_of_store(visit.caller.principal) && visit.route->method == Method::get)) {
        return fail(errors::store_suspended, "This store is closed for now.");
    }
    // Before the body's mistakes: without a key, nothing that is sent would be done.
    TRY(require_idempotency_key(*visit.route, visit.request));
    visit.request.query_parameters = TRY(read_query(*visit.route, visit.request.query));
    if (visit.route->if_match) {
        visit.caller.if_match = TRY(read_if_match(visit.request));
    }
    return {};
}

Result<Response> Gateway::serve(Visit& visit) {
    if (visit.match.route == nullptr) {
        return serve_unrouted(visit);
    }
    TRY(check_head(visit));
    visit.request.document = TRY(read_body(*visit.route, visit.request));
    visit.caller.idempotency =
        TRY(read_idempotency(*visit.route, visit.request, visit.caller, environment_));
    auto answer = visit.caller.idempotency ? call_once(visit) : call(visit);
    if (!answer && answer.error().code == souk::errors::rate_limited) {
        name_other_limit(visit, answer.error());
    }
    return answer;
}

void Gateway::name_other_limit(Visit& visit, const Error& refusal) {
    const auto member = [&](std::string_view name) {
        const auto found = std::ranges::find(refusal.members, name, &Parameter::first);
        return found == refusal.members.end() ? std::string() : found->second;
    };
    std::erase_if(visit.headers,
                  [](const Parameter& header) { return header.first.starts_with("RateLimit"); });
    if (!member("limit").empty()) {
        visit.headers.emplace_back("RateLimit-Policy",
                                   cat("\"account\";q=", member("limit"), ";w=", member("window")));
    }
    visit.headers.emplace_back("RateLimit", cat("\"account\";r=0;t=", member("retry_after")));
}

Result<void> Gateway::identify(Visit& visit) const {
    TRY(admit_to_store(visit));
    if (!visit.route->audiences.by_body) {
        visit.caller.principal =
            TRY(authenticate(visit.request, visit.caller.store, identity_, tenants_));
    }
    return {};
}

Result<void> Gateway::throttle(Visit& visit, const Route* route, const std::string& who) {
    const bool strict = route != nullptr && route->throttle != souk::Throttle::ordinary;
    auto& limiter = strict ? sign_in_ : ordinary_;
    // Whoever was let in with a large body was counted then: it is not refused for its arrival.
    const auto verdict = visit.request.judged ? limiter.standing(who, environment_.now())
                                              : limiter.take(who, environment_.now());
    if (limiter.rate().per_second > 0) {
        visit.headers.emplace_back(
            "RateLimit-Policy",
            cat("\"", strict ? "sign-in" : "ordinary", "\";q=", limiter.rate().burst, ";w=",
                std::max<std::int64_t>(1, limiter.rate().burst / limiter.rate().per_second)));
        visit.headers.emplace_back(
            "RateLimit", cat("\"", strict ? "sign-in" : "ordinary", "\";r=", verdict.remaining,
                             ";t=", verdict.retry_after_s));
    }
    if (!verdict.allowed) {
        return fail(Error{souk::errors::rate_limited,
                          "Too many requests.",
                          {},
                          {{"retry_after", cat(verdict.retry_after_s)}}});
    }
    return {};
}

Result<void> Gateway::admit_to_store(Visit& visit) const {
    const auto named = std::ranges::find(visit.request.path_parameters, "store", &Parameter::first);
    // Only routes below S are of a store; `{store}` elsewhere (administration) is an id like any
    // other.
    if (named == visit.request.path_parameters.end() ||
        !visit.route->pattern.starts_with("/v1/stores/{store}")) {
        return {};
    }
    const auto standing = TRY(tenants_.store(named->second));
    if (!standing) {
        return fail(souk::errors::not_found, "There is no such store.");
    }
    visit.caller.store = standing->id;
    visit.store_open = standing->open;
    return {};
}

Result<Response> Gateway::call(Visit& visit) {
    if (!is_page(*visit.route, visit.request)) {
        Response answer = TRY(visit.route->handle(visit.caller, visit.request));
        if (visit.route->caching == Caching::page && answer.status == 200) {
            // A page, but one that may show its caller more.
            set_header(answer, "Cache-Control", "private, no-cache");
            set_header(answer, "Vary", "Authorization, Origin");
        }
        return answer;
    }
    TrackedLedger::Recording recording;
    // The store's standing was read before the recording; it is read again, as part of the page.
    if (visit.caller.store && pages_.keeps()) {
        TRY(tenants_.store(visit.caller.store->text()));
        TRY(tenants_.store(visit.request.parameter("store")));
    }
    Response page = TRY(visit.route->handle(visit.caller, visit.request));
    if (page.status == 200 && page.body) {
        tag_page(page, environment_.crypto);
        auto made_from = recording.seen();
        if (made_from && !visit.page_key.empty()) {
            pages_.keep(visit.page_key, page, *std::move(made_from));
        }
    }
    return page;
}

Result<Response> Gateway::call_once(Visit& visit) {
    const auto flight = in_flight_.begin(visit.caller.idempotency->scope);
    if (!flight) {
        // How much longer the first takes, nobody knows; most take far less.
        return fail(Error{errors::idempotency_key_in_flight,
                          "The first request with this Idempotency-Key is still being answered.",
                          {},
                          {{"retry_after", "1"}}});
    }
    auto answer = call(visit);
    if (answer && answer->deferred) {
        // In flight until it is given, or nobody waits for it any more.
        auto later = std::make_shared<Deferred>(*answer->deferred);
        later->poll = [poll = answer->deferred->poll, flight]() -> std::optional<Response> {
            auto better = poll();
            if (better) {
                flight->end();  // Before it is sent: the client may repeat it at once.
            }
            return better;
        };
        answer->deferred = std::move(later);
    }
    return answer;
}

Response Gateway::preflight() {
    Response response = empty_response(204);
    response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Authorization, Content-Type, Idempotency-Key, If-Match, "
                                  "If-None-Match, Prefer, X-Order-Token, "
                                  "X-Request-Id, traceparent");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
    return response;
}

/// Also for answers that were decided before the store was looked for: its name follows a fixed
/// prefix.
std::optional<StoreId> Gateway::store_of(const Visit& visit) const {
    if (visit.caller.store) {
        return visit.caller.store;
    }
    const std::string_view path = visit.request.path;
    for (const std::string_view prefix : {"/v1/stores/", "/media/"}) {
        if (path.starts_with(prefix)) {
            const auto rest = path.substr(prefix.size());
            const auto standing = tenants_.store(rest.substr(0, rest.find('/')));
            return standing && *standing ? std::optional((*standing)->id) : std::nullopt;
        }
    }
    return std::nullopt;
}

void Gateway::allow_origin(const Visit& visit, Response& response) const {
    const std::string_view origin = visit.request.header("origin");
    const auto store = origin.empty() ? std::nullopt : store_of(visit);
    if (!store) {
        return;
    }
    const auto serves = tenants_.serves_host(*store, host_of(origin));
    if (serves && *serves) {
        response.headers.emplace_back("Access-Control-Allow-Origin", origin);
        response.headers.emplace_back("Access-Control-Expose-Headers",
                                      "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, "
                                      "Idempotent-Replayed, Preference-Applied, X-Request-Id");
    }
    if (header_of(response, "Vary").empty()) {
        response.headers.emplace_back("Vary", "Origin");
    }
}

void Gateway::finish(const Visit& visit, Response& response) const {
    const bool reading =
        visit.request.method == Method::get || visit.request.method == Method::head;
    if (reading && response.status == 200 && response.body &&
        !header_of(response, "Cache-Control").empty() && header_of(response, "ETag").empty()) {
        response.headers.emplace_back("ETag",
                                      cat('"', digest_of(response, environment_.crypto), '"'));
    }
    if (reading && response.status == 200 &&
        none_match_hit(visit.request, header_of(response, "ETag"))) {
        auto headers = std::move(response.headers);
        response = empty_response(304);
        response.headers = std::move(headers);
    }
    response.headers.insert(response.headers.end(), visit.headers.begin(), visit.headers.end());
    response.headers.emplace_back("X-Request-Id", visit.caller.request_id);
    set_header(response, "X-Content-Type-Options", "nosniff");
    if (header_of(response, "Cache-Control").empty()) {
        response.headers.emplace_back("Cache-Control", "no-store");
    }
    allow_origin(visit, response);
    if (response.deferred) {
        auto later = std::make_shared<Deferred>(*response.deferred);
        later->poll = [poll = response.deferred->poll,
                       carried = response.headers]() -> std::optional<Response> {
            auto better = poll();
            if (better) {
                for (const auto& [name, value] : carried) {
                    if (header_of(*better, name).empty() && name != "ETag") {
                        better->headers.emplace_back(name, value);
                    }
                }
            }
            return better;
        };
        response.deferred = std::move(later);
    }
}

}  // namespace souk::gateway
