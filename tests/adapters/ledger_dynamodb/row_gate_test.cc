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
    const auto first = gate.enter(on("s")).place;
    const auto second = gate.enter(on("s")).place;
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
                    const auto place = gate.enter(on("hot")).place;
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
    const auto place = gate.enter(on("hot")).place;
    EXPECT_TRUE(place.covers(key_at("hot")));
    const auto other = gate.enter(on("cold")).place;
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
                const auto place = gate.enter(transaction).place;
                EXPECT_TRUE(place.covers(key_at("a")));
            }
        });
    }
}

TEST(RowGate, KeepsTheOrderOfComing) {
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    auto first = gate.enter(on("hot")).place;
    std::vector<int> order;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 5; ++i) {
        threads.emplace_back([&, i] {
            const auto place = gate.enter(on("hot")).place;
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
    auto kept = gate.enter(on("hot")).place;
    const auto late = gate.enter(on("hot")).place;
    EXPECT_FALSE(late.covers(key_at("hot")));
    EXPECT_EQ(gate.waiting(), 0U);
    kept.leave();
    const auto next = gate.enter(on("hot")).place;
    EXPECT_TRUE(next.covers(key_at("hot")));
}

TEST(RowGate, ForgetsContentionInTime) {
    RowGate gate(
        {.contended_for = std::chrono::milliseconds(0), .wait_max = std::chrono::hours(1)});
    gate.contended(key_at("hot"));
    const auto place = gate.enter(on("hot")).place;
    EXPECT_FALSE(place.covers(key_at("hot")));
}

TEST(RowGate, IsLeftOnce) {
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    auto place = gate.enter(on("hot")).place;
    auto moved = std::move(place);
    moved.leave();
    const auto next = gate.enter(on("hot")).place;
    EXPECT_TRUE(next.covers(key_at("hot")));
    moved.leave();
    EXPECT_TRUE(next.covers(key_at("hot")));
}

Transaction counting_on(std::string_view sort) {
    return one(Add{key_at(sort), {{"n", 1, {}}}, Expect::any()});
}

/// Somebody who waits at the gate, in a thread of its own.
class WaitingAtTheGate {
public:
    WaitingAtTheGate(RowGate& gate, Transaction transaction)
        : transaction_(std::move(transaction)), thread_([this, &gate] {
              auto entry = gate.enter(transaction_);
              settled_ = std::move(entry.settled);
          }) {}
    /// What another made of it; nothing if it went in itself.
    std::optional<Result<void>> settled() {
        thread_.join();
        return settled_;
    }

private:
    const Transaction transaction_;
    std::optional<Result<void>> settled_;
    std::jthread thread_;
};

void wait_for(const RowGate& gate, std::size_t waiting) {
    while (gate.waiting() != waiting) {
        std::this_thread::yield();
    }
}

TEST(RowGate, TakesAlongWhoCountsOnTheSameRow) {
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    auto inside = gate.enter(counting_on("hot"));
    std::optional<RowGate::Entry> entry;
    std::jthread first([&] { entry.emplace(gate.enter(counting_on("hot"))); });
    wait_for(gate, 1);
    WaitingAtTheGate second(gate, counting_on("hot"));
    wait_for(gate, 2);
    inside.place.leave();
    first.join();
    ASSERT_FALSE(entry->company.empty());
    EXPECT_EQ(std::get<Add>(entry->company.all().writes.front()).changes.size(), 2U);
    entry->company.tell(fail(errors::ledger_busy, "As told."));
    const auto settled = second.settled();
    ASSERT_TRUE(settled && !*settled);
    EXPECT_EQ(settled->error().detail, "As told.");
}

TEST(RowGate, LetsEachGoAloneWhenTheCompanyParts) {
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    auto inside = gate.enter(counting_on("hot"));
    std::optional<RowGate::Entry> entry;
    std::jthread first([&] { entry.emplace(gate.enter(counting_on("hot"))); });
    wait_for(gate, 1);
    WaitingAtTheGate second(gate, counting_on("hot"));
    WaitingAtTheGate third(gate, counting_on("hot"));
    wait_for(gate, 3);
    inside.place.leave();
    first.join();
    entry.reset();
    EXPECT_FALSE(second.settled());
    EXPECT_FALSE(third.settled());
}

TEST(RowGate, TakesNobodyAlongWhoWritesElsewhereToo) {
    RowGate gate(for_ever);
    gate.contended(key_at("hot"));
    gate.contended(key_at("other"));
    auto inside = gate.enter(counting_on("hot"));
    Transaction both = counting_on("hot");
    both.writes.push_back(counting_on("other").writes.front());
    std::optional<RowGate::Entry> entry;
    std::jthread first([&] { entry.emplace(gate.enter(counting_on("hot"))); });
    wait_for(gate, 1);
    WaitingAtTheGate second(gate, both);
    wait_for(gate, 2);
    inside.place.leave();
    first.join();
    EXPECT_TRUE(entry->company.empty());
    entry.reset();
    EXPECT_FALSE(second.settled());
}

}  // namespace

}  // namespace souk::dynamo
