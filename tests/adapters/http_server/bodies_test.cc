#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/http_server/harness.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

std::string chunk_of(std::string_view piece) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string size;
    for (std::size_t left = piece.size(); left > 0; left /= 16) {
        size.insert(size.begin(), digits[left % 16]);
    }
    return cat(size, "\r\n", piece, "\r\n");
}

std::string chunked_head(std::string_view path, std::string_view more = "") {
    return cat("POST ", path, " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n", more,
               "\r\n");
}

TEST(HttpServer, PutsChunksTogether) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(chunked_head("/a") + chunk_of("Hello, ") + "5;ext=\"a b\"\r\nworld\r\n0\r\n\r\n" +
                get("/b"));
    EXPECT_EQ(client.reply()->body, "POST /a|Hello, world");
    EXPECT_EQ(client.reply()->body, "GET /b|");
}

TEST(HttpServer, DropsTrailers) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request request) {
            return text_response(200, cat(request.body, '|', request.header("authorization")));
        };
    });
    RawClient client(souk.port());
    client.send(chunked_head("/a") + "1\r\nx\r\n0\r\nAuthorization: Bearer forged\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "x|");
}

// Beast aborted the process: anyone could end the shop with a few bytes.
TEST(HttpServer, BearsALastChunkThatComesInPieces) {
    RunningServer souk;
    for (const std::string_view body : {"0\r\n\r\n", "0\r\nA: b\r\n\r\n", "1\r\na\r\n0\r\n\r\n"}) {
        for (std::size_t cut = 1; cut < body.size(); ++cut) {
            RawClient client(souk.port());
            client.send(cat(chunked_head("/a"), body.substr(0, cut)));
            RawClient other(souk.port());  // Once it is answered, the first piece has been seen.
            other.send(get("/"));
            EXPECT_EQ(other.reply()->status, 200);
            client.send(body.substr(cut));
            const auto reply = client.reply();
            ASSERT_TRUE(reply) << body << cut;
            EXPECT_EQ(reply->body, body.starts_with('1') ? "POST /a|a" : "POST /a|");
        }
    }
}

TEST(HttpServer, TakesAChunkedBodyByteByByte) {
    RunningServer souk;
    RawClient client(souk.port());
    for (const char byte : chunked_head("/a") + "3\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n") {
        client.send({&byte, 1});
    }
    EXPECT_EQ(client.reply()->body, "POST /a|abcde");
}

TEST(HttpServer, SaysContinueBeforeTheBody) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
    EXPECT_EQ(client.reply()->status, 100);
    client.send("body");
    EXPECT_EQ(client.reply()->body, "POST /a|body");
}

TEST(HttpServer, DoesNotSayContinueToABodyThatIsTooLarge) {
    RunningServer souk([](auto&, auto& application) { application.body_max = 3; });
    RawClient client(souk.port());
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.reply()->status, 413);
}

TEST(HttpServer, RefusesABodyThatIsTooLargeByItsLength) {
    RunningServer souk([](auto&, auto& application) { application.body_max = 3; });
    RawClient client(souk.port());
    client.send(post("/a", "abc") + post("/a", "abcd"));
    EXPECT_EQ(client.reply()->status, 200);
    EXPECT_EQ(client.reply()->status, 413);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(souk.application.handled, 1);
}

TEST(HttpServer, RefusesChunksThatAddUpToTooMuch) {
    RunningServer souk([](auto&, auto& application) { application.body_max = 3; });
    RawClient client(souk.port());
    client.send(chunked_head("/a") + chunk_of("ab") + chunk_of("cd") + "0\r\n\r\n");
    EXPECT_EQ(client.reply()->status, 413);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(souk.application.handled, 0);
}

