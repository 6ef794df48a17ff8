#include "domain/base/id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <unordered_set>

namespace souk {
namespace {

constexpr std::string_view ten_bytes = "0123456789";
constexpr std::string_view sixteen_bytes = "0123456789abcdef";
const Instant noon = Instant::from_unix_ms(1'767'225'600'000);

std::string bytes(std::size_t count) {
    return *rc::gen::container<std::string>(count, rc::gen::arbitrary<char>());
}

RC_GTEST_PROP(Id, ParsesWhatItMakes, ()) {
    const auto ms = *rc::gen::inRange<std::int64_t>(0, 1LL << 47);
    const OrderId id = OrderId::make(Instant::from_unix_ms(ms), bytes(10));
    const auto parsed = OrderId::parse(id.text());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == id);
}

RC_GTEST_PROP(Id, IsOrderedByTime, ()) {
    const auto ms = *rc::gen::inRange<std::int64_t>(0, 1LL << 47);
    const auto later = ms + *rc::gen::inRange<std::int64_t>(1, 1LL << 40);
    RC_ASSERT(OrderId::make(Instant::from_unix_ms(ms), bytes(10)) <
              OrderId::make(Instant::from_unix_ms(later), bytes(10)));
}

RC_GTEST_PROP(SecretId, CarriesEveryRandomBit, ()) {
    const std::string random = bytes(16);
    std::string other = random;
    const auto at = *rc::gen::inRange<std::size_t>(0, 16);
    const auto bit = *rc::gen::inRange(0, 8);
    other[at] = static_cast<char>(static_cast<unsigned char>(other[at]) ^ (1U << bit));
    RC_ASSERT(CartId::make_secret(random) != CartId::make_secret(other));
    RC_ASSERT(CartId::parse(CartId::make_secret(random).text()).has_value());
}

RC_GTEST_PROP(SecretId, IsSpelledAsAUlidIs, ()) {
    const std::string digits = CartId::make_secret(bytes(16)).text().substr(5);
    RC_ASSERT(digits.size() == 26U);
    RC_ASSERT(digits[0] >= '0' && digits[0] <= '7');
    RC_ASSERT(digits.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string::npos);
}

TEST(SecretId, IsItsSixteenBytesRightAligned) {
    EXPECT_EQ(CartId::make_secret(std::string(16, '\xFF')).text(),
              "cart_7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    EXPECT_EQ(CartId::make_secret(std::string(15, '\0') + '\x01').text(),
              "cart_00000000000000000000000001");
    // The ULID of the specification, 01ARZ3NDEKTSV4RRFFQ69G5FAV, as the bytes that it stands for.
    EXPECT_EQ(
        CartId::make_secret("\x01\x56\x3E\x3A\xB5\xD3\xD6\x76\x4C\x61\xEF\xB9\x93\x02\xBD\x5B")
            .text(),
        "cart_01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

TEST(SecretId, OfFormerTimesStillParses) {
    // Left-aligned, as to_base32 spells 16 bytes: the first character may be any.
    EXPECT_TRUE(CartId::parse("cart_ZZZZZZZZZZZZZZZZZZZZZZZZZW"));
}

TEST(Id, IsAUlidAsTheSpecificationEncodesIt) {
    // 2016-07-30T23:54:10.259Z from the ULID specification's example 01ARYZ6S41….
    const Instant time = Instant::from_unix_ms(1'469'918'176'385);
    EXPECT_EQ(OrderId::make(time, std::string(10, '\0')).text(),
              "order_01ARYZ6S410000000000000000");
}

TEST(Id, RefusesAnotherKindsPrefix) {
    const std::string text = OrderId::make(noon, ten_bytes).text();
    EXPECT_EQ(CartId::parse(text).error().code, errors::invalid_id);
}

TEST(Id, RefusesEveryOtherLengthCaseAndCharacter) {
    const std::string good = "order_01ARYZ6S410000000000000000";
    ASSERT_TRUE(OrderId::parse(good));
    for (const std::string& bad :
         {std::string{}, std::string("order_"), good + "0", good.substr(0, good.size() - 1),
          " " + good.substr(1), std::string("ORDER_01ARYZ6S410000000000000000"),
          std::string("order_01aryz6s410000000000000000"),
          std::string("order_01ARYZ6S41000000000000000I"),
          std::string("order_01ARYZ6S41000000000000000U"),
          std::string("order_01ARYZ6S4100000000000000#0"),
          std::string("order_01ARYZ6S41000000000000000\0", 32)}) {
        EXPECT_FALSE(OrderId::parse(bad)) << bad;
    }
}

TEST(Id, HashesAsItsText) {
    const std::unordered_set<CartId> carts{CartId::make_secret(sixteen_bytes),
                                           CartId::make_secret(sixteen_bytes),
                                           CartId::make_secret("fedcba9876543210")};
    EXPECT_EQ(carts.size(), 2U);
}

TEST(IdDeathTest, DemandsItsRandomBytes) {
    EXPECT_DEATH(static_cast<void>(OrderId::make(noon, "short")), "CHECK failed");
    EXPECT_DEATH(static_cast<void>(CartId::make_secret("short")), "CHECK failed");
}

}  // namespace
}  // namespace souk
