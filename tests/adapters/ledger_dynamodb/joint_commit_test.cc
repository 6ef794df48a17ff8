#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "adapters/ledger_dynamodb/committer.h"
#include "adapters/ledger_dynamodb/dynamo_reads.h"
#include "adapters/memory/seeded_crypto.h"
#include "contracts/ledger_fixture.h"
#include "support/memory_aws/memory_aws.h"

/// Commits of one process that meet at a row. DynamoDB is in memory.
namespace souk::dynamo {

namespace {

using contract::code_of;
using contract::conflict_of;
using contract::event_of;
using contract::happened;
using contract::key_at;
using contract::row_at;
using testing_support::Fault;

constexpr std::size_t together = 9;

class JointCommit : public testing::Test {
protected:
    JointCommit() { account_.dynamo.make_table("t-test"); }

    void stock(std::int64_t hand) {
        Row row = row_at("stock");
        row.counters = {{"hand", hand}};
        ASSERT_TRUE(committer_.commit({.writes = {Put{row, Expect::any()}}}));
        meet_somebody();
    }
    /// The stock's row counts as contended from here on.
    void meet_somebody() {
        next_ = {Fault::conflicted};
        ASSERT_TRUE(committer_.commit(
            {.token = "the first",
             .writes = {Add{key_at("stock"), {{"hand", 0, {}}}, Expect::present()}}}));
    }
    static Transaction sale(std::size_t order) {
        Transaction made;
        made.token = cat("order ", order);
        made.writes = {Add{key_at("stock"), {{"hand", -1, 0}}, Expect::present()},
                       Put{row_at(cat("order-", order)), Expect::absent()}};
        made.events = {event_of(happened, cat("evt_", order))};
        return made;
    }
    static std::vector<Transaction> sales() {
        std::vector<Transaction> all;
        for (std::size_t i = 0; i < together; ++i) {
            all.push_back(sale(i));
        }
        return all;
    }
    /// While the first one is at DynamoDB, all others come.
    std::vector<Result<void>> commit_at_once(const std::vector<Transaction>& all) {
        awaited_ = all.size() - 1;
        transactions_ = 0;
        std::vector<Result<void>> outcomes(all.size());
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < all.size(); ++i) {
            threads.emplace_back([&, i] { outcomes[i] = committer_.commit(all[i]); });
            while (i == 0 && transactions_ == 0) {
                std::this_thread::yield();
            }
        }
        threads.clear();
        return outcomes;
    }
    std::int64_t hand() const {
        return (*reads_.row(key_at("stock"), clock_.now()))->counters.at("hand");
    }
    std::size_t orders() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < together; ++i) {
            count += *reads_.row(key_at(cat("order-", i)), clock_.now()) ? 1U : 0U;
        }
        return count;
    }
    static auto count(const std::vector<Result<void>>& outcomes, std::string_view code) {
        return std::ranges::count_if(outcomes,
                                     [&](const auto& one) { return code_of(one) == code; });
    }
    /// What happens to the transactions from the second on, so many times.
    void strike(Fault fault, std::size_t times) {
        next_.assign(times, fault);
        next_.insert(next_.begin(), Fault::none);
    }

    SettableClock clock_;
    SeededCrypto crypto_;
    testing_support::MemoryAccount account_{clock_, "q-", {}};
    std::atomic<std::size_t> transactions_ = 0;
    std::size_t awaited_ = 0;
    std::vector<Fault> next_;
    testing_support::MemoryAws client_{account_, [this](std::string_view action) {
                                           if (action != "TransactWriteItems") {
                                               return Fault::none;
                                           }
                                           if (transactions_++ == 0) {
                                               while (committer_.waiting() < awaited_) {
                                                   std::this_thread::yield();
                                               }
                                           }
                                           // One at a time is at the contended row.
                                           return next_.empty() ? Fault::none : take_next();
                                       }};
    Pauses pauses_{crypto_, [](std::chrono::milliseconds) {}};
    Committer committer_{client_, clock_, crypto_, pauses_, "t-"};
    Reads reads_{client_, crypto_, pauses_, "t-"};

private:
    Fault take_next() {
        const Fault fault = next_.front();
        next_.erase(next_.begin());
        return fault;
    }
};

TEST_F(JointCommit, SellsToAllWhoWaitInOneTransaction) {
    stock(20);
    EXPECT_EQ(count(commit_at_once(sales()), "none"), together);
    EXPECT_EQ(transactions_, 2U);
    EXPECT_EQ(hand(), 20 - static_cast<std::int64_t>(together));
    EXPECT_EQ(orders(), together);
}

