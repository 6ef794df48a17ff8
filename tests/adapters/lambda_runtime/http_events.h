#pragma once

#include <string>
#include <string_view>

#include "domain/base/json.h"
#include "domain/base/text.h"

/// Events of an HTTP API as API Gateway makes them. Source: API Gateway Developer Guide, "AWS
/// Lambda proxy integrations for HTTP APIs", and what was seen of the service.
namespace souk::lambda {

/// With every member that there can be.
inline constexpr std::string_view full_event = R"({
  "version": "2.0",
  "routeKey": "POST /v1/stores/{store}/carts/{cart}/items",
  "rawPath": "/v1/stores/tea house/carts/cart_1/items",
  "rawQueryString": "tag=a%20b&tag=c%2Bd&x=%26",
  "cookies": ["session=abc", "theme=dark"],
  "headers": {
    "accept": "application/json,text/html",
    "authorization": "Bearer the.own.token",
    "content-length": "16",
    "content-type": "application/json",
    "host": "api.example.com",
    "idempotency-key": "k-1",
    "x-amzn-trace-id": "Root=1-5e272390-8c398be037738dc042009320",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https"
  },
  "queryStringParameters": {"tag": "a b,c+d", "x": "&"},
  "requestContext": {
    "accountId": "123456789012",
    "apiId": "r3pmxmplak",
    "authorizer": {"jwt": {"claims": {
        "aud": "api", "exp": "1767229200", "token_use": "access", "sub": "user_of_the_authorizer",
        "cognito:groups": "[admin users]", "email_verified": "true"}, "scopes": null}},
    "domainName": "api.example.com",
    "domainPrefix": "api",
    "http": {
      "method": "POST",
      "path": "/v1/stores/tea house/carts/cart_1/items",
      "protocol": "HTTP/1.1",
      "sourceIp": "203.0.113.7",
      "userAgent": "curl/8"
    },
    "requestId": "JKJaXmPLvHcESHA=",
    "routeKey": "POST /v1/stores/{store}/carts/{cart}/items",
    "stage": "$default",
    "time": "01/Jan/2026:00:00:00 +0000",
    "timeEpoch": 1767225600000
  },
  "body": "{\"sku\":\"TEA-1\"}\n",
  "pathParameters": {"store": "tea house", "cart": "cart_1"},
  "isBase64Encoded": false,
  "stageVariables": {"color": "blue"}
})";

/// A GET without anything that may be absent.
inline constexpr std::string_view bare_event = R"({
  "version": "2.0",
  "routeKey": "$default",
  "rawPath": "/healthz",
  "rawQueryString": "",
  "headers": {"host": "api.example.com"},
  "requestContext": {
    "http": {"method": "GET", "path": "/healthz", "protocol": "HTTP/1.1",
             "sourceIp": "2001:db8::7", "userAgent": ""},
    "routeKey": "$default", "stage": "$default", "timeEpoch": 1767225600000
  },
  "isBase64Encoded": false
})";

/// The same with null wherever a member may be absent, as some emulators have it.
inline constexpr std::string_view null_event = R"({
  "version": "2.0", "routeKey": "$default", "rawPath": "/healthz", "rawQueryString": "",
  "cookies": null, "headers": {"host": "api.example.com", "x-odd": null},
  "queryStringParameters": null,
  "requestContext": {
    "authorizer": null,
    "http": {"method": "GET", "path": "/healthz", "protocol": "HTTP/1.1",
             "sourceIp": "2001:db8::7", "userAgent": ""},
    "routeKey": "$default", "stage": "$default"
  },
  "body": null, "pathParameters": null, "isBase64Encoded": false, "stageVariables": null
})";

/// An event with what a test of bodies varies. Shape: `extra` are members of the event, with a
/// comma at the end of each.
inline std::string event_with(std::string_view method, std::string_view path,
                              std::string_view extra = {}) {
    return cat(R"({"version":"2.0","routeKey":"$default","rawPath":)", json_quoted(path),
               R"(,"rawQueryString":"",)", extra, R"("requestContext":{"http":{"method":)",
               json_quoted(method), R"(,"sourceIp":"203.0.113.7"},"stage":"$default"}})");
}

}  // namespace souk::lambda
