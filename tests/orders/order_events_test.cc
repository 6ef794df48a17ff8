#include "domain/orders/order_events.h"

#include "domain/base/json.h"
#include "orders/till.h"

namespace souk::testing {
namespace {

using orders::AskRefund;
using orders::event_lines_max;
using orders::fulfilments_max;
using orders::LineQuantity;
using orders::Order;
using orders::refunds_max;
using orders::Status;

template <class Id>
Id numbered(std::string_view prefix, std::size_t number) {
    return Id::trusted(cat(prefix, zero_padded(number, 26)));
}

template <class Part>
void keep(std::vector<Part>& parts, std::ptrdiff_t count) {
    parts.erase(parts.begin() + count, parts.end());
}

/// The largest that `order` can become: lines, shipments and refunds of all of them, the longest
/// words.
Order largest(Order order) {
    order.email = std::string(254, 'e');
    order.lines.clear();
    for (std::size_t i = 0; i < carts::lines_max; ++i) {
        order.lines.push_back({.id = numbered<LineId>("line_", i),
                               .product = numbered<ProductId>("prod_", i),
                               .variant = numbered<VariantId>("var_", i),
                               .sku = cat(std::string(60, 's'), i),
                               .title = std::string(1029, '"'),
                               .quantity = 9999,
                               .unit_price = eur(1),
                               .total = eur(1),
                               .tax = eur(1)});
    }
    std::vector<LineQuantity> all;
    for (const auto& line : order.lines) {
        all.push_back({line.id, 9999});
    }
    for (std::size_t i = 0; i < fulfilments_max; ++i) {
        order.fulfilments.push_back({.id = numbered<FulfilmentId>("ful_", i), .lines = all});
    }
    for (std::size_t i = 0; i < refunds_max; ++i) {
        order.refunds.push_back({.id = numbered<RefundId>("ref_", i),
                                 .amount = eur(1),
                                 .lines = all,
                                 .restock = all,
                                 .reason = "all of it"});
    }
    return order;
}

class OrderEvents : public Till {};

// What an event told of an order grew with its shipments and refunds, until a refund that the
// provider had paid could not be committed any more.
TEST_F(OrderEvents, OfTheLargestOrderFitIntoAMessage) {
    const Order order = largest(paid());
    for (const auto& body : {placed_body(order), confirmed_body(order), cancelled_body(order),
                             fulfilled_body(order, order.fulfilments.back()),
                             refunded_body(order, order.refunds.back())}) {
        EXPECT_LE(body.size(), event_body_max);
        EXPECT_TRUE(JsonDocument::parse(body));
    }
}

TEST_F(OrderEvents, SayAllOfWhatTheyAreAbout) {
    const Order order = largest(paid());
    const auto placed = JsonDocument::parse(placed_body(order));
    EXPECT_EQ(placed->root()["stock"].size(), 1000U);
    EXPECT_EQ(placed->root()["order"]["line_count"].integer(), 1000);
    const auto refunded = JsonDocument::parse(refunded_body(order, order.refunds.back()));
    EXPECT_EQ(refunded->root()["restock"].size(), 1000U);
    EXPECT_EQ(refunded->root()["refund"]["lines"].size(), 1000U);
}

// The order in the event has its first hundred lines only: shipments of others had no names.
TEST_F(OrderEvents, OfAShipmentNameLinesThatTheOrderInThemHasNoRoomFor) {
    Order order = largest(paid());
    order.lines[120].title = "Tea \"for two\"";
    const orders::Fulfilment sent{.id = numbered<FulfilmentId>("ful_", 1),
                                  .lines = {{order.lines[120].id, 3}}};
    const auto body = JsonDocument::parse(fulfilled_body(order, sent));
    const JsonView named = body->root()["sent"];
    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named.at(0)["sku"].string(), order.lines[120].sku);
    EXPECT_EQ(named.at(0)["title"].string(), "Tea \"for two\"");
    EXPECT_EQ(named.at(0)["quantity"].integer(), 3);
}

TEST_F(OrderEvents, OfALargeShipmentNameTheFirstLines) {
    Order order = largest(paid());
    const auto count_of = [&] {
        const auto body = JsonDocument::parse(fulfilled_body(order, order.fulfilments.back()));
        EXPECT_EQ(body->root()["fulfilment"]["lines"].size(), carts::lines_max);
        return body->root()["sent"].size();
    };
    const std::size_t with_long_titles = count_of();
    EXPECT_GT(with_long_titles, 20U);
    EXPECT_LT(with_long_titles, event_lines_max);
    for (auto& line : order.lines) {
        line.title = "Tea";
    }
    EXPECT_EQ(count_of(), event_lines_max);
}

TEST_F(OrderEvents, ShowTheFirstLinesAndTheNewestShipmentsThatHaveRoom) {
    Order order = largest(paid());
    for (auto& line : order.lines) {
        line.title = "Tea";
    }
    for (auto& fulfilment : order.fulfilments) {
        keep(fulfilment.lines, 10);
    }
    const auto body = JsonDocument::parse(confirmed_body(order));
    const JsonView shown = body->root()["order"];
    EXPECT_EQ(shown["lines"].size(), event_lines_max);
    const std::size_t shipments = shown["fulfilments"].size();
    ASSERT_GT(shipments, 10U);
    ASSERT_LT(shipments, fulfilments_max);
    EXPECT_EQ(shown["fulfilments"].at(shipments - 1)["id"].string(),
              order.fulfilments.back().id.text());
    EXPECT_EQ(shown["fulfilments"].at(0)["id"].string(),
              order.fulfilments[fulfilments_max - shipments].id.text());
}

TEST_F(OrderEvents, AreTheWholeOrderWhereItHasRoom) {
    Order order = largest(paid());
    keep(order.lines, 3);
    keep(order.fulfilments, 2);
    keep(order.refunds, 1);
    for (auto* parts : {&order.fulfilments[0].lines, &order.fulfilments[1].lines,
                        &order.refunds[0].lines, &order.refunds[0].restock}) {
        keep(*parts, 3);
    }
    const auto body = JsonDocument::parse(confirmed_body(order));
    EXPECT_EQ(body->root()["order"].render(), render_order(order, {}));
}

TEST_F(OrderEvents, ARefundThatNoEventCouldTellOfIsRefusedBeforeTheMoneyGoesBack) {
    carts.cart.lines.clear();
    carts.cart.totals = {eur(0), eur(0), eur(0), eur(0), eur(0)};
    std::string wide;
    for (int i = 0; i < 30; ++i) {
        wide += "\xF0\x9F\x8D\xB5";
    }
    for (std::size_t i = 0; i < carts::lines_max; ++i) {
        carts.put(cat(wide, i), 1, 100);
        carts.cart.lines.back().id = numbered<LineId>("line_", i);
    }
    const Order order = paid();
    ASSERT_EQ(order.status, Status::confirmed);
    AskRefund everything;
    for (const auto& line : order.lines) {
        everything.lines.push_back({line.id, 1, true});
    }
    const auto asked =
        perform(orders.ledger(), [&] { return orders.ask_refund(staff(), order.id, everything); });
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().code, orders::errors::too_many_parts);
    EXPECT_TRUE(read(order.id).refunds.empty());
    keep(everything.lines, 500);
    EXPECT_TRUE(
        perform(orders.ledger(), [&] { return orders.ask_refund(staff(), order.id, everything); }));
}

}  // namespace
}  // namespace souk::testing