TEST_F(JointCommit, PutsTheEventsOfAllIntoTheOutbox) {
    stock(20);
    (void)commit_at_once(sales());
    std::size_t events = 0;
    for (const auto& change : account_.dynamo.changes("t-test", 0, 1000)) {
        events += change.image.contains("e") ? 1U : 0U;
    }
    EXPECT_EQ(events, together);
}

TEST_F(JointCommit, SellsTheLastUnitAndNoneBeyond) {
    stock(5);
    const auto outcomes = commit_at_once(sales());
    EXPECT_EQ(count(outcomes, "none"), 5);
    for (const auto& outcome : outcomes) {
        EXPECT_TRUE(outcome || conflict_of(outcome) == "/writes/0");
    }
    EXPECT_EQ(hand(), 0);
    EXPECT_EQ(orders(), 5U);
}

TEST_F(JointCommit, TellsEachOfItsOwnConflictAlone) {
    stock(20);
    ASSERT_TRUE(committer_.commit({.writes = {Put{row_at("order-4"), Expect::any()}}}));
    const auto outcomes = commit_at_once(sales());
    for (std::size_t i = 0; i < together; ++i) {
        EXPECT_EQ(conflict_of(outcomes[i]), i == 4 ? "/writes/1" : "committed") << i;
    }
    EXPECT_EQ(hand(), 20 - static_cast<std::int64_t>(together) + 1);
}

TEST_F(JointCommit, HasHappenedOnceForAllWhoRepeatAnUnknownOutcome) {
    stock(20);
    for (const Fault lost : {Fault::unanswered, Fault::unanswered_after}) {
        const std::int64_t before = hand();
        strike(lost, unanswered_tries_max);
        auto all = sales();
        for (auto& transaction : all) {
            transaction.token += name_of(lost);
            std::get<Put>(transaction.writes[1]).row.key.partition = name_of(lost);
        }
        EXPECT_EQ(count(commit_at_once(all), "unknown_outcome"), together - 1);
        for (const auto& transaction : all) {
            EXPECT_TRUE(committer_.commit(transaction));
            EXPECT_TRUE(committer_.commit(transaction));
        }
        EXPECT_EQ(hand(), before - static_cast<std::int64_t>(together)) << name_of(lost);
    }
}

TEST_F(JointCommit, LetsEachRepeatAloneWhatTurnsOutNotToHaveHappened) {
    stock(20);
    strike(Fault::unanswered, unanswered_tries_max);
    const auto all = sales();
    ASSERT_EQ(count(commit_at_once(all), "unknown_outcome"), together - 1);
    // Of the nine, one has been sold; somebody else leaves three.
    ASSERT_TRUE(committer_.commit(
        {.writes = {Add{key_at("stock"), {{"hand", -16, 0}}, Expect::present()}}}));
    std::vector<Result<void>> outcomes;
    for (const auto& transaction : all) {
        outcomes.push_back(committer_.commit(transaction));
    }
    EXPECT_EQ(count(outcomes, "none"), 1 + 3);
    EXPECT_EQ(hand(), 0);
}

TEST_F(JointCommit, IsUnknownToAllWhoWentAlong) {
    stock(20);
    strike(Fault::failed_after, unanswered_tries_max);
    const auto outcomes = commit_at_once(sales());
    EXPECT_EQ(count(outcomes, "none"), 1);
    EXPECT_EQ(count(outcomes, "unknown_outcome"), together - 1);
}

TEST_F(JointCommit, IsBusyForAllWhenItIsThrottled) {
    stock(20);
    strike(Fault::throttled, 1);
    const auto outcomes = commit_at_once(sales());
    EXPECT_EQ(count(outcomes, "none"), 1);
    EXPECT_EQ(count(outcomes, "ledger_busy"), together - 1);
    EXPECT_EQ(hand(), 19);
}

TEST_F(JointCommit, TriesAgainAsOneWhenItMeetsAnotherProcess) {
    stock(20);
    strike(Fault::conflicted, 2);
    EXPECT_EQ(count(commit_at_once(sales()), "none"), together);
    EXPECT_EQ(transactions_, 4U);
    EXPECT_EQ(hand(), 20 - static_cast<std::int64_t>(together));
}

}  // namespace

}  // namespace souk::dynamo
