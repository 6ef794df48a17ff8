#include "domain/ports/http.h"

#include <gtest/gtest.h>

namespace souk {
namespace {

TEST(Method, IsNamedBothWays) {
    for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                                Method::del, Method::options}) {
        EXPECT_EQ(method_named(name_of(method)), method);
    }
    EXPECT_EQ(name_of(Method::del), "DELETE");
    EXPECT_FALSE(method_named("get"));
    EXPECT_FALSE(method_named("TRACE"));
}

TEST(Request, FindsHeadersAndParameters) {
    Request request;
    request.headers = {{"accept", "first"}, {"accept", "second"}};
    request.path_parameters = {{"order", "order_1"}};
    request.query_parameters = {{"status", "pending"}};
    EXPECT_EQ(request.header("accept"), "first");
    EXPECT_EQ(request.header("absent"), "");
    EXPECT_EQ(request.parameter("order"), "order_1");
    EXPECT_EQ(request.query_parameter("status"), "pending");
    EXPECT_FALSE(request.query_parameter("absent"));
    EXPECT_DEATH(static_cast<void>(request.parameter("absent")), "CHECK failed");
}

TEST(Request, HasTwentyOnAPageUnlessAsked) {
    Request request;
    EXPECT_EQ(request.limit(), 20);
    EXPECT_EQ(request.cursor(), "");
    request.query_parameters = {{"limit", "7"}, {"cursor", "abc"}};
    EXPECT_EQ(request.limit(), 7);
    EXPECT_EQ(request.cursor(), "abc");
}

TEST(Response, CarriesAStrongEtagOfItsVersion) {
    const Response response = json_response(201, "{}", 7);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.text(), "{}");
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.headers, (std::vector<Parameter>{{"ETag", "\"7\""}}));
}

TEST(Response, MayBeEmpty) {
    const Response response = empty_response(204);
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.text(), "");
    EXPECT_EQ(response.content_type, "");
}

TEST(Response, CannotBeSentWithALineBreakInAHeaderOrAStatusThatIsNone) {
    EXPECT_TRUE(is_sendable(json_response(200, "{}")));
    for (const int status : {0, 100, 199, 600}) {
        EXPECT_FALSE(is_sendable(empty_response(status))) << status;
    }
    Response name = empty_response(200);
    name.headers = {{"X\r\nSet-Cookie", "a"}};
    EXPECT_FALSE(is_sendable(name));
    Response value = empty_response(200);
    value.headers = {{"X", "a\nb"}};
    EXPECT_FALSE(is_sendable(value));
    Response type = json_response(200, "{}");
    type.content_type = "a\r\nb";
    EXPECT_FALSE(is_sendable(type));
}

TEST(Response, HasNoBodyWhereItsStatusSaysSo) {
    for (const int status : {100, 204, 304}) {
        EXPECT_FALSE(has_body(status)) << status;
    }
    EXPECT_TRUE(has_body(200) && has_body(404));
}

TEST(PageResponse, JoinsItemsAndTellsWhereItGoesOn) {
    EXPECT_EQ(page_response({R"({"a":1})", R"({"a":2})"}, "next").text(),
              R"({"items":[{"a":1},{"a":2}],"next_cursor":"next"})");
    EXPECT_EQ(page_response({}, std::nullopt).text(), R"({"items":[],"next_cursor":null})");
}

}  // namespace
}  // namespace souk
