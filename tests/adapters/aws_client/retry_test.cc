#include "adapters/aws_client/retry.h"

#include <gtest/gtest.h>

#include "adapters/aws_client/scripted_server.h"
#include "adapters/aws_client/test_client.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;
using aws::Repeat;
using aws::Verdict;
using Milliseconds = std::vector<std::chrono::milliseconds>;
using Then = ScriptedServer::Then;

ScriptedServer::Step refusing(int status, std::string_view code, std::string_view headers = {}) {
    return answering(status, cat(R"({"__type":"com.amazonaws.dynamodb.v20120810#)", code, R"("})"),
                     headers);
}

TEST(Retry, TriesAgainWhatWasThrottledWhateverItIs) {
    ScriptedServer server({refusing(400, "ProvisionedThroughputExceededException"),
                           refusing(400, "ThrottlingException"), answering(429, ""),
                           answering(503, "<Error><Code>SlowDown</Code></Error>"),
                           answering(200, "done")});
    TestClient test(server.url());
    const auto answer = test.start().call(order_call(Repeat::unsafe));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "done");
    EXPECT_EQ(test.waits, (Milliseconds{25ms, 50ms, 100ms, 200ms}));  // Half of 50, 100, 200, 400.
}

TEST(Retry, TriesAgainAfterAServerErrorWhatIsIdempotent) {
    ScriptedServer server({refusing(500, "InternalServerError"),
                           answering(503, "busy"),
                           {.answer = "", .then = Then::reset},
                           answering(200, "done")});
    TestClient test(server.url());
    const auto answer = test.start().call(order_call(Repeat::idempotent));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "done");
    EXPECT_EQ(server.requests().size(), 4U);
}

TEST(Retry, GivesAServerErrorBackWhenARepeatIsUnsafe) {
    ScriptedServer server({refusing(500, "InternalServerError"), answering(200, "")});
    TestClient test(server.url());
    const auto answer = test.start().call(order_call(Repeat::unsafe));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->error_code, "InternalServerError");
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_TRUE(test.waits.empty());
}

TEST(Retry, DoesNotRepeatARefusal) {
    for (const char* code : {"ConditionalCheckFailedException", "ValidationException",
                             "LimitExceededException", "AccessDeniedException"}) {
        ScriptedServer server({refusing(400, code), answering(200, "")});
        TestClient test(server.url());
        const auto answer = test.start().call(order_call(Repeat::idempotent));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->error_code, code);
        EXPECT_EQ(server.requests().size(), 1U);
    }
}

TEST(Retry, EndsAfterTheLastTryWithItsAnswer) {
    ScriptedServer server({answering(500, "1"), answering(500, "2"), answering(500, "3")});
    TestClient test(server.url());
    test.options.tries_max = 2;
    const auto answer = test.start().call(order_call(Repeat::idempotent));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "2");
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Retry, NeverWaitsPastTheThreadsDeadline) {
    ScriptedServer server({answering(500, "1"), answering(500, "2"), answering(500, "3")});
    TestClient test(server.url());
    test.options.share = [] { return 80.0; };  // Longer than any real one: waits of 2 s, then 4 s.
    test.start();
    const aws::DeadlineScope scope(test.now + 6s);
    const auto answer = test.client->call(order_call(Repeat::idempotent));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "2");
    EXPECT_EQ(test.waits, Milliseconds{2s});
}

TEST(Retry, DoesNotBeginAfterTheThreadsDeadline) {
    ScriptedServer server({answering(200, "")});
    TestClient test(server.url());
    test.start();
    {
        const aws::DeadlineScope scope(test.now);
        const auto answer = test.client->call(order_call(Repeat::idempotent));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, aws::errors::aws_not_sent);
    }
    EXPECT_EQ(server.connections(), 0);
    EXPECT_TRUE(test.client->call(order_call()));  // The deadline was the scope's.
}

TEST(Retry, CutsATryShortAtTheThreadsDeadline) {
    ScriptedServer server({{.answer = "", .then = Then::silence}});
    TestClient test(server.url());
    test.options.try_time_max = 1h;
    test.start();
    const aws::DeadlineScope scope(test.now + 1s);
    const auto answer = test.client->call(order_call());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_no_answer);
}

TEST(Retry, StopsWithoutADeadlineAfterTheCallsTime) {
    ScriptedServer server({answering(500, "1"), answering(500, "2"), answering(500, "3")});
    TestClient test(server.url());
    test.options.wait = [&](std::chrono::milliseconds) { test.now += aws::call_time_max - 1ms; };
    const auto answer = test.start().call(order_call(Repeat::idempotent));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "2");
}

