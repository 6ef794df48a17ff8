#include "adapters/identity_cognito/pool_names.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {

namespace {
const Realm store{StoreId::trusted("store_01JB00000000000000000000AZ")};
const UserId user = UserId::trusted("user_01JB00000000000000000000BZ");
constexpr std::string_view tag = "\x01\x02\x03\x04\x05";
}  // namespace

TEST(PoolNames, SayRealmAndUser) {
    for (const Realm& realm : {store, Realm{}}) {
        const auto said = parse_pool_name(pool_name(realm, user, tag));
        ASSERT_TRUE(said);
        EXPECT_EQ(said->realm, realm);
        EXPECT_EQ(said->user, user);
    }
}

TEST(PoolNames, FitAPoolThatKnowsNoCase) {
    const std::string name = pool_name(store, user, tag);
    EXPECT_EQ(name, ascii_lower(name));
    EXPECT_LE(name.size(), 128U);
}

TEST(PoolNames, DifferByTheirTag) {
    EXPECT_NE(pool_name(store, user, tag), pool_name(store, user, "\x01\x02\x03\x04\x06"));
}

TEST(PoolNames, OfAnotherShapeAreNobodys) {
    const std::string good = pool_name(store, user, tag);
    for (const std::string& name :
         {std::string(), std::string("ann"), std::string("ann@example.com"), good + "x",
          good + ".x", good.substr(1), good.substr(0, good.size() - 1), "x" + good,
          std::string("platform.platform.abcdefgh"),
          std::string("user_01jb00000000000000000000bz.store_01jb00000000000000000000az.abcdefgh"),
          cat("STORE_01JB00000000000000000000AZ", good.substr(32))}) {
        EXPECT_FALSE(parse_pool_name(name)) << name;
    }
    EXPECT_TRUE(parse_pool_name(good));
}

}  // namespace souk
