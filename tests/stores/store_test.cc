#include "domain/stores/store.h"

#include <gtest/gtest.h>

#include "domain/stores/member.h"
#include "domain/stores/store_rows.h"

namespace souk::stores {
namespace {

Store full_store() {
    const Currency eur = *Currency::parse("EUR");
    return {.id = StoreId::trusted("store_00000000000000000000000001"),
            .slug = "gifts",
            .name = "Gifts \"& more\"",
            .currency = eur,
            .locale = "de-CH",
            .domains = {"gifts.example", "www.gifts.example"},
            .tax = {1900, TaxMode::included},
            .shipping_methods = {{"post", "By post", Money{eur, 490}}},
            .moderation = Moderation::required,
            .status = Status::suspended,
            .created_at = Instant::from_unix_ms(1'767'225'600'123),
            .version = 7};
}

TEST(StoreRow, GivesBackEveryMember) {
    const Store store = full_store();
    StoreRow row;
    row.body = encode_store(store);
    row.version = store.version;
    const auto decoded = decode_store(row);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(render_store(*decoded), render_store(store));
}

TEST(StoreRow, OfAnotherFormatIsCorrupt) {
    StoreRow row;
    row.body = R"({"v":2})";
    const auto decoded = decode_store(row);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, errors::corrupt_row);
}

TEST(StoreBody, IsAsTheApiPageSays) {
    EXPECT_EQ(
        render_store(full_store()),
        R"({"id":"store_00000000000000000000000001","slug":"gifts","name":"Gifts \"& more\"",)"
        R"("currency":"EUR","locale":"de-CH","domains":["gifts.example","www.gifts.example"],)"
        R"("tax":{"rate_basis_points":1900,"included":true},"shipping_methods":[{"id":"post",)"
        R"("name":"By post","price":{"amount":490,"currency":"EUR"}}],"moderation":"required",)"
        R"("status":"suspended","created_at":"2026-01-01T00:00:00.123Z","version":7})");
}

TEST(HostName, IsAtLeastTwoLowerCaseLabels) {
    for (const std::string good :
         {"shop.example", "a.b.c.d", "xn--bcher-kva.example", "1.example", "a-b.example"}) {
        EXPECT_TRUE(is_host_name(good)) << good;
    }
    for (const std::string bad :
         {"", "localhost", "Shop.example", "shop..example", ".shop.example", "shop.example.",
          "-a.example", "a-.example", "a_b.example", "192.0.2.1", "shop.example:80",
          "https://shop.example", "a b.example", "shop.exa\xC3\xA4mple"}) {
        EXPECT_FALSE(is_host_name(bad)) << bad;
    }
    EXPECT_FALSE(is_host_name(std::string(64, 'a') + ".example"));
    std::string long_name = "example";
    while (long_name.size() <= 253) {
        long_name = "abcdefgh." + long_name;
    }
    EXPECT_FALSE(is_host_name(long_name));
}

TEST(RosterRule, CountsOwnersThroughEveryExchange) {
    const Roster two{.members = 2, .owners = 2, .api_keys = 0, .version = 1};
    const auto one = exchanged(two, Role::owner, Role::admin);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->owners, 1);
    EXPECT_EQ(one->members, 2);
    EXPECT_TRUE(exchanged(*one, Role::owner, Role::owner));
    EXPECT_FALSE(exchanged(*one, Role::owner, Role::support));
    EXPECT_FALSE(left(*one, Role::owner));
    EXPECT_TRUE(left(*one, Role::admin));
}

TEST(RosterRule, KeepsToItsLimit) {
    const Roster full{.members = members_max, .owners = 1, .api_keys = 0, .version = 1};
    const auto more = joined(full, Role::support);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code.name, "too_many_members");
}

}  // namespace
}  // namespace souk::stores
