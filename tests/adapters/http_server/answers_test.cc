#include <gtest/gtest.h>

#include <thread>

#include "adapters/http_server/harness.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

TEST(HttpServer, AnswersARequest) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(get("/hello?a=1&b=%20"));
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "GET /hello?a=1&b=%20|");
    EXPECT_EQ(reply->headers.at("content-type"), "text/plain");
    EXPECT_EQ(reply->headers.at("server"), "souk");
    EXPECT_EQ(reply->headers.at("date"), "Tue, 24 Nov 2026 02:07:00 GMT");
    EXPECT_EQ(reply->headers.at("content-length"), "21");
    EXPECT_FALSE(reply->headers.contains("connection"));
}

TEST(HttpServer, KeepsTheConnection) {
    RunningServer souk;
    RawClient client(souk.port());
    for (int i = 0; i < 3; ++i) {
        client.send(get(cat("/", i)));
        ASSERT_EQ(client.reply()->body, cat("GET /", i, "|"));
    }
}

TEST(HttpServer, GivesTheHandlerWhatCame) {
    Request seen;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request request) {
            seen = std::move(request);
            return empty_response(204);
        };
    });
    RawClient client(souk.port());
    client.send(
        "POST /v1/%C3%A4?x=1 HTTP/1.1\r\nHOST: shop.example:8080\r\nX-Two: a\r\nx-two:  b \t\r\n"
        "Content-Length: 3\r\n\r\nabc");
    ASSERT_TRUE(client.reply());
    EXPECT_EQ(seen.method, Method::post);
    EXPECT_EQ(seen.path, "/v1/%C3%A4");
    EXPECT_EQ(seen.query, "x=1");
    EXPECT_EQ(seen.body, "abc");
    EXPECT_EQ(seen.peer, "127.0.0.1");
    const std::vector<Parameter> headers{
        {"host", "shop.example:8080"}, {"x-two", "a"}, {"x-two", "b"}, {"content-length", "3"}};
    EXPECT_EQ(seen.headers, headers);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrderThoughTheFirstIsSlow) {
    Gate gate;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request request) {
            if (request.path == "/blocking/slow") {
                gate.wait();
            }
            return text_response(200, request.path);
        };
    });
    RawClient client(souk.port());
    client.send(get("/blocking/slow") + get("/quick") + get("/blocking/two") + get("/last"));
    gate.open();
    EXPECT_EQ(client.reply()->body, "/blocking/slow");
    EXPECT_EQ(client.reply()->body, "/quick");
    EXPECT_EQ(client.reply()->body, "/blocking/two");
    EXPECT_EQ(client.reply()->body, "/last");
}

TEST(HttpServer, ServesOthersWhileOneHandlerBlocks) {
    Gate gate;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request request) {
            if (request.path == "/blocking/slow") {
                gate.wait();
            }
            return text_response(200, request.path);
        };
    });
    RawClient slow(souk.port());
    slow.send(get("/blocking/slow"));
    RawClient other(souk.port());
    other.send(get("/quick"));
    EXPECT_EQ(other.reply()->body, "/quick");
    gate.open();
    EXPECT_EQ(slow.reply()->body, "/blocking/slow");
}

TEST(HttpServer, AnswersAHeadWithTheLengthButNoBody) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("HEAD /x HTTP/1.1\r\nHost: souk\r\n\r\n" + get("/y"));
    const auto head = client.reply("HEAD");
    EXPECT_EQ(head->headers.at("content-length"), "8");  // "HEAD /x|"
    EXPECT_EQ(client.reply()->body, "GET /y|");
}

TEST(HttpServer, SendsNoBodyAndNoLengthWithA204) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) { return text_response(204, "not sent"); };
    });
    RawClient client(souk.port());
    client.send(get("/") + get("/"));
    const auto reply = client.reply();
    EXPECT_EQ(reply->status, 204);
    EXPECT_FALSE(reply->headers.contains("content-length"));
    EXPECT_FALSE(reply->headers.contains("content-type"));
    EXPECT_EQ(client.reply()->status, 204);
}

