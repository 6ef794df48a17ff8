#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/environment.h"
#include "domain/ports/http.h"
#include "domain/ports/identity.h"
#include "domain/ports/route.h"
#include "gateway/keys_in_flight.h"
#include "gateway/page_cache.h"
#include "gateway/router.h"
#include "gateway/tenants.h"
#include "gateway/throttle.h"

/// The front door: matches, throttles, authenticates, authorises, validates, and lets the services'
/// handlers answer.
namespace souk::gateway {

struct GatewayOptions {
    /// Of one address, customer or key.
    Rate ordinary{.per_second = 500, .burst = 5000};
    /// Of one address, for sign-in, sign-up and codes; the accounts have stricter limits of their
    /// own.
    Rate sign_in{.per_second = 10, .burst = 200};
    std::size_t page_cache_bytes_max = 64 * 1024 * 1024;
    /// Whether reading asks a service over the network, so that no route is quick but the probes.
    bool reads_wait = false;
    /// Whether each answered request is a notice in the log.
    bool log_requests = false;
};

class Gateway : public HttpApplication {
public:
    /// All references outlive the gateway. `epochs` must observe the ledger, and services must read
    /// through a TrackedLedger of the same epochs, or pages would go stale.
    Gateway(std::vector<Route> routes, Environment environment, Identity& identity,
            const Tenants& tenants, const CommitEpochs& epochs, GatewayOptions options);

    [[nodiscard]] Admission admit(const Request& head) const override;
    /// All that `handle` finds out from the head, in its order, and the route's own judgement.
    [[nodiscard]] std::optional<Response> judge(const Request& head) override;
    [[nodiscard]] Response handle(Request request) override;
    [[nodiscard]] Response refuse(int status, std::string_view detail,
                                  const Request* head) const override;
    [[nodiscard]] const std::vector<Route>& routes() const { return router_.routes(); }

private:
    struct Visit;  // One request's way through the gateway.

    [[nodiscard]] Response dispatch(Visit& visit);
    void begin(Visit& visit) const;
    [[nodiscard]] Result<Response> serve(Visit& visit);
    [[nodiscard]] Result<Response> serve_unrouted(Visit& visit);
    /// The route, who calls, and whether they may call it so. Requires that a route matches.
    [[nodiscard]] Result<void> check_head(Visit& visit);
    [[nodiscard]] Result<void> judge_head(Visit& visit);
    /// Renders and logs what came of it.
    [[nodiscard]] Response answered(const Visit& visit, Result<Response> served) const;
    void count(const Visit& visit, const Response& response,
               std::chrono::steady_clock::time_point started) const;
    /// To the log, where that is wanted.
    void log(const Visit& visit, Response& response,
             std::chrono::steady_clock::time_point started) const;
    [[nodiscard]] Result<void> admit_to_store(Visit& visit) const;
    [[nodiscard]] Result<void> throttle(Visit& visit, const Route* route, const std::string& who);
    /// A refusal of the route's own, such as an account's: its limit, not the one that let it in.
    static void name_other_limit(Visit& visit, const Error& refusal);
    /// Whose store and who: errors as of a store or a credential that is not one.
    [[nodiscard]] Result<void> identify(Visit& visit) const;
    [[nodiscard]] Result<Response> call(Visit& visit);
    [[nodiscard]] Result<Response> call_once(Visit& visit);
    [[nodiscard]] Response cached(Visit& visit, const Response& page);
    [[nodiscard]] static Response preflight();
    [[nodiscard]] std::optional<StoreId> store_of(const Visit& visit) const;
    void finish(const Visit& visit, Response& response) const;
    void allow_origin(const Visit& visit, Response& response) const;

    Router router_;
    Environment environment_;
    Identity& identity_;
    const Tenants& tenants_;
    GatewayOptions options_;
    Throttle ordinary_;
    Throttle sign_in_;
    PageCache pages_;
    KeysInFlight in_flight_;
};

}  // namespace souk::gateway
