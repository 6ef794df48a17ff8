#include "apps/souk/demo.h"

#include <csignal>
#include <cstdio>
#include <thread>

#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/http_client/public_http_client.h"
#include "apps/souk/catalogues.h"
#include "apps/souk/running_home.h"
#include "domain/base/json.h"
#include "domain/base/money.h"
#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::app {

namespace {

constexpr std::string_view owner_email = "owner@souk.example";

struct DemoStore {
    std::string slug;
    std::string settings;  // The body of POST /v1/stores.
    std::string_view catalogue;
};

std::vector<DemoStore> demo_stores() {
    return {
        {"medina",
         R"({"slug":"medina","name":"Medina Spice & Tea","currency":"EUR","locale":"en-IE",)"
         R"("tax":{"rate_basis_points":2100,"included":true},"shipping_methods":[)"
         R"({"id":"standard","name":"Standard, 3 days","price":{"amount":490,"currency":"EUR"}},)"
         R"({"id":"express","name":"Express, next day","price":{"amount":990,"currency":"EUR"}}]})",
         catalogues::medina},
        {"kumo",
         R"({"slug":"kumo","name":"Kumo Stationery","currency":"JPY","locale":"ja-JP",)"
         R"("tax":{"rate_basis_points":1000,"included":false},"shipping_methods":[)"
         R"({"id":"post","name":"Yu-Pack","price":{"amount":800,"currency":"JPY"}}]})",
         catalogues::kumo}};
}

/// Talks to the API as any client would.
class Walk {
public:
    Walk(HttpClient& client, const Crypto& crypto, std::uint16_t port)
        : client_(client), crypto_(crypto), base_(cat("http://127.0.0.1:", port)) {}

    void sign_in_with(std::string token) { token_ = std::move(token); }
    void sign_out() { token_.clear(); }

