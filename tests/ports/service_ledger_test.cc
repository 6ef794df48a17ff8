#include "domain/base/text.h"
#include "ports/service_fixture.h"
#include "support/forwarding_ledger.h"

namespace souk {
namespace {

/// Remembers how durable the commits were.
class DurabilityObserver final : public CommitObserver {
public:
    void committed(const Transaction& transaction) noexcept override {
        last_ = transaction.durability;
    }
    [[nodiscard]] Durability last() const { return last_; }

private:
    Durability last_ = Durability::synced;
};

class ServiceLedgerTest : public ServiceTest {
protected:
    DurabilityObserver observer_;

    void SetUp() override { memory_.observe(observer_); }
    void TearDown() override { memory_.forget(observer_); }

    Changes change(std::string_view sort) {
        Changes changes;
        wall_.put(changes, {.partition = "p", .sort = std::string(sort), .body = "b"},
                  Expect::any());
        return changes;
    }
    Changes relaxed(std::string_view sort) {
        Changes changes = change(sort);
        changes.relax();
        return changes;
    }
};

TEST_F(ServiceLedgerTest, MakesEventsThatTellTheirStoreAndService) {
    const Event event = service_.event(store_, "souk.order.placed.v1", "order_1", "{}", "trace");
    EXPECT_TRUE(EventId::parse(event.id));
    EXPECT_EQ(event.source, cat("/stores/", store_.text(), "/orders"));
    EXPECT_EQ(event.store(), store_.text());
    EXPECT_EQ(event.type, "souk.order.placed.v1");
    EXPECT_EQ(event.subject, "order_1");
    EXPECT_EQ(event.time, environment_.clock.now());
    EXPECT_EQ(event.traceparent, "trace");
    EXPECT_EQ(service_.platform_event("t", "s", "{}", "").source, "/platform/orders");
    EXPECT_EQ(service_.platform_event("t", "s", "{}", "").store(), "");
    EXPECT_NE(service_.event(store_, "t", "s", "{}", "").id, event.id);
}

TEST_F(ServiceLedgerTest, CommitsRowsAndEventsTogether) {
    Changes changes = change("s");
    changes.announce(service_.event(store_, "t", "s", "{}", ""));
    EXPECT_EQ(changes.size(), 2U);
    ASSERT_TRUE(service_.commit(changes));
    EXPECT_EQ(body_of(wall_, "p", "s"), "b");
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(ServiceLedgerTest, WritesNothingWhenOneExpectationFails) {
    write(wall_, {.partition = "p", .sort = "taken", .body = "old"});
    const auto rows = memory_.rows().size();
    Changes changes = change("new");
    wall_.put(changes, {.partition = "p", .sort = "taken", .body = "new"}, Expect::absent());
    changes.announce(service_.event(store_, "t", "s", "{}", ""));
    EXPECT_EQ(service_.commit(changes).error().code, errors::ledger_conflict);
    EXPECT_EQ(memory_.rows().size(), rows);
    EXPECT_EQ(body_of(wall_, "p", "taken"), "old");
    EXPECT_TRUE(memory_.events().empty());
}

TEST_F(ServiceLedgerTest, AsksAgainUnderTheSameTokenWhenAnAnswerIsLost) {
    memory_.lose_answers(2);
    Changes changes;
    wall_.add(changes, "p", "s", {{"stock", 1, std::nullopt}}, Expect::any());
    changes.announce(service_.event(store_, "t", "s", "{}", ""));
    ASSERT_TRUE(service_.commit(changes));
    EXPECT_EQ((*wall_.find("p", "s"))->counters.at("stock"), 1);
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(ServiceLedgerTest, SaysSoWhenTheOutcomeStaysUnknown) {
    memory_.refuse(100, errors::unknown_outcome);
    EXPECT_EQ(service_.commit(change("s")).error().code, errors::unknown_outcome);
}

/// Does the first commit without saying so, and none after it.
class FailingAfterOne final : public testing::ForwardingLedger {
public:
    using ForwardingLedger::ForwardingLedger;
    Result<void> commit(const Transaction& transaction) override {
        if (commits_++ > 0) {
            return fail(errors::ledger_unavailable, "The disk failed.");
        }
        TRY(ForwardingLedger::commit(transaction));
        return fail(errors::unknown_outcome, "The disk failed.");
    }

private:
    int commits_ = 0;
};

TEST_F(ServiceLedgerTest, CallsACommitThatMayHaveHappenedUnknownWhenItsRepeatIsRefused) {
    FailingAfterOne failing(memory_);
    const ServiceLedger service(failing, "orders", environment_.environment());
    EXPECT_EQ(service.commit(change("s")).error().code, errors::unknown_outcome);
    EXPECT_EQ(body_of(wall_, "p", "s"), "b");
}

TEST_F(ServiceLedgerTest, MakesNoSecondCommitOfOneThatTheSameChangesAskForLater) {
    Changes changes;
    wall_.add(changes, "p", "s", {{"stock", 1, std::nullopt}}, Expect::any());
    ASSERT_TRUE(service_.commit(changes));
    ASSERT_TRUE(service_.commit(changes));  // Another commit: each has its own token.
    EXPECT_EQ((*wall_.find("p", "s"))->counters.at("stock"), 2);
}

TEST_F(ServiceLedgerTest, KeepsTheStrongerDurabilityOfTwoChanges) {
    Changes both = relaxed("a");
    both.append(relaxed("b"));
    ASSERT_TRUE(service_.commit(both));
    EXPECT_EQ(observer_.last(), Durability::relaxed);

    Changes first_synced = change("a");
    first_synced.append(relaxed("b"));
    ASSERT_TRUE(service_.commit(first_synced));
    EXPECT_EQ(observer_.last(), Durability::synced);

    Changes second_synced = relaxed("a");
    second_synced.append(change("b"));
    ASSERT_TRUE(service_.commit(second_synced));
    EXPECT_EQ(observer_.last(), Durability::synced);

    Changes taken_over;
    taken_over.append(relaxed("a"));
    taken_over.append(Changes());
    ASSERT_TRUE(service_.commit(taken_over));
    EXPECT_EQ(observer_.last(), Durability::relaxed);
}

TEST_F(ServiceLedgerTest, AppendsWritesAndEvents) {
    Changes changes = change("a");
    Changes more = change("b");
    more.announce(service_.event(store_, "t", "s", "{}", ""));
    changes.append(std::move(more));
    EXPECT_EQ(changes.size(), 3U);
    EXPECT_FALSE(changes.empty());
    EXPECT_TRUE(Changes().empty());
}

}  // namespace
}  // namespace souk
