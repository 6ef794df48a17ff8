#include "domain/notifications/money_format.h"

#include <gtest/gtest.h>

namespace souk::notifications {
namespace {

std::string written(std::int64_t amount, std::string_view currency, std::string_view locale) {
    return format_money({*Currency::parse(currency), amount}, locale);
}

struct Case {
    std::int64_t amount;
    const char* currency;
    const char* locale;
    const char* expected;
};

class FormatMoney : public testing::TestWithParam<Case> {};

TEST_P(FormatMoney, WritesAsPeopleThereDo) {
    const Case& c = GetParam();
    EXPECT_EQ(written(c.amount, c.currency, c.locale), c.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Locales, FormatMoney,
    testing::Values(Case{123450, "EUR", "en-GB", "€1,234.50"}, Case{5, "GBP", "en", "£0.05"},
                    Case{123456789, "USD", "en-US", "$1,234,567.89"},
                    Case{123450, "EUR", "de-DE", "1.234,50\u00A0€"},
                    Case{123450, "CHF", "de-CH", "CHF\u00A01\u2019234.50"},
                    Case{123450, "EUR", "fr", "1\u202F234,50\u00A0€"},
                    Case{123450, "EUR", "nl_NL", "€\u00A01.234,50"},
                    Case{1200, "JPY", "ja-JP", "¥1,200"},
                    Case{1234567, "KWD", "en", "KWD\u00A01,234.567"},
                    Case{99900, "EUR", "", "€999.00"}, Case{100000, "EUR", "xx-YY", "€1,000.00"},
                    Case{-1999, "EUR", "en", "-€19.99"}, Case{-1999, "EUR", "de", "-19,99\u00A0€"},
                    Case{0, "SEK", "sv-SE", "0,00\u00A0SEK"}));

}  // namespace
}  // namespace souk::notifications