    /// The answer's JSON. Errors: what the API refused, in its own words.
    Result<JsonDocument> call(std::string_view method, std::string_view path, std::string body = {},
                              std::string_view content_type = "application/json",
                              std::string_view prefer = {}) {
        OutgoingRequest request;
        request.method = method;
        request.url = cat(base_, path);
        request.timeout = std::chrono::seconds(30);
        if (!body.empty()) {
            request.headers.emplace_back("Content-Type", content_type);
        }
        if (!token_.empty()) {
            request.headers.emplace_back("Authorization", cat("Bearer ", token_));
        }
        if (!prefer.empty()) {
            request.headers.emplace_back("Prefer", prefer);
        }
        if (method == "POST") {
            request.headers.emplace_back("Idempotency-Key", to_hex(crypto_.random(16)));
        }
        request.body = std::move(body);
        const auto answer = TRY(client_.send(request));
        std::printf("  %-6s %-58s %d\n", std::string(method).c_str(), std::string(path).c_str(),
                    answer.status);
        if (answer.status >= 400) {
            return fail(souk::errors::unavailable,
                        cat(method, ' ', path, " answered ", answer.status, ": ", answer.body));
        }
        return JsonDocument::parse(answer.body.empty() ? "{}" : answer.body);
    }

private:
    HttpClient& client_;
    const Crypto& crypto_;
    std::string base_;
    std::string token_;
};

Result<void> fill_store(Walk& walk, const DemoStore& store) {
    TRY(walk.call("POST", "/v1/stores", store.settings));
    const std::string below = cat("/v1/stores/", store.slug);
    const auto import =
        TRY(walk.call("POST", cat(below, "/imports"), std::string(store.catalogue), "text/csv"));
    const std::string id = import.root()["id"].text_or();
    for (int i = 0; i < 100; ++i) {
        const auto now = TRY(walk.call("GET", cat(below, "/imports/", id)));
        const std::string status = now.root()["status"].text_or();
        if (status == "completed") {
            std::printf("         %lld products created\n",
                        static_cast<long long>(now.root()["products_created"].integer_or(0)));
            return {};
        }
        if (status == "failed") {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return fail(souk::errors::unavailable, "The import did not complete.");
}

std::string priced(JsonView money) {
    const auto currency = Currency::parse(money["currency"].text_or());
    return currency
               ? cat(to_decimal({*currency, money["amount"].integer_or(0)}), ' ', currency->code())
               : "?";
}

long long available(const JsonDocument& product) {
    return product.root()["variants"].at(0)["available"].integer_or(-1);
}

/// A guest buys two things, one of them the only one there is.
Result<void> buy(Walk& walk) {
    const std::string store = "/v1/stores/medina";
    const auto product = TRY(walk.call("GET", cat(store, "/products/last-lantern")));
    std::printf("         %s for %s, %lld available\n", product.root()["title"].text_or().c_str(),
                priced(product.root()["variants"].at(0)["price"]).c_str(), available(product));
    auto cart = TRY(walk.call("POST", cat(store, "/carts")));
    const std::string cart_path = cat(store, "/carts/", cart.root()["id"].text_or());
    const std::string cart_id = cart.root()["id"].text_or();
    TRY(walk.call("POST", cat(cart_path, "/items"), R"({"sku":"LAN-1","quantity":1})"));
    TRY(walk.call("POST", cat(cart_path, "/items"), R"({"sku":"GUN-100","quantity":2})"));
    TRY(walk.call("PUT", cat(cart_path, "/email"), R"({"email":"shopper@example.com"})"));
    TRY(walk.call(
        "PUT", cat(cart_path, "/shipping-address"),
        R"({"name":"Amina Benali","line1":"12 Rue des Teinturiers","city":"Dublin","country":"IE"})"));
    cart = TRY(walk.call("PATCH", cart_path, R"({"shipping_method_id":"standard"})"));
    std::printf("         cart total %s, of which tax %s\n",
                priced(cart.root()["totals"]["total"]).c_str(),
                priced(cart.root()["totals"]["tax"]).c_str());
    const auto order = TRY(
        walk.call("POST", cat(store, "/orders"),
                  cat(R"({"cart_id":")", cart_id, R"(","cart_version":)",
                      cart.root()["version"].integer_or(0), R"(,"payment":{"provider":"manual"}})"),
                  "application/json", "wait=10"));
    std::printf("         order %lld is %s, payment %s\n",
                static_cast<long long>(order.root()["number"].integer_or(0)),
                order.root()["status"].text_or().c_str(),
                order.root()["payment"]["status"].text_or().c_str());
    const auto after = TRY(walk.call("GET", cat(store, "/products/last-lantern")));
    std::printf("         the last lantern: %lld available\n", available(after));
    return {};
}

void print_what_to_try(const std::string& issuer, const std::string& password) {
    std::printf(
        "\nTry, once it serves:\n"
        "  curl -s %s/v1/stores/medina\n"
        "  curl -s '%s/v1/stores/medina/products?q=tea&sort=price'\n"
        "  curl -s %s/v1/stores/kumo/products/fountain-pen\n"
        "  curl -s -X POST %s/v1/auth/sign-in -H 'Content-Type: application/json' \\\n"
        "       -d '{\"email\":\"%s\",\"password\":\"%s\"}'\n",
        issuer.c_str(), issuer.c_str(), issuer.c_str(), issuer.c_str(),
        std::string(owner_email).c_str(), password.c_str());
}

}  // namespace

Result<void> demo(const Config& config) {
    std::signal(SIGPIPE, SIG_IGN);
    Config own = config;
    own.address = "127.0.0.1";
    own.public_url = config.issuer();
    own.port = 0;
    own.log_level = "warning";
    const OpensslCrypto crypto;
    const auto running = TRY(RunningHome::start(own));
    const auto client = TRY(PublicHttpClient::make({.policy = TargetPolicy::any}));
    Walk walk(*client, crypto, running->port());

    const std::string password = to_base32(crypto.random(10));
    TRY(running->home().services().users().create_platform_admin(owner_email, password,
                                                                 "Demo Owner"));
    std::printf("Two stores:\n");
    const auto tokens =
        TRY(walk.call("POST", "/v1/auth/sign-in",
                      cat(R"({"email":")", owner_email, R"(","password":")", password, R"("})")));
    walk.sign_in_with(tokens.root()["access_token"].text_or());
    for (const auto& store : demo_stores()) {
        TRY(fill_store(walk, store));
    }
    std::printf("A guest buys:\n");
    walk.sign_out();
    TRY(buy(walk));
    print_what_to_try(own.public_url, password);
    return {};
}

}  // namespace souk::app
