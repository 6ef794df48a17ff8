#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {
namespace {

using namespace std::string_literals;

/// Text of arbitrary characters, the awkward ones among them.
std::string utf8_text() {
    const auto characters =
        *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
            "a", "\"", "\\", "/", "\n", "\x01", "\x1F", "\x7F", "\0"s, "ä", "€", "\u2028", "😀"}));
    std::string text;
    for (const auto& character : characters) {
        text += character;
    }
    return text;
}

TEST(JsonWriter, WritesCompactInTheCallersOrder) {
    JsonWriter out;
    out.begin_object()
        .member("text", "a")
        .member("number", 7)
        .member("flag", true)
        .member("none", std::optional<std::string>())
        .member("some", std::optional<std::string>("b"))
        .raw_member("raw", "[1]");
    out.key("list")
        .begin_array()
        .value(1)
        .value("x")
        .begin_object()
        .end_object()
        .null()
        .end_array();
    out.key("empty").begin_array().end_array().member("last", std::string("z")).end_object();
    EXPECT_EQ(out.text(), R"({"text":"a","number":7,"flag":true,"none":null,"some":"b","raw":[1],)"
                          R"("list":[1,"x",{},null],"empty":[],"last":"z"})");
}

TEST(JsonWriter, EscapesWhatJsonDemands) {
    EXPECT_EQ(json_quoted("\"\\\n\r\t\x01/\x7F"), "\"\\\"\\\\\\n\\r\\t\\u0001/\x7F\"");
    EXPECT_EQ(json_quoted("\0"s), "\"\\u0000\"");
    EXPECT_EQ(json_quoted("ä€😀"), "\"ä€😀\"");
}

TEST(JsonWriter, EscapesEveryByteAtEveryPlace) {
    for (std::size_t length = 1; length <= 20; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            for (int byte = 0; byte < 0x80; ++byte) {
                std::string text(length, 'x');
                text[at] = static_cast<char>(byte);
                const std::string written =
                    JsonWriter().begin_object().key(text).value(text).end_object().take();
                const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
                const auto read = JsonDocument::parse(written);
                ASSERT_TRUE(read) << written;
                ASSERT_EQ(read->root().member(0).first, text);
                ASSERT_EQ(read->root()[text].text_or(), text);
                ASSERT_EQ(written.size() > 2 * text.size() + 7, escaped) << written;
            }
        }
    }
}

RC_GTEST_PROP(JsonWriter, WritesTextThatReadsBack, ()) {
    const std::string text = utf8_text();
    RC_ASSERT(is_utf8(text));
    const auto document = JsonDocument::parse(json_quoted(text));
    RC_ASSERT(document.has_value());
    RC_ASSERT(document->root().string() == text);
}

TEST(JsonWriter, GivesItsTextAway) {
    JsonWriter out;
    out.value("a");
    EXPECT_EQ(out.take(), R"("a")");
}

}  // namespace
}  // namespace souk
