#include <random>
#include <tuple>

#include "domain/products/contract.h"
#include "domain/products/limits.h"
#include "products/shop.h"
#include "support/overtaken_ledger.h"

namespace souk::products {

class Reservations : public Shop {
protected:
    OrderId fresh_order() { return environment.environment().fresh<OrderId>(); }

    static std::string stock_json(const std::vector<OrderedSku>& lines) {
        std::string list;
        for (const auto& line : lines) {
            list += cat(list.empty() ? "" : ",", R"({"sku":")", line.sku, R"(","quantity":)",
                        line.quantity, "}");
        }
        return "[" + list + "]";
    }
    Event placed(const OrderId& order, const std::vector<OrderedSku>& lines) {
        return order_event("souk.order.placed.v1", order,
                           cat(R"({"stock":)", stock_json(lines), "}"));
    }
    Event cancelled(const OrderId& order) {
        return order_event("souk.order.cancelled.v1", order, "{}");
    }
    Event confirmed(const OrderId& order) {
        return order_event("souk.order.confirmed.v1", order, "{}");
    }
    Event refunded(const OrderId& order, const std::string& refund,
                   const std::vector<OrderedSku>& lines) {
        return order_event(
            "souk.order.refunded.v1", order,
            cat(R"({"refund":{"id":")", refund, R"("},"restock":)", stock_json(lines), "}"));
    }
    void put_up(int count, std::int64_t stock) {
        for (int i = 0; i < count; ++i) {
            sell(cat("Thing ", i), cat("S", i), 100, stock);
        }
    }
    static std::vector<OrderedSku> each(int count, std::int64_t quantity) {
        std::vector<OrderedSku> lines;
        for (int i = 0; i < count; ++i) {
            lines.push_back({cat("S", i), quantity});
        }
        return lines;
    }
    /// Of every stock row: available, reserved and on hand add up and none is negative.
    void expect_sound() {
        for (const auto& row : memory.rows()) {
            if (row.counters.contains("on_hand")) {
                const Stock stock = stock_from(row.counters);
                EXPECT_EQ(stock.on_hand, stock.available + stock.reserved);
                EXPECT_EQ(row.counters.at("on_hand_negated"), -stock.on_hand);
                EXPECT_GE(stock.available, 0);
                EXPECT_GE(stock.reserved, 0);
            }
        }
    }
};

TEST_F(Reservations, TakeAllLinesInOneCommitAndSaySo) {
    put_up(3, 10);
    const OrderId order = fresh_order();
    const int commits = ledger.commits;
    ASSERT_TRUE(deliver(placed(order, each(3, 2))));
    EXPECT_EQ(ledger.commits, commits + 1);
    EXPECT_EQ(stock_of("S0"), (Stock{8, 2, 10, true}));
    EXPECT_EQ(events("souk.stock.reserved.v1"),
              std::vector{cat(R"({"order_id":")", order.text(), "\"}")});
}

TEST_F(Reservations, MergeLinesOfTheSameSku) {
    put_up(1, 3);
    ASSERT_TRUE(deliver(placed(fresh_order(), {{"S0", 2}, {"S0", 2}})));
    EXPECT_EQ(events("souk.stock.rejected.v1").size(), 1u);
    ASSERT_TRUE(deliver(placed(fresh_order(), {{"S0", 2}, {"S0", 1}})));
    EXPECT_EQ(stock_of("S0"), (Stock{0, 3, 3, true}));
}

TEST_F(Reservations, RejectWhatIsOutOfStockAndTakeNothing) {
    put_up(2, 5);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, {{"S0", 5}, {"S1", 6}})));
    EXPECT_EQ(stock_of("S0"), (Stock{5, 0, 5, true}));
    EXPECT_EQ(events("souk.stock.rejected.v1"),
              std::vector{cat(R"({"order_id":")", order.text(),
                              R"(","reason":"out_of_stock","skus":["S1"]})")});
    EXPECT_TRUE(events("souk.stock.reserved.v1").empty());
}

TEST_F(Reservations, RejectWhatIsNotSold) {
    put_up(1, 5);
    create(
        R"({"title":"Draft","variants":[{"sku":"D","price":{"amount":1,"currency":"EUR"},"stock_on_hand":5}]})");
    ASSERT_TRUE(deliver(placed(fresh_order(), {{"S0", 1}, {"D", 1}, {"none", 1}})));
    ASSERT_EQ(events("souk.stock.rejected.v1").size(), 1u);
    EXPECT_NE(
        events("souk.stock.rejected.v1")[0].find(R"("reason":"not_sellable","skus":["D","none"])"),
        std::string::npos);
}

