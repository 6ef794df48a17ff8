#include "domain/base/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace souk {
namespace {

Currency currency(std::string_view code) {
    const auto found = Currency::parse(code);
    CHECK(found.has_value());
    return *found;
}

Money eur(std::int64_t amount) { return {currency("EUR"), amount}; }
Money jpy(std::int64_t amount) { return {currency("JPY"), amount}; }
Money kwd(std::int64_t amount) { return {currency("KWD"), amount}; }

std::int64_t arbitrary_amount() {
    return *rc::gen::inRange<std::int64_t>(-amount_max, amount_max + 1);
}
std::int64_t arbitrary_price() { return *rc::gen::inRange<std::int64_t>(0, amount_max + 1); }
std::int64_t arbitrary_rate() { return *rc::gen::inRange<std::int64_t>(0, 10'001); }

TEST(Currency, KnowsItsDecimals) {
    EXPECT_EQ(currency("EUR").decimals(), 2);
    EXPECT_EQ(currency("JPY").decimals(), 0);
    EXPECT_EQ(currency("KWD").decimals(), 3);
    EXPECT_EQ(currency("XCG").decimals(), 2);
    EXPECT_EQ(currency("AED").code(), "AED");
    EXPECT_EQ(currency("ZWG").code(), "ZWG");
}

TEST(Currency, RefusesWhatIsNotInTheList) {
    for (const char* code : {"", "eur", "EU", "EURO", "XXX", "XAU", "ZZZ", "AAA"}) {
        EXPECT_FALSE(Currency::parse(code)) << code;
    }
}

RC_GTEST_PROP(Money, SumAndDifferenceUndoEachOther, ()) {
    const Money a = eur(arbitrary_amount() / 2);
    const Money b = eur(arbitrary_amount() / 2);
    const auto both = sum(a, b);
    RC_ASSERT(both.has_value());
    RC_ASSERT(difference(*both, b).value() == a);
    RC_ASSERT(sum(b, a).value() == *both);
}

TEST(Money, RefusesTwoCurrencies) {
    EXPECT_EQ(sum(eur(1), jpy(1)).error().code, errors::currency_mismatch);
    EXPECT_EQ(difference(eur(1), jpy(1)).error().code, errors::currency_mismatch);
}

TEST(Money, RefusesWhatPassesTheLargestAmount) {
    EXPECT_TRUE(sum(eur(amount_max - 1), eur(1)));
    EXPECT_EQ(sum(eur(amount_max), eur(1)).error().code, errors::amount_too_large);
    EXPECT_EQ(difference(eur(-amount_max), eur(1)).error().code, errors::amount_too_large);
    EXPECT_EQ(product(eur(amount_max), 2).error().code, errors::amount_too_large);
    EXPECT_EQ(product(eur(amount_max), std::numeric_limits<std::int64_t>::max()).error().code,
              errors::amount_too_large);
    EXPECT_EQ(product(eur(amount_max), std::numeric_limits<std::int64_t>::min()).error().code,
              errors::amount_too_large);
    EXPECT_EQ(difference(eur(0), eur(std::numeric_limits<std::int64_t>::min())).error().code,
              errors::amount_too_large);
}

RC_GTEST_PROP(Split, AddsUpExactlyAndStaysWithinOneOfTheShare, ()) {
    const Money total = eur(arbitrary_amount());
    const auto weights = *rc::gen::suchThat(
        rc::gen::container<std::vector<std::int64_t>>(
            rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)),
        [](const auto& all) { return std::ranges::any_of(all, [](auto w) { return w > 0; }); });
    const auto parts = split(total, weights);
    RC_ASSERT(parts.size() == weights.size());
    __int128 weight_sum = 0;
    std::int64_t added = 0;
    for (const auto weight : weights) {
        weight_sum += weight;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        added += parts[i].amount;
        const __int128 off = static_cast<__int128>(parts[i].amount) * weight_sum -
                             static_cast<__int128>(total.amount) * weights[i];
        RC_ASSERT(off < weight_sum && -off < weight_sum);
        RC_ASSERT(weights[i] != 0 || parts[i].amount == 0);
    }
    RC_ASSERT(added == total.amount);
}

TEST(Split, GivesTheRestToTheLargestRemainders) {
    EXPECT_EQ(split(eur(100), {1, 1, 1}), (std::vector{eur(34), eur(33), eur(33)}));
    EXPECT_EQ(split(eur(-100), {1, 1, 1}), (std::vector{eur(-34), eur(-33), eur(-33)}));
    EXPECT_EQ(split(eur(10), {3, 7, 0, 3}), (std::vector{eur(2), eur(6), eur(0), eur(2)}));
}

TEST(SplitDeathTest, DemandsAWeight) {
    EXPECT_DEATH(static_cast<void>(split(eur(1), {0, 0})), "CHECK failed");
    EXPECT_DEATH(static_cast<void>(split(eur(1), {})), "CHECK failed");
    EXPECT_DEATH(static_cast<void>(split(eur(1), {2, -1})), "CHECK failed");
}

TEST(TaxAdded, RoundsHalfUp) {
    EXPECT_EQ(tax_added(1'000, 1'900), 190);
    EXPECT_EQ(tax_added(5, 1'000), 1);   // 0.5
    EXPECT_EQ(tax_added(4, 1'000), 0);   // 0.4
    EXPECT_EQ(tax_added(15, 1'000), 2);  // 1.5
    EXPECT_EQ(tax_added(0, 1'900), 0);
    EXPECT_EQ(tax_added(1'999, 0), 0);
    EXPECT_EQ(tax_added(amount_max, 10'000), amount_max);
}

TEST(TaxIncluded, IsWhatTheGrossPriceContains) {
    EXPECT_EQ(tax_included(11'900, 1'900), 1'900);
    EXPECT_EQ(tax_included(1'999, 1'900), 319);  // 319.17
    EXPECT_EQ(tax_included(100, 0), 0);
    EXPECT_EQ(tax_included(100, 10'000), 50);
}

RC_GTEST_PROP(Tax, IncludedAgreesWithAddedToTheNet, ()) {
    const auto net = arbitrary_price() / 4;
    const auto rate = arbitrary_rate();
    const auto gross = net + tax_added(net, rate);
    RC_ASSERT(std::llabs(tax_included(gross, rate) - tax_added(net, rate)) <= 1);
}

RC_GTEST_PROP(Tax, NeverExceedsWhatItIsPartOf, ()) {
    const auto amount = arbitrary_price();
    const auto rate = arbitrary_rate();
    RC_ASSERT(tax_included(amount, rate) >= 0 && tax_included(amount, rate) <= amount);
    RC_ASSERT(tax_added(amount, rate) >= 0 && tax_added(amount, rate) <= amount);
}

RC_GTEST_PROP(Decimal, ReadsWhatItWrites, ()) {
    const auto in = currency(*rc::gen::elementOf(std::vector<std::string>{"EUR", "JPY", "KWD"}));
    const Money money{in, arbitrary_price()};
    RC_ASSERT(from_decimal(to_decimal(money), in) == money);
}

TEST(Decimal, WritesTheCurrencysDigits) {
    EXPECT_EQ(to_decimal(eur(1'234)), "12.34");
    EXPECT_EQ(to_decimal(eur(5)), "0.05");
    EXPECT_EQ(to_decimal(eur(-5)), "-0.05");
    EXPECT_EQ(to_decimal(jpy(1'200)), "1200");
    EXPECT_EQ(to_decimal(kwd(1'200)), "1.200");
    EXPECT_EQ(to_decimal(eur(std::numeric_limits<std::int64_t>::min())), "-92233720368547758.08");
}

TEST(Decimal, ReadsExactly) {
    EXPECT_EQ(from_decimal("12.34", currency("EUR")), eur(1'234));
    EXPECT_EQ(from_decimal("12", currency("EUR")), eur(1'200));
    EXPECT_EQ(from_decimal("12.3", currency("EUR")), eur(1'230));
    EXPECT_EQ(from_decimal("12.3400", currency("EUR")), eur(1'234));
    EXPECT_EQ(from_decimal("1200.00", currency("JPY")), jpy(1'200));
    EXPECT_EQ(from_decimal("1000000000000000000", currency("JPY")), jpy(amount_max));
    EXPECT_EQ(from_decimal("10000000000000000.00", currency("EUR")), eur(amount_max));
}

TEST(Decimal, RefusesWhatIsNotExactlyAnAmount) {
    for (const char* text :
         {"", ".", ".5", "5.", "-1", "+1", "1e3", "1,000", " 1", "1 ", "12.345", "0x10", "1.2.3",
          "10000000000000000.01", "99999999999999999999", "NaN", "12.3a"}) {
        EXPECT_FALSE(from_decimal(text, currency("EUR"))) << text;
    }
    EXPECT_FALSE(from_decimal("1.5", currency("JPY")));
    EXPECT_FALSE(from_decimal("1000000000000000001", currency("JPY")));
}

}  // namespace
}  // namespace souk