TEST(HttpServer, SendsNoBodyWithA304) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) { return text_response(304, "not sent"); };
    });
    RawClient client(souk.port());
    client.send(get("/") + get("/"));
    EXPECT_EQ(client.reply()->status, 304);
    EXPECT_EQ(client.reply()->status, 304);
}

TEST(HttpServer, SaysThatAnEmptyBodyIsEmpty) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) { return empty_response(200); };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    EXPECT_EQ(client.reply()->headers.at("content-length"), "0");
}

TEST(HttpServer, ClosesAfterHttp10) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(client.reply()->headers.at("connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, ClosesWhenAsked) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("GET / HTTP/1.1\r\nHost: souk\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.reply()->headers.at("connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, AnswersAClientThatHasFinishedSending) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(get("/blocking/a") + get("/b"));
    client.finish();
    EXPECT_EQ(client.reply()->body, "GET /blocking/a|");
    EXPECT_EQ(client.reply()->body, "GET /b|");
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, SendsALargeBodyWhole) {
    const auto large = std::make_shared<const std::string>(std::string(8 * 1024 * 1024, 'x'));
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request) {
            Response response = text_response(200, "");
            response.body = large;
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/a") + get("/b"));
    EXPECT_EQ(client.reply()->body, *large);
    EXPECT_EQ(client.reply()->body, *large);
}

TEST(HttpServer, LeavesFramingHeadersOfTheApplicationOut) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) {
            Response response = text_response(200, "ok");
            response.headers = {{"Content-Length", "7"},
                                {"Connection", "x"},
                                {"Transfer-Encoding", "y"},
                                {"ETag", "\"1\""}};
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    const auto reply = client.reply();
    EXPECT_EQ(reply->headers.at("content-length"), "2");
    EXPECT_FALSE(reply->headers.contains("connection"));
    EXPECT_FALSE(reply->headers.contains("transfer-encoding"));
    EXPECT_EQ(reply->headers.at("etag"), "\"1\"");
}

TEST(HttpServer, DoesNotLetAHeaderBreakItsLine) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) {
            Response response = text_response(200, "ok");
            response.headers = {{"Location", "/a\r\nSet-Cookie: evil=1"}};
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    const auto reply = client.reply();
    EXPECT_EQ(reply->status, 500);
    EXPECT_FALSE(reply->headers.contains("set-cookie"));
}

TEST(HttpServer, TurnsAnExceptionIntoA500AndLogsIt) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) -> Response { throw std::runtime_error("broken"); };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    EXPECT_EQ(client.reply()->status, 500);
    EXPECT_EQ(souk.telemetry.lines(), std::vector<std::string>{"a request handler threw"});
}

TEST(HttpServer, StreamsInChunksAndKeepsTheConnection) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) {
            Response response = text_response(200, "");
            response.stream = [left = 3]() mutable -> Result<std::string> {
                return left-- > 0 ? cat("piece ", left, ";") : std::string();
            };
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/a") + get("/b"));
    const auto reply = client.reply();
    EXPECT_EQ(reply->headers.at("transfer-encoding"), "chunked");
    EXPECT_FALSE(reply->headers.contains("content-length"));
    EXPECT_EQ(reply->body, "piece 2;piece 1;piece 0;");
    EXPECT_EQ(client.reply()->body, "piece 2;piece 1;piece 0;");
}

TEST(HttpServer, StreamsToHttp10UntilTheEnd) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) {
            Response response = text_response(200, "");
            response.stream = [left = 2]() mutable -> Result<std::string> {
                return left-- > 0 ? std::string("abc") : std::string();
            };
            return response;
        };
    });
    RawClient client(souk.port());
    client.send("GET / HTTP/1.0\r\n\r\n");
    const std::string all = client.rest();
    EXPECT_FALSE(all.contains("chunked"));
    EXPECT_TRUE(all.ends_with("\r\n\r\nabcabc"));
}