TEST_F(Reservations, RecordUntrackedLinesWithoutCounting) {
    create(R"({"title":"Song","status":"published",
        "variants":[{"sku":"MP3","price":{"amount":99,"currency":"EUR"},"stock":"untracked"}]})");
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, {{"MP3", 5000}})));
    EXPECT_EQ(events("souk.stock.reserved.v1").size(), 1u);
    ASSERT_TRUE(deliver(confirmed(order)));
    ASSERT_TRUE(deliver(refunded(order, "ref_1", {{"MP3", 5000}})));
    EXPECT_EQ(stock_of("MP3"), (Stock{0, 0, 0, true}));
}

TEST_F(Reservations, AreMadeOnceHoweverOftenTheEventComes) {
    put_up(1, 10);
    const Event event = placed(fresh_order(), each(1, 2));
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(deliver(event));
    }
    Event renamed = event;
    renamed.id = "evt_other";  // The same order, announced again.
    ASSERT_TRUE(deliver(renamed));
    EXPECT_EQ(stock_of("S0").reserved, 2);
    EXPECT_EQ(events("souk.stock.reserved.v1").size(), 1u);
}

TEST_F(Reservations, GiveBackOnce) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    const Event event = cancelled(order);
    ASSERT_TRUE(deliver(event));
    ASSERT_TRUE(deliver(event));
    ASSERT_TRUE(deliver(cancelled(order)));
    EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
    EXPECT_EQ(events("souk.stock.released.v1").size(), 1u);
}

TEST_F(Reservations, ThatWereCancelledBeforeTheyCameAreNotMade) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(cancelled(order)));
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
    EXPECT_TRUE(events("souk.stock.reserved.v1").empty());
    EXPECT_TRUE(events("souk.stock.released.v1").empty());
}

// An order's event that was redriven after months took stock for good.
TEST_F(Reservations, AreNotMadeForOrdersThatAreLongOver) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    const Event late = placed(order, each(1, 4));
    ASSERT_TRUE(deliver(cancelled(order)));
    environment.clock.advance(reservation_kept);
    ASSERT_TRUE(deliver(late));
    EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
    EXPECT_TRUE(events("souk.stock.reserved.v1").empty());
}

TEST_F(Reservations, BecomeSalesOnce) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    ASSERT_TRUE(deliver(confirmed(order)));
    ASSERT_TRUE(deliver(confirmed(order)));
    EXPECT_EQ(stock_of("S0"), (Stock{6, 0, 6, true}));
}

TEST_F(Reservations, ComeBackWhenASoldOrderIsCancelled) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    ASSERT_TRUE(deliver(confirmed(order)));
    ASSERT_TRUE(deliver(refunded(order, "ref_1", {{"S0", 1}})));
    ASSERT_TRUE(deliver(cancelled(order)));
    EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
}

TEST_F(Reservations, AreRestockedOnceARefundAndNeverBeyondWhatWasSold) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    ASSERT_TRUE(deliver(confirmed(order)));
    ASSERT_TRUE(deliver(refunded(order, "ref_1", {{"S0", 1}})));
    ASSERT_TRUE(deliver(refunded(order, "ref_1", {{"S0", 1}})));
    EXPECT_EQ(stock_of("S0").available, 7);
    ASSERT_TRUE(deliver(refunded(order, "ref_2", {{"S0", 99}})));
    EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
}

TEST_F(Reservations, MayBeRefundedBeforeTheSaleIsKnown) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    ASSERT_TRUE(deliver(refunded(order, "ref_1", {{"S0", 1}})));
    ASSERT_TRUE(deliver(confirmed(order)));
    EXPECT_EQ(stock_of("S0"), (Stock{7, 0, 7, true}));
}

TEST_F(Reservations, AreWaitedForByWhatComesTooEarly) {
    const OrderId order = fresh_order();
    EXPECT_EQ(deliver(confirmed(order)).error().code, souk::errors::not_yet);
    EXPECT_EQ(deliver(refunded(order, "ref_1", {{"S0", 1}})).error().code, souk::errors::not_yet);
    EXPECT_TRUE(memory.rows().empty());
}

TEST_F(Reservations, BuryWhatCannotBeUnderstood) {
    const Event broken =
        order_event("souk.order.placed.v1", fresh_order(), R"({"stock":[{"sku":"S0"}]})");
    EXPECT_EQ(after_failure(deliver(broken).error()), AfterFailure::dead_letter);
    const Event negative = order_event("souk.order.placed.v1", fresh_order(),
                                       R"({"stock":[{"sku":"S0","quantity":-1}]})");
    EXPECT_EQ(after_failure(deliver(negative).error()), AfterFailure::dead_letter);
    EXPECT_TRUE(memory.rows().empty());
}

