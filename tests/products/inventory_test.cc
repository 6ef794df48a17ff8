#include "domain/products/limits.h"
#include "products/shop.h"

namespace souk::products {

class InventoryRoutes : public Shop {
protected:
    Answer adjust(const std::string& body, const std::string& sku = "G") {
        return call(staff(), "adjust_stock", {{"sku", sku}}, body);
    }
};

TEST_F(InventoryRoutes, AddAndTakeAway) {
    sell("Globe", "G", 100, 5);
    EXPECT_EQ(adjust(R"({"delta":3,"reason":"found"})").json()["stock_on_hand"].integer_or(0), 8);
    EXPECT_EQ(adjust(R"({"delta":-2,"reason":"broken"})").json()["available"].integer_or(0), 6);
    EXPECT_EQ(stock_of("G"), (Stock{6, 0, 6, true}));
}

TEST_F(InventoryRoutes, NeverFallBelowZeroAndWriteNothingThen) {
    sell("Globe", "G", 100, 5);
    const std::string before = everything();
    const Answer refused = adjust(R"({"delta":-6,"reason":"theft"})");
    EXPECT_EQ(refused.code, "stock_below_zero");
    EXPECT_EQ(refused.error.members.front(),
              (std::pair<std::string, std::string>("available", "5")));
    EXPECT_EQ(everything(), before);
}

TEST_F(InventoryRoutes, SetOnlyWhatIsAsExpected) {
    sell("Globe", "G", 100, 5);
    const Answer stale = adjust(R"({"set":9,"expected":4})");
    EXPECT_EQ(stale.code, "stock_changed");
    EXPECT_EQ(stale.error.members.front().second, "5");
    EXPECT_EQ(adjust(R"({"set":9,"expected":5})").json()["stock_on_hand"].integer_or(0), 9);
    EXPECT_EQ(adjust(R"({"set":0,"expected":9})").json()["stock_on_hand"].integer_or(-1), 0);
}

TEST_F(InventoryRoutes, SetFailsWhenTheCommitFindsAnotherNumberThanTheVerbSaw) {
    sell("Globe", "G", 100, 5);
    auto set = products->inventory().adjust(staff(), "G", {.set = 9, .expected = 5});
    ASSERT_TRUE(set);
    auto faster = products->inventory().adjust(staff(), "G", {.delta = 1, .reason = "r"});
    ASSERT_TRUE(rows.commit(faster->changes));
    EXPECT_EQ(rows.commit(set->changes).error().code, souk::errors::ledger_conflict);
    auto slower = products->inventory().adjust(staff(), "G", {.set = 9, .expected = 6});
    auto taken = products->inventory().adjust(staff(), "G", {.delta = -1, .reason = "r"});
    ASSERT_TRUE(rows.commit(taken->changes));
    EXPECT_EQ(rows.commit(slower->changes).error().code, souk::errors::ledger_conflict);
    EXPECT_EQ(stock_of("G").on_hand, 5);
}

TEST_F(InventoryRoutes, RefuseUntrackedUnknownAndSenselessAdjustments) {
    create(
        R"({"title":"Song","variants":[{"sku":"G","price":{"amount":99,"currency":"EUR"},"stock":"untracked"}]})");
    EXPECT_EQ(adjust(R"({"delta":1,"reason":"r"})").code, "stock_untracked");
    EXPECT_EQ(adjust(R"({"delta":1,"reason":"r"})", "none").code, "not_found");
    EXPECT_EQ(adjust(R"({"delta":1})").pointers(), "/reason:required");
    EXPECT_EQ(adjust(R"({"set":-1,"expected":1})").code, "validation_failed");
    EXPECT_EQ(call(staff(), "show_stock", {{"sku", "none"}}).code, "not_found");
}

// It said 0 where the product says null.
TEST_F(InventoryRoutes, SayOfUntrackedStockWhatTheProductSays) {
    const std::string id = create(
        R"({"title":"Song","variants":[{"sku":"G","price":{"amount":99,"currency":"EUR"},"stock":"untracked"}]})");
    const Answer shown = call(staff(), "show_stock", {{"sku", "G"}});
    ASSERT_EQ(shown.status, 200);
    EXPECT_TRUE(shown.json()["available"].is_null());
    EXPECT_TRUE(get(staff(), id).json()["variants"].at(0)["available"].is_null());
}

TEST_F(InventoryRoutes, RefuseMoreThanCanBeCounted) {
    sell("Globe", "G", 100, stock_max);
    EXPECT_EQ(adjust(R"({"delta":1,"reason":"r"})").pointers(), "/delta:too_large");
}

TEST_F(InventoryRoutes, KeepTheHistory) {
    sell("Globe", "G", 100, 5);
    for (int i = 1; i <= 3; ++i) {
        environment.clock.advance(std::chrono::seconds(1));
        adjust(cat(R"({"delta":)", i, R"(,"reason":"r)", i, "\"}"));
    }
    const Answer page =
        call(staff(), "list_stock_adjustments", {{"sku", "G"}}, "", {{"limit", "2"}});
    EXPECT_EQ(page.json()["items"].at(0)["reason"].text_or(), "r3");
    EXPECT_EQ(page.json()["items"].at(0)["stock_on_hand"].integer_or(0), 11);
    EXPECT_EQ(page.json()["items"].at(0)["by"].text_or(), "user_staff");
    const Answer rest = call(staff(), "list_stock_adjustments", {{"sku", "G"}}, "",
                             {{"limit", "2"}, {"cursor", page.json()["next_cursor"].text_or()}});
    EXPECT_EQ(rest.json()["items"].size(), 1u);
    EXPECT_TRUE(rest.json()["next_cursor"].is_null());
}

TEST_F(InventoryRoutes, WarnOnceWhenTheThresholdIsCrossed) {
    sell("Globe", "G", 100, 7);
    adjust(R"({"delta":-1,"reason":"r"})");
    EXPECT_EQ(events("souk.stock.low.v1").size(), 0u);
    adjust(R"({"delta":-1,"reason":"r"})");
    ASSERT_EQ(events("souk.stock.low.v1").size(), 1u);
    EXPECT_EQ(events("souk.stock.low.v1")[0], R"({"sku":"G","available":5})");
    adjust(R"({"delta":-1,"reason":"r"})");
    EXPECT_EQ(events("souk.stock.low.v1").size(), 1u);
}

TEST(LowStock, IsNeverMissedByTwoAtOnce) {
    // Each pair saw the same stock; the floor of the second makes it look again.
    for (std::int64_t available = 0; available < 12; ++available) {
        for (std::int64_t first = 1; first <= available; ++first) {
            for (std::int64_t second = 1; first + second <= available; ++second) {
                const LowStock a = low_stock(available, first, 5);
                LowStock b = low_stock(available, second, 5);
                const std::int64_t between = available - first;
                ASSERT_GE(between, a.available_floor);
                if (between - second < b.available_floor) {
                    b = low_stock(between, second, 5);
                }
                EXPECT_GE(between - second, b.available_floor);
                const bool crossed = available > 5 && between - second <= 5;
                EXPECT_EQ(a.crossed || b.crossed, crossed)
                    << available << " " << first << " " << second;
            }
        }
    }
}

}  // namespace souk::products
