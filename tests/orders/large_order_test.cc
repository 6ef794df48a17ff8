#include "orders/till.h"

namespace souk::testing {
namespace {

/// An order of as many lines as there can be, with the longest titles: what many shipments make of
/// shorter ones, its answer is too large for a commit.
class LargeOrder : public Till {
protected:
    LargeOrder() {
        carts.cart.lines.clear();
        carts.cart.totals = {eur(0), eur(0), eur(0), eur(0), eur(0)};
        for (std::size_t i = 0; i < carts::lines_max; ++i) {
            carts.put(cat("SKU-", i), 2, 100);
            carts.cart.lines.back().id = LineId::trusted(cat("line_", zero_padded(i, 26)));
            carts.cart.lines.back().title = std::string(1029, '"');
        }
    }
    /// The answer to a POST of staff under this Idempotency-Key.
    Result<Response> post(std::string_view route_name, const OrderId& id, std::string_view key,
                          std::string body) {
        Caller caller = staff();
        caller.idempotency = Idempotency{cat(key), "print", std::string(32, 'k')};
        Request request;
        request.path_parameters = {{"order", id.text()}};
        request.document = *JsonDocument::parse(std::move(body));
        const auto routes = orders::routes(orders);
        const auto route = std::ranges::find(routes, route_name, &Route::name);
        EXPECT_NE(route, routes.end());
        return route->handle(caller, request);
    }
    /// A piece of every line.
    static std::string a_piece_of_each(const orders::Order& order) {
        std::string lines;
        for (const auto& line : order.lines) {
            lines += cat(lines.empty() ? "" : ",", R"({"quantity":1,"line_id":")", line.id.text(),
                         R"("})");
        }
        return cat(R"({"lines":[)", lines, "]}");
    }
};

// The answer no longer fitted into the commit beside its effect: 413 to every fulfilment and every
// refund, so that the money could never be given back.
TEST_F(LargeOrder, IsSentAndRefundedThoughItsAnswerIsTooLargeToKeep) {
    const auto order = paid();
    ASSERT_EQ(order.lines.size(), carts::lines_max);
    const std::string part = a_piece_of_each(order);
    for (const std::string_view route : {"create_fulfilment", "create_refund"}) {
        const auto first = post(route, order.id, route, part);
        ASSERT_TRUE(first) << route << ": " << first.error().code.name;
        EXPECT_GT(first->text().size(), answer_kept_max);
        const auto again = post(route, order.id, route, part);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code, souk::errors::answer_not_kept);
        EXPECT_EQ(again.error().members.at(0).second,
                  cat("\"/v1/stores/", shop.text(), "/orders/", order.id.text(), '"'));
    }
    EXPECT_EQ(read(order.id).fulfilments.size(), 1U);
    EXPECT_EQ(read(order.id).refunds.size(), 1U);
}

}  // namespace
}  // namespace souk::testing
