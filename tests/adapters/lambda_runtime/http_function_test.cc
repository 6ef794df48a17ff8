#include "adapters/lambda_runtime/http_function.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "adapters/lambda_runtime/http_event.h"
#include "adapters/lambda_runtime/http_events.h"
#include "adapters/lambda_runtime/run_loop.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "domain/base/text.h"

namespace souk::lambda {
namespace {

using std::chrono::milliseconds;

/// Remembers what it was asked, and answers as told.
class Application final : public HttpApplication {
public:
    Admission admission{.body_max = 1024};
    std::function<Response(const Request&)> answer = [](const Request&) {
        return json_response(200, "{}");
    };
    mutable std::optional<Request> admitted;
    std::optional<Request> handled;

    Admission admit(const Request& head) const override {
        admitted.emplace();
        admitted->path = head.path;
        admitted->body = head.body;
        return admission;
    }
    Response handle(Request request) override {
        handled.emplace(std::move(request));
        return answer(*handled);
    }
    /// Says for whom: the path of the request, or "nobody".
    Response refuse(int status, std::string_view, const Request* head) const override {
        return json_response(status, head == nullptr ? "nobody" : head->path);
    }
};

struct HttpFunctionTest : testing::Test {
    SettableClock clock;
    SilentTelemetry telemetry;
    Application application;
    std::vector<milliseconds> pauses;
    HttpFunction function{application, clock, telemetry, [this](milliseconds pause) {
                              pauses.push_back(pause);
                              clock.advance(pause);
                          }};
    Instant started = clock.now();

    /// What an invocation with three seconds left is answered with.
    JsonDocument result_of(std::string event) {
        const auto result = function(Invocation{
            .id = "a", .deadline = clock.now() + milliseconds(3000), .body = std::move(event)});
        EXPECT_TRUE(result) << result.error().detail;
        auto document = JsonDocument::parse(result.value_or("null"));
        EXPECT_TRUE(document);
        return document ? *std::move(document) : JsonDocument{};
    }
    std::int64_t status_of(std::string event) {
        return result_of(std::move(event)).root()["statusCode"].integer_or(0);
    }

