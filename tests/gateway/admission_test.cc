#include "gateway/door.h"

namespace souk::testing {
namespace {

class Admittance : public Door {
protected:
    void SetUp() override {
        routes.push_back(route(Method::get, "/v1/stores/{store}/public", audience::anyone));
        routes.push_back(route(Method::get, "/v1/stores/{store}/mine", audience::customer));
        Route staff = route(Method::get, "/v1/stores/{store}/staff", audience::staff);
        staff.permission = Permission::catalog_read;
        routes.push_back(staff);
        staff.pattern = staff.name = "/v1/stores/{store}/money";
        staff.permission = Permission::orders_write;
        routes.push_back(staff);
        routes.push_back(route(Method::get, "/v1/me", audience::account));
        routes.push_back(route(Method::get, "/v1/admin/all", audience::platform));
    }
    int status(std::string target, std::vector<Parameter> headers = {}) {
        return call(Method::get, std::move(target), std::move(headers)).status;
    }
};

TEST_F(Admittance, AGuestReadsWhatIsPublicAndNothingElse) {
    EXPECT_EQ(status("/v1/stores/shop/public"), 200);
    EXPECT_EQ(status("/v1/stores/shop/mine"), 401);
    EXPECT_EQ(status("/v1/stores/shop/staff"), 401);
    EXPECT_EQ(status("/v1/me"), 401);
    EXPECT_EQ(status("/v1/admin/all"), 401);
}

TEST_F(Admittance, ACustomerIsSomebodyInTheOwnStoreAlone) {
    const auto headers = signed_in({shop}, "ada@example.com");
    EXPECT_EQ(status("/v1/stores/shop/mine", headers), 200);
    EXPECT_EQ(status("/v1/stores/other/mine", headers), 401);
    EXPECT_EQ(status("/v1/stores/other/public", headers), 401);
    EXPECT_EQ(status("/v1/stores/shop/staff", headers), 403);
    EXPECT_EQ(status("/v1/me", headers), 401);
}

TEST_F(Admittance, StaffMayWhatTheirRoleGrantsInTheStoreWhereTheyHoldIt) {
    const auto headers = signed_in({}, "staff@example.com");
    EXPECT_EQ(status("/v1/stores/shop/staff", headers), 403);
    tenants.roles[last_user] = Role::catalog;
    EXPECT_EQ(status("/v1/stores/shop/staff", headers), 200);
    EXPECT_EQ(status("/v1/stores/shop/money", headers), 403);
    EXPECT_EQ(status("/v1/stores/other/staff", headers), 403);
    EXPECT_EQ(status("/v1/stores/shop/mine", headers), 403);
    EXPECT_EQ(status("/v1/me", headers), 200);
    EXPECT_EQ(status("/v1/admin/all", headers), 403);
}

TEST_F(Admittance, ARoleThatIsTakenAwayIsGoneAtOnce) {
    const auto headers = signed_in({}, "staff@example.com");
    tenants.roles[last_user] = Role::owner;
    EXPECT_EQ(status("/v1/stores/shop/money", headers), 200);
    tenants.roles.clear();
    EXPECT_EQ(status("/v1/stores/shop/money", headers), 403);
}

TEST_F(Admittance, AKeyOpensItsScopesInItsStore) {
    const std::vector<Parameter> key{{"authorization", "Bearer sk_catalog"}};
    EXPECT_EQ(status("/v1/stores/shop/staff", key), 200);
    EXPECT_EQ(status("/v1/stores/shop/money", key), 403);
    EXPECT_EQ(status("/v1/stores/other/staff", key), 401);
    EXPECT_EQ(status("/v1/me", key), 403);
    EXPECT_EQ(status("/v1/stores/shop/staff", {{"authorization", "Bearer sk_unknown"}}), 401);
}

TEST_F(Admittance, APlatformAdministratorHasNoPowerInsideStores) {
    ASSERT_TRUE(
        identity.create_platform_admin("root@example.com", "correct horse battery", "Root"));
    const auto tokens = identity.sign_in({}, "root@example.com", "correct horse battery", "");
    const std::vector<Parameter> headers{{"authorization", "Bearer " + tokens->access_token}};
    EXPECT_EQ(status("/v1/admin/all", headers), 200);
    EXPECT_EQ(status("/v1/stores/shop/staff", headers), 403);
}

TEST_F(Admittance, AForgedCredentialIsRefusedEvenWhereNoneIsNeeded) {
    const auto refused =
        call(Method::get, "/v1/stores/shop/public", {{"authorization", "Bearer junk"}});
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(code_of(refused), "unauthenticated");
    EXPECT_FALSE(header_of(refused, "WWW-Authenticate").empty());
    EXPECT_EQ(status("/v1/stores/shop/public", {{"authorization", "Basic YTpi"}}), 401);
}

// The bug: who sent the expired token along, as clients do with every request, could not renew it.
TEST_F(Admittance, ACredentialBesideWhatTheBodyProvesIsNotLookedAt) {
    routes.push_back(route(Method::post, "/v1/stores/{store}/auth/renew", audience::by_body));
    const auto renewed = post("/v1/stores/shop/auth/renew", "", {{"authorization", "Bearer junk"}});
    EXPECT_EQ(renewed.status, 200);
    EXPECT_EQ(renewed.text(), R"({"who":""})");
    EXPECT_EQ(
        post("/v1/stores/shop/auth/renew", "", {{"authorization", "Bearer sk_catalog"}}).text(),
        R"({"who":""})");
}

// The bug: a slow read of DynamoDB kept all connections of the process waiting.
TEST_F(Admittance, NothingButTheProbesIsQuickWhereReadingWaits) {
    routes.push_back(route(Method::get, "/healthz", audience::anyone));
    routes.back().work = Admission::Work::quick;
    routes.push_back(route(Method::get, "/v1/stores/{store}/quick", audience::anyone));
    routes.back().work = Admission::Work::quick;
    for (const bool waits : {false, true}) {
        options.reads_wait = waits;
        gateway.reset();
        std::ignore = status("/v1/stores/shop/public");
        const auto work_of = [&](Method method, std::string path) {
            Request head;
            head.method = method;
            head.path = std::move(path);
            return gateway->admit(head).work;
        };
        using Work = Admission::Work;
        const Work reading = waits ? Work::blocking : Work::quick;
        EXPECT_EQ(work_of(Method::get, "/healthz"), Work::quick);
        EXPECT_EQ(work_of(Method::get, "/v1/stores/shop/quick"), reading);
        EXPECT_EQ(work_of(Method::options, "/v1/stores/shop/quick"), reading);
        EXPECT_EQ(work_of(Method::get, "/v1/stores/shop/public"), Work::blocking);
    }
}

TEST_F(Admittance, ASuspendedStoreIsClosedToShoppersAndReadOnlyToStaff) {
    routes.push_back(route(Method::get, "/v1/stores/{store}", audience::anyone));
    Route write = route(Method::post, "/v1/stores/{store}/staff", audience::staff);
    write.permission = Permission::catalog_read;
    routes.push_back(write);
    tenants.open = false;
    EXPECT_EQ(status("/v1/stores/shop"), 200);
    EXPECT_EQ(status("/v1/stores/shop/public"), 403);
    const std::vector<Parameter> key{{"authorization", "Bearer sk_catalog"}};
    EXPECT_EQ(status("/v1/stores/shop/staff", key), 200);
    EXPECT_EQ(post("/v1/stores/shop/staff", "", key).status, 403);
    // A staff account alone works for no store: anybody may sign up for one.
    EXPECT_EQ(status("/v1/stores/shop/public", signed_in(Realm{}, "anybody@example.com")), 403);
}

TEST_F(Admittance, MadeUpCredentialsAreCountedByTheirAddress) {
    options.ordinary = {1, 3};
    const auto with = [this](int i) {
        return status("/v1/stores/shop/staff", {{"authorization", cat("Bearer sk_made_up_", i)}});
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(with(i), 401);
    }
    EXPECT_EQ(with(4), 429);
    EXPECT_EQ(status("/v1/stores/shop/staff", {{"authorization", "Bearer sk_catalog"}}), 200);
}

TEST_F(Admittance, ACredentialIsNoWayAroundTheLimitOfSignIns) {
    options.sign_in = {1, 3};
    routes.push_back(route(Method::post, "/v1/auth/sign-in", audience::by_body));
    routes.back().throttle = Throttle::sign_in;
    const auto with = [this](int i) {
        return post("/v1/auth/sign-in", "", {{"authorization", cat("Bearer sk_made_up_", i)}})
            .status;
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(with(i), 200);
    }
    EXPECT_EQ(with(4), 429);
}

TEST_F(Admittance, AnUnknownStoreIsNotFound) {
    EXPECT_EQ(status("/v1/stores/nowhere/public"), 404);
}

}  // namespace
}  // namespace souk::testing
