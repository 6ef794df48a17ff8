#include "gateway/door.h"

/// What the gateway says of a head whose body would be spooled: strangers filled the disk with
/// bodies that it would have refused.
namespace souk::testing {
namespace {

class Judging : public Door {
protected:
    void SetUp() override {
        Route import = route(Method::post, "/v1/stores/{store}/imports", audience::staff);
        import.permission = Permission::catalog_write;
        import.body_content_type = "text/csv";
        import.spool = true;
        import.idempotency = IdempotencyKey::honoured;
        import.handle = [this](const Caller&, const Request&) -> Result<Response> {
            ++handled;
            return empty_response(202);
        };
        routes.push_back(import);
        Route upload = route(Method::put, "/media/{store}/{object}", audience::anyone);
        upload.body_content_type = "*/*";
        upload.spool = true;
        upload.query = {{"signature", schema::text(1, 9), "Of the address."}};
        upload.judge = [](const Caller&, const Request& head) -> Result<void> {
            if (head.query_parameter("signature") != head.parameter("object")) {
                return fail(souk::errors::forbidden, "Not signed.");
            }
            return {};
        };
        routes.push_back(upload);
    }
    static Request head_of(Method method, std::string target, std::vector<Parameter> headers) {
        Request head;
        head.method = method;
        const auto mark = target.find('?');
        head.path = target.substr(0, mark);
        head.query = mark == std::string::npos ? "" : target.substr(mark + 1);
        head.headers = std::move(headers);
        head.peer = "192.0.2.1";
        return head;
    }
    gateway::Gateway& door() {
        if (!gateway) {
            gateway = std::make_unique<gateway::Gateway>(routes, test.environment(), identity,
                                                         tenants, epochs, options);
        }
        return *gateway;
    }
    /// Nothing is 0; what `handle` says of the same head is the same.
    int judged(Method method, const std::string& target, std::vector<Parameter> headers = {}) {
        const auto refusal = door().judge(head_of(method, target, headers));
        if (!refusal) {
            return 0;
        }
        EXPECT_EQ(handled, 0);
        EXPECT_FALSE(header_of(*refusal, "X-Request-Id").empty());
        const auto answer = door().handle(head_of(method, target, std::move(headers)));
        EXPECT_EQ(answer.status, refusal->status);
        EXPECT_EQ(code_of(answer), code_of(*refusal));
        return refusal->status;
    }
    int import(std::string_view store, std::vector<Parameter> headers) {
        headers.emplace_back("content-type", "text/csv");
        return judged(Method::post, cat("/v1/stores/", store, "/imports"), std::move(headers));
    }
    int upload(std::string_view query) {
        return judged(Method::put, cat("/media/s/picture", query));
    }

    const std::vector<Parameter> key{{"authorization", "Bearer sk_catalog"}};
    int handled = 0;
};

TEST_F(Judging, LetsInWhoMayCallTheRoute) {
    EXPECT_EQ(import("shop", key), 0);
    const auto staff = signed_in({}, "staff@example.com");
    tenants.roles[last_user] = Role::catalog;
    EXPECT_EQ(import("shop", staff), 0);
    EXPECT_EQ(handled, 0);
}

TEST_F(Judging, RefusesAStrangersImportByItsHead) {
    EXPECT_EQ(import("shop", {}), 401);
    EXPECT_EQ(import("shop", {{"authorization", "Bearer junk"}}), 401);
    EXPECT_EQ(import("shop", {{"authorization", "Bearer sk_unknown"}}), 401);
    EXPECT_EQ(import("other", key), 401);
    EXPECT_EQ(import("nowhere", key), 404);
    EXPECT_EQ(import("nowhere", {}), 404);
}

TEST_F(Judging, RefusesTheImportOfWhoMayNot) {
    EXPECT_EQ(import("shop", signed_in({shop}, "ada@example.com")), 403);
    const auto staff = signed_in({}, "staff@example.com");
    EXPECT_EQ(import("shop", staff), 403);
    tenants.roles[last_user] = Role::support;
    EXPECT_EQ(import("shop", staff), 403);
    tenants.open = false;
    EXPECT_EQ(import("shop", key), 403);
}

TEST_F(Judging, RefusesWhatTheRestOfTheHeadGetsWrong) {
    const std::string target = "/v1/stores/shop/imports";
    auto headers = key;
    headers.emplace_back("content-type", "application/json");
    EXPECT_EQ(judged(Method::post, target, headers), 415);
    headers.back().second = "text/csv";
    EXPECT_EQ(judged(Method::post, target + "?x=y", headers), 400);
    headers.emplace_back("idempotency-key", "no spaces here");
    EXPECT_EQ(judged(Method::post, target, headers), 400);
    EXPECT_EQ(judged(Method::post, "/v1/stores/%00/imports", key), 404);
}

TEST_F(Judging, AsksTheRouteForItsOwnSignature) {
    EXPECT_EQ(upload("?signature=picture"), 0);
    const auto refusal = door().judge(head_of(Method::put, "/media/s/picture?signature=x", {}));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 403);
    EXPECT_EQ(code_of(*refusal), "forbidden");
    EXPECT_EQ(upload("?signature=too-long-to-be-one"), 400);
    EXPECT_EQ(upload("?other=1"), 400);
}

TEST_F(Judging, CountsARefusedHeadAgainstItsAddress) {
    options.ordinary = {1, 3};
    const auto refused = [this] {
        const auto refusal = door().judge(head_of(Method::post, "/v1/stores/shop/imports", {}));
        return refusal ? refusal->status : 0;
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(refused(), 401);
    }
    EXPECT_EQ(refused(), 429);
}

TEST_F(Judging, CountsALargeBodyOnce) {
    options.ordinary = {1, 2};
    const auto head = [this] {
        auto headers = key;
        headers.emplace_back("content-type", "text/csv");
        return head_of(Method::post, "/v1/stores/shop/imports", std::move(headers));
    };
    for (int left = 1; left >= 0; --left) {
        ASSERT_FALSE(door().judge(head()));
        Request whole = head();
        whole.judged = true;
        const auto answer = door().handle(std::move(whole));
        EXPECT_EQ(answer.status, 202);
        EXPECT_EQ(header_of(answer, "RateLimit"),
                  cat("\"ordinary\";r=", left, ";t=", left > 0 ? 0 : 1));
    }
    const auto refusal = door().judge(head());
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 429);
    EXPECT_FALSE(header_of(*refusal, "Retry-After").empty());
    EXPECT_EQ(handled, 2);
}

TEST_F(Judging, IsRepeatedOnceTheBodyIsThere) {
    const auto staff = signed_in({}, "staff@example.com");
    tenants.roles[last_user] = Role::catalog;
    EXPECT_EQ(import("shop", staff), 0);
    tenants.roles.clear();
    Request whole = head_of(Method::post, "/v1/stores/shop/imports", staff);
    whole.judged = true;
    EXPECT_EQ(door().handle(std::move(whole)).status, 403);
    EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace souk::testing