    /// An answer that is 202 and becomes 201 at the time given.
    void defer(Instant until, Instant ready) {
        application.answer = [this, until, ready](const Request&) {
            Response response = json_response(202, R"("not yet")");
            auto later = std::make_shared<Deferred>();
            later->until = until;
            later->poll = [this, ready]() -> std::optional<Response> {
                ++polls;
                return clock.now() >= ready ? std::optional(json_response(201, R"("done")"))
                                            : std::nullopt;
            };
            response.deferred = std::move(later);
            return response;
        };
    }
    int polls = 0;
};

std::string event_with_body(std::size_t bytes) {
    return event_with("POST", "/v1/x", cat(R"("body":")", std::string(bytes, 'x'), "\","));
}

TEST_F(HttpFunctionTest, HandsTheRequestOverAndAnswersIt) {
    application.answer = [](const Request& request) { return json_response(200, request.body); };
    const auto result = result_of(std::string(full_event));
    EXPECT_EQ(result.root()["statusCode"].integer(), 200);
    EXPECT_EQ(result.root()["body"].text_or(), "{\"sku\":\"TEA-1\"}\n");
    EXPECT_EQ(application.handled->path, "/v1/stores/tea%20house/carts/cart_1/items");
}

TEST_F(HttpFunctionTest, FailsOnlyForWhatIsNoHttpEvent) {
    const auto call = [this](std::string event) {
        return function(
            Invocation{.deadline = clock.now() + milliseconds(3000), .body = std::move(event)});
    };
    EXPECT_EQ(call("{").error().code, souk::errors::malformed_json);
    EXPECT_EQ(call(R"({"Records":[]})").error().code, errors::http_event_malformed);
    EXPECT_FALSE(application.handled);
}

TEST_F(HttpFunctionTest, LeavesAMethodThatSoukDoesNotKnowToTheApplication) {
    EXPECT_EQ(status_of(event_with("PROPFIND", "/x")), 200);
    EXPECT_EQ(application.handled->method, Method::unknown);
}

TEST_F(HttpFunctionTest, RefusesABodyThatCannotBeDecoded) {
    EXPECT_EQ(status_of(event_with("POST", "/x", R"("body":"!","isBase64Encoded":true,)")), 400);
    EXPECT_FALSE(application.handled);
}

TEST_F(HttpFunctionTest, AdmitsByTheHeadAlone) {
    EXPECT_EQ(status_of(event_with_body(3)), 200);
    EXPECT_EQ(application.admitted->path, "/v1/x");
    EXPECT_EQ(application.admitted->body, "");
    EXPECT_EQ(application.handled->body, "xxx");
}

TEST_F(HttpFunctionTest, RefusesABodyThatTheRouteDoesNotTake) {
    EXPECT_EQ(status_of(event_with_body(1024)), 200);
    application.handled.reset();
    const auto refused = result_of(event_with_body(1025));
    EXPECT_EQ(refused.root()["statusCode"].integer(), 413);
    EXPECT_EQ(refused.root()["body"].text_or(), "/v1/x");
    EXPECT_FALSE(application.handled);
}

TEST_F(HttpFunctionTest, HandsSpooledBodiesOverAsAReader) {
    application.admission.spool = true;
    EXPECT_EQ(status_of(event_with_body(10)), 200);
    ASSERT_NE(application.handled->spooled, nullptr);
    EXPECT_EQ(application.handled->body, "");
    EXPECT_EQ(application.handled->spooled->size(), 10U);
    std::vector<std::string> pieces;
    for (int i = 0; i < 4; ++i) {
        pieces.push_back(application.handled->spooled->next(4).value_or("failed"));
    }
    EXPECT_EQ(pieces, (std::vector<std::string>{"xxxx", "xxxx", "xx", ""}));
}

TEST_F(HttpFunctionTest, AnswersWhatAHandlerThrowsWith500) {
    application.answer = [](const Request&) -> Response { throw std::runtime_error("surprise"); };
    EXPECT_EQ(status_of(std::string(bare_event)), 500);
}

TEST_F(HttpFunctionTest, AnswersAMalformedResponseWith500) {
    application.answer = [](const Request&) {
        Response response = empty_response(200);
        response.headers = {{"X", "a\r\nSet-Cookie: b"}};
        return response;
    };
    EXPECT_EQ(status_of(std::string(bare_event)), 500);
}

TEST_F(HttpFunctionTest, SendsTheLargestAnswerThereMayBeAndRefusesALargerOne) {
    std::size_t bytes = 0;
    application.answer = [&bytes](const Request&) {
        return json_response(200, std::string(bytes, 'x'));
    };
    const auto size_of = [&](std::size_t body) {
        bytes = body;
        return function(Invocation{.deadline = clock.now() + milliseconds(3000),
                                   .body = std::string(bare_event)})
            .value_or("")
            .size();
    };
    const std::size_t around = size_of(1) - 1;
    EXPECT_EQ(size_of(payload_bytes_max - around), payload_bytes_max);
    EXPECT_LT(size_of(payload_bytes_max - around + 1), 1000U);
    EXPECT_EQ(status_of(std::string(bare_event)), 413);
    bytes = payload_bytes_max + 1;
    EXPECT_EQ(status_of(std::string(bare_event)), 413);
}

TEST_F(HttpFunctionTest, CollectsAStream) {
    application.answer = [](const Request&) {
        Response response = empty_response(200);
        response.content_type = "text/csv";
        response.stream = [left = 3]() mutable -> Result<std::string> {
            return left-- > 0 ? "a,b\n" : "";
        };
        return response;
    };
    EXPECT_EQ(result_of(std::string(bare_event)).root()["body"].text_or(), "a,b\na,b\na,b\n");
}

TEST_F(HttpFunctionTest, AnswersAStreamThatBreaksOffWith500) {
    application.answer = [](const Request&) {
        Response response = empty_response(200);
        response.stream = [left = 1]() mutable -> Result<std::string> {
            return left-- > 0 ? Result<std::string>("a") : fail(souk::errors::unavailable);
        };
        return response;
    };
    EXPECT_EQ(status_of(std::string(bare_event)), 500);
}

TEST_F(HttpFunctionTest, StopsAStreamThatIsTooLong) {
    int pieces = 0;
    application.answer = [&pieces](const Request&) {
        Response response = empty_response(200);
        response.stream = [&pieces]() -> Result<std::string> {
            ++pieces;
            return std::string(1024 * 1024, 'x');
        };
        return response;
    };
    EXPECT_EQ(status_of(std::string(bare_event)), 413);
    EXPECT_EQ(pieces, 7);
}

TEST_F(HttpFunctionTest, DoesNotPullAStreamForHead) {
    application.answer = [](const Request&) {
        Response response = empty_response(200);
        response.stream = []() -> Result<std::string> {
            ADD_FAILURE() << "pulled";
            return "";
        };
        return response;
    };
    std::string event = event_with("HEAD", "/x");
    event.replace(event.find("$default"), std::string_view("$default").size(), "HEAD /x");
    EXPECT_EQ(status_of(event), 200);
}

TEST_F(HttpFunctionTest, SendsABetterAnswerThatIsThereAtOnce) {
    defer(started + milliseconds(1000), started);
    EXPECT_EQ(status_of(std::string(bare_event)), 201);
    EXPECT_EQ(polls, 1);
    EXPECT_TRUE(pauses.empty());
}

TEST_F(HttpFunctionTest, PollsWithGrowingPausesUntilTheAnswerIsBetter) {
    defer(started + milliseconds(20'000), started + milliseconds(2000));
    EXPECT_EQ(status_of(std::string(bare_event)), 201);
    EXPECT_EQ(pauses,
              (std::vector<milliseconds>{milliseconds(25), milliseconds(50), milliseconds(100),
                                         milliseconds(200), milliseconds(400), milliseconds(400),
                                         milliseconds(400), milliseconds(400), milliseconds(400)}));
}

TEST_F(HttpFunctionTest, SendsTheFirstAnswerWhenTheTimeIsUp) {
    defer(started + milliseconds(300), started + milliseconds(301));
    EXPECT_EQ(status_of(std::string(bare_event)), 202);
    EXPECT_EQ(clock.now(), started + milliseconds(300));
}

TEST_F(HttpFunctionTest, PollsALastTimeWhenTheTimeIsUp) {
    defer(started + milliseconds(300), started + milliseconds(300));
    EXPECT_EQ(status_of(std::string(bare_event)), 201);
}

TEST_F(HttpFunctionTest, SendsTheFirstAnswerWhileTheInvocationHasTime) {
    defer(started + milliseconds(20'000), started + milliseconds(20'000));
    EXPECT_EQ(status_of(std::string(bare_event)), 202);
    EXPECT_EQ(clock.now(), started + milliseconds(3000) - deadline_margin);
}

TEST_F(HttpFunctionTest, SurvivesAPollThatThrows) {
    application.answer = [this](const Request&) {
        Response response = json_response(202, "{}");
        auto later = std::make_shared<Deferred>();
        later->until = started + milliseconds(100);
        later->poll = []() -> std::optional<Response> { throw std::runtime_error("surprise"); };
        response.deferred = std::move(later);
        return response;
    };
    EXPECT_EQ(status_of(std::string(bare_event)), 202);
}

}  // namespace
}  // namespace souk::lambda
