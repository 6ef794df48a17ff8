#include "adapters/lambda_runtime/event_path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/base/text.h"
#include "gateway/router.h"

namespace souk::lambda {
namespace {

struct Told {
    std::string route_key;
    std::string raw_path;
    std::vector<Parameter> parameters = {};
    std::string stage = "$default";
};

std::string path_of(const Told& told) {
    JsonWriter event;
    event.begin_object().member("routeKey", told.route_key).member("rawPath", told.raw_path);
    event.key("pathParameters").begin_object();
    for (const auto& [name, value] : told.parameters) {
        event.member(name, value);
    }
    event.end_object().key("requestContext").begin_object();
    event.member("stage", told.stage).end_object().end_object();
    const auto document = JsonDocument::parse(event.text());
    EXPECT_TRUE(document) << event.text();
    return document ? encoded_path(document->root()) : "";
}

TEST(EventPath, IsMadeOfTheRouteAndItsParameters) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"cart_1", "cart_1"}, {"a/b", "a%2Fb"},           {"a?b#c", "a%3Fb%23c"}, {"50%", "50%25"},
        {"%2F", "%252F"},     {"tea é", "tea%20%C3%A9"},  {"a+b", "a+b"},         {"..", ".."},
        {"a:b@c", "a:b@c"},   {"\"<>\\", "%22%3C%3E%5C"},
    };
    for (const auto& [value, encoded] : table) {
        EXPECT_EQ(path_of({"GET /v1/carts/{cart}/items",
                           cat("/v1/carts/", value, "/items"),
                           {{"cart", value}}}),
                  cat("/v1/carts/", encoded, "/items"));
    }
}

TEST(EventPath, KeepsTheSlashesOfAGreedyParameter) {
    EXPECT_EQ(path_of({"ANY /v1/media/{proxy+}", "/v1/media/a b/c", {{"proxy", "a b/c"}}}),
              "/v1/media/a%20b/c");
}

TEST(EventPath, LeavesTheStageOut) {
    EXPECT_EQ(path_of({"GET /v1/carts/{cart}", "/prod/v1/carts/a/b", {{"cart", "a/b"}}, "prod"}),
              "/v1/carts/a%2Fb");
    EXPECT_EQ(path_of({"$default", "/prod/v1/x y", {}, "prod"}), "/v1/x%20y");
    EXPECT_EQ(path_of({"$default", "/prod", {}, "prod"}), "/");
    EXPECT_EQ(path_of({"$default", "/production/x", {}, "prod"}), "/production/x");
    EXPECT_EQ(path_of({"$default", "/$default/x", {}, "$default"}), "/$default/x");
}

TEST(EventPath, IsTheRawPathEncodedWhereTheRouteDoesNotMakeIt) {
    EXPECT_EQ(path_of({"$default", "/v1/stores/a b/é", {}}), "/v1/stores/a%20b/%C3%A9");
    EXPECT_EQ(path_of({"GET /v1/carts/{cart}", "/v1/carts/a b"}), "/v1/carts/a%20b");
    EXPECT_EQ(path_of({"GET /v1/carts/{cart}", "/v1/carts/a/", {{"cart", "a"}}}), "/v1/carts/a/");
    EXPECT_EQ(path_of({"nonsense", "/a?b"}), "/a%3Fb");
    EXPECT_EQ(path_of({"", ""}), "/");
    EXPECT_EQ(path_of({"$default", "a"}), "/a");
}

TEST(EventPath, UnderstandsAnEmulatorThatLeavesThePathEncoded) {
    EXPECT_EQ(path_of({"GET /v1/carts/{cart}", "/v1/carts/a%2Fb", {{"cart", "a/b"}}}),
              "/v1/carts/a%2Fb");
}

/// The code points as UTF-8, without those that JSON or a URL cannot hold.
std::string text_of(const std::vector<char32_t>& points) {
    std::string out;
    for (const char32_t any : points) {
        const char32_t point = any == 0 || any >= 0xD800 ? 0xFFFD : any;
        const auto put = [&out](char32_t bits) { out.push_back(static_cast<char>(bits)); };
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xC0 | point >> 6U);
            put(0x80 | (point & 0x3F));
        } else {
            put(0xE0 | point >> 12U);
            put(0x80 | (point >> 6U & 0x3F));
            put(0x80 | (point & 0x3F));
        }
    }
    return out;
}

/// Mostly the characters that a path treats specially.
rc::Gen<std::string> odd_segment() {
    const auto odd = rc::gen::elementOf(std::string("/?#%+&=:@;,.~ \"\\{}aA0"));
    const auto points =
        rc::gen::oneOf(rc::gen::cast<char32_t>(odd), rc::gen::inRange<char32_t>(0, 0xFFFF));
    return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<char32_t>>(points)),
                        text_of);
}

const gateway::Router& router() {
    static const gateway::Router made = [] {
        Route route;
        route.name = "item";
        route.method = Method::get;
        route.pattern = "/v1/stores/{store}/items/{item}";
        route.audiences = audience::anyone;
        route.handle = [](const Caller&, const Request&) -> Result<Response> {
            return empty_response(204);
        };
        return gateway::Router({route});
    }();
    return made;
}

RC_GTEST_PROP(EventPath, LeadsTheGatewayToTheRouteAndItsParameters, ()) {
    const std::string store = *odd_segment();
    const std::string item = *odd_segment();
    const std::string path = path_of({"GET /v1/stores/{store}/items/{item}",
                                      cat("/v1/stores/", store, "/items/", item),
                                      {{"store", store}, {"item", item}}});
    const auto match = router().match(Method::get, path);
    const bool found = match.route != nullptr;
    RC_ASSERT(found);
    RC_ASSERT(match.parameters == (std::vector<Parameter>{{"store", store}, {"item", item}}));
}

RC_GTEST_PROP(EventPath, IsAPathWhateverTheEventSays, ()) {
    const std::string raw = *odd_segment();
    const std::string path = path_of({*odd_segment(), raw, {{"a", *odd_segment()}}});
    RC_ASSERT(path.starts_with('/'));
    RC_ASSERT(path.find_first_of("?# \"\\{}") == std::string::npos);
    RC_ASSERT(percent_decoded(path, PercentStyle::path).has_value());
}

}  // namespace
}  // namespace souk::lambda
