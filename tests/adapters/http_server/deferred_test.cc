#include <gtest/gtest.h>

#include <thread>

#include "adapters/http_server/harness.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;

Transaction commit_to(std::string table, std::string partition) {
    Row row;
    row.key = {std::move(table), std::move(partition), "row"};
    Transaction transaction;
    transaction.writes.emplace_back(Put{row, Expect::any()});
    return transaction;
}

/// A server whose one route waits for `settled`, with the polls counted.
class Deferring : public ::testing::Test {
protected:
    Deferring() {
        souk_.emplace([this](HttpServerOptions& options, ScriptedApplication& application) {
            options.workers_max = 4;
            application.answer = [this](Request request) {
                return request.path == "/now" ? text_response(200, "now") : deferred();
            };
        });
    }

    Response deferred() {
        if (before_return_) {
            before_return_();
        }
        auto better = std::make_shared<Deferred>();
        better->watch_table = "orders";
        better->watch_partition = "s1";
        better->until = souk_->clock.now() + wait_;
        better->poll = [this]() -> std::optional<Response> {
            const bool settled = settled_;  // Before it counts: who awaits a poll changes it next.
            polls_.add();
            return settled ? std::optional(text_response(201, "settled")) : std::nullopt;
        };
        Response carrying = text_response(202, "pending");
        carrying.deferred = better;
        return carrying;
    }
    void settle() {
        settled_ = true;
        souk_->server.observer().committed(commit_to("orders", "s1"));
    }

    std::atomic<bool> settled_ = false;
    Counter polls_;
    std::chrono::milliseconds wait_{20'000};
    std::function<void()> before_return_;
    std::optional<RunningServer> souk_;
};

TEST_F(Deferring, AnswersWhenACommitSettlesIt) {
    RawClient client(souk_->port());
    client.send(get("/order") + get("/now"));
    ASSERT_TRUE(polls_.reaches(1));
    settle();
    const auto reply = client.reply();
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->body, "settled");
    EXPECT_EQ(client.reply()->body, "now");
}

TEST_F(Deferring, DoesNotPollForCommitsElsewhere) {
    RawClient client(souk_->port());
    client.send(get("/order"));
    ASSERT_TRUE(polls_.reaches(1));
    CommitObserver& observer = souk_->server.observer();
    observer.committed(commit_to("orders", "s2"));
    observer.committed(commit_to("carts", "s1"));
    Transaction only_checks;
    only_checks.writes.emplace_back(Check{{"orders", "s1", "row"}, Expect::any()});
    observer.committed(only_checks);
    EXPECT_EQ(polls_.count(), 1);
    settle();
    EXPECT_EQ(client.reply()->status, 201);
    EXPECT_EQ(polls_.count(), 2);
}

TEST_F(Deferring, AnswersWhatItCarriesWhenTimeRunsOut) {
    wait_ = 50ms;
    RawClient client(souk_->port());
    client.send(get("/order") + get("/now"));
    const auto reply = client.reply();
    EXPECT_EQ(reply->status, 202);
    EXPECT_EQ(reply->body, "pending");
    EXPECT_EQ(polls_.count(), 2);  // The first and the last.
    EXPECT_EQ(client.reply()->body, "now");
}

TEST_F(Deferring, PollsALastTimeWhenTimeRunsOut) {
    wait_ = 50ms;
    RawClient client(souk_->port());
    client.send(get("/order"));
    ASSERT_TRUE(polls_.reaches(1));
    settled_ = true;  // Without a commit that it could see.
    EXPECT_EQ(client.reply()->status, 201);
}

TEST_F(Deferring, AnswersAtOnceWhenTimeHasRunOut) {
    wait_ = -1ms;
    RawClient client(souk_->port());
    client.send(get("/order"));
    EXPECT_EQ(client.reply()->status, 202);
}

TEST_F(Deferring, DoesNotMissACommitBeforeItIsParked) {
    before_return_ = [this] { settle(); };
    RawClient client(souk_->port());
    client.send(get("/order"));
    EXPECT_EQ(client.reply()->status, 201);
}

TEST_F(Deferring, MissesNoCommitWhateverTheTiming) {
    // The commit runs against the handler's return, the parking and the first poll.
    for (int i = 0; i < 100; ++i) {
        settled_ = false;
        Gate handled;
        before_return_ = [&handled] { handled.open(); };
        RawClient client(souk_->port());
        client.send(get("/order"));
        handled.wait();
        for (int turn = 0; turn < i * 10; ++turn) {
            std::this_thread::yield();  // A little later each time.
        }
        settle();
        ASSERT_EQ(client.reply()->status, 201);
    }
}

TEST_F(Deferring, HoldsNoWorkerWhileItWaits) {
    std::vector<std::unique_ptr<RawClient>> parked;
    for (int i = 0; i < 20; ++i) {
        parked.push_back(std::make_unique<RawClient>(souk_->port()));
        parked.back()->send(get("/order"));
    }
    ASSERT_TRUE(polls_.reaches(20));
    RawClient other(souk_->port());
    other.send(get("/now"));
    EXPECT_EQ(other.reply()->body, "now");
    settle();
    for (const auto& client : parked) {
        EXPECT_EQ(client->reply()->status, 201);
    }
}

TEST_F(Deferring, AnswersWhatItCarriesWhenTheServerStops) {
    RawClient client(souk_->port());
    client.send(get("/order"));
    ASSERT_TRUE(polls_.reaches(1));
    EXPECT_EQ(souk_->server.stop(5s), 0U);
    EXPECT_EQ(client.reply()->status, 202);
}

TEST_F(Deferring, ForgetsAClientThatIsCutOff) {
    RawClient client(souk_->port());
    client.send(get("/order"));
    ASSERT_TRUE(polls_.reaches(1));
    souk_->server.stop(0ms);
    const int polls = polls_.count();
    settle();
    EXPECT_EQ(polls_.count(), polls);
}

}  // namespace
}  // namespace souk::testing
