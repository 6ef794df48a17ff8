#include "adapters/lambda_runtime/shutdown_notice.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

#include "adapters/lambda_runtime/scripted_runtime_api.h"

namespace souk::lambda {
namespace {

/// Blocks SIGTERM before the server's threads start, as a process does that makes the notice first.
struct ShutdownNoticeTest : testing::Test {
    ShutdownNoticeTest() {
        sigset_t terminate{};
        ::sigemptyset(&terminate);
        ::sigaddset(&terminate, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &terminate, &former);
    }
    ~ShutdownNoticeTest() override {
        sigset_t pending{};
        ::sigpending(&pending);
        if (::sigismember(&pending, SIGTERM) == 1) {
            int taken = 0;
            sigset_t terminate{};
            ::sigemptyset(&terminate);
            ::sigaddset(&terminate, SIGTERM);
            ::sigwait(&terminate, &taken);
        }
        ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
    }
    sigset_t former{};
};

ScriptedReply registering(const SeenRequest& request) {
    return request.path == "/2020-01-01/extension/register"
               ? reply(200, "{}", "Lambda-Extension-Identifier: ext-1\r\n")
               : ScriptedReply{"", ScriptedReply::Then::hold};
}

TEST_F(ShutdownNoticeTest, RegistersAnInternalExtensionAndWaitsAsOne) {
    ScriptedRuntimeApi server(registering);
    const auto notice = ShutdownNotice::make(server.address(), "souk", [] {});
    ASSERT_TRUE(notice) << notice.error().detail;
    while (server.seen().size() < 2) {
        std::this_thread::yield();
    }
    const auto seen = server.seen();
    EXPECT_EQ(seen[0].headers.at("lambda-extension-name"), "souk");
    EXPECT_EQ(seen[0].body, R"({"events":[]})");
    EXPECT_EQ(seen[1].method, "GET");
    EXPECT_EQ(seen[1].path, "/2020-01-01/extension/event/next");
    EXPECT_EQ(seen[1].headers.at("lambda-extension-identifier"), "ext-1");
}

TEST_F(ShutdownNoticeTest, PassesSigtermOn) {
    ScriptedRuntimeApi server(registering);
    std::promise<void> told;
    const auto notice =
        ShutdownNotice::make(server.address(), "souk", [&told] { told.set_value(); });
    ASSERT_TRUE(notice);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(told.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST_F(ShutdownNoticeTest, SaysNothingWhenItIsNotNeededAnyMore) {
    ScriptedRuntimeApi server(registering);
    bool told = false;
    {
        ASSERT_TRUE(ShutdownNotice::make(server.address(), "souk", [&told] { told = true; }));
    }
    EXPECT_FALSE(told);
}

TEST_F(ShutdownNoticeTest, ReportsARefusal) {
    ScriptedRuntimeApi server([](const SeenRequest&) { return reply(403, "closed already"); });
    const auto notice = ShutdownNotice::make(server.address(), "souk", [] {});
    ASSERT_FALSE(notice);
    EXPECT_EQ(notice.error().code, errors::runtime_wrong_state);
}

}  // namespace
}  // namespace souk::lambda
