#include "adapters/aws_client/credentials_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;
using aws::Credentials;
using aws::CredentialsCache;
using Time = CredentialsCache::Time;

/// Yields k1, k2, … that live for an hour; fails or waits when told so.
class Source final : public aws::CredentialsSource {
public:
    explicit Source(const std::atomic<Time>& now) : now_(now) {}

    Result<std::optional<Credentials>> load(Deadline) override {
        const int number = ++loads;
        if (held) {
            begun.set_value();
            released.get_future().wait();
        }
        if (failing) {
            return fail(aws::errors::aws_no_credentials, "Down.");
        }
        return Credentials{.access_key_id = cat('k', number),
                           .secret_access_key = "s",
                           .session_token = cat('t', number),
                           .expires = now_.load() + 1h};
    }

    std::atomic<int> loads{0};
    std::atomic<bool> failing{false};
    std::atomic<bool> held{false};
    std::promise<void> begun;
    std::promise<void> released;

private:
    const std::atomic<Time>& now_;
};

class Cache : public ::testing::Test {
protected:
    Cache() {
        auto made = std::make_unique<Source>(now_);
        source_ = made.get();
        std::vector<std::unique_ptr<aws::CredentialsSource>> sources;
        sources.push_back(std::move(made));
        cache_ =
            std::make_unique<CredentialsCache>(std::move(sources), [this] { return now_.load(); });
    }

    std::string key() {
        const auto found = cache_->current(std::chrono::steady_clock::now() + 60s);
        return found ? found->access_key_id : found.error().detail;
    }
    void advance(std::chrono::milliseconds time) { now_ = now_.load() + time; }

    std::atomic<Time> now_{Time(1'795'600'000s)};
    Source* source_ = nullptr;
    std::unique_ptr<CredentialsCache> cache_;
};

TEST_F(Cache, AsksTheSourceOnceUntilTheyAreNearTheirEnd) {
    EXPECT_EQ(key(), "k1");
    advance(1h - CredentialsCache::renewed_before - 1ms);
    EXPECT_EQ(key(), "k1");
    EXPECT_EQ(source_->loads, 1);
    advance(1ms);
    EXPECT_EQ(key(), "k2");
}

TEST_F(Cache, GoesOnWithValidOnesWhenTheSourceFails) {
    EXPECT_EQ(key(), "k1");
    source_->failing = true;
    advance(1h - CredentialsCache::renewed_before);
    EXPECT_EQ(key(), "k1");
    EXPECT_EQ(key(), "k1");
    EXPECT_EQ(source_->loads, 2);  // Not at each call.
    advance(CredentialsCache::renewal_pause);
    EXPECT_EQ(key(), "k1");
    EXPECT_EQ(source_->loads, 3);
    advance(CredentialsCache::renewed_before - CredentialsCache::renewal_pause -
            CredentialsCache::unused_before);
    EXPECT_EQ(key(), "Down.");
}

TEST_F(Cache, DoesNotAskAFailingSourceAtEachCall) {
    source_->failing = true;
    EXPECT_EQ(key(), "Down.");
    EXPECT_EQ(key(), "Down.");
    EXPECT_EQ(source_->loads, 1);
    source_->failing = false;
    advance(CredentialsCache::failure_pause);
    EXPECT_EQ(key(), "k2");
}

TEST_F(Cache, RenewsOnOneThreadWhileOthersGoOn) {
    EXPECT_EQ(key(), "k1");
    advance(1h - CredentialsCache::renewed_before);
    source_->held = true;
    std::string renewed;
    std::jthread renewing([&] { renewed = key(); });
    source_->begun.get_future().wait();
    EXPECT_EQ(key(), "k1");
    EXPECT_EQ(source_->loads, 2);
    source_->released.set_value();
    renewing.join();
    EXPECT_EQ(renewed, "k2");
    EXPECT_EQ(key(), "k2");
}

TEST_F(Cache, LetsAllWaitForTheFirstOnes) {
    source_->held = true;
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] { good += key() == "k1" ? 1 : 0; });
        }
        source_->begun.get_future().wait();
        const auto impatient = cache_->current(std::chrono::steady_clock::now());
        EXPECT_FALSE(impatient);
        source_->released.set_value();
    }
    EXPECT_EQ(good, 4);
    EXPECT_EQ(source_->loads, 1);
}

TEST_F(Cache, ReplacesWhatAServiceCallsExpired) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    const auto first = cache_->current(deadline);
    ASSERT_TRUE(first);
    EXPECT_TRUE(cache_->replace(*first, deadline));
    EXPECT_EQ(key(), "k2");
    // Another call had the old ones too: there are new ones already.
    EXPECT_TRUE(cache_->replace(*first, deadline));
    EXPECT_EQ(source_->loads, 2);
}

}  // namespace
}  // namespace souk::testing
