#include "domain/base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

namespace souk {
namespace {

using namespace std::string_literals;

TEST(Cat, JoinsTextsCharactersAndIntegers) {
    EXPECT_EQ(cat("a", 'b', std::string("c"), 1, -2, std::size_t{3}), "abc1-23");
    EXPECT_EQ(cat(std::numeric_limits<std::int64_t>::min(), ' ',
                  std::numeric_limits<std::uint64_t>::max()),
              "-9223372036854775808 18446744073709551615");
}

RC_GTEST_PROP(ZeroPadded, SortsAsItsNumber, (std::uint64_t a, std::uint64_t b)) {
    RC_ASSERT((a < b) == (zero_padded(a, 20) < zero_padded(b, 20)));
}

RC_GTEST_PROP(ToInteger, ReadsEveryInteger, (std::int64_t number)) {
    RC_ASSERT(to_integer(cat(number)) == number);
}

TEST(ToInteger, RefusesWhatIsNotWhollyOne) {
    for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "9223372036854775808",
                             "-9223372036854775809"}) {
        EXPECT_FALSE(to_integer(text)) << text;
    }
}

TEST(Ascii, ComparesAndLowersLettersOnly) {
    EXPECT_EQ(ascii_lower("ÄBC-1"), "Äbc-1");
    EXPECT_TRUE(ascii_equal_ignoring_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(ascii_equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(ascii_equal_ignoring_case("[", "{"));
}

TEST(Trimmed, DropsWhiteSpaceAtBothEnds) {
    EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
    EXPECT_EQ(trimmed(" \t"), "");
    EXPECT_EQ(trimmed(""), "");
}

TEST(SplitText, KeepsEmptyPieces) {
    EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Utf8, AcceptsEveryWellFormedLength) {
    for (const auto& text : {""s, "plain"s, "ä"s, "€"s, "😀"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
                             "\xF4\x8F\xBF\xBF"s}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(Utf8, RefusesOverlongSurrogatesTruncatedAndStrayBytes) {
    for (const auto& text : {"\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xF0\x8F\xBF\xBF"s,
                             "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xC3"s,
                             "\xE2\x82"s, "\xF0\x9F\x98"s, "\x80"s, "\xC3("s, "a\xFF"s}) {
        EXPECT_FALSE(is_utf8(text)) << to_hex(text);
    }
}

TEST(Utf8, CountsCodePoints) {
    EXPECT_EQ(code_points(""), 0U);
    EXPECT_EQ(code_points("aä€😀"), 4U);
}

TEST(Slug, IsMadeFromAnyTitle) {
    EXPECT_EQ(slug_from("The Children's  Room, No. 7!"), "the-childrens-room-no-7");
    EXPECT_EQ(slug_from("--a--"), "a");
    EXPECT_EQ(slug_from("Grüne Äpfel – Straße"), "grune-apfel-strasse");
    EXPECT_EQ(slug_from("Children’s"), "childrens");
    EXPECT_EQ(slug_from("日本"), "");
}

RC_GTEST_PROP(Slug, OfATitleIsASlugOrEmpty, (const std::string& title)) {
    const std::string slug = slug_from(title);
    RC_ASSERT(slug.empty() || is_slug(slug, slug.size()));
    RC_ASSERT(slug_from(slug) == slug);
}

TEST(Slug, RefusesOtherCharactersAndEnds) {
    EXPECT_TRUE(is_slug("gift-card", 9));
    EXPECT_TRUE(is_slug("a--b", 9));
    for (const char* text : {"", "-a", "a-", "A", "a_b", "a b", "ä", "gift-cards"}) {
        EXPECT_FALSE(is_slug(text, 9)) << text;
    }
}

TEST(Email, AcceptsPlausibleAddresses) {
    for (const char* text : {"ada@example.org", "a.b+c@sub.example.org", "ö@exämple.org",
                             "o'neil@example.org", "-a-@ex-ample.org"}) {
        EXPECT_TRUE(is_email(text)) << text;
    }
    EXPECT_TRUE(is_email(std::string(64, 'a') + "@" + std::string(185, 'b') + ".com"));
}

TEST(Email, RefusesWhatCouldBreakAMailOrIsNone) {
    for (const auto& text : {""s,
                             "ada"s,
                             "@example.org"s,
                             "ada@"s,
                             "ada@example"s,
                             "ada@.org"s,
                             "ada@example."s,
                             "a@b@c.org"s,
                             "a b@c.org"s,
                             "a@c.org\r\nBcc: x@y.org"s,
                             "a@c.org\0"s,
                             "<a@c.org>"s,
                             "a..b@c.org"s,
                             ".a@c.org"s,
                             "a.@c.org"s,
                             "a@c..org"s,
                             "a@-c.org"s,
                             "a@c-.org"s,
                             "a@c.org-"s,
                             "a,b@c.org"s,
                             "a:b@c.org"s,
                             "a[b@c.org"s,
                             "a@[127.0.0.1]"s,
                             "a@b_c.org"s,
                             "a@b!c.org"s,
                             "a\"b@c.org"s,
                             std::string(65, 'a') + "@c.org",
                             "a@" + std::string(249, 'b') + ".org"}) {
        EXPECT_FALSE(is_email(text)) << text;
    }
}

TEST(Hex, IsLowerCase) { EXPECT_EQ(to_hex("\x00\xAF\xFF"s), "00afff"); }

RC_GTEST_PROP(Base64, ReadsWhatItWrites, (const std::string& bytes)) {
    RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

TEST(Base64, IsAsRfc4648TestsIt) {
    const std::pair<std::string, std::string> vectors[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(to_base64(plain), coded);
        EXPECT_EQ(from_base64(coded), plain);
    }
    EXPECT_EQ(to_base64url("\xFB\xFF"), "-_8");
}

TEST(Base64, RefusesWhatIsNotTheOneWayToSayIt) {
    for (const char* text : {"Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v\n", "Zm9-", "Zm=v", "Z"}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
    for (const char* text : {"Zg==", "Zh", "Z", "Zm9/", "Zm 9"}) {
        EXPECT_FALSE(from_base64url(text)) << text;
    }
}

TEST(Base32, IsCrockfords) {
    EXPECT_EQ(to_base32(""), "");
    EXPECT_EQ(to_base32("\xFF"s), "ZW");
    EXPECT_EQ(to_base32(std::string(5, '\0')), "00000000");
}

RC_GTEST_PROP(Percent, DecodesWhatItEncodes, (const std::string& text)) {
    RC_ASSERT(percent_decoded(percent_encoded(text), PercentStyle::path) == text);
    RC_ASSERT(percent_decoded(percent_encoded(text), PercentStyle::form) == text);
}

TEST(Percent, ReadsAPlusAsASpaceInFormsOnly) {
    EXPECT_EQ(percent_decoded("a+b%2B", PercentStyle::form), "a b+");
    EXPECT_EQ(percent_decoded("a+b%2b", PercentStyle::path), "a+b+");
}

TEST(Percent, RefusesMalformedEscapes) {
    for (const char* text : {"%", "%2", "%zz", "a%2", "%%20", "%-1"}) {
        EXPECT_FALSE(percent_decoded(text, PercentStyle::path)) << text;
    }
}

RC_GTEST_PROP(ConstantTime, IsEquality, (const std::string& a, const std::string& b)) {
    RC_ASSERT(equal_in_constant_time(a, b) == (a == b));
    RC_ASSERT(equal_in_constant_time(a, a));
}

}  // namespace
}  // namespace souk