TEST(HttpServer, DeliversTheRefusalThoughTheClientKeepsSending) {
    RunningServer souk([](auto&, auto& application) { application.body_max = 3; });
    RawClient client(souk.port());
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
    client.send(std::string(500'000, 'x'));
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 413);
}

/// Answers `size|the first byte|the last byte|pieces`.
Response read_spooled(const Request& request) {
    if (!request.spooled) {
        return text_response(500, "not spooled");
    }
    std::string all;
    int pieces = 0;
    for (;;) {
        auto piece = request.spooled->next(100'000);
        if (!piece) {
            return text_response(500, piece.error().detail);
        }
        if (piece->empty()) {
            break;
        }
        ++pieces;
        all += *piece;
    }
    return text_response(
        200, cat(request.spooled->size(), '|', all.size(), '|', pieces, '|', request.body.size(),
                 '|', all.empty() ? ' ' : all.front(), all.empty() ? ' ' : all.back()));
}

class Spooling : public ::testing::Test {
protected:
    static void change(HttpServerOptions& options, ScriptedApplication& application) {
        options.spool_directory = ::testing::TempDir();
        options.limits.spooled_body_bytes_max = 2'000'000;
        application.body_max = 100'000'000;
        application.answer = [](const Request& request) { return read_spooled(request); };
    }
    RunningServer souk_{change};
};

TEST_F(Spooling, HandsALargeBodyOverAsAFile) {
    RawClient client(souk_.port());
    client.send(post("/spool", "<" + std::string(1'500'000, 'x') + ">"));
    EXPECT_EQ(client.reply()->body, "1500002|1500002|16|0|<>");
}

TEST_F(Spooling, TakesChunks) {
    RawClient client(souk_.port());
    client.send(chunked_head("/spool") + chunk_of("<" + std::string(700'000, 'x')) +
                chunk_of(std::string(700'000, 'y') + ">") + "0\r\n\r\n" + post("/spool", "z"));
    EXPECT_EQ(client.reply()->body, "1400002|1400002|15|0|<>");
    EXPECT_EQ(client.reply()->body, "1|1|1|0|zz");
}

TEST_F(Spooling, HandsAnEmptyBodyOverAsAnEmptyFile) {
    RawClient client(souk_.port());
    client.send(post("/spool", ""));
    EXPECT_EQ(client.reply()->body, "0|0|0|0|  ");
}

TEST_F(Spooling, RefusesMoreThanTheLimitByItsLength) {
    RawClient client(souk_.port());
    client.send("POST /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 2000001\r\n\r\n");
    EXPECT_EQ(client.reply()->status, 413);
}

TEST_F(Spooling, RefusesMoreThanTheLimitInChunks) {
    RawClient client(souk_.port());
    const std::string chunk = chunk_of(std::string(500'000, 'x'));
    client.send(chunked_head("/spool") + chunk + chunk + chunk + chunk + "1\r\nx\r\n");
    EXPECT_EQ(client.reply()->status, 413);
    EXPECT_EQ(souk_.application.handled, 0);
}

// Strangers could fill the disk: each body had its bound, all of them together had none.
TEST(HttpServer, SpoolsNoMoreOfAllBodiesThanItsBound) {
    Gate served;
    Counter serving;
    RunningServer souk([&](auto& options, auto& application) {
        options.spool_directory = ::testing::TempDir();
        options.limits.spooled_bytes_max = 1'000'000;
        application.answer = [&](const Request& request) {
            serving.add();
            served.wait();
            return read_spooled(request);
        };
    });
    RawClient first(souk.port());
    first.send(post("/spool", std::string(900'000, 'x')));
    ASSERT_TRUE(serving.reaches(1));
    RawClient second(souk.port());
    second.send(post("/spool", std::string(900'000, 'x')));
    const auto refused = second.reply();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(refused->headers.at("retry-after"), "1");
    EXPECT_EQ(refused->headers.at("connection"), "close");
    served.open();
    EXPECT_EQ(first.reply()->status, 200);
    RawClient later(souk.port());
    later.send(post("/spool", std::string(900'000, 'x')));
    EXPECT_EQ(later.reply()->status, 200);
    EXPECT_EQ(serving.count(), 2);
    EXPECT_TRUE(souk.telemetry.lines().empty());
}

TEST(HttpServer, SpoolsNothingWhereTheDiskHasTooLittleLeft) {
    RunningServer souk([](auto& options, auto&) {
        options.spool_directory = ::testing::TempDir();
        options.limits.spool_disk_free_bytes = UINT64_MAX;
        options.limits.spool_disk_free_share = 1;
    });
    RawClient client(souk.port());
    client.send(post("/spool", "x"));
    const auto refused = client.reply();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(souk.application.handled, 0);
}

TEST(HttpServer, SpoolsToAFileWithoutAName) {
    const auto directory = std::filesystem::path(::testing::TempDir()) /
                           cat("souk-spool-test-", static_cast<std::int64_t>(::getpid()));
    std::filesystem::create_directory(directory);
    bool was_empty = false;
    RunningServer souk([&](auto& options, auto& application) {
        options.spool_directory = directory;
        application.answer = [&](const Request& request) {
            was_empty = std::filesystem::is_empty(directory);
            return read_spooled(request);
        };
    });
    RawClient client(souk.port());
    client.send(post("/spool", std::string(600'000, 'x')));
    EXPECT_EQ(client.reply()->status, 200);
    EXPECT_TRUE(was_empty);
    std::filesystem::remove(directory);
}

TEST(HttpServer, WillNotStartWithoutItsSpoolDirectory) {
    FrozenClock clock;
    LogKeeper telemetry;
    ScriptedApplication application;
    HttpServer server(clock, telemetry, {.port = 0, .spool_directory = "/nonexistent"});
    const auto started = server.start(application);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errors::http_server_misconfigured);
}

}  // namespace
}  // namespace souk::testing
