#include <gtest/gtest.h>

#include <stdexcept>

#include "adapters/http_server/harness.h"
#include "domain/base/text.h"

/// Large bodies are let in by their heads alone: strangers could have the server store theirs.
namespace souk::testing {
namespace {

std::string head_of(std::string_view path, std::string_view more = "") {
    return cat("POST ", path, " HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n", more, "\r\n");
}

class Judging : public ::testing::Test {
protected:
    static void change(HttpServerOptions& options, ScriptedApplication& application) {
        options.spool_directory = ::testing::TempDir();
        application.judgement = [](const Request& head) -> std::optional<Response> {
            if (head.header("authorization") == "good") {
                return std::nullopt;
            }
            return text_response(401, cat("Who are you, ", head.peer, '?'));
        };
        application.answer = [](const Request& request) {
            return text_response(
                200, cat(request.judged ? "judged|" : "|",
                         request.spooled ? request.spooled->size() : request.body.size()));
        };
    }
    RunningServer souk_{change};
};

TEST_F(Judging, RefusesAStrangersLargeBodyUnread) {
    RawClient client(souk_.port());
    client.send(head_of("/spool"));  // And nothing of the body.
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 401);
    EXPECT_EQ(reply->body, "Who are you, 127.0.0.1?");
    EXPECT_EQ(reply->headers.at("connection"), "close");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(souk_.application.handled, 0);
}

TEST_F(Judging, DeliversItsRefusalThoughTheBodyIsOnItsWay) {
    RawClient client(souk_.port());
    client.send(head_of("/spool") + std::string(600'000, 'x'));
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 401);
}

TEST_F(Judging, ReadsTheBodyOfWhomItLetIn) {
    RawClient client(souk_.port());
    client.send(head_of("/spool", "Authorization: good\r\n") + std::string(900'000, 'x') +
                head_of("/spool", "Authorization: good\r\n") + std::string(900'000, 'y'));
    EXPECT_EQ(client.reply()->body, "judged|900000");
    EXPECT_EQ(client.reply()->body, "judged|900000");
    EXPECT_EQ(souk_.application.judged, 2);
}

TEST_F(Judging, SaysContinueOnlyToWhomItLetIn) {
    RawClient stranger(souk_.port());
    stranger.send(head_of("/spool", "Expect: 100-continue\r\n"));
    EXPECT_EQ(stranger.reply()->status, 401);
    EXPECT_TRUE(stranger.is_closed());
    RawClient client(souk_.port());
    client.send(head_of("/spool", "Expect: 100-continue\r\nAuthorization: good\r\n"));
    EXPECT_EQ(client.reply()->status, 100);
    client.send(std::string(900'000, 'x'));
    EXPECT_EQ(client.reply()->body, "judged|900000");
}

TEST_F(Judging, AnswersInOrder) {
    RawClient client(souk_.port());
    client.send(post("/first", "a") + head_of("/spool"));
    EXPECT_EQ(client.reply()->body, "|1");
    EXPECT_EQ(client.reply()->status, 401);
}

TEST_F(Judging, LeavesToTheHandlerWhatHasNoLargeBody) {
    RawClient client(souk_.port());
    client.send(post("/small", "abc") + post("/spool", ""));
    EXPECT_EQ(client.reply()->body, "|3");
    EXPECT_EQ(client.reply()->body, "|0");
    EXPECT_EQ(souk_.application.judged, 0);
}

TEST(HttpServer, ServesOthersWhileAHeadIsJudged) {
    Gate gate;
    Counter judging;
    RunningServer souk([&](auto& options, auto& application) {
        options.spool_directory = ::testing::TempDir();
        application.judgement = [&](const Request&) -> std::optional<Response> {
            judging.add();
            gate.wait();
            return std::nullopt;
        };
    });
    RawClient slow(souk.port());
    slow.send(post("/spool", "x"));
    ASSERT_TRUE(judging.reaches(1));
    RawClient other(souk.port());
    other.send(get("/"));
    EXPECT_EQ(other.reply()->status, 200);
    gate.open();
    EXPECT_EQ(slow.reply()->status, 200);
}

TEST(HttpServer, RefusesALargeBodyUnreadWhenTooMuchWaits) {
    Gate gate;
    Counter judging;
    RunningServer souk([&](auto& options, auto& application) {
        options.spool_directory = ::testing::TempDir();
        options.workers_max = 1;
        options.queue_max = 0;
        application.judgement = [&](const Request&) -> std::optional<Response> {
            judging.add();
            gate.wait();
            return std::nullopt;
        };
    });
    RawClient first(souk.port());
    first.send(post("/spool", "x"));
    ASSERT_TRUE(judging.reaches(1));
    RawClient second(souk.port());
    second.send(head_of("/spool"));
    const auto refused = second.reply();
    gate.open();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(refused->headers.at("retry-after"), "1");
    EXPECT_TRUE(second.is_closed());
}

TEST(HttpServer, AnswersAJudgementThatThrows) {
    RunningServer souk([](auto& options, auto& application) {
        options.spool_directory = ::testing::TempDir();
        application.judgement = [](const Request&) -> std::optional<Response> {
            throw std::runtime_error("no");
        };
    });
    RawClient client(souk.port());
    client.send(head_of("/spool"));
    EXPECT_EQ(client.reply()->status, 500);
    EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace souk::testing
