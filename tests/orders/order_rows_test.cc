#include "domain/orders/order_rows.h"

#include <gtest/gtest.h>

namespace souk::orders {
namespace {

const OrderId order_id = OrderId::trusted("order_1");

TEST(OrderRows, AreCorruptWithAStatusThatNobodyKnows) {
    for (const std::string_view body :
         {R"({"v":1,"currency":"EUR","status":"lost"})",
          R"({"v":1,"currency":"EUR","status":"pending","payment":{"status":"lost"}})"}) {
        const auto order = rows::decode_head(order_id, body, 1);
        ASSERT_FALSE(order) << body;
        EXPECT_EQ(order.error().code, souk::errors::corrupt_row);
    }
    const auto refund = rows::decode_refund(R"({"v":1,"currency":"EUR","status":"lost"})", 1);
    ASSERT_FALSE(refund);
    EXPECT_EQ(refund.error().code, souk::errors::corrupt_row);
}

TEST(OrderRows, EndNothingWhenAListIsNone) {
    const auto fulfilment = rows::decode_fulfilment(R"({"v":1,"lines":{"a":["line_1",2]}})");
    ASSERT_TRUE(fulfilment);
    const auto refund = rows::decode_refund(
        R"({"v":1,"currency":"EUR","lines":[["line_1"],7],"status":"done"})", 1);
    ASSERT_TRUE(refund);
    EXPECT_EQ(refund->lines.size(), 2U);
    EXPECT_EQ(refund->lines[1].quantity, 0);
}

}  // namespace
}  // namespace souk::orders
