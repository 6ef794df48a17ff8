#include "gateway/door.h"
#include "gateway/openapi.h"
#include "gateway/operator_routes.h"
#include "gateway/problem.h"

namespace souk::testing {
namespace {

class Requests : public Door {
protected:
    int handled = 0;

    void SetUp() override {
        Route write = route(Method::post, "/v1/stores/{store}/things", audience::anyone);
        write.body = schema::object({schema::required("name", schema::text(1, 10)),
                                     schema::required("count", schema::integer(1, 9))});
        write.handle = [this](const Caller&, const Request& request) -> Result<Response> {
            ++handled;
            return json_response(
                201, cat("{\"name\":", json_quoted(request.json()["name"].text_or()), "}"));
        };
        routes.push_back(write);
        Route read = route(Method::get, "/v1/stores/{store}/things/{thing}", audience::anyone);
        read.query = {{"size", schema::integer(1, 5)}};
        read.paged = true;
        read.handle = [](const Caller&, const Request& request) -> Result<Response> {
            return json_response(
                200, cat("{\"thing\":", json_quoted(request.parameter("thing")), "}"), 7);
        };
        routes.push_back(read);
        Route change = route(Method::patch, "/v1/stores/{store}/things/{thing}", audience::anyone);
        change.body = schema::object({});
        change.if_match = true;
        change.handle = [](const Caller& caller, const Request&) -> Result<Response> {
            TRY(check_version(caller, 7));
            return json_response(200, "{}");
        };
        routes.push_back(change);
    }
};

TEST_F(Requests, ABodyThatIsCodedIsRefusedAndNotRead) {
    const std::string body = R"({"name":"a","count":1})";
    for (const std::string coding : {"gzip", "br, identity"}) {
        const auto refused = post("/v1/stores/shop/things", body, {{"content-encoding", coding}});
        EXPECT_EQ(refused.status, 415) << coding;
    }
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(post("/v1/stores/shop/things", body, {{"content-encoding", "Identity"}}).status, 201);
}

// The bug: the same request was 422, or 200 where its page was kept.
TEST_F(Requests, WhatComesWithAGetMeansNothing) {
    for (const char* body : {R"({"a":1})", "{", ""}) {
        for (const char* type : {"application/json", "text/plain"}) {
            const auto answer =
                call(Method::get, "/v1/stores/shop/things/a", {{"content-type", type}}, body);
            EXPECT_EQ(answer.status, 200) << body;
        }
    }
}

TEST_F(Requests, AllMistakesOfABodyAreToldAtOnceAndNothingIsDone) {
    const auto refused = post("/v1/stores/shop/things", R"({"name":"","count":1.5,"x~/y":1})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.content_type, "application/problem+json");
    const auto problem = JsonDocument::parse(refused.text());
    ASSERT_TRUE(problem);
    const JsonView errors = problem->root()["errors"];
    ASSERT_EQ(errors.size(), 3U);
    EXPECT_EQ(errors.at(0)["pointer"].text_or(), "/name");
    EXPECT_EQ(errors.at(1)["pointer"].text_or(), "/count");
    EXPECT_EQ(errors.at(2)["pointer"].text_or(), "/x~0~1y");
    EXPECT_EQ(errors.at(2)["code"].text_or(), "unknown_member");
    EXPECT_EQ(handled, 0);
}

// The bug: a body of one megabyte was answered with four.
TEST_F(Requests, AThousandMistakesAreToldOneByOneAndHowManyThereAre) {
    std::string body = R"({"name":"a","count":1)";
    for (std::size_t i = 0; i < gateway::errors_told_max + 500; ++i) {
        body += cat(",\"x", i, "\":1");
    }
    const auto refused = post("/v1/stores/shop/things", body + "}");
    const auto problem = JsonDocument::parse(refused.text());
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->root()["errors"].size(), gateway::errors_told_max);
    EXPECT_EQ(problem->root()["detail"].text_or(), "1500 mistakes; see errors.");
}

TEST_F(Requests, BadJsonIsToldWithLineAndColumn) {
    const auto refused = post("/v1/stores/shop/things", "{\n  \"name\": x}");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), "malformed_json");
    EXPECT_NE(refused.text().find("Line 2"), std::string_view::npos);
}

TEST_F(Requests, AnotherMediaTypeIsRefused) {
    EXPECT_EQ(
        call(Method::post, "/v1/stores/shop/things", {{"content-type", "text/plain"}}, "{}").status,
        415);
    EXPECT_EQ(call(Method::post, "/v1/stores/shop/things", {}, "{}").status, 415);
}

