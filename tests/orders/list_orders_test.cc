#include "orders/till.h"

namespace souk::testing {
namespace {

using orders::Status;

class ListOfOrders : public Till {
protected:
    /// What staff gets from a route: a page, or the code of its refusal.
    JsonDocument page(std::string_view route, const std::string& order,
                      std::vector<Parameter> query) {
        const auto table = orders::routes(orders);
        Request request;
        request.path_parameters = {{"order", order}};
        request.query_parameters = std::move(query);
        const auto answer = std::ranges::find(table, route, &Route::name)->handle(staff(), request);
        return *JsonDocument::parse(
            answer ? answer->text() : cat(R"({"code":")", answer.error().code.name, R"("})"));
    }
};

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

TEST_F(ListOfOrders, EndsRightBeforeTheInstantThatItIsToEndAt) {
    const auto first = place(guest());
    test.clock.advance(std::chrono::seconds(1));
    carts.cart.cart_key = "second";
    const auto second = place(guest());
    ASSERT_TRUE(first && second);
    const auto to = [&](Instant instant) {
        const auto listed = page("list_orders", "", {{"to", to_rfc3339(instant)}});
        return listed.root()["items"].size();
    };
    EXPECT_EQ(to(first->order.placed_at), 0U);
    EXPECT_EQ(to(second->order.placed_at), 1U);
    EXPECT_EQ(to(second->order.placed_at + std::chrono::milliseconds(1)), 2U);
}

TEST_F(ListOfOrders, ACursorGoesOnWithNoListButItsOwn) {
    for (const char* cart : {"first", "second"}) {
        carts.cart.cart_key = cart;
        ASSERT_TRUE(place(customer(ada)));
    }
    const std::vector<Parameter> asked{{"status", "pending"},
                                       {"customer", ada.text()},
                                       {"from", "2020-01-01T00:00:00Z"},
                                       {"to", "2090-01-01T00:00:00Z"}};
    const auto with = [](std::vector<Parameter> query, Parameter more) {
        query.push_back(std::move(more));
        return query;
    };
    const auto first = page("list_orders", "", with(asked, {"limit", "1"}));
    const Parameter cursor{"cursor", first.root()["next_cursor"].text_or()};
    EXPECT_EQ(page("list_orders", "", with(asked, cursor)).root()["items"].size(), 1U);
    for (std::size_t left_out = 0; left_out < asked.size(); ++left_out) {
        auto other = with(asked, cursor);
        other.erase(other.begin() + static_cast<std::ptrdiff_t>(left_out));
        EXPECT_EQ(page("list_orders", "", other).root()["code"].text_or(), "invalid_cursor")
            << asked[left_out].first;
    }
}

TEST_F(ListOfOrders, ACursorGoesOnWithNoTimelineButItsOrders) {
    const auto one = paid().id.text();
    carts.cart.cart_key = "another";
    const auto other = paid().id.text();
    const auto first = page("get_order_timeline", one, {{"limit", "1"}});
    const Parameter cursor{"cursor", first.root()["next_cursor"].text_or()};
    EXPECT_EQ(page("get_order_timeline", one, {cursor}).root()["items"].size(), 2U);
    EXPECT_EQ(page("get_order_timeline", other, {cursor}).root()["code"].text_or(),
              "invalid_cursor");
}

}  // namespace
}  // namespace souk::testing
