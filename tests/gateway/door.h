#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "adapters/memory_identity/memory_identity.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"
#include "gateway/gateway.h"

/// What the gateway's tests stand on: two stores, one of each principal, and routes that the test
/// adds.
namespace souk::testing {

inline const StoreId shop = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAV");
inline const StoreId other_shop = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAW");
inline constexpr std::string_view catalog_key = "sk_catalog";

class TwoStores : public gateway::Tenants {
public:
    bool open = true;
    std::map<std::string, Role> roles;  // By user id, in `shop`.

    [[nodiscard]] Result<std::optional<Standing>> store(std::string_view name) const override {
        if (name == "shop" || name == shop.text()) {
            return Standing{shop, open};
        }
        return name == "other" ? std::optional(Standing{other_shop, true}) : std::nullopt;
    }
    [[nodiscard]] Result<std::optional<Role>> role_of(const StoreId& store,
                                                      const UserId& user) const override {
        const auto role = roles.find(user.text());
        return store == shop && role != roles.end() ? std::optional(role->second) : std::nullopt;
    }
    [[nodiscard]] Result<std::optional<Key>> api_key(std::string_view secret) const override {
        if (secret != catalog_key) {
            return std::nullopt;
        }
        return Key{
            shop, KeyId::trusted("key_1"), {Permission::catalog_read, Permission::catalog_write}};
    }
    [[nodiscard]] Result<bool> serves_host(const StoreId&, std::string_view host) const override {
        return host == "shop.example";
    }
};

class Door : public ::testing::Test {
protected:
    TestEnvironment test;
    MemoryIdentity identity{test.environment()};
    MemoryLedger ledger{test.clock};
    gateway::CommitEpochs epochs;
    gateway::TrackedLedger tracked{ledger, epochs};
    ServiceLedger table{tracked, "test", test.environment()};
    TwoStores tenants;
    std::vector<Route> routes;
    gateway::GatewayOptions options{.ordinary = {0, 1}, .sign_in = {0, 1}};
    std::unique_ptr<gateway::Gateway> gateway;

    Door() { ledger.observe(epochs); }

    static Route route(Method method, std::string pattern, Audiences audiences) {
        Route made;
        made.name = pattern;
        made.method = method;
        made.pattern = std::move(pattern);
        made.service = "test";
        made.audiences = audiences;
        made.handle = [](const Caller& caller, const Request&) -> Result<Response> {
            return json_response(200, cat("{\"who\":\"", caller.principal.id, "\"}"));
        };
        return made;
    }
    Response call(Method method, std::string target, std::vector<Parameter> headers = {},
                  std::string body = {}) {
        if (!gateway) {
            gateway = std::make_unique<gateway::Gateway>(routes, test.environment(), identity,
                                                         tenants, epochs, options);
        }
        Request request;
        request.method = method;
        const auto mark = target.find('?');
        request.path = target.substr(0, mark);
        request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
        request.headers = std::move(headers);
        request.body = std::move(body);
        request.peer = "192.0.2.1";
        return gateway->handle(std::move(request));
    }
    Response post(std::string target, std::string body, std::vector<Parameter> headers = {}) {
        headers.emplace_back("content-type", "application/json");
        return call(Method::post, std::move(target), std::move(headers), std::move(body));
    }
    /// A signed-in account's Authorization header.
    std::vector<Parameter> signed_in(const Realm& realm, std::string_view email) {
        const auto made = identity.sign_up(realm, email, "correct horse battery", "Name");
        EXPECT_TRUE(made);
        EXPECT_TRUE(identity.confirm_sign_up(realm, email, made->code.code));
        last_user = made->code.user.text();
        const auto tokens = identity.sign_in(realm, email, "correct horse battery", "");
        EXPECT_TRUE(tokens);
        return {{"authorization", "Bearer " + tokens->access_token}};
    }
    std::string last_user;

    static std::string code_of(const Response& response) {
        const auto document = JsonDocument::parse(response.text());
        return document ? document->root()["code"].text_or() : "";
    }
    static std::string header_of(const Response& response, std::string_view name) {
        for (const auto& [header, value] : response.headers) {
            if (header == name) {
                return value;
            }
        }
        return {};
    }
};

}  // namespace souk::testing
