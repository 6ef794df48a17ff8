#include "adapters/lambda_runtime/run_loop.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <stdexcept>

#include "adapters/aws_client/aws_client.h"
#include "adapters/lambda_runtime/scripted_runtime_api.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "domain/base/text.h"

namespace souk::lambda {
namespace {

constexpr ErrorCode busy{"ledger_busy", ErrorKind::unavailable};

struct RunLoop : testing::Test {
    SettableClock clock;
    SilentTelemetry telemetry;

    /// Runs until the server has no more to give.
    Error run(ScriptedRuntimeApi& server, const InvocationHandler& handler) {
        RuntimeApi api(server.address());
        return run_loop(api, handler, {clock, telemetry});
    }
};

Result<std::string> echo(const Invocation& invocation) { return invocation.body; }

std::string error_type(const SeenRequest& post) {
    const auto found = post.headers.find("lambda-runtime-function-error-type");
    return found == post.headers.end() ? "" : found->second;
}

TEST_F(RunLoop, AnswersOneInvocationAfterTheOtherUntilTheApiEndsIt) {
    ScriptedRuntimeApi server({invocation("a", "1"), invocation("b", "2")});
    const Error why = run(server, echo);
    EXPECT_EQ(why.code, errors::runtime_broken);
    const auto posts = server.posts();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(posts[0].path + posts[0].body, "/2018-06-01/runtime/invocation/a/response1");
    EXPECT_EQ(posts[1].path + posts[1].body, "/2018-06-01/runtime/invocation/b/response2");
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(RunLoop, PostsAHandlersErrorAndGoesOn) {
    ScriptedRuntimeApi server({invocation("a", "1"), invocation("b", "2")});
    run(server, [](const Invocation& one) -> Result<std::string> {
        return one.id == "a" ? fail(busy, "Try again.") : Result<std::string>("ok");
    });
    const auto posts = server.posts();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(posts[0].path, "/2018-06-01/runtime/invocation/a/error");
    EXPECT_EQ(error_type(posts[0]), "Function.LedgerBusy");
    EXPECT_NE(posts[0].body.find("Try again."), std::string::npos);
    EXPECT_EQ(posts[1].body, "ok");
}

TEST_F(RunLoop, PostsWhatAHandlerThrowsAndGoesOn) {
    ScriptedRuntimeApi server({invocation("a", "1"), invocation("b", "2")});
    run(server, [](const Invocation& one) -> Result<std::string> {
        return one.id == "a" ? throw std::runtime_error("a surprise") : echo(one);
    });
    const auto posts = server.posts();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(error_type(posts[0]), "Function.Exception");
    EXPECT_NE(posts[0].body.find("a surprise"), std::string::npos);
    EXPECT_EQ(posts[1].body, "2");
}

TEST_F(RunLoop, PostsTheLargestResultThereMayBe) {
    ScriptedRuntimeApi server({invocation("a", "1")});
    run(server, [](const Invocation&) { return std::string(payload_bytes_max, 'x'); });
    EXPECT_EQ(server.posts().at(0).body.size(), payload_bytes_max);
}

TEST_F(RunLoop, TurnsALargerResultIntoAnErrorAndGoesOn) {
    ScriptedRuntimeApi server({invocation("a", "1"), invocation("b", "2")});
    run(server, [](const Invocation& one) {
        return one.id == "a" ? std::string(payload_bytes_max + 1, 'x') : one.body;
    });
    const auto posts = server.posts();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(posts[0].path, "/2018-06-01/runtime/invocation/a/error");
    EXPECT_EQ(error_type(posts[0]), "Function.ResponseSizeTooLarge");
    EXPECT_EQ(posts[1].body, "2");
}

TEST_F(RunLoop, GoesOnWhenAnAnswerIsRefusedForItsSizeOrComesTooLate) {
    for (const int status : {413, 403, 400}) {
        int given = 0;
        ScriptedRuntimeApi server([&given, status](const SeenRequest& request) {
            if (request.method == "POST") {
                return reply(status, "no");
            }
            return ++given <= 2 ? invocation("a", "1") : reply(500);
        });
        run(server, echo);
        EXPECT_EQ(server.posts().size(), 2U) << status;
    }
}

TEST_F(RunLoop, EndsWhenTheApiIsBroken) {
    ScriptedRuntimeApi server([](const SeenRequest& request) {
        return request.method == "POST" ? reply(500, "Container error") : invocation("a", "1");
    });
    EXPECT_EQ(run(server, echo).code, errors::runtime_broken);
    EXPECT_EQ(server.posts().size(), 1U);
}

TEST_F(RunLoop, BoundsAndTracesTheCallsOfAHandler) {
    // The clock stands at 2026-01-01T00:00:00Z, the deadline is three seconds later.
    ScriptedRuntimeApi server(
        {invocation("a", "1", "Lambda-Runtime-Trace-Id: Root=1-x\r\n"), invocation("b", "2")});
    std::vector<std::string> traces;
    std::vector<std::string> variables;
    std::vector<std::int64_t> deadlines;
    run(server, [&](const Invocation& one) {
        traces.push_back(aws::TraceScope::current());
        const char* variable = std::getenv("_X_AMZN_TRACE_ID");
        variables.emplace_back(variable == nullptr ? "(none)" : variable);
        deadlines.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(
                                aws::DeadlineScope::current()->time_since_epoch())
                                .count());
        return one.body;
    });
    EXPECT_EQ(traces, (std::vector<std::string>{"Root=1-x", ""}));
    EXPECT_EQ(variables, (std::vector<std::string>{"Root=1-x", "(none)"}));
    EXPECT_EQ(deadlines, (std::vector<std::int64_t>{1'767'225'602'500, 1'767'225'602'500}));
    EXPECT_FALSE(aws::DeadlineScope::current());
    EXPECT_EQ(aws::TraceScope::current(), "");
}

TEST_F(RunLoop, FlushesAfterTheAnswerAndBeforeTheNextInvocation) {
    std::vector<std::string> order;
    std::mutex mutex;
    const auto note = [&](std::string_view what) {
        const std::lock_guard lock(mutex);
        order.emplace_back(what);
    };
    int given = 0;
    ScriptedRuntimeApi server([&](const SeenRequest& request) {
        note(request.method == "POST" ? "answer" : "next");
        return request.method == "POST" ? reply(202)
               : ++given == 1           ? invocation("a", "1")
                                        : reply(500);
    });
    RuntimeApi api(server.address());
    const LoopContext context{clock, telemetry,
                              [&](const Invocation& one) { note("begin " + one.id); },
                              [&](const Invocation& one) { note("end " + one.id); }};
    const Error why = run_loop(
        api,
        [&](const Invocation& one) {
            note("handle");
            return one.body;
        },
        context);
    EXPECT_EQ(why.code, errors::runtime_broken);
    EXPECT_EQ(order,
              (std::vector<std::string>{"next", "begin a", "handle", "answer", "end a", "next"}));
}

TEST_F(RunLoop, LeavesTheMarginOrHalfOfAShortTime) {
    const Instant now = clock.now();
    using std::chrono::milliseconds;
    EXPECT_EQ(working_deadline(now + milliseconds(3000), now), now + milliseconds(2500));
    EXPECT_EQ(working_deadline(now + deadline_margin * 2, now), now + deadline_margin);
    EXPECT_EQ(working_deadline(now + milliseconds(400), now), now + milliseconds(200));
}

TEST_F(RunLoop, PostsWhyAFunctionCannotStart) {
    ScriptedRuntimeApi server({invocation("a", "1")});
    RuntimeApi api(server.address());
    const int status = run_function(api, {clock, telemetry}, []() -> Result<InvocationHandler> {
        return fail(busy, "No table.");
    });
    EXPECT_NE(status, 0);
    ASSERT_EQ(server.seen().size(), 1U);
    const auto post = server.posts().at(0);
    EXPECT_EQ(post.path, "/2018-06-01/runtime/init/error");
    EXPECT_EQ(error_type(post), "Function.LedgerBusy");
    EXPECT_NE(post.body.find("No table."), std::string::npos);
}

TEST_F(RunLoop, PostsWhatWasThrownAtTheStart) {
    ScriptedRuntimeApi server(std::vector<ScriptedReply>{});
    RuntimeApi api(server.address());
    const int status = run_function(api, {clock, telemetry}, []() -> Result<InvocationHandler> {
        throw std::runtime_error("a surprise");
    });
    EXPECT_NE(status, 0);
    EXPECT_NE(server.posts().at(0).body.find("a surprise"), std::string::npos);
}

TEST_F(RunLoop, RunsAFunctionThatStarted) {
    ScriptedRuntimeApi server({invocation("a", "1")});
    RuntimeApi api(server.address());
    EXPECT_NE(run_function(api, {clock, telemetry}, [] { return InvocationHandler(echo); }), 0);
    EXPECT_EQ(server.posts().at(0).body, "1");
}

}  // namespace
}  // namespace souk::lambda