TEST_F(Reservations, SurviveTheDeletionOfTheirProduct) {
    const std::string id = sell("Globe", "G", 100, 5);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, {{"G", 2}})));
    call(staff(), "delete_product", {{"product", id}});
    sell("Another", "G", 100, 9);
    ASSERT_TRUE(deliver(cancelled(order)));
    EXPECT_EQ(stock_of("G"), (Stock{9, 0, 9, true})) << "the new owner of the SKU gets nothing";
}

TEST_F(Reservations, FollowASkuThatIsRenamed) {
    const std::string id = sell("Globe", "G", 100, 5);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, {{"G", 2}})));
    const std::string variant = get(staff(), id).json()["variants"].at(0)["id"].text_or();
    call(staff(), "change_variant", {{"product", id}, {"variant", variant}}, R"({"sku":"NEW"})");
    EXPECT_EQ(stock_of("NEW"), (Stock{3, 2, 5, true}));
    ASSERT_TRUE(deliver(cancelled(order)));
    EXPECT_EQ(stock_of("NEW"), (Stock{5, 0, 5, true}));
}

TEST_F(Reservations, OfTheLastUnitSucceedForExactlyOne) {
    put_up(1, 1);
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(deliver(placed(fresh_order(), each(1, 1))));
    }
    EXPECT_EQ(events("souk.stock.reserved.v1").size(), 1u);
    EXPECT_EQ(events("souk.stock.rejected.v1").size(), 49u);
    EXPECT_EQ(stock_of("S0"), (Stock{0, 1, 1, true}));
}

TEST_F(Reservations, DecidedOnTheSameStockAreNotBothCommitted) {
    put_up(1, 1);
    const Caller caller = system_caller(store_id, "");
    auto first = products->inventory().reserve(caller, fresh_order(), each(1, 1));
    auto second = products->inventory().reserve(caller, fresh_order(), each(1, 1));
    ASSERT_TRUE(first && second);
    ASSERT_TRUE(rows.commit(*first));
    EXPECT_EQ(rows.commit(*second).error().code, souk::errors::ledger_conflict);
}

TEST_F(Reservations, GivenBackAtOnceByTwoRefundsAreNotBothCommitted) {
    put_up(1, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(1, 4))));
    ASSERT_TRUE(deliver(confirmed(order)));
    const Caller caller = system_caller(store_id, "");
    const auto first = products->inventory().restock(caller, order, "ref_1", each(1, 3));
    const auto second = products->inventory().restock(caller, order, "ref_2", each(1, 3));
    ASSERT_TRUE(first && second);
    ASSERT_TRUE(rows.commit(*first));
    EXPECT_EQ(rows.commit(*second).error().code, souk::errors::ledger_conflict);
}

TEST_F(Reservations, LargeOnesGoInChunksAndAsAWhole) {
    put_up(100, 10);
    const OrderId order = fresh_order();
    ASSERT_TRUE(deliver(placed(order, each(100, 2))));
    EXPECT_EQ(events("souk.stock.reserved.v1").size(), 1u);
    EXPECT_EQ(stock_of("S99"), (Stock{8, 2, 10, true}));
    ASSERT_TRUE(deliver(refunded(order, "ref_1", each(100, 1))));
    ASSERT_TRUE(deliver(confirmed(order)));
    EXPECT_EQ(stock_of("S99"), (Stock{9, 0, 9, true}));
    ASSERT_TRUE(deliver(cancelled(order)));
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(stock_of(cat("S", i)), (Stock{10, 0, 10, true}));
    }
}

TEST_F(Reservations, LargeOnesThatFailLateGiveEverythingBack) {
    put_up(100, 10);
    const OrderId order = fresh_order();
    ledger.commits_left = 2;
    ASSERT_FALSE(
        deliver(placed(order, each(100, 2))));  // Two chunks are taken, then the process dies.
    restart();
    EXPECT_EQ(stock_of("S0").reserved, 2);
    EXPECT_EQ(stock_of("S85").reserved, 0);
    call(staff(), "adjust_stock", {{"sku", "S90"}}, R"({"set":1,"expected":10})");
    ASSERT_TRUE(deliver(placed(order, each(100, 2))));
    EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
    EXPECT_EQ(stock_of("S50"), (Stock{10, 0, 10, true}));
    ASSERT_EQ(events("souk.stock.rejected.v1").size(), 1u);
    EXPECT_NE(events("souk.stock.rejected.v1")[0].find(R"("skus":["S90"])"), std::string::npos);
    EXPECT_TRUE(events("souk.stock.released.v1").empty());
}

