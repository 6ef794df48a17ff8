#include "adapters/lambda_runtime/runtime_api.h"

#include <gtest/gtest.h>

#include "adapters/lambda_runtime/scripted_runtime_api.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::lambda {
namespace {

using Then = ScriptedReply::Then;

TEST(RuntimeApi, ReadsWhatNextSays) {
    ScriptedRuntimeApi server({invocation(
        "8476a536-e9f4-11e8-9739-2dfe598c3fcd", R"({"a":1})",
        "lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:orders\r\n")});
    RuntimeApi api(server.address());
    const auto next = api.next();
    ASSERT_TRUE(next) << next.error().detail;
    EXPECT_EQ(next->id, "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    EXPECT_EQ(next->deadline, from_rfc3339("2026-01-01T00:00:03Z"));
    EXPECT_EQ(next->body, R"({"a":1})");
    EXPECT_EQ(next->trace, "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
    EXPECT_EQ(next->arn, "arn:aws:lambda:eu-west-1:1:function:orders");
    const auto asked = server.seen().at(0);
    EXPECT_EQ(asked.method, "GET");
    EXPECT_EQ(asked.path, "/2018-06-01/runtime/invocation/next");
    EXPECT_EQ(asked.headers.at("host"), cat("127.0.0.1:", server.address().port));
}

TEST(RuntimeApi, TakesAbsentHeadersAsEmpty) {
    ScriptedRuntimeApi server({invocation("a", "{}")});
    RuntimeApi api(server.address());
    const auto next = api.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->trace, "");
    EXPECT_EQ(next->arn, "");
}

TEST(RuntimeApi, AllowsTheLongestTimeWhenNoDeadlineIsGiven) {
    ScriptedRuntimeApi server({reply(200, "{}", "Lambda-Runtime-Aws-Request-Id: a\r\n")});
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto before =
        Instant::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    RuntimeApi api(server.address());
    const auto next = api.next();
    ASSERT_TRUE(next);
    EXPECT_GE(next->deadline, before + invocation_time_max);
}

TEST(RuntimeApi, RefusesAnInvocationWhoseIdCannotBeAnswered) {
    ScriptedRuntimeApi server({reply(200, "{}"), invocation("a/../b", "{}")});
    RuntimeApi api(server.address());
    for (int i = 0; i < 2; ++i) {
        const auto next = api.next();
        ASSERT_FALSE(next);
        EXPECT_EQ(next.error().code, errors::runtime_broken);
    }
}

TEST(RuntimeApi, ReadsAnEventThatComesInChunks) {
    ScriptedRuntimeApi server(
        {{"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\r\n"
          "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n5\r\na\":1}\r\n"
          "0\r\n\r\n"}});
    RuntimeApi api(server.address());
    const auto next = api.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->body, R"({"a":1})");
}

TEST(RuntimeApi, PostsTheResult) {
    ScriptedRuntimeApi server(std::vector<ScriptedReply>{});
    RuntimeApi api(server.address());
    ASSERT_TRUE(api.respond("id-1", R"({"b":2})"));
    const auto post = server.posts().at(0);
    EXPECT_EQ(post.path, "/2018-06-01/runtime/invocation/id-1/response");
    EXPECT_EQ(post.body, R"({"b":2})");
    EXPECT_FALSE(post.headers.contains("lambda-runtime-function-error-type"));
    EXPECT_FALSE(post.headers.contains("expect"));
}

TEST(RuntimeApi, PostsAnEmptyResultWithItsLength) {
    ScriptedRuntimeApi server(std::vector<ScriptedReply>{});
    RuntimeApi api(server.address());
    ASSERT_TRUE(api.respond("id-1", ""));
    EXPECT_EQ(server.posts().at(0).headers.at("content-length"), "0");
}

TEST(RuntimeApi, PostsErrorsWithTheirType) {
    ScriptedRuntimeApi server(std::vector<ScriptedReply>{});
    RuntimeApi api(server.address());
    ASSERT_TRUE(api.report("id-1", {"Function.LedgerBusy", "Two \"writers\"."}));
    ASSERT_TRUE(api.report_init({"Function.NoSecret", "None."}));
    const auto posts = server.posts();
    EXPECT_EQ(posts.at(0).path, "/2018-06-01/runtime/invocation/id-1/error");
    EXPECT_EQ(posts.at(0).headers.at("lambda-runtime-function-error-type"), "Function.LedgerBusy");
    EXPECT_EQ(posts.at(0).body,
              R"({"errorMessage":"Two \"writers\".","errorType":"Function.LedgerBusy",)"
              R"("stackTrace":[]})");
    EXPECT_EQ(posts.at(1).path, "/2018-06-01/runtime/init/error");
    EXPECT_EQ(posts.at(1).headers.at("lambda-runtime-function-error-type"), "Function.NoSecret");
}

TEST(RuntimeApi, CutsAMessageBetweenItsCharacters) {
    ScriptedRuntimeApi server(std::vector<ScriptedReply>{});
    RuntimeApi api(server.address());
    const std::string fits(error_message_bytes_max, 'x');
    ASSERT_TRUE(api.report("a", {"Function.A", fits}));
    ASSERT_TRUE(api.report("a", {"Function.A", fits.substr(1) + "é"}));
    ASSERT_TRUE(api.report("a", {"Function.A", "caf\xE9"}));
    std::vector<std::string> told;
    for (const auto& post : server.posts()) {
        const auto document = JsonDocument::parse(post.body);
        ASSERT_TRUE(document) << document.error().detail;
        told.push_back(document->root()["errorMessage"].text_or());
    }
    EXPECT_EQ(told, (std::vector<std::string>{fits, fits.substr(1), "caf?"}));
}

