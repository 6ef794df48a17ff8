#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "adapters/aws_client/scripted_server.h"
#include "adapters/aws_client/test_client.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;
using aws::Repeat;
using Then = ScriptedServer::Then;

std::string header_of(const std::string& request, std::string_view name) {
    for (const std::string_view line : split(request, '\n')) {
        if (line.starts_with(cat(name, ": "))) {
            return std::string(trimmed(line.substr(name.size() + 2)));
        }
    }
    return {};
}

TEST(Call, SendsASignedRequestAndGivesTheAnswer) {
    ScriptedServer server({answering(200, R"({"a":1})", "X-Amzn-RequestId: r1\r\n")});
    TestClient test(server.url());
    const auto answer = test.start().call(order_call());
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_TRUE(answer->ok());
    EXPECT_EQ(answer->body, R"({"a":1})");
    EXPECT_EQ(answer->header("x-amzn-requestid"), "r1");
    EXPECT_EQ(answer->header("x-absent"), "");
    EXPECT_EQ(answer->error_code, "");
    const std::string request = server.requests().at(0);
    EXPECT_TRUE(request.starts_with("POST / HTTP/1.1\r\n")) << request;
    EXPECT_TRUE(request.ends_with("\r\n\r\n{}")) << request;
    EXPECT_EQ(header_of(request, "Host"), cat("127.0.0.1:", server.port()));
    EXPECT_EQ(header_of(request, "Content-Length"), "2");
    EXPECT_EQ(header_of(request, "X-Amz-Target"), "DynamoDB_20120810.PutItem");
    EXPECT_EQ(header_of(request, "x-amz-date"), "20261125T094640Z");
    EXPECT_TRUE(header_of(request, "authorization")
                    .starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261125/eu-west-1/"
                                 "dynamodb/aws4_request, SignedHeaders=content-type;host;"
                                 "x-amz-date;x-amz-target, Signature="))
        << request;
}

TEST(Call, EncodesPathAndQueryOnce) {
    ScriptedServer server({answering(200, "")});
    TestClient test(server.url());
    ASSERT_TRUE(test.start().call({.service = "s3",
                                   .method = "GET",
                                   .path = "/bucket/a b/ä+%.txt",
                                   .query = {{"list type", "a/b&c"}, {"uploads", ""}}}));
    const std::string request = server.requests().at(0);
    EXPECT_TRUE(
        request.starts_with("GET /bucket/a%20b/%C3%A4%2B%25.txt?list%20type=a%2Fb%26c&"
                            "uploads= HTTP/1.1\r\n"))
        << request;
    EXPECT_EQ(header_of(request, "Content-Length"), "");
    EXPECT_EQ(header_of(request, "x-amz-content-sha256"),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Call, SendsTheSessionTokenOfTemporaryCredentialsSigned) {
    ScriptedServer server({answering(200, "")});
    TestClient test(server.url());
    test.options.credentials.fixed->session_token = "temporary";
    ASSERT_TRUE(test.start().call(order_call()));
    const std::string request = server.requests().at(0);
    EXPECT_EQ(header_of(request, "x-amz-security-token"), "temporary");
    EXPECT_TRUE(header_of(request, "authorization").contains(";x-amz-security-token;")) << request;
}

TEST(Call, IsNotSignedWhenItNeedsNoCredentials) {
    ScriptedServer server({answering(200, "")});
    TestClient test(server.url());
    test.options.credentials.fixed.reset();
    const auto answer =
        test.start().call({.service = "cognito-idp", .body = "{}", .signing = aws::Signing::never});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(header_of(server.requests().at(0), "authorization"), "");
    EXPECT_EQ(header_of(server.requests().at(0), "x-amz-date"), "");
}

TEST(Call, FailsBeforeSendingWithoutCredentials) {
    ScriptedServer server({answering(200, "")});
    TestClient test(server.url());
    test.options.credentials.fixed.reset();
    const auto answer = test.start().call(order_call(Repeat::idempotent));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_no_credentials);
    EXPECT_EQ(server.connections(), 0);
    EXPECT_TRUE(test.waits.empty());
}

TEST(Call, CarriesTheTraceOfItsThreadUnsigned) {
    ScriptedServer server({answering(200, ""), answering(200, "")});
    TestClient test(server.url());
    test.start();
    {
        const aws::TraceScope outer("Root=1-a");
        {
            const aws::TraceScope inner("Root=1-b");
        }
        ASSERT_TRUE(test.client->call(order_call()));
    }
    ASSERT_TRUE(test.client->call(order_call()));
    EXPECT_EQ(header_of(server.requests().at(0), "X-Amzn-Trace-Id"), "Root=1-a");
    EXPECT_FALSE(header_of(server.requests().at(0), "authorization").contains("trace"));
    EXPECT_EQ(header_of(server.requests().at(1), "X-Amzn-Trace-Id"), "");
}

TEST(Call, RefusesAHeaderThatWouldBreakOut) {
    ScriptedServer server({answering(200, "")});
    TestClient test(server.url());
    aws::Call call = order_call();
    call.headers.emplace_back("x-amz-meta-name", "a\r\nx-evil: 1");
    const auto answer = test.start().call(call);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_misconfigured);
    EXPECT_EQ(server.connections(), 0);
}

