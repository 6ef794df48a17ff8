#include "gateway/request_log.h"

#include "gateway/door.h"

/// The line that the log has of each answered request, where that is wanted.
namespace souk::testing {
namespace {

constexpr std::string_view trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class RequestLog : public Door {
protected:
    void SetUp() override {
        options.log_requests = true;
        Route cart = route(Method::get, "/v1/stores/{store}/carts/{cart}", audience::anyone);
        cart.name = "cart.read";
        routes.push_back(cart);
        Route page = route(Method::get, "/v1/stores/{store}/page", audience::anyone);
        page.name = "page";
        page.caching = Caching::page;
        routes.push_back(page);
        Route broken = route(Method::get, "/broken", audience::anyone);
        broken.handle = [](const Caller&, const Request&) -> Result<Response> {
            return fail(souk::errors::ledger_unavailable, "as told");
        };
        routes.push_back(broken);
        routes.push_back(waiting());
    }
    /// Answers 202, and 201 once it is settled.
    Route waiting() {
        Route orders = route(Method::post, "/v1/stores/{store}/orders", audience::anyone);
        orders.name = "order.place";
        orders.handle = [this](const Caller&, const Request&) -> Result<Response> {
            auto response = empty_response(202);
            auto later = std::make_shared<Deferred>();
            later->poll = [this]() -> std::optional<Response> {
                return settled_ ? std::optional(empty_response(201)) : std::nullopt;
            };
            response.deferred = later;
            return response;
        };
        return orders;
    }
    [[nodiscard]] std::vector<std::map<std::string, std::string>> requests() const {
        std::vector<std::map<std::string, std::string>> all;
        for (const auto& line : test.telemetry.lines()) {
            if (line.message == "request") {
                EXPECT_EQ(line.level, LogLevel::notice);
                all.push_back(line.labels);
            }
        }
        return all;
    }
    [[nodiscard]] std::string last(const std::string& label) const {
        const auto all = requests();
        return all.empty() || !all.back().contains(label) ? "?" : all.back().at(label);
    }

    bool settled_ = false;
};

TEST_F(RequestLog, TellsWhatOneWouldFollowARequestBy) {
    call(Method::get, "/v1/stores/shop/carts/cart_1",
         {{"x-request-id", "mine"}, {"traceparent", std::string(trace)}});
    auto all = requests();
    ASSERT_EQ(all.size(), 1U);
    const std::string took = all[0]["duration_ms"];
    EXPECT_EQ(took.find('.'), took.size() - 4) << took;
    all[0].erase("duration_ms");
    EXPECT_EQ(all[0], (std::map<std::string, std::string>{{"request_id", "mine"},
                                                          {"traceparent", std::string(trace)},
                                                          {"method", "GET"},
                                                          {"route", "cart.read"},
                                                          {"status", "200"},
                                                          {"store", std::string(shop.text())},
                                                          {"client", "192.0.2.1"}}));
}

TEST_F(RequestLog, TellsNeverThePathWhichMayHoldACartsId) {
    for (const char* path :
         {"/v1/stores/shop/carts/cart_secret", "/v1/stores/shop/carts/cart_secret/x",
          "/v1/stores/nobody/carts/cart_secret", "/cart_secret"}) {
        call(Method::get, path);
        call(Method::del, path);
    }
    EXPECT_EQ(requests().size(), 8U);
    for (const auto& line : requests()) {
        for (const auto& [name, value] : line) {
            EXPECT_FALSE(value.contains("cart_secret")) << name;
        }
    }
}

TEST_F(RequestLog, TellsAKeptPageLikeAnyOther) {
    for (const std::size_t calls : {1U, 2U}) {
        call(Method::get, "/v1/stores/shop/page", {{"traceparent", std::string(trace)}});
        EXPECT_EQ(requests().size(), calls);
        EXPECT_EQ(last("route"), "page");
        EXPECT_EQ(last("store"), shop.text());
        EXPECT_EQ(last("traceparent"), trace);
    }
    EXPECT_EQ(test.telemetry.spans().size(), 1U);  // The second was kept.
    call(Method::get, "/v1/stores/shop/page", {{"traceparent", "nonsense"}});
    EXPECT_EQ(last("traceparent"), "");
}

TEST_F(RequestLog, TellsRefusalsAndFailures) {
    call(Method::get, "/nothing");
    EXPECT_EQ(last("status") + last("route"), "404none");
    call(Method::get, "/v1/stores/nobody/page");
    EXPECT_EQ(last("status") + last("route") + last("store"), "404page");
    call(Method::get, "/broken");
    EXPECT_EQ(last("status") + last("route"), "503/broken");
    Request head;
    head.method = Method::post;
    head.path = "/v1/stores/shop/orders";
    head.headers = {{"x-request-id", "large"}};
    head.peer = "192.0.2.7";
    EXPECT_EQ(gateway->refuse(413, "Too large.", &head).status, 413);
    EXPECT_EQ(last("status") + last("route") + last("request_id"), "413order.placelarge");
    EXPECT_EQ(last("client"), "192.0.2.7");
    const auto refusal = gateway->refuse(400, "No HTTP.", nullptr);
    EXPECT_EQ(last("status") + last("route") + last("method"), "400none?");
    EXPECT_EQ(last("request_id"), header_of(refusal, "X-Request-Id"));
    EXPECT_EQ(requests().size(), 5U);
}

TEST_F(RequestLog, TellsABodyThatIsRefusedByItsHead) {
    Route import = route(Method::post, "/imports", audience::platform);
    import.spool = true;
    routes.push_back(import);
    call(Method::get, "/nothing");
    Request head;
    head.method = Method::post;
    head.path = "/imports";
    ASSERT_TRUE(gateway->judge(head));
    EXPECT_EQ(requests().size(), 2U);
    EXPECT_EQ(last("status") + last("route"), "401/imports");
}

TEST_F(RequestLog, TellsADeferredAnswerOnceItIsGiven) {
    auto response = post("/v1/stores/shop/orders", "");
    ASSERT_TRUE(response.deferred);
    EXPECT_FALSE(response.deferred->poll());
    EXPECT_TRUE(requests().empty());
    settled_ = true;
    EXPECT_EQ(response.deferred->poll()->status, 201);
    response.deferred.reset();
    EXPECT_EQ(requests().size(), 1U);
    EXPECT_EQ(last("status") + last("route"), "201order.place");
}

TEST_F(RequestLog, TellsADeferredAnswerThatGaveWhatItCarried) {
    auto response = post("/v1/stores/shop/orders", "");
    EXPECT_FALSE(response.deferred->poll());
    response.deferred.reset();  // As a server does at its end, or when its client is gone.
    EXPECT_EQ(requests().size(), 1U);
    EXPECT_EQ(last("status"), "202");
}

TEST_F(RequestLog, IsEmptyUnlessItIsWanted) {
    options.log_requests = false;
    call(Method::get, "/v1/stores/shop/page");
    call(Method::get, "/v1/stores/shop/page");
    call(Method::get, "/nothing");
    (void)gateway->refuse(400, "No HTTP.", nullptr);
    EXPECT_TRUE(requests().empty());
}

}  // namespace
}  // namespace souk::testing
