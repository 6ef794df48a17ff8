#include "adapters/ledger_dynamodb/row_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "contracts/ledger_fixture.h"

namespace souk::dynamo {

namespace {

using contract::key_at;
using contract::one;

/// No test waits for these.
constexpr RowGate::Limits for_ever{.contended_for = std::chrono::hours(1),
                                   .wait_max = std::chrono::hours(1)};

Transaction on(std::string_view sort) { return one(Erase{key_at(sort), Expect::any()}); }

TEST(RowGate, LetsEverybodyInAsLongAsNobodyMetAnother) {
    RowGate gate(for_ever);
    const auto first = gate.enter(on("s"));
    const auto second = gate.enter(on("s"));
    EXPECT_FALSE(first.covers(key_at("s")));
    EXPECT_FALSE(second.covers(key_at("s")));
}

TEST(RowGate, LetsOneInAtATimeToAContendedRow) {
    RowGate gate(for_ever);
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
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    const auto place = gate.enter(on("hot"));
    EXPECT_TRUE(place.covers(key_at("hot")));
    const auto other = gate.enter(on("cold"));
    EXPECT_FALSE(other.covers(key_at("cold")));
}

/// Two rows in either order: all places are taken at once, so the two cannot wait for each other.
TEST(RowGate, CannotLockItselfUp) {
    RowGate gate(for_ever);
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

TEST(RowGate, KeepsTheOrderOfComing) {
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    auto first = gate.enter(on("hot"));
    std::vector<int> order;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 5; ++i) {
        threads.emplace_back([&, i] {
            const auto place = gate.enter(on("hot"));
            order.push_back(static_cast<int>(i));  // One at a time is inside.
        });
        while (gate.waiting() <= i) {
            std::this_thread::yield();
        }
    }
    first.leave();
    threads.clear();
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

TEST(RowGate, LetsThoseGoOnWhoHaveWaitedLongEnough) {
    RowGate gate(
        {.contended_for = std::chrono::hours(1), .wait_max = std::chrono::milliseconds(20)});
    gate.contended(key_at("hot"));
    auto kept = gate.enter(on("hot"));
    const auto late = gate.enter(on("hot"));
    EXPECT_FALSE(late.covers(key_at("hot")));
    EXPECT_EQ(gate.waiting(), 0U);
    kept.leave();
    const auto next = gate.enter(on("hot"));
    EXPECT_TRUE(next.covers(key_at("hot")));
}

TEST(RowGate, ForgetsContentionInTime) {
    RowGate gate(
        {.contended_for = std::chrono::milliseconds(0), .wait_max = std::chrono::hours(1)});
    gate.contended(key_at("hot"));
    const auto place = gate.enter(on("hot"));
    EXPECT_FALSE(place.covers(key_at("hot")));
}

TEST(RowGate, IsLeftOnce) {
    RowGate gate(for_ever);
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
