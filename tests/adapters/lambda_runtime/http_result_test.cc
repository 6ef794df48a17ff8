#include "adapters/lambda_runtime/http_result.h"

#include <gtest/gtest.h>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::lambda {
namespace {

Response with_body(std::string_view content_type, std::string_view body) {
    Response response = json_response(200, std::string(body));
    response.content_type = content_type;
    return response;
}

TEST(HttpResult, IsPayloadFormat2) {
    Response response = json_response(201, R"({"id":"cart_1"})", 7);
    response.headers.emplace_back("Location", "/v1/carts/cart_1");
    EXPECT_EQ(render_http_result(response, Method::post),
              R"({"statusCode":201,"headers":{"Content-Type":"application/json","ETag":"\"7\"",)"
              R"("Location":"/v1/carts/cart_1"},"body":"{\"id\":\"cart_1\"}",)"
              R"("isBase64Encoded":false})");
}

TEST(HttpResult, HasNoContentTypeWithoutABody) {
    EXPECT_EQ(render_http_result(empty_response(204), Method::del),
              R"({"statusCode":204,"headers":{},"body":"","isBase64Encoded":false})");
}

TEST(HttpResult, LeavesTheBodyOutWhereNoneMayBe) {
    for (const int status : {204, 304}) {
        EXPECT_EQ(render_http_result(json_response(status, "{}"), Method::get),
                  cat(R"({"statusCode":)", status,
                      R"(,"headers":{},"body":"","isBase64Encoded":false})"));
    }
    EXPECT_EQ(render_http_result(json_response(200, "{}"), Method::head),
              R"({"statusCode":200,"headers":{},"body":"","isBase64Encoded":false})");
}

TEST(HttpResult, JoinsHeadersOfOneNameAndKeepsCookiesApart) {
    Response response = empty_response(200);
    response.headers = {{"Vary", "Origin"},
                        {"Set-Cookie", "a=1; Path=/"},
                        {"vary", "Accept"},
                        {"set-cookie", "b=2, or so"},
                        {"Connection", "close"},
                        {"Content-Length", "7"},
                        {"Transfer-Encoding", "chunked"}};
    EXPECT_EQ(render_http_result(response, Method::get),
              R"({"statusCode":200,"headers":{"Vary":"Origin, Accept"},)"
              R"("cookies":["a=1; Path=/","b=2, or so"],"body":"","isBase64Encoded":false})");
}

TEST(HttpResult, EncodesWhatIsNotText) {
    const std::vector<std::pair<Response, std::string_view>> table{
        {with_body("image/png", "\x89PNG"), R"("body":"iVBORw==","isBase64Encoded":true)"},
        {with_body("application/json", "\xff"), R"("body":"/w==","isBase64Encoded":true)"},
        {with_body("", "x"), R"("body":"eA==","isBase64Encoded":true)"},
        {with_body("text/csv; charset=utf-8", "é"), R"("body":"é","isBase64Encoded":false)"},
    };
    for (const auto& [response, part] : table) {
        const std::string result = render_http_result(response, Method::get);
        EXPECT_NE(result.find(part), std::string::npos) << result;
    }
}

TEST(HttpResult, StaysValidJsonWhateverAHeaderHolds) {
    Response response = empty_response(200);
    response.headers = {{"X-Odd", "caf\xE9 \"quoted\""}};
    const auto document = JsonDocument::parse(render_http_result(response, Method::get));
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["headers"]["X-Odd"].text_or(), "caf? \"quoted\"");
}

TEST(HttpResult, KnowsTextByItsType) {
    for (const std::string_view type :
         {"text/plain", "text/html; charset=utf-8", "application/json", "Application/JSON",
          "application/problem+json", "application/cloudevents+json; charset=utf-8",
          "application/xml", "image/svg+xml", "application/javascript"}) {
        EXPECT_TRUE(is_text(type)) << type;
    }
    for (const std::string_view type :
         {"", "image/png", "application/octet-stream", "application/jsonx", "text"}) {
        EXPECT_FALSE(is_text(type)) << type;
    }
}

}  // namespace
}  // namespace souk::lambda
