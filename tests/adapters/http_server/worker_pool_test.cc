#include "adapters/http_server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

#include "adapters/http_server/harness.h"

namespace souk::testing {
namespace {

using http_edge::WorkerPool;

TEST(WorkerPool, RunsWhatItIsOffered) {
    Gate ran;
    WorkerPool pool(1, 0);
    EXPECT_TRUE(pool.offer([&] { ran.open(); }));
    EXPECT_TRUE(ran.wait());
}

TEST(WorkerPool, RunsAsManyAtOnceAsItHasThreads) {
    Gate first;
    Gate second;
    WorkerPool pool(2, 0);
    EXPECT_TRUE(pool.offer([&] {
        EXPECT_TRUE(second.wait());
        first.open();
    }));
    EXPECT_TRUE(pool.offer([&] { second.open(); }));
    EXPECT_TRUE(first.wait());
}

TEST(WorkerPool, RefusesNewWorkWhenFullButNotTheNextPartOfOld) {
    Gate started;
    Gate gate;
    Gate resumed;
    WorkerPool pool(1, 0);
    EXPECT_TRUE(pool.offer([&] {
        started.open();
        gate.wait();
    }));
    EXPECT_TRUE(started.wait());
    EXPECT_FALSE(pool.offer([] {}));
    pool.resume([&] { resumed.open(); });
    gate.open();
    EXPECT_TRUE(resumed.wait());
}

TEST(WorkerPool, DropsWhatWaitsWhenItStops) {
    Gate started;
    Gate gate;
    std::atomic<bool> ran = false;
    WorkerPool pool(1, 1);
    EXPECT_TRUE(pool.offer([&] {
        started.open();
        gate.wait();
    }));
    EXPECT_TRUE(started.wait());
    EXPECT_TRUE(pool.offer([&] { ran = true; }));
    std::thread stopper([&] { pool.stop(); });
    while (pool.offer([] {})) {  // Until the stop is noticed or the queue is full.
    }
    gate.open();
    stopper.join();
    EXPECT_FALSE(pool.offer([] {}));
}

}  // namespace
}  // namespace souk::testing