TEST_F(Requests, UnknownRouteAndWrongMethodAreTold) {
    EXPECT_EQ(call(Method::get, "/v2").status, 404);
    const auto refused = call(Method::del, "/v1/stores/shop/things");
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(header_of(refused, "Allow"), "OPTIONS, POST");
}

TEST_F(Requests, QueryParametersAreCheckedAllAtOnce) {
    const auto refused =
        call(Method::get, "/v1/stores/shop/things/a?size=9&color=red&limit=0&limit=5");
    EXPECT_EQ(refused.status, 400);
    const auto problem = JsonDocument::parse(refused.text());
    EXPECT_EQ(problem->root()["errors"].size(), 4U);
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a?size=5&limit=100").status, 200);
}

TEST_F(Requests, PathParametersAreDecodedAndNoneHidesASlashOrNul) {
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a%20b").text(), R"({"thing":"a b"})");
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a%00b").status, 404);
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/%zz").status, 404);
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/%ff").status, 404);
}

TEST_F(Requests, IfMatchTakesTheTagThatWasGiven) {
    const std::vector<Parameter> json{{"content-type", "application/json"}};
    const auto with = [&](std::string tag) {
        auto headers = json;
        headers.emplace_back("if-match", std::move(tag));
        return call(Method::patch, "/v1/stores/shop/things/a", headers, "{}");
    };
    EXPECT_EQ(with("\"7\"").status, 200);
    EXPECT_EQ(with("\"7-0123456789abcdef\"").status, 200);
    EXPECT_EQ(with("*").status, 200);
    EXPECT_EQ(with("\"6\"").status, 412);
    EXPECT_NE(with("\"6\"").text().find("\"current_version\":7"), std::string_view::npos);
    EXPECT_EQ(with("7").status, 400);
    EXPECT_EQ(with("\"3\", \"7\"").status, 200);
    EXPECT_EQ(with(", \"7\" ,,").status, 200);
    EXPECT_EQ(with("\"a,b\",\"7\"").status, 200);
    EXPECT_EQ(with("\"a,7\"").status, 412);
    EXPECT_EQ(with("\"3\" \"7\"").status, 400);
    EXPECT_EQ(with("\"7").status, 400);
    EXPECT_EQ(with(",").status, 400);
    EXPECT_EQ(with("\"7\", *").status, 400);
    EXPECT_EQ(with("W/\"7\"").status, 412);
    EXPECT_EQ(with("\"nonsense\"").status, 412);
}

TEST_F(Requests, IfNoneMatchSavesTheBody) {
    const auto hit = call(Method::get, "/v1/stores/shop/things/a", {{"if-none-match", "\"7\""}});
    EXPECT_EQ(hit.status, 304);
    EXPECT_TRUE(hit.text().empty());
    const auto with = [&](std::string tags) {
        return call(Method::get, "/v1/stores/shop/things/a", {{"if-none-match", std::move(tags)}});
    };
    EXPECT_EQ(with("\"8\"").status, 200);
    EXPECT_EQ(with("\"8\", W/\"7\"").status, 304);
    EXPECT_EQ(with("\"a,b\",,\"7\"").status, 304);
    EXPECT_EQ(with("*").status, 304);
    EXPECT_EQ(with("\"8,\"7\"").status, 200);
    EXPECT_EQ(with("7").status, 200);
}

TEST_F(Requests, TheRequestIdIsEchoedOrMade) {
    EXPECT_EQ(header_of(call(Method::get, "/v1/stores/shop/things/a", {{"x-request-id", "abc-1"}}),
                        "X-Request-Id"),
              "abc-1");
    EXPECT_TRUE(header_of(call(Method::get, "/v1/stores/shop/things/a", {{"x-request-id", "a b"}}),
                          "X-Request-Id")
                    .starts_with("req_"));
}

TEST_F(Requests, ATraceNamesTheRouteAndNotWhatItsPathHolds) {
    call(Method::get, "/v1/stores/shop/things/secret");
    call(Method::get, "/v1/stores/shop/secret");
    EXPECT_EQ(test.telemetry.spans(),
              (std::vector<std::string>{"/v1/stores/{store}/things/{thing}", "none"}));
}

TEST_F(Requests, AnIpv6NetworkIsOneClientHoweverManyAddressesItHas) {
    options.ordinary = {1, 2};
    int allowed = 0;
    for (const char* peer :
         {"2001:db8::1", "2001:db8::2", "2001:db8::a:b:c:d", "2001:db8:0:1::1"}) {
        Request request;
        request.path = "/v1/stores/shop/things/a";
        request.peer = peer;
        call(Method::get, "/v1/none");  // Makes the gateway; itself of another client.
        allowed += gateway->handle(std::move(request)).status == 200 ? 1 : 0;
    }
    EXPECT_EQ(allowed, 3);
}

