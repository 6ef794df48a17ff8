#include "adapters/lambda_runtime/http_event.h"

#include <gtest/gtest.h>

#include "adapters/lambda_runtime/http_events.h"

namespace souk::lambda {
namespace {

Result<Request> parsed(std::string_view event) {
    const auto document = JsonDocument::parse(event);
    EXPECT_TRUE(document) << event;
    return document ? parse_http_event(document->root()) : fail(errors::http_event_malformed);
}

bool is_http(std::string_view event) {
    const auto document = JsonDocument::parse(event);
    EXPECT_TRUE(document) << event;
    return document && is_http_event(document->root());
}

TEST(HttpEvent, IsReadToTheLetter) {
    const auto request = parsed(full_event);
    ASSERT_TRUE(request) << request.error().detail;
    EXPECT_EQ(request->method, Method::post);
    EXPECT_EQ(request->path, "/v1/stores/tea%20house/carts/cart_1/items");
    EXPECT_EQ(request->query, "tag=a%20b&tag=c%2Bd&x=%26");
    EXPECT_EQ(request->body, "{\"sku\":\"TEA-1\"}\n");
    EXPECT_EQ(request->peer, "203.0.113.7");
    EXPECT_EQ(request->header("authorization"), "Bearer the.own.token");
    EXPECT_EQ(request->header("idempotency-key"), "k-1");
    EXPECT_EQ(request->header("accept"), "application/json,text/html");
    EXPECT_EQ(request->header("cookie"), "session=abc; theme=dark");
    EXPECT_EQ(request->headers.size(), 11U);
}

TEST(HttpEvent, LeavesTheAuthorizersClaimsOut) {
    const auto request = parsed(full_event);
    ASSERT_TRUE(request);
    for (const auto& [name, value] : request->headers) {
        EXPECT_EQ(value.find("user_of_the_authorizer"), std::string::npos) << name;
    }
    EXPECT_TRUE(request->path_parameters.empty());
    EXPECT_TRUE(request->query_parameters.empty());
}

TEST(HttpEvent, MayLackOrNullWhatIsEmpty) {
    for (const std::string_view event : {bare_event, null_event}) {
        const auto request = parsed(event);
        ASSERT_TRUE(request) << request.error().detail;
        EXPECT_EQ(request->method, Method::get);
        EXPECT_EQ(request->path, "/healthz");
        EXPECT_EQ(request->query, "");
        EXPECT_EQ(request->body, "");
        EXPECT_EQ(request->peer, "2001:db8::7");
        EXPECT_EQ(request->headers, (std::vector<Parameter>{{"host", "api.example.com"}}));
    }
}

TEST(HttpEvent, DecodesABase64Body) {
    // Forms and everything that API Gateway does not take for text arrive so.
    const auto request =
        parsed(event_with("POST", "/x",
                          R"("headers":{"content-type":"application/x-www-form-urlencoded"},)"
                          R"("body":"YT0xJmI9AP8=","isBase64Encoded":true,)"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->body, std::string_view("a=1&b=\0\xff", 8));
}

TEST(HttpEvent, TakesABodyOfTextThatLooksLikeBase64AsItIs) {
    const auto request =
        parsed(event_with("POST", "/x", R"("body":"YT0x","isBase64Encoded":false,)"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->body, "YT0x");
}

TEST(HttpEvent, RefusesABodyThatIsNotTheBase64ItClaimsToBe) {
    const auto request =
        parsed(event_with("POST", "/x", R"("body":"not base64!","isBase64Encoded":true,)"));
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().code, errors::http_body_undecodable);
}

TEST(HttpEvent, LeavesAMethodThatSoukDoesNotKnowToTheApplication) {
    const auto request = parsed(event_with("PROPFIND", "/x"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, Method::unknown);
}

// HEAD of another service's page was 503: the function that takes what no route takes may not read
// it.
TEST(HttpEvent, TakesHeadForAMethodWithoutARouteUnlessItHasOne) {
    const auto method_of = [](const std::string& event) {
        return parse_http_event(JsonDocument::parse(event)->root())->method;
    };
    std::string event = event_with("HEAD", "/v1/stores/shop/products/tea");
    EXPECT_EQ(method_of(event), Method::unknown);
    constexpr std::string_view none = "$default";
    event.replace(event.find(none), none.size(), "HEAD /v1/stores/{store}/products/{product}");
    EXPECT_EQ(method_of(event), Method::head);
}

TEST(HttpEvent, LowersHeaderNames) {
    const auto request = parsed(event_with("GET", "/x", R"("headers":{"X-Order-Token":"T"},)"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->header("x-order-token"), "T");
}

TEST(HttpEvent, TakesCookiesFromTheHeaderOnlyWithoutTheList) {
    const auto both = parsed(
        event_with("GET", "/x", R"("headers":{"cookie":"a=1; b=2"},"cookies":["a=1","b=2"],)"));
    ASSERT_TRUE(both);
    EXPECT_EQ(both->headers, (std::vector<Parameter>{{"cookie", "a=1; b=2"}}));
    const auto header = parsed(event_with("GET", "/x", R"("headers":{"cookie":"a=1"},)"));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->header("cookie"), "a=1");
}

TEST(HttpEvent, IsToldFromOtherEvents) {
    EXPECT_TRUE(is_http(full_event));
    EXPECT_TRUE(is_http(bare_event));
    for (
        const std::string_view other :
        {R"({"Records":[{"eventSource":"aws:sqs","body":"{}"}]})",
         R"({"version":"0","detail-type":"Scheduled Event","source":"aws.events","detail":{}})",
         R"({"version":"1.0","httpMethod":"GET","path":"/","requestContext":{"httpMethod":"GET"}})",
         R"({"version":"2.0","requestContext":{"http":null}})", R"({})", R"([])", R"("2.0")",
         R"(null)"}) {
        EXPECT_FALSE(is_http(other)) << other;
        const auto request = parsed(other);
        ASSERT_FALSE(request) << other;
        EXPECT_EQ(request.error().code, errors::http_event_malformed);
    }
}

TEST(HttpEvent, NeedsAMethodAndAPath) {
    for (const std::string_view event :
         {R"({"version":"2.0","rawPath":"/","requestContext":{"http":{}}})",
          R"({"version":"2.0","requestContext":{"http":{"method":"GET"}}})"}) {
        const auto request = parsed(event);
        ASSERT_FALSE(request) << event;
        EXPECT_EQ(request.error().code, errors::http_event_malformed);
    }
}

}  // namespace
}  // namespace souk::lambda