TEST(Retry, StopsWhenTheSharedBudgetIsSpent) {
    std::vector<ScriptedServer::Step> steps(1000, answering(500, "down"));
    ScriptedServer server(std::move(steps));
    TestClient test(server.url());
    test.start();
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(test.client->call(order_call(Repeat::idempotent)));
    }
    // Each call's own try, and what 500 tokens pay for at 10 each.
    EXPECT_EQ(server.requests().size(), 30U + 50U);
}

TEST(RetryBudget, IsFilledAgainBySuccess) {
    aws::RetryBudget budget;
    int retries = 0;
    while (budget.take(Verdict::throttled)) {
        ++retries;
    }
    EXPECT_EQ(retries, aws::RetryBudget::tokens_max / aws::RetryBudget::retry_tokens);
    budget.give_back(aws::RetryBudget::retry_tokens);
    EXPECT_TRUE(budget.take(Verdict::throttled));
    EXPECT_FALSE(budget.take(Verdict::not_sent));
    for (int i = 0; i < aws::RetryBudget::retry_tokens; ++i) {
        EXPECT_FALSE(budget.take(Verdict::not_sent));
        budget.give_back(0);
    }
    EXPECT_TRUE(budget.take(Verdict::not_sent));
}

TEST(RetryBudget, NeverHoldsMoreThanItsMaximum) {
    aws::RetryBudget budget;
    for (int i = 0; i < 100; ++i) {
        budget.give_back(0);
    }
    int retries = 0;
    while (budget.take(Verdict::uncertain)) {
        ++retries;
    }
    EXPECT_EQ(retries, aws::RetryBudget::tokens_max / aws::RetryBudget::uncertain_retry_tokens);
}

TEST(Backoff, GrowsToItsCapAndIsDrawnFromZeroUp) {
    EXPECT_EQ(aws::backoff(Verdict::uncertain, 1, 0.0), 0ms);
    EXPECT_EQ(aws::backoff(Verdict::uncertain, 1, 0.999), 24ms);
    EXPECT_EQ(aws::backoff(Verdict::not_sent, 3, 0.5), 50ms);
    EXPECT_EQ(aws::backoff(Verdict::throttled, 1, 0.5), 25ms);
    EXPECT_EQ(aws::backoff(Verdict::throttled, 6, 0.5), 800ms);
    EXPECT_EQ(aws::backoff(Verdict::throttled, 7, 0.5), aws::backoff_max / 2);
    EXPECT_EQ(aws::backoff(Verdict::throttled, 1'000'000, 0.5), aws::backoff_max / 2);
}

struct ClockCase {
    const char* code;
    const char* date;
    std::size_t requests;
};

TEST(Clock, IsCorrectedOnceByTheDateOfARefusal) {
    // The client's clock says 09:46:40.
    for (const auto& [code, date, requests] :
         {ClockCase{"InvalidSignatureException", "Wed, 25 Nov 2026 11:00:00 GMT", 2},
          ClockCase{"SignatureDoesNotMatch", "Wed, 25 Nov 2026 08:00:00 GMT", 2},
          ClockCase{"RequestTimeTooSkewed", "Wed, 25 Nov 2026 11:00:00 GMT", 2},
          ClockCase{"RequestExpired", "Wed, 25 Nov 2026 11:00:00 GMT", 2},
          ClockCase{"InvalidSignatureException", "Wed, 25 Nov 2026 09:50:00 GMT", 1},
          ClockCase{"InvalidSignatureException", "some day", 1},
          ClockCase{"AccessDeniedException", "Wed, 25 Nov 2026 11:00:00 GMT", 1}}) {
        ScriptedServer server({refusing(403, code, cat("Date: ", date, "\r\n")),
                               refusing(403, code, "Date: Wed, 25 Nov 2026 03:00:00 GMT\r\n"),
                               answering(200, "")});
        TestClient test(server.url());
        const auto answer = test.start().call(order_call(Repeat::unsafe));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 403);
        EXPECT_EQ(server.requests().size(), requests) << code << ' ' << date;
        EXPECT_TRUE(test.waits.empty());
    }
}

TEST(Clock, StaysCorrectedForLaterCalls) {
    ScriptedServer server(
        {refusing(400, "RequestTimeTooSkewed", "Date: Wed, 25 Nov 2026 11:00:00 GMT\r\n"),
         answering(200, ""), answering(200, "")});
    TestClient test(server.url());
    test.start();
    ASSERT_TRUE(test.client->call(order_call()));
    test.now += 10s;
    ASSERT_TRUE(test.client->call(order_call()));
    EXPECT_TRUE(server.requests().at(0).contains("x-amz-date: 20261125T094640Z"));
    EXPECT_TRUE(server.requests().at(1).contains("x-amz-date: 20261125T110000Z"));
    EXPECT_TRUE(server.requests().at(2).contains("x-amz-date: 20261125T110010Z"));
}

}  // namespace
}  // namespace souk::testing
