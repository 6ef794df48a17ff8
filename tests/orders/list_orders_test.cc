#include "orders/till.h"

namespace souk::testing {
namespace {

using orders::Status;

class ListOfOrders : public Till {};

// The bug: pages were empty, with a cursor, though there were orders that matched.
TEST_F(ListOfOrders, APageOfACustomersOrdersOfOneStatusIsFullThoughFewMatch) {
    constexpr int others = 250;
    const auto oldest = place(customer(ada));
    ASSERT_TRUE(oldest);
    stock_reserved(oldest->order.id);
    for (int i = 0; i < others; ++i) {
        test.clock.advance(std::chrono::seconds(1));
        carts.cart.cart_key = cat("cart", i);
        ASSERT_TRUE(place(customer(ada)));
    }
    const orders::OrderFilter wanted{.status = Status::confirmed, .customer = ada};
    const auto first = orders.list(staff(), wanted, 1, "");
    ASSERT_TRUE(first);
    ASSERT_EQ(first->orders.size(), 1U);
    EXPECT_EQ(first->orders[0].id, oldest->order.id);
    EXPECT_FALSE(first->cursor) << "there is no other";
    const auto wider = orders.list(staff(), {.status = Status::pending, .customer = ada}, 100, "");
    EXPECT_EQ(wider->orders.size(), 100U);
}

TEST_F(ListOfOrders, PagesOfACustomersOrdersOfOneStatusMeetWithoutGapOrRepeat) {
    std::vector<OrderId> confirmed;
    for (int i = 0; i < 23; ++i) {
        test.clock.advance(std::chrono::seconds(1));
        carts.cart.cart_key = cat("cart", i);
        const auto placed = place(customer(ada));
        ASSERT_TRUE(placed);
        if (i % 3 == 1) {
            stock_reserved(placed->order.id);
            confirmed.insert(confirmed.begin(), placed->order.id);
        }
    }
    const orders::OrderFilter wanted{.status = Status::confirmed, .customer = ada};
    for (const int limit : {1, 2, 3, 7, 8, 9}) {
        std::vector<OrderId> listed;
        std::string cursor;
        for (bool more = true; more;) {
            const auto page = orders.list(staff(), wanted, limit, cursor);
            ASSERT_TRUE(page);
            EXPECT_FALSE(page->orders.empty()) << limit;
            for (const auto& order : page->orders) {
                listed.push_back(order.id);
            }
            more = page->cursor.has_value();
            cursor = page->cursor.value_or("");
        }
        EXPECT_EQ(listed, confirmed) << limit;
    }
}

TEST_F(ListOfOrders, APageOfOneStatusLooksAtFiveHundredOrdersAtMost) {
    const auto oldest = place(customer(ada));
    ASSERT_TRUE(oldest);
    stock_reserved(oldest->order.id);
    for (int i = 0; i < 500; ++i) {
        test.clock.advance(std::chrono::seconds(1));
        carts.cart.cart_key = cat("cart", i);
        ASSERT_TRUE(place(customer(ada)));
    }
    const orders::OrderFilter wanted{.status = Status::confirmed, .customer = ada};
    const auto first = orders.list(staff(), wanted, 20, "");
    ASSERT_TRUE(first && first->cursor);
    EXPECT_EQ(first->orders.size(), 0U);
    const auto second = orders.list(staff(), wanted, 20, *first->cursor);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->orders.size(), 1U);
}

TEST_F(ListOfOrders, ListsByStatusCustomerAndTimeNewestFirst) {
    const auto first = place(customer(ada));
    test.clock.advance(std::chrono::seconds(1));
    carts.cart.cart_key = "second";
    const auto second = place(guest());
    ASSERT_TRUE(first && second);
    const auto all = orders.list(staff(), {}, 10, "");
    ASSERT_TRUE(all);
    ASSERT_EQ(all->orders.size(), 2U);
    EXPECT_EQ(all->orders[0].id, second->order.id);
    EXPECT_EQ(orders.list(staff(), {.customer = ada}, 10, "")->orders.size(), 1U);
    EXPECT_EQ(orders.list(staff(), {.status = Status::pending}, 10, "")->orders.size(), 2U);
    EXPECT_EQ(orders.list(staff(), {.status = Status::confirmed}, 10, "")->orders.size(), 0U);
    EXPECT_EQ(orders.list(staff(), {.from = second->order.placed_at}, 10, "")->orders.size(), 1U);
}

}  // namespace
}  // namespace souk::testing
