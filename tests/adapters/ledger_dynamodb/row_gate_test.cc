#include "adapters/ledger_dynamodb/row_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "contracts/ledger_fixture.h"

namespace souk::dynamo {

namespace {

using contract::key_at;
using contract::one;

Transaction on(std::string_view sort) { return one(Erase{key_at(sort), Expect::any()}); }

TEST(RowGate, LetsEverybodyInAsLongAsNobodyMetAnother) {
    RowGate gate;
    const auto first = gate.enter(on("s"));
    const auto second = gate.enter(on("s"));
    EXPECT_FALSE(first.covers(key_at("s")));
    EXPECT_FALSE(second.covers(key_at("s")));
}

TEST(RowGate, LetsOneInAtATimeToAContendedRow) {
    RowGate gate;
    gate.contended(key_at("hot"));
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 200; ++n) {
                    const auto place = gate.enter(on("hot"));
                    if (place.covers(key_at("hot"))) {
                        most = std::max(most.load(), ++inside);
                        --inside;
                    }
                }
            });
        }
    }
    EXPECT_EQ(most, 1);
}

TEST(RowGate, NeverHoldsUpOtherRows) {
    RowGate gate;
    gate.contended(key_at("hot"));
    const auto place = gate.enter(on("hot"));
    EXPECT_TRUE(place.covers(key_at("hot")));
    const auto other = gate.enter(on("cold"));
    EXPECT_FALSE(other.covers(key_at("cold")));
}

/// Two rows in either order: all places are taken at once, so the two cannot wait for each other.
TEST(RowGate, CannotLockItselfUp) {
    RowGate gate;
    gate.contended(key_at("a"));
    gate.contended(key_at("b"));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 500; ++n) {
                Transaction transaction = on(i == 0 ? "a" : "b");
                transaction.writes.push_back(on(i == 0 ? "b" : "a").writes.front());
                const auto place = gate.enter(transaction);
                EXPECT_TRUE(place.covers(key_at("a")));
            }
        });
    }
}

TEST(RowGate, LetsThoseGoOnWhoHaveWaitedLongEnough) {
    RowGate gate;
    gate.contended(key_at("hot"));
    const auto kept = gate.enter(on("hot"));
    const auto begun = std::chrono::steady_clock::now();
    const auto late = gate.enter(on("hot"));
    EXPECT_FALSE(late.covers(key_at("hot")));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, RowGate::wait_max);
}

TEST(RowGate, IsLeftOnce) {
    RowGate gate;
    gate.contended(key_at("hot"));
    auto place = gate.enter(on("hot"));
    auto moved = std::move(place);
    moved.leave();
    const auto next = gate.enter(on("hot"));
    EXPECT_TRUE(next.covers(key_at("hot")));
    moved.leave();
    EXPECT_TRUE(next.covers(key_at("hot")));
}

}  // namespace

}  // namespace souk::dynamo
