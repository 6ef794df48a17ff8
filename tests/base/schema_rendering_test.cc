#include <gtest/gtest.h>

#include "domain/base/schema.h"
#include "domain/base/text_format.h"

namespace souk {
namespace {

namespace sc = schema;
using Components = std::vector<std::pair<std::string, std::string>>;

std::string rendered(const Schema& schema) {
    Components components;
    std::string json = render_json_schema(schema, components);
    EXPECT_TRUE(JsonDocument::parse(json)) << json;
    return json;
}

TEST(JsonSchema, RendersEachShape) {
    EXPECT_EQ(rendered(sc::text(1, 64)),
              R"({"type":"string","minLength":1,"maxLength":64,"pattern":"^[^\\u0000]*$"})");
    EXPECT_EQ(rendered(sc::line(0, 9)),
              R"({"type":"string","minLength":0,"maxLength":9,)"
              R"("pattern":"^[^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]*$"})");
    EXPECT_EQ(rendered(sc::line(1, 9)), R"({"type":"string","minLength":1,"maxLength":9,"pattern":)"
                                        R"("^ *[^\\u0000-\\u0020\\u007F-\\u009F\\u2028\\u2029])"
                                        R"([^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]*$"})")
        << "not white space alone";
    EXPECT_EQ(rendered(sc::integer(-5, 9)),
              R"({"type":"integer","minimum":-5,"maximum":9,"format":"int64"})");
    EXPECT_EQ(rendered(sc::boolean()), R"({"type":"boolean"})");
    EXPECT_EQ(rendered(sc::one_of({"a", "b"})), R"({"type":"string","enum":["a","b"]})");
    EXPECT_EQ(rendered(sc::text(TextFormat::email)),
              R"({"type":"string","format":"email","maxLength":254})");
    EXPECT_EQ(rendered(sc::slug(63)),
              R"({"type":"string","pattern":"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$","maxLength":63})");
    EXPECT_EQ(rendered(sc::text(TextFormat::slug)), rendered(sc::slug(slug_max)));
    EXPECT_EQ(rendered(sc::id("cart_")),
              R"({"type":"string","pattern":"^cart_[0-9A-HJKMNP-TV-Z]{26}$"})");
    EXPECT_EQ(rendered(sc::list(sc::boolean(), 3, 1)),
              R"({"type":"array","minItems":1,"maxItems":3,"items":{"type":"boolean"}})");
    EXPECT_EQ(
        rendered(sc::dictionary(sc::boolean(), 3)),
        R"({"type":"object","maxProperties":3,"propertyNames":{"minLength":1,"maxLength":64},)"
        R"("additionalProperties":{"type":"boolean"}})");
    EXPECT_EQ(
        rendered(sc::any_of({sc::boolean(), sc::integer(0, 1)})),
        R"({"anyOf":[{"type":"boolean"},{"type":"integer","minimum":0,"maximum":1,"format":"int64"}]})");
}

TEST(JsonSchema, ClosesItsObjects) {
    EXPECT_EQ(
        rendered(sc::object({sc::required("a", sc::boolean()), sc::optional("b", sc::boolean())})),
        R"({"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},)"
        R"("additionalProperties":false,"required":["a"]})");
}

TEST(JsonSchema, SaysWhatMayBeNull) {
    EXPECT_EQ(rendered(sc::boolean().nullable()), R"({"type":["boolean","null"]})");
    EXPECT_EQ(rendered(sc::one_of({"a"}).nullable()),
              R"({"type":["string","null"],"enum":["a",null]})");
    EXPECT_EQ(rendered(sc::any_of({sc::boolean()}).nullable()),
              R"({"anyOf":[{"type":"boolean"},{"type":"null"}]})");
}

TEST(JsonSchema, CarriesItsDescription) {
    EXPECT_EQ(rendered(sc::boolean().described("Whether \"it\" is.")),
              R"({"type":"boolean","description":"Whether \"it\" is."})");
}

TEST(JsonSchema, RendersANamedSchemaOnceAndRefersToIt) {
    Components components;
    const Schema pair =
        sc::object({sc::required("a", sc::money()), sc::required("b", sc::money().nullable())});
    EXPECT_EQ(render_json_schema(pair, components),
              R"({"type":"object","properties":{"a":{"$ref":"#/components/schemas/Money"},)"
              R"("b":{"anyOf":[{"$ref":"#/components/schemas/Money"},{"type":"null"}]}},)"
              R"("additionalProperties":false,"required":["a","b"]})");
    ASSERT_EQ(components.size(), 1U);
    EXPECT_EQ(components.front().first, "Money");
    EXPECT_TRUE(JsonDocument::parse(components.front().second));
}

TEST(JsonSchema, NamesASchemaInsideANamedOne) {
    Components components;
    const Schema line = sc::object({sc::required("price", sc::money())}).named("Line");
    EXPECT_EQ(render_json_schema(sc::page_of(line), components)
                      .find(R"("$ref":"#/components/schemas/Line")") != std::string::npos,
              true);
    ASSERT_EQ(components.size(), 2U);
    EXPECT_EQ(components[0].first, "Line");
    EXPECT_EQ(components[1].first, "Money");
    EXPECT_FALSE(components[0].second.empty());
}

}  // namespace
}  // namespace souk
