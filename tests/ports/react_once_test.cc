#include "ports/service_fixture.h"

namespace souk {
namespace {

class ReactOnce : public ServiceTest {
protected:
    int runs_ = 0;
    Event event_ = service_.event(store_, "souk.order.placed.v1", "order_1", "{}", "");

    /// Takes one from the stock.
    Result<Changes> reserve() {
        ++runs_;
        Changes changes;
        wall_.add(changes, "sku", "stock", {{"stock", -1, std::nullopt}}, Expect::any());
        return changes;
    }
    Result<void> deliver(std::string_view queue = "products-orders") {
        return react_once(event_, queue, service_, wall_, [this] { return reserve(); });
    }
    std::int64_t stock() {
        const auto row = wall_.find("sku", "stock");
        return row && *row ? (*row)->counters.at("stock") : 0;
    }
};

TEST_F(ReactOnce, DoesNothingOnASecondDelivery) {
    ASSERT_TRUE(deliver());
    ASSERT_TRUE(deliver());
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(stock(), -1);
}

TEST_F(ReactOnce, ActsOncePerQueueAndEvent) {
    ASSERT_TRUE(deliver("products-orders"));
    ASSERT_TRUE(deliver("carts-orders"));
    event_ = service_.event(store_, "souk.order.placed.v1", "order_2", "{}", "");
    ASSERT_TRUE(deliver("products-orders"));
    EXPECT_EQ(stock(), -3);
}

TEST_F(ReactOnce, RemembersAReactionThatHadNothingToDo) {
    const auto nothing = [this]() -> Result<Changes> {
        ++runs_;
        return Changes{};
    };
    ASSERT_TRUE(react_once(event_, "q", service_, wall_, nothing));
    ASSERT_TRUE(react_once(event_, "q", service_, wall_, nothing));
    EXPECT_EQ(runs_, 1);
}

TEST_F(ReactOnce, RemembersNoFailure) {
    const auto early = []() -> Result<Changes> { return fail(errors::unavailable, "Too early."); };
    EXPECT_EQ(react_once(event_, "products-orders", service_, wall_, early).error().code,
              errors::unavailable);
    EXPECT_TRUE(memory_.rows().empty());
    ASSERT_TRUE(deliver());
    EXPECT_EQ(stock(), -1);
}

TEST_F(ReactOnce, RunsAgainAfterALostRace) {
    memory_.refuse(2, errors::ledger_conflict);
    ASSERT_TRUE(deliver());
    EXPECT_EQ(runs_, 3);
    EXPECT_EQ(stock(), -1);
}

TEST_F(ReactOnce, ActsOnceWhenTwoDeliveriesRace) {
    bool raced = false;
    const auto verb = [&]() -> Result<Changes> {
        Changes changes = TRY(reserve());
        if (!raced) {
            raced = true;
            TRY(deliver());
        }
        return changes;
    };
    ASSERT_TRUE(react_once(event_, "products-orders", service_, wall_, verb));
    EXPECT_EQ(stock(), -1);
}

TEST_F(ReactOnce, ActsOnceWhenTheLedgersAnswerIsLost) {
    memory_.lose_answers(1);
    ASSERT_TRUE(deliver());
    ASSERT_TRUE(deliver());
    EXPECT_EQ(stock(), -1);
}

TEST_F(ReactOnce, GivesUpForNowWhenItNeverWins) {
    memory_.refuse(races_max, errors::ledger_conflict);
    EXPECT_EQ(deliver().error().code, errors::contention);
    EXPECT_TRUE(memory_.rows().empty());
}

TEST_F(ReactOnce, RemembersLongerThanAnyQueueKeepsAMessage) {
    ASSERT_TRUE(deliver());
    environment_.clock.advance(std::chrono::hours(24 * 14));
    ASSERT_TRUE(deliver());
    EXPECT_EQ(runs_, 1);
}

}  // namespace
}  // namespace souk
