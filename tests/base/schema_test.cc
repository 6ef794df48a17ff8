#include "domain/base/schema.h"

#include <gtest/gtest.h>

#include "domain/base/money.h"
#include "domain/base/text_format.h"

namespace souk {
namespace {

using namespace std::string_literals;
using Mistakes = std::vector<FieldError>;
namespace sc = schema;

Mistakes mistakes_of(const Schema& schema, std::string_view json, const std::string& pointer = "") {
    const auto document = JsonDocument::parse(json);
    CHECK(document.has_value());
    Mistakes mistakes;
    validate(schema, document->root(), pointer, mistakes);
    return mistakes;
}

/// "pointer code" of each mistake.
std::vector<std::string> codes_of(const Schema& schema, std::string_view json) {
    std::vector<std::string> codes;
    for (const auto& mistake : mistakes_of(schema, json)) {
        codes.push_back(mistake.pointer + " " + mistake.code);
    }
    return codes;
}

using Codes = std::vector<std::string>;

struct Case {
    Schema schema;
    std::string json;
    std::string code;  // Empty: fits.
};

TEST(Schema, NamesEachMistakeByItsCode) {
    const Schema name = sc::text(2, 4);
    const Schema count = sc::integer(1, 9999);
    const Schema tags = sc::list(sc::text(1, 3), 2, 1);
    const Schema notes = sc::dictionary(sc::text(0, 5), 2);
    const std::vector<Case> cases{
        {name, R"("ab")", ""},
        {name, R"("äöü€")", ""},
        {name, R"("a")", "too_short"},
        {name, R"("abcde")", "too_long"},
        {name, R"(7)", "wrong_type"},
        {name, R"(null)", "wrong_type"},
        {name.nullable(), R"(null)", ""},
        {name, R"("a\u0000b")", "bad_format"},
        {count, "1", ""},
        {count, "9999", ""},
        {count, "0", "too_small"},
        {count, "-1", "too_small"},
        {count, "10000", "too_large"},
        {count, "1.5", "wrong_type"},
        {count, "1.0", "wrong_type"},
        {count, R"("1")", "wrong_type"},
        {count, "9223372036854775808", "wrong_type"},
        {sc::boolean(), "true", ""},
        {sc::boolean(), "0", "wrong_type"},
        {sc::one_of({"a", "b"}), R"("b")", ""},
        {sc::one_of({"a", "b"}), R"("c")", "not_allowed"},
        {tags, R"(["a","b"])", ""},
        {tags, R"([])", "too_few"},
        {tags, R"(["a","b","c"])", "too_many"},
        {tags, R"({})", "wrong_type"},
        {notes, R"({"a":"x"})", ""},
        {notes, R"({"a":"x","b":"y","c":"z"})", "too_many"},
        {notes, R"({"":"x"})", "bad_format"},
        {notes, R"([])", "wrong_type"},
        {sc::slug(4), R"("a-bc")", ""},
        {sc::slug(4), R"("abcde")", "too_long"},
        {sc::slug(4), R"("A")", "bad_format"},
        {sc::id("cart_"), R"("cart_01ARYZ6S410000000000000000")", ""},
        {sc::id("cart_"), R"("order_01ARYZ6S41000000000000000")", "bad_format"},
        {sc::any_of({sc::integer(1, 3), sc::text(1, 3)}), R"("abc")", ""},
        {sc::any_of({sc::integer(1, 3), sc::text(1, 3)}), "7", "too_large"},
    };
    for (const auto& c : cases) {
        const auto mistakes = mistakes_of(c.schema, c.json);
        ASSERT_EQ(mistakes.size(), c.code.empty() ? 0U : 1U) << c.json << " " << c.code;
        EXPECT_EQ(mistakes.empty() ? "" : mistakes.front().code, c.code) << c.json;
    }
}

TEST(Schema, KnowsItsTextFormats) {
    struct Sample {
        TextFormat format;
        std::vector<std::string> good, bad;
    };
    const std::vector<Sample> samples{
        {TextFormat::email, {"ada@example.org"}, {"ada"}},
        {TextFormat::slug, {"gift-shop"}, {"Gift", "-a", ""}},
        {TextFormat::instant, {"2026-11-24T02:07:00Z"}, {"2026-11-24", "soon"}},
        {TextFormat::url,
         {"https://example.org/a?b#c", "http://localhost:8080"},
         {"ftp://example.org", "https://", "https:///a", "javascript:alert(1)", "https://a b",
          "//example.org", "http"}},
        {TextFormat::currency, {"EUR", "JPY"}, {"eur", "XXX"}},
        {TextFormat::locale,
         {"en", "en-GB", "gsw", "es-419", "zh-Hant", "zh-Hant-TW"},
         {"EN", "en-gb", "en-", "english", "", "e", "en-GB-Latn", "en-41", "zh-hant", "en-GB-US",
          "-GB"}},
        {TextFormat::country, {"DE"}, {"de", "DEU", "D1", ""}},
    };
    for (const auto& sample : samples) {
        for (const auto& good : sample.good) {
            EXPECT_EQ(mistakes_of(sc::text(sample.format), json_quoted(good)), Mistakes{}) << good;
        }
        for (const auto& bad : sample.bad) {
            const auto mistakes = mistakes_of(sc::text(sample.format), json_quoted(bad));
            ASSERT_EQ(mistakes.size(), 1U) << bad;
            EXPECT_EQ(mistakes.front().code, "bad_format") << bad;
        }
    }
}

TEST(Schema, ReportsAllMistakesAtOnce) {
    const Schema order = sc::object(
        {sc::required("email", sc::text(TextFormat::email)),
         sc::required("lines",
                      sc::list(sc::object({sc::required("sku", sc::text(1, 64)),
                                           sc::required("quantity", sc::integer(1, 9999))}),
                               10)),
         sc::optional("note", sc::text(0, 10))});
    EXPECT_EQ(
        codes_of(
            order,
            R"({"lines":[{"sku":"a","quantity":0},{"quantity":"2","colour":1}],"note":3,"x":null})"),
        (Codes{"/email required", "/lines/0/quantity too_small", "/lines/1/sku required",
               "/lines/1/quantity wrong_type", "/lines/1/colour unknown_member", "/note wrong_type",
               "/x unknown_member"}));
}

// A client that read "no such member" took its own release for newer than the server.
TEST(Schema, TellsAMemberOfAnotherChoiceFromAnUnknownOne) {
    const Schema change = sc::any_of({sc::object({sc::required("delta", sc::integer(-9, 9))}),
                                      sc::object({sc::required("set", sc::integer(0, 9)),
                                                  sc::required("expected", sc::integer(0, 9))})});
    EXPECT_EQ(codes_of(change, R"({"delta":1,"set":1,"expected":2})"),
              (Codes{"/delta not_allowed"}));
    EXPECT_EQ(codes_of(change, R"({"delta":1,"sett":1})"), (Codes{"/sett unknown_member"}));
    EXPECT_EQ(codes_of(sc::object({sc::required("by", change)}), R"({"by":{"delta":1,"set":1}})"),
              (Codes{"/by/set not_allowed"}));
}

TEST(Schema, EscapesPointers) {
    const Schema shape =
        sc::object({sc::required("a/b", sc::integer(0, 1)), sc::optional("~", sc::integer(0, 1))});
    EXPECT_EQ(codes_of(shape, R"({"~":2,"c~/d":1})"),
              (Codes{"/a~1b required", "/~0 too_large", "/c~0~1d unknown_member"}));
    EXPECT_EQ(codes_of(sc::dictionary(sc::integer(0, 1), 5), R"({"x/y":2})"),
              (Codes{"/x~1y too_large"}));
}

TEST(Schema, StartsItsPointersWhereItIsTold) {
    EXPECT_EQ(mistakes_of(sc::integer(0, 1), "2", "/lines/3").front().pointer, "/lines/3");
}

TEST(Schema, RefusesANullForAnOptionalMemberThatIsNotNullable) {
    const Schema shape = sc::object(
        {sc::optional("a", sc::text(0, 5)), sc::optional("b", sc::text(0, 5).nullable())});
    EXPECT_EQ(codes_of(shape, R"({"a":null,"b":null})"), (Codes{"/a wrong_type"}));
}

TEST(Schema, DoesNotDrownTheReaderInAFlood) {
    EXPECT_EQ(codes_of(sc::list(sc::integer(0, 1), 2), "[5,5,5,5,5,5]"), (Codes{" too_many"}));
}

TEST(Schema, TakesMoneyAsWholeMinorUnitsOfAKnownCurrency) {
    EXPECT_EQ(codes_of(sc::money(), R"({"amount":1999,"currency":"EUR"})"), Codes{});
    EXPECT_EQ(codes_of(sc::money(), R"({"amount":1000000000000000000,"currency":"JPY"})"), Codes{});
    EXPECT_EQ(codes_of(sc::money(), R"({"amount":1000000000000000001,"currency":"JPY"})"),
              (Codes{"/amount too_large"}));
    EXPECT_EQ(codes_of(sc::money(), R"({"amount":19.99,"currency":"EUR"})"),
              (Codes{"/amount wrong_type"}));
    EXPECT_EQ(codes_of(sc::money(), R"({"amount":-1,"currency":"XXX"})"),
              (Codes{"/amount too_small", "/currency bad_format"}));
}

TEST(ValidateText, ReadsNumbersAndFlagsFromText) {
    const auto code = [](const Schema& schema, std::string_view value) {
        Mistakes mistakes;
        validate_text(schema, value, "?x", mistakes);
        return mistakes.empty() ? std::string()
                                : mistakes.front().pointer + " " + mistakes.front().code;
    };
    EXPECT_EQ(code(sc::integer(1, 100), "20"), "");
    EXPECT_EQ(code(sc::integer(1, 100), "0"), "?x too_small");
    EXPECT_EQ(code(sc::integer(1, 100), "101"), "?x too_large");
    EXPECT_EQ(code(sc::integer(1, 100), "1.5"), "?x wrong_type");
    EXPECT_EQ(code(sc::integer(1, 100), ""), "?x wrong_type");
    EXPECT_EQ(code(sc::boolean(), "true"), "");
    EXPECT_EQ(code(sc::boolean(), "1"), "?x wrong_type");
    EXPECT_EQ(code(sc::one_of({"price", "-price"}), "-price"), "");
    EXPECT_EQ(code(sc::one_of({"price", "-price"}), "name"), "?x not_allowed");
    EXPECT_EQ(code(sc::text(1, 3), "abcd"), "?x too_long");
    EXPECT_EQ(code(sc::text(1, 3), "\xFF"), "?x bad_format");
    EXPECT_EQ(code(sc::text(1, 3), "a\0"s), "?x bad_format");
    EXPECT_EQ(code(sc::text(TextFormat::instant), "today"), "?x bad_format");
}

}  // namespace
}  // namespace souk
