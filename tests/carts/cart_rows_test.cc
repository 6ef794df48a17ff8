#include <gtest/gtest.h>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "domain/base/text.h"
#include "domain/carts/cart_repository.h"

namespace souk::carts {
namespace {

TEST(CartRows, AreCorruptWithAStatusThatNobodyKnows) {
    TestEnvironment test;
    MemoryLedger memory(test.clock);
    const ServiceLedger service(memory, "carts", test.environment());
    const StoreLedger wall = service.store(StoreId::trusted("store_1"));
    Changes changes;
    wall.put(changes,
             {.partition = "cart#key", .sort = "cart", .body = R"({"v":1,"status":"lost"})"},
             Expect::any());
    ASSERT_TRUE(service.commit(changes));
    const auto cart = CartRepository(wall, test.crypto).find("key");
    ASSERT_FALSE(cart);
    EXPECT_EQ(cart.error().code, souk::errors::corrupt_row);
}

TEST(CartRows, OfTheTimeBeforeVersionsOfTheirOwnShowTheRows) {
    TestEnvironment test;
    MemoryLedger memory(test.clock);
    const ServiceLedger service(memory, "carts", test.environment());
    const StoreLedger wall = service.store(StoreId::trusted("store_1"));
    const CartRepository carts(wall, test.crypto);
    const std::string body = cat(R"({"v":1,"status":"open","created":)", test.clock.now().unix_ms(),
                                 R"(,"touched":)", test.clock.now().unix_ms(), "}");
    for (int i = 0; i < 3; ++i) {
        Changes changes;
        wall.put(changes, {.partition = "cart#key", .sort = "cart", .body = body}, Expect::any());
        ASSERT_TRUE(service.commit(changes));
    }
    const auto before = carts.find("key");
    ASSERT_TRUE(before && *before);
    EXPECT_EQ((*before)->version, 3U);
    Cart cart = **before;
    Changes announced;
    cart.abandonment_announced = true;
    carts.put_state(announced, cart);
    ASSERT_TRUE(service.commit(announced));
    EXPECT_EQ((*carts.find("key"))->version, 3U);
    EXPECT_EQ((*carts.find("key"))->row_version, 4U);
}

}  // namespace
}  // namespace souk::carts