TEST(HttpServer, PullsAStreamOnlyAsFastAsTheClientReads) {
    std::atomic<int> pulled = 0;
    static constexpr std::size_t piece_bytes = 1024 * 1024;
    static constexpr int pieces = 64;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request request) {
            Response response = text_response(200, "other");
            if (request.path != "/stream") {
                return response;
            }
            response.stream = [&]() -> Result<std::string> {
                return pulled++ < pieces ? std::string(piece_bytes, 'x') : std::string();
            };
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/stream"));
    RawClient other(souk.port());
    for (int i = 0; i < 100; ++i) {  // The workers are free while the stream stands still.
        other.send(get("/blocking"));
        ASSERT_EQ(other.reply()->body, "other");
    }
    EXPECT_LT(pulled, pieces);
    EXPECT_EQ(client.reply()->body.size(), piece_bytes * pieces);
}

TEST(HttpServer, BreaksTheConnectionWhenAStreamFails) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request) {
            Response response = text_response(200, "");
            response.stream = [first = true]() mutable -> Result<std::string> {
                if (std::exchange(first, false)) {
                    return std::string("half");
                }
                return fail(errors::unavailable, "gone");
            };
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    EXPECT_FALSE(client.reply());
}

TEST(HttpServer, DoesNotPullAStreamForAHead) {
    std::atomic<int> pulled = 0;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request request) {
            Response response = text_response(200, "x");
            if (request.method == Method::head) {
                response.stream = [&]() -> Result<std::string> {
                    ++pulled;
                    return std::string();
                };
            }
            return response;
        };
    });
    RawClient client(souk.port());
    client.send("HEAD / HTTP/1.1\r\nHost: souk\r\n\r\n" + get("/next"));
    EXPECT_EQ(client.reply("HEAD")->headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(client.reply()->body, "x");
    EXPECT_EQ(pulled, 0);
}

TEST(HttpServer, BelievesTheLastForwardedAddressOfATrustedProxy) {
    RunningServer souk([](auto& options, auto& application) {
        options.trusted_proxies = {"127.0.0.1"};
        application.answer = [](Request request) { return text_response(200, request.peer); };
    });
    RawClient client(souk.port());
    client.send(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\n"
        "X-Forwarded-For: 1.2.3.4, 203.0.113.9\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "203.0.113.9");
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: nonsense\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "127.0.0.1");
}

// Behind two proxies in a row all shoppers had the address of the first, and shared its limits.
TEST(HttpServer, BelievesWhatATrustedProxyHeardFromAnotherTrustedOne) {
    RunningServer souk([](auto& options, auto& application) {
        options.trusted_proxies = {"127.0.0.1", "10.0.0.7", "10.0.0.8"};
        application.answer = [](Request request) { return text_response(200, request.peer); };
    });
    RawClient client(souk.port());
    const auto peer_of = [&](std::string_view headers) {
        client.send(cat("GET / HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
        return client.reply()->body;
    };
    EXPECT_EQ(peer_of("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.8, 10.0.0.7\r\n"),
              "203.0.113.9");
    EXPECT_EQ(peer_of("X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-For: 10.0.0.7\r\n"),
              "203.0.113.9");
    EXPECT_EQ(peer_of("X-Forwarded-For: nonsense, 10.0.0.7\r\n"), "10.0.0.7");
    EXPECT_EQ(peer_of("X-Forwarded-For: 10.0.0.8, 10.0.0.7\r\n"), "10.0.0.8");
    EXPECT_EQ(peer_of("X-Forwarded-For: 10.0.0.7, 203.0.113.9\r\n"), "203.0.113.9");
}

// Of a load balancer or a container nobody knows the address beforehand, only its network.
TEST(HttpServer, BelievesProxiesOfATrustedRange) {
    RunningServer souk([](auto& options, auto& application) {
        options.trusted_proxies = {"127.0.0.0/8", "fd00::/8"};
        application.answer = [](Request request) { return text_response(200, request.peer); };
    });
    RawClient client(souk.port());
    client.send(
        "GET / HTTP/1.1\r\nHost: a\r\n"
        "X-Forwarded-For: 6.6.6.6, 203.0.113.9, fd00::7, 127.9.9.9\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "203.0.113.9");
}

TEST(HttpServer, DoesNotBelieveAForwardedAddressOfAStranger) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request request) { return text_response(200, request.peer); };
    });
    RawClient client(souk.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "127.0.0.1");
}

}  // namespace
}  // namespace souk::testing