TEST_F(Reservations, LargeOnesCutShortAnywhereComeToTheSameEnd) {
    put_up(90, 10);
    for (int commits = 0; commits < 8; ++commits) {
        const OrderId order = fresh_order();
        for (const Event& event :
             {placed(order, each(90, 1)), confirmed(order), cancelled(order)}) {
            ledger.commits_left = commits;
            while (!deliver(event)) {
                restart();
                ledger.commits_left = commits == 0 ? 1 : commits;
            }
            restart();
            expect_sound();
        }
        EXPECT_EQ(stock_of("S0"), (Stock{10, 0, 10, true}));
        EXPECT_EQ(stock_of("S89"), (Stock{10, 0, 10, true}));
    }
    EXPECT_EQ(events("souk.stock.reserved.v1").size(), 8u);
    EXPECT_EQ(events("souk.stock.released.v1").size(), 8u);
}

TEST_F(Reservations, CancelledWhileTheyAreMadeGiveEverythingBack) {
    put_up(90, 10);
    const OrderId order = fresh_order();
    ledger.commits_left = 1;
    ASSERT_FALSE(deliver(placed(order, each(90, 1))));
    restart();
    ASSERT_TRUE(deliver(cancelled(order)));
    ASSERT_TRUE(deliver(placed(order, each(90, 1))));
    for (int i = 0; i < 90; ++i) {
        EXPECT_EQ(stock_of(cat("S", i)), (Stock{10, 0, 10, true}));
    }
}

/// Whatever order, repetition and deaths the messages meet, what the orders have plus what is left
/// is what there was.
TEST_F(Reservations, ConserveStockInEveryInterleaving) {
    constexpr std::int64_t opening = 30;
    constexpr int skus = 90;
    put_up(skus, opening);
    for (unsigned seed = 1; seed <= 10; ++seed) {
        std::mt19937 random(seed);
        const auto upto = [&](int most) {
            return std::uniform_int_distribution<int>(0, most)(random);
        };
        std::vector<Event> messages;
        for (int n = 0; n < 6; ++n) {
            const OrderId order = fresh_order();
            std::vector<OrderedSku> lines;
            const int count = upto(2) == 0 ? 85 : 1 + upto(4);
            for (int i = 0; i < count; ++i) {
                lines.push_back({cat("S", upto(skus - 1)), 1 + upto(2)});
            }
            messages.push_back(placed(order, lines));
            messages.push_back(confirmed(order));
            if (upto(1) == 0) {
                messages.push_back(refunded(order, cat("ref_", n), {lines.front()}));
            }
            messages.push_back(cancelled(order));  // In the end everything comes back.
        }
        for (int i = 0; i < 6; ++i) {
            messages.push_back(
                messages[static_cast<std::size_t>(upto(static_cast<int>(messages.size()) - 1))]);
        }
        std::ranges::shuffle(messages, random);
        while (!messages.empty()) {
            const auto next = messages.begin() + upto(static_cast<int>(messages.size()) - 1);
            const Event event = *next;
            ledger.commits_left = upto(3) == 0 ? upto(3) : -1;
            const auto done = deliver(event);
            restart();
            expect_sound();
            if (done || done.error().code == souk::errors::not_yet) {
                messages.erase(
                    next);  // What is too early is left out: here it would come again later.
            }
        }
        for (int i = 0; i < skus; ++i) {
            ASSERT_EQ(stock_of(cat("S", i)), (Stock{opening, 0, opening, true})) << "seed " << seed;
        }
    }
}

TEST_F(Reservations, MadeAtOnceTellOnceThatTheStockIsLowWhicheverMakesItSo) {
    testing::OvertakenLedger overtaken(ledger);
    Products elsewhere(ServiceLedger(overtaken, "products", environment.environment()),
                       AllStores::granted_by_composition_root(), directory, media);
    // Of eight neither two alone bring it down to five; of six either one does.
    for (const auto& [sku, stock, each] : {std::tuple("EIGHT", 8, 2), std::tuple("SIX", 6, 1)}) {
        sell(sku, sku, 100, stock);
        const std::size_t told_before = events("souk.stock.low.v1").size();
        overtaken.before_commit = [&] {
            ASSERT_TRUE(deliver(placed(fresh_order(), {{sku, each}})));
        };
        ASSERT_TRUE(deliver_to(elsewhere, placed(fresh_order(), {{sku, each}})));
        EXPECT_EQ(stock_of(sku).available, stock - 2 * each);
        EXPECT_EQ(events("souk.stock.low.v1").size(), told_before + 1) << sku;
    }
}

}  // namespace souk::products