TEST_F(Requests, OnlyTheStoresOwnPagesMayCallFromABrowser) {
    const auto own =
        call(Method::get, "/v1/stores/shop/things/a", {{"origin", "https://shop.example"}});
    EXPECT_EQ(header_of(own, "Access-Control-Allow-Origin"), "https://shop.example");
    const auto strange =
        call(Method::get, "/v1/stores/shop/things/a", {{"origin", "https://evil.example"}});
    EXPECT_EQ(header_of(strange, "Access-Control-Allow-Origin"), "");
    for (const char* no_page : {"shop.example", "ftp://shop.example", "https:shop.example"}) {
        const auto answer = call(Method::get, "/v1/stores/shop/things/a", {{"origin", no_page}});
        EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), "") << no_page;
    }
    const auto preflight =
        call(Method::options, "/v1/stores/shop/things/a", {{"origin", "https://shop.example"}});
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "https://shop.example");
}

// A browser behind a busy address would not have sent its customer's request at all.
TEST_F(Requests, APreflightIsNeitherTurnedAwayNorCounted) {
    options.ordinary = {1, 2};
    const auto preflight = [this] {
        return call(Method::options, "/v1/stores/shop/things/a",
                    {{"origin", "https://shop.example"}});
    };
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(preflight().status, 204);
    }
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a").status, 200);
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a").status, 200);
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a").status, 429);
    EXPECT_EQ(preflight().status, 204);
    EXPECT_EQ(call(Method::options, "/v1/none").status, 429) << "A path without routes is counted.";
}

TEST_F(Requests, TooManyAreTurnedAwayWithATime) {
    options.ordinary = {1, 2};
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a").status, 200);
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a").status, 200);
    const auto refused = call(Method::get, "/v1/stores/shop/things/a");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header_of(refused, "Retry-After"), "1");
    EXPECT_FALSE(header_of(refused, "RateLimit").empty());
    EXPECT_FALSE(header_of(refused, "RateLimit-Policy").empty());
    test.clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(call(Method::get, "/v1/stores/shop/things/a").status, 200);
}

TEST_F(Requests, AProbeIsNeverTurnedAwayNorCounted) {
    options.ordinary = {1, 2};
    for (auto& page : gateway::operator_routes(
             {.ready = [] { return Result<void>(); },
              .metrics = [](const Request&) -> Result<std::string> { return "up 1"; },
              .openapi = {}},
             identity)) {
        routes.push_back(std::move(page));
    }
    const auto probe = [this](Method method) {
        for (const char* path : {"/healthz", "/readyz"}) {
            const auto answer = call(method, path);
            EXPECT_EQ(answer.status, 200) << path;
            EXPECT_EQ(header_of(answer, "RateLimit"), "") << path;
        }
    };
    for (int i = 0; i < 5; ++i) {
        probe(Method::get);
        probe(Method::head);
    }
    // What the probes spent none of:
    EXPECT_EQ(call(Method::get, "/metrics").status, 200);
    EXPECT_EQ(call(Method::get, "/metrics").status, 200);
    EXPECT_EQ(call(Method::get, "/metrics").status, 429);
    probe(Method::get);
    // No place to guess credentials at:
    const std::vector<Parameter> guess{{"authorization", "Bearer sk_guess"}};
    EXPECT_EQ(call(Method::get, "/healthz", guess).status, 429);
}

TEST_F(Requests, TheOperatorsPagesSayInTheDocumentWhatTheyHold) {
    const auto document =
        JsonDocument::parse(gateway::render_openapi(gateway::operator_routes({}, identity)));
    for (const char* path : {"/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json",
                             "/.well-known/openid-configuration"}) {
        const JsonView told = document->root()["paths"][path]["get"]["responses"]["200"];
        EXPECT_EQ(told["content"]["application/json"]["schema"]["type"].text_or(), "object")
            << path;
    }
}

TEST_F(Requests, AnInternalFaultTellsNothingOfItsCause) {
    Route broken = route(Method::get, "/v1/broken", audience::anyone);
    broken.handle = [](const Caller&, const Request&) -> Result<Response> {
        return fail(souk::errors::corrupt_row, "secret detail");
    };
    routes.push_back(broken);
    const auto answer = call(Method::get, "/v1/broken");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.text().find("secret detail"), std::string_view::npos);
}

}  // namespace
}  // namespace souk::testing
