#include <gtest/gtest.h>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
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

}  // namespace
}  // namespace souk::carts
