#include <gtest/gtest.h>

#include "domain/products/product_repository.h"

namespace souk::products {
namespace {

StoreRow row_with(std::string body) {
    return {.partition = "sku#A", .sort = "owner", .version = 3, .body = std::move(body)};
}

TEST(OwnerRows, ComeBackAsTheyWent) {
    const auto owner = decode_owner(
        row_with(encode_owner(ProductId::trusted("prod_1"), VariantId::trusted("var_1"))));
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->product.text(), "prod_1");
    EXPECT_EQ(owner->variant.text(), "var_1");
    EXPECT_EQ(owner->row_version, 3U);
}

TEST(OwnerRows, AreCorruptInAFormatThatNobodyKnows) {
    for (const std::string body : {R"({"v":2,"product":"prod_1","variant":"var_1"})", "{}", "[]"}) {
        const auto owner = decode_owner(row_with(body));
        ASSERT_FALSE(owner) << body;
        EXPECT_EQ(owner.error().code, errors::corrupt_row);
    }
}

}  // namespace
}  // namespace souk::products
