#include "domain/base/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "domain/base/text.h"

namespace souk {
namespace {

using namespace std::string_literals;

std::string nested(int depth, char open, char close) {
    return std::string(static_cast<std::size_t>(depth), open) +
           std::string(static_cast<std::size_t>(depth), close);
}

std::string why_refused(std::string_view text) {
    const auto document = JsonDocument::parse(text);
    if (document) {
        return "accepted";
    }
    EXPECT_EQ(document.error().code, errors::malformed_json);
    return document.error().detail;
}

TEST(Json, ReadsEveryKindOfValue) {
    const auto document = JsonDocument::parse(
        R"({"n":null,"t":true,"i":-7,"f":1.5,"s":"a\u00e4\n","a":[1,2],"o":{"x":1}})");
    ASSERT_TRUE(document);
    const JsonView root = document->root();
    EXPECT_TRUE(root["n"].is_null());
    EXPECT_EQ(root["t"].boolean(), true);
    EXPECT_EQ(root["i"].integer(), -7);
    EXPECT_TRUE(root["f"].is_number());
    EXPECT_FALSE(root["f"].integer());
    EXPECT_EQ(root["s"].string(), "aä\n");
    EXPECT_EQ(root["a"].at(1).integer(), 2);
    EXPECT_EQ(root["o"]["x"].integer(), 1);
    EXPECT_EQ(root.size(), 7U);
    EXPECT_EQ(root.member(2).first, "i");
}

TEST(Json, LooksUpThroughWhatIsNotThere) {
    const auto document = JsonDocument::parse(R"({"a":1})");
    const JsonView absent = document->root()["b"]["c"];
    EXPECT_FALSE(absent.present());
    EXPECT_FALSE(absent.is_null());
    EXPECT_EQ(absent.size(), 0U);
    EXPECT_EQ(absent.text_or("x"), "x");
    EXPECT_EQ(absent.integer_or(7), 7);
    EXPECT_EQ(absent.bool_or(true), true);
    EXPECT_EQ(absent.render(), "null");
    EXPECT_FALSE(document->root()["a"]["b"].present());
    EXPECT_FALSE(JsonDocument().root().present());
}

TEST(Json, KeepsItsViewsWhenItMoves) {
    auto first = JsonDocument::parse(R"({"a":"text that is too long for a small string"})");
    const JsonView view = first->root()["a"];
    const JsonDocument second = std::move(*first);
    EXPECT_EQ(view.string(), "text that is too long for a small string");
}

TEST(Json, RendersWhatItRead) {
    const std::string text = R"({"b":[1,"x",null,true],"a":{"c":-9223372036854775808}})";
    EXPECT_EQ(JsonDocument::parse(text)->root().render(), text);
}

TEST(Json, RefusesAMemberNamedTwiceAtAnyDepth) {
    for (const char* text : {R"({"a":1,"a":1})", R"([{"x":{"a":1,"b":2,"a":3}}])",
                             R"({"a":1,"\u0061":2})", R"({"":1,"":2})"}) {
        EXPECT_TRUE(why_refused(text).ends_with(": An object names the same member twice."))
            << text;
    }
    const std::string second_line = "{\"a\":{\"b\":0},\n \"b\":1, \"a\":2}";
    EXPECT_EQ(why_refused(second_line),
              "Line 2, column 11: An object names the same member twice.");
    EXPECT_EQ(JsonDocument::parse(second_line).error().members,
              (std::vector<std::pair<std::string, std::string>>{{"line", "2"}, {"column", "11"}}));
    EXPECT_EQ(why_refused("[1,\n1e999]"), "Line 2, column 6: A number is too large.");
}

TEST(Json, IsNotMisledByColonsAndQuotesInStrings) {
    EXPECT_TRUE(JsonDocument::parse(R"({"a:b":"c:\"d\":e","f\\":":"})"));
    EXPECT_TRUE(JsonDocument::parse(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})"));
}

TEST(Json, RefusesNestingBeyondItsDepth) {
    EXPECT_TRUE(JsonDocument::parse(nested(json_depth_max, '[', ']')));
    EXPECT_NE(why_refused(nested(json_depth_max + 1, '[', ']')), "accepted");
    EXPECT_NE(why_refused(nested(100'000, '[', ']')), "accepted");
    std::string objects;
    for (int i = 0; i < json_depth_max + 1; ++i) {
        objects += R"({"a":)";
    }
    EXPECT_NE(why_refused(objects + "1" + std::string(json_depth_max + 1, '}')), "accepted");
}

TEST(Json, RefusesInvalidUtf8) {
    for (const auto& text :
         {"\"\xC3\""s, "\"\xC0\x80\""s, "\"\xED\xA0\x80\""s, "\"\xFF\""s, "{\"\xFE\":1}"s,
          "\"\xE2\x82"s, R"("\ud800")"s, R"("\udc00\ud800")"s, R"("\ud83d")"s}) {
        EXPECT_NE(why_refused(text), "accepted") << to_hex(text);
    }
    EXPECT_EQ(JsonDocument::parse(R"("\ud83d\ude00")")->root().string(), "😀");
}

TEST(Json, RefusesWhatFollowsTheValue) {
    for (const auto& text : {"{}x"s, "{} {}"s, "1 2"s, "[],"s, "null\0"s, "{}//"s}) {
        EXPECT_NE(why_refused(text), "accepted") << text;
    }
    EXPECT_TRUE(JsonDocument::parse(" {} \r\n\t"));
}

TEST(Json, TakesNoFormFeedOrVerticalTabForWhiteSpace) {
    for (const auto& text : {"{}\f"s, "{}\v"s, "1 \f"s, "\f1"s}) {
        EXPECT_NE(why_refused(text), "accepted") << text;
    }
}

TEST(Json, RefusesANumberThatCannotBeRendered) {
    for (const auto& text : {"1E400"s, "-1e309"s, "[{\"a\":[1e999]}]"s}) {
        EXPECT_NE(why_refused(text), "accepted") << text;
    }
    EXPECT_TRUE(JsonDocument::parse("[1e308,1e-400]"));
}

TEST(Json, HasNoElementWhereThereIsNoArray) {
    const auto document = JsonDocument::parse(R"({"a":[1],"b":{"c":2}})");
    EXPECT_EQ(document->root()["a"].at(0).integer(), 1);
    EXPECT_FALSE(document->root()["a"].at(1).present());
    EXPECT_FALSE(document->root()["b"].at(0).present());
    EXPECT_FALSE(document->root()["missing"].at(0).at(0).present());
    EXPECT_FALSE(document->root()["a"].member(0).second.present());
    EXPECT_FALSE(document->root()["b"].member(1).second.present());
}

TEST(Json, RefusesWhatOnlyOtherDialectsAllow) {
    for (const auto& text : {""s,
                             " "s,
                             "{"s,
                             "[1"s,
                             "\"a"s,
                             "tru"s,
                             "{'a':1}"s,
                             "{a:1}"s,
                             "[1,]"s,
                             "{\"a\":1,}"s,
                             "/**/1"s,
                             "NaN"s,
                             "Infinity"s,
                             "01"s,
                             "+1"s,
                             ".5"s,
                             "1."s,
                             "1e"s,
                             "0x1"s,
                             "\"\t\""s,
                             "\"\x01\""s,
                             "\"\\x\""s,
                             "\xEF\xBB\xBF{}"s,
                             "\0"s,
                             "{\"a\" 1}"s,
                             "{\"a\"}"s,
                             "[1 2]"s,
                             "]"s}) {
        EXPECT_NE(why_refused(text), "accepted") << text;
    }
}

TEST(Json, TellsLineAndColumnOfTheMistake) {
    EXPECT_TRUE(why_refused("{\n  \"a\": 1,\n  \"b\": x\n}").starts_with("Line 3, column 8: "))
        << why_refused("{\n  \"a\": 1,\n  \"b\": x\n}");
    EXPECT_TRUE(why_refused("x").starts_with("Line 1, column 1: ")) << why_refused("x");
    EXPECT_TRUE(why_refused("{} x").starts_with("Line 1, column 4: ")) << why_refused("{} x");
    EXPECT_TRUE(why_refused("[1,\n").starts_with("Line 2, column 1: ")) << why_refused("[1,\n");
}

TEST(Json, KeepsIntegersExactAndTellsThemFromOtherNumbers) {
    EXPECT_EQ(JsonDocument::parse("9223372036854775807")->root().integer(),
              std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(JsonDocument::parse("-9223372036854775808")->root().integer(),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(JsonDocument::parse("9007199254740993")->root().integer(), 9'007'199'254'740'993);
    for (const char* text : {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
                             "1.0", "1e2", "1E400", "123456789012345678901234567890"}) {
        const auto document = JsonDocument::parse(text);
        EXPECT_TRUE(!document || !document->root().integer()) << text;
    }
}

RC_GTEST_PROP(Json, ReadsEveryIntegerItWrites, (std::int64_t number)) {
    const auto document = JsonDocument::parse(JsonWriter().value(number).text());
    RC_ASSERT(document.has_value());
    RC_ASSERT(document->root().integer() == number);
}

RC_GTEST_PROP(Json, NeverBreaksOnArbitraryBytes, (const std::string& bytes)) {
    const auto document = JsonDocument::parse(bytes);
    if (document) {
        RC_ASSERT(JsonDocument::parse(document->root().render()).has_value());
    }
}

}  // namespace
}  // namespace souk
