#pragma once

#include "adapters/memory_identity/memory_identity.h"
#include "domain/users/routes.h"
#include "stores/desk.h"
#include "support/mortal_ledger.h"

namespace souk::testing {

inline constexpr std::string_view password = "correct horse";

/// People of two stores and of the staff, and their routes, on one ledger in memory.
struct Mall {
    TestEnvironment setting;
    MemoryLedger ledger{setting.clock};
    MortalLedger mortal{ledger};
    MemoryIdentity identity{setting.environment()};
    users::Users users{ServiceLedger(mortal, "users", setting.environment()),
                       AllStores::granted_by_composition_root(), identity};
    Desk desk{users::routes(users)};
    StoreId store = StoreId::trusted("store_00000000000000000000000001");
    StoreId other = StoreId::trusted("store_00000000000000000000000002");

    static std::string sign_up_body(std::string_view email) {
        return cat(R"({"email":")", email, R"(","password":")", password, R"(","name":"Ada"})");
    }
    static std::string email_body(std::string_view email) {
        return cat(R"({"email":")", email, "\"}");
    }
    static std::string code_body(std::string_view email, std::string_view code) {
        return cat(R"({"email":")", email, R"(","code":")", code, "\"}");
    }
    static std::string sign_in_body(std::string_view email, std::string_view secret = password) {
        return cat(R"({"email":")", email, R"(","password":")", secret, "\"}");
    }
    static std::string refresh_body(std::string_view token) {
        return cat(R"({"refresh_token":")", token, "\"}");
    }

    /// The code that the latest event of that type would have mailed.
    std::string mailed_code(std::string_view type = users::signed_up_event) {
        const auto events = events_of(ledger, type);
        CHECK(!events.empty());
        const auto document = JsonDocument::parse(events.back().body);
        const auto sealed = from_base64(document->root()["code_sealed"].text_or());
        const auto code =
            setting.crypto.open(setting.environment().key_for("codes"), sealed.value_or(""));
        EXPECT_TRUE(code);
        return code.value_or("");
    }
    /// A confirmed customer.
    UserId customer(const StoreId& of, std::string_view email) {
        const Caller guest = guest_of(of);
        EXPECT_TRUE(desk.call("customer_sign_up", guest, sign_up_body(email)));
        EXPECT_TRUE(desk.call("customer_confirm_sign_up", guest, code_body(email, mailed_code())));
        return identity.account_by_email({of}, email)->value().user;
    }
    Result<Response> sign_in(const StoreId& of, std::string_view email,
                             std::string_view secret = password) const {
        return desk.call("customer_sign_in", guest_of(of), sign_in_body(email, secret));
    }
    Caller with(const Caller& caller, std::string_view key, std::string_view body) const {
        return with_key(caller, setting.crypto, key, body);
    }
};

/// Both places that people sign in to.
struct Place {
    std::string_view prefix;  // Of the routes' names.
    bool in_store;

    [[nodiscard]] Caller guest(const Mall& mall) const {
        return guest_of(in_store ? std::optional(mall.store) : std::nullopt);
    }
    [[nodiscard]] Realm realm(const Mall& mall) const {
        return {in_store ? std::optional(mall.store) : std::nullopt};
    }
    [[nodiscard]] std::string route(std::string_view action) const { return cat(prefix, action); }
    [[nodiscard]] std::string source(const Mall& mall) const {
        return in_store ? cat("/stores/", mall.store.text(), "/users") : "/platform/users";
    }
};
inline constexpr std::array both_places{Place{"customer_", true}, Place{"staff_", false}};

}  // namespace souk::testing