TEST(RuntimeApi, TellsTheStatusesApart) {
    const std::vector<std::pair<int, ErrorCode>> table{
        {400, errors::runtime_wrong_state},      {403, errors::runtime_wrong_state},
        {413, errors::runtime_result_too_large}, {500, errors::runtime_broken},
        {503, errors::runtime_broken},           {302, errors::runtime_broken},
    };
    for (const auto& [status, code] : table) {
        ScriptedRuntimeApi server([status = status](const SeenRequest&) { return reply(status); });
        RuntimeApi api(server.address());
        const auto posted = api.respond("a", "{}");
        ASSERT_FALSE(posted) << status;
        EXPECT_EQ(posted.error().code, code) << status;
        const auto next = api.next();
        ASSERT_FALSE(next) << status;
        EXPECT_EQ(next.error().code, code) << status;
    }
}

TEST(RuntimeApi, KeepsOneConnection) {
    ScriptedRuntimeApi server({invocation("a", "{}"), invocation("b", "{}")});
    RuntimeApi api(server.address());
    for (const std::string_view id : {"a", "b"}) {
        ASSERT_TRUE(api.next());
        ASSERT_TRUE(api.respond(id, "{}"));
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(RuntimeApi, ConnectsAgainWhenAKeptConnectionWasClosed) {
    int asked = 0;
    ScriptedRuntimeApi server([&asked](const SeenRequest& request) {
        // The second request gets no answer but the end of its connection.
        return ++asked == 2              ? ScriptedReply{"", Then::close}
               : request.method == "GET" ? invocation("a", "{}")
                                         : reply(202);
    });
    RuntimeApi api(server.address());
    ASSERT_TRUE(api.next());
    const auto posted = api.respond("a", "{}");
    EXPECT_TRUE(posted) << posted.error().detail;
    EXPECT_EQ(server.connections(), 2);
}

TEST(RuntimeApi, DoesNotRepeatWhatANewConnectionDidNotAnswer) {
    ScriptedRuntimeApi server([](const SeenRequest&) { return ScriptedReply{"", Then::close}; });
    RuntimeApi api(server.address());
    const auto posted = api.respond("a", "{}");
    ASSERT_FALSE(posted);
    EXPECT_EQ(posted.error().code, errors::runtime_unreachable);
    EXPECT_EQ(server.seen().size(), 1U);
}

TEST(RuntimeApi, SaysSoWhenNobodyListens) {
    RuntimeAddress closed;
    {
        const ScriptedRuntimeApi server(std::vector<ScriptedReply>{});
        closed = server.address();
    }
    RuntimeApi api(closed);
    const auto next = api.next();
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, errors::runtime_unreachable);
}

TEST(RuntimeConnection, GivesUpAfterItsTimeoutAndDoesNotRepeat) {
    int asked = 0;
    ScriptedRuntimeApi server([&asked](const SeenRequest&) {
        return ++asked == 1 ? reply(200) : ScriptedReply{"", Then::hold};
    });
    RuntimeConnection connection(server.address());
    ASSERT_TRUE(connection.exchange({.path = "/"}));
    const auto held = connection.exchange({.path = "/", .timeout = std::chrono::milliseconds(20)});
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().code, errors::runtime_unreachable);
    EXPECT_NE(held.error().detail.find("no answer in time"), std::string::npos);
    EXPECT_EQ(server.seen().size(), 2U);
}

TEST(RuntimeConnection, EndsAWaitThatIsAbandoned) {
    ScriptedRuntimeApi server([](const SeenRequest&) { return ScriptedReply{"", Then::hold}; });
    RuntimeConnection connection(server.address());
    Result<RuntimeReply> held;
    std::thread waiting([&] { held = connection.exchange({.path = "/"}); });
    while (server.seen().empty()) {
        std::this_thread::yield();
    }
    connection.abandon();
    waiting.join();
    EXPECT_FALSE(held);
    EXPECT_FALSE(connection.exchange({.path = "/"}));
    EXPECT_EQ(server.seen().size(), 1U);
}

TEST(RuntimeAddress, IsAnAddressWithAPort) {
    for (const std::string_view text : {"127.0.0.1:9001", "169.254.100.1:9001"}) {
        const auto address = parse_runtime_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(cat(address->host, ':', address->port), text);
    }
    EXPECT_EQ(parse_runtime_address("localhost:1")->host, "127.0.0.1");
    for (const std::string_view text :
         {"", "127.0.0.1", ":9001", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
          "127.0.0.1:http", "runtime.example:9001", "127.0.0.1:9001/"}) {
        const auto address = parse_runtime_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code, errors::runtime_misconfigured);
    }
}

TEST(FunctionError, IsTheCodeInCamelCase) {
    const auto type_of = [](std::string_view name) {
        return function_error(Error{ErrorCode{name, ErrorKind::corrupt}, ""}).type;
    };
    EXPECT_EQ(type_of("ledger_busy"), "Function.LedgerBusy");
    EXPECT_EQ(type_of("aws_not_sent"), "Function.AwsNotSent");
    EXPECT_EQ(type_of("step_2_failed"), "Function.StepFailed");
    EXPECT_EQ(type_of(""), "Function.Unknown");
}

}  // namespace
}  // namespace souk::lambda