TEST(Call, KeepsItsConnection) {
    ScriptedServer server({answering(200, "1"), answering(400, "{}"), answering(200, "3")});
    TestClient test(server.url());
    test.start();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(test.client->call(order_call()));
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(Call, OpensAnotherConnectionWhenTheServiceEndsTheOldOne) {
    ScriptedServer server({answering(200, "1", "Connection: close\r\n"),
                           {.answer = http_answer(200, "2"), .then = Then::close},
                           answering(200, "3")});
    TestClient test(server.url());
    test.options.tries_max = 1;
    test.start();
    ASSERT_TRUE(test.client->call(order_call()));
    ASSERT_TRUE(test.client->call(order_call()));
    server.await_steps(2);
    const auto third = test.client->call(order_call());
    ASSERT_TRUE(third) << third.error().detail;
    EXPECT_EQ(third->body, "3");
    EXPECT_EQ(server.connections(), 3);
}

TEST(Call, RepeatsOnAFreshConnectionWhatAStaleOneSwallowed) {
    ScriptedServer server(
        {answering(200, "1"), {.answer = "", .then = Then::reset}, answering(200, "2")});
    TestClient test(server.url());
    test.options.tries_max = 1;
    test.start();
    ASSERT_TRUE(test.client->call(order_call()));
    const auto second = test.client->call(order_call(Repeat::idempotent));
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(second->body, "2");
    EXPECT_EQ(server.connections(), 2);
}

TEST(Call, DoesNotRepeatOnAFreshConnectionWhatMayHaveHadAnEffect) {
    ScriptedServer server(
        {answering(200, "1"), {.answer = "", .then = Then::reset}, answering(200, "2")});
    TestClient test(server.url());
    test.start();
    ASSERT_TRUE(test.client->call(order_call()));
    const auto second = test.client->call(order_call(Repeat::unsafe));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, aws::errors::aws_no_answer);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Call, SaysThatNothingWasSentWhenNobodyListens) {
    std::string url;
    {
        const ScriptedServer gone({});
        url = gone.url();
    }
    TestClient test(url);
    const auto answer = test.start().call(order_call(Repeat::unsafe));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_not_sent);
    EXPECT_EQ(test.waits.size(), 5U);  // Nothing happened: even what is unsafe is tried again.
}

TEST(Call, SaysThatNoAnswerCameWhenTheConnectionBreaks) {
    for (const char* begun : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
        ScriptedServer server({{.answer = begun, .then = Then::close}, answering(200, "")});
        TestClient test(server.url());
        const auto answer = test.start().call(order_call(Repeat::unsafe));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, aws::errors::aws_no_answer);
        EXPECT_EQ(server.requests().size(), 1U);
    }
}

TEST(Call, SaysThatNoAnswerCameInTime) {
    ScriptedServer server({{.answer = "HTTP/1.1 200 OK\r\n", .then = Then::silence}});
    TestClient test(server.url());
    test.options.tries_max = 1;
    aws::Call call = order_call(Repeat::idempotent);
    call.timeout = 1s;
    const auto answer = test.start().call(call);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_no_answer);
}

TEST(Call, TreatsADamagedAnswerAsNone) {
    // crc32("{}") = 2745614147.
    ScriptedServer server({answering(200, "{}", "x-amz-crc32: 2745614147\r\n"),
                           answering(200, "{]", "x-amz-crc32: 2745614147\r\n"),
                           answering(200, "{]", "x-amz-crc32: 2745614147\r\n"),
                           answering(200, "{}", "x-amz-crc32: 2745614147\r\n")});
    TestClient test(server.url());
    test.start();
    EXPECT_TRUE(test.client->call(order_call(Repeat::unsafe)));
    const auto damaged = test.client->call(order_call(Repeat::unsafe));
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, aws::errors::aws_no_answer);
    EXPECT_TRUE(test.client->call(order_call(Repeat::idempotent)));
}

TEST(Call, SharesConnectionsBetweenThreads) {
    constexpr int threads_count = 8;
    constexpr int calls_count = 25;
    std::vector<ScriptedServer::Step> steps(threads_count * calls_count, answering(200, "ok"));
    ScriptedServer server(std::move(steps));
    TestClient test(server.url());
    test.start();
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < threads_count; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < calls_count; ++n) {
                    const auto answer = test.client->call(order_call());
                    good += answer && answer->body == "ok" ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(good, threads_count * calls_count);
    EXPECT_LE(server.connections(), threads_count);
}

TEST(Presign, YieldsAUrlThatCarriesItsSignature) {
    TestClient test("http://127.0.0.1:9000");
    const auto url = test.start().presign({.method = "PUT",
                                           .service = "s3",
                                           .path = "/bucket/ä b.jpg",
                                           .signed_headers = {{"content-length", "10"}},
                                           .expires = 300s});
    ASSERT_TRUE(url) << url.error().detail;
    EXPECT_TRUE(url->starts_with("http://127.0.0.1:9000/bucket/%C3%A4%20b.jpg?X-Amz-Algorithm="))
        << *url;
    EXPECT_TRUE(
        url->contains("&X-Amz-Expires=300&X-Amz-SignedHeaders=content-length%3Bhost&"
                      "X-Amz-Signature="))
        << *url;
}

TEST(Presign, SignsInTheNameThatItIsTold) {
    TestClient test("http://127.0.0.1:9000");
    test.start();
    const auto of = [&](const char* signing_name) {
        return test.client->presign({.service = "email", .path = "/", .signing_name = signing_name})
            .value_or("");
    };
    EXPECT_TRUE(of("ses").contains("%2Feu-west-1%2Fses%2Faws4_request")) << of("ses");
    EXPECT_TRUE(of("").contains("%2Feu-west-1%2Femail%2Faws4_request")) << of("");
}

}  // namespace
}  // namespace souk::testing
