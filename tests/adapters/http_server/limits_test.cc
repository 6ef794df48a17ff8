#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "adapters/http_server/harness.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;

TEST(HttpLimits, RefusesAHeadThatIsTooLarge) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(
        cat("GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", std::string(16 * 1024, 'x'), "\r\n\r\n"));
    EXPECT_EQ(client.reply()->status, 431);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpLimits, RefusesAHeadThatGrowsTooLargePieceByPiece) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 40; ++i) {
        client.send(cat("X-", i, ": ", std::string(500, 'x'), "\r\n"));
    }
    EXPECT_EQ(client.reply()->status, 431);
}

TEST(HttpLimits, TakesAHeadOfNearlyTheLimit) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(cat("GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", std::string(16'000, 'x'), "\r\n\r\n"));
    EXPECT_EQ(client.reply()->status, 200);
}

std::string with_headers(int count) {
    std::string request = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 1; i < count; ++i) {
        request += cat("X-", i, ": y\r\n");
    }
    return request + "\r\n";
}

TEST(HttpLimits, TakesAHundredHeadersAndNoMore) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(with_headers(100) + with_headers(101));
    EXPECT_EQ(client.reply()->status, 200);
    EXPECT_EQ(client.reply()->status, 431);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpLimits, RefusesATargetThatIsTooLong) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(get("/" + std::string(8 * 1024 - 1, 'x')) + get("/" + std::string(8 * 1024, 'x')));
    EXPECT_EQ(client.reply()->status, 200);
    EXPECT_EQ(client.reply()->status, 414);
}

TEST(HttpLimits, RefusesATargetThatNeverEnds) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("GET /" + std::string(20'000, 'x'));
    EXPECT_EQ(client.reply()->status, 414);
}

TEST(HttpLimits, RefusesChunkExtensionsThatAddUpToTooMuch) {
    RunningServer souk([](auto& options, auto&) { options.limits.chunk_extension_bytes_max = 20; });
    RawClient client(souk.port());
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1;a=1234567\r\nx\r\n1;a=1234567\r\nx\r\n1;a=1234567\r\nx\r\n");
    EXPECT_EQ(client.reply()->status, 400);
}

TEST(HttpLimits, RefusesATrailerThatNeverEnds) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " +
                std::string(20'000, 'x'));
    EXPECT_EQ(client.reply()->status, 400);
}

TEST(HttpLimits, AnswersASlowHeadWith408) {
    RunningServer souk([](auto& options, auto&) { options.limits.head_timeout = 60ms; });
    RawClient client(souk.port());
    client.send("GET / HTTP/1.1\r\nHo");
    EXPECT_EQ(client.reply()->status, 408);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpLimits, ClosesAConnectionThatSaysNothing) {
    RunningServer souk([](auto& options, auto&) { options.limits.head_timeout = 60ms; });
    RawClient client(souk.port());
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpLimits, ClosesAConnectionThatIdlesAfterARequest) {
    RunningServer souk([](auto& options, auto&) { options.limits.idle_timeout = 60ms; });
    RawClient client(souk.port());
    client.send(get("/"));
    EXPECT_EQ(client.reply()->status, 200);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpLimits, AnswersABodyThatStallsWith408) {
    RunningServer souk([](auto& options, auto&) { options.limits.transfer_grace = 60ms; });
    RawClient client(souk.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(client.reply()->status, 408);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(souk.application.handled, 0);
}

TEST(HttpLimits, GivesABodyTimeForEachByte) {
    RunningServer souk([](auto& options, auto&) {
        options.limits.transfer_grace = 60ms;
        options.limits.transfer_bytes_per_second_min = 1;
    });
    RawClient client(souk.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    RawClient clock(souk.port());
    clock.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
    EXPECT_EQ(clock.reply()->status, 408);  // By now the grace is over for both.
    client.send("defghij");
    EXPECT_EQ(client.reply()->body, "POST /|abcdefghij");
}

TEST(HttpLimits, CutsAClientOffThatDoesNotRead) {
    Gate ended;
    const auto large = std::make_shared<const std::string>(std::string(64 * 1024 * 1024, 'x'));
    RunningServer souk([&](auto& options, auto& application) {
        options.limits.transfer_grace = 60ms;
        options.limits.transfer_bytes_per_second_min = 1'000'000'000'000;
        application.answer = [&](Request) {
            Response response = text_response(200, "");
            response.body = large;
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    RawClient clock(souk.port());
    clock.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
    EXPECT_EQ(clock.reply()->status, 408);
    EXPECT_FALSE(client.reply());
}

TEST(HttpLimits, Answers503WhenTooManyRequestsWaitForAWorker) {
    Gate gate;
    RunningServer souk([&](auto& options, auto& application) {
        options.workers_max = 1;
        options.queue_max = 1;
        application.answer = [&](Request request) {
            if (request.path == "/blocking") {
                gate.wait();
            }
            return text_response(200, "done");
        };
    });
    RawClient running(souk.port());
    RawClient waiting(souk.port());
    RawClient refused(souk.port());
    running.send(get("/blocking"));
    while (souk.application.handled == 0) {
        std::this_thread::yield();
    }
    waiting.send(get("/blocking"));
    refused.send(get("/quick"));  // Once it is answered, the loop has seen what came before.
    EXPECT_EQ(refused.reply()->status, 200);
    refused.send(get("/blocking"));
    const auto first_refused = refused.reply();
    ASSERT_TRUE(first_refused);
    EXPECT_EQ(first_refused->status, 503);
    EXPECT_EQ(first_refused->headers.at("retry-after"), "1");
    gate.open();
    EXPECT_EQ(running.reply()->status, 200);
    EXPECT_EQ(waiting.reply()->status, 200);
    refused.send(get("/blocking"));
    EXPECT_EQ(refused.reply()->status, 200);
    EXPECT_EQ(souk.application.handled, 4);
}

TEST(HttpLimits, TurnsAConnectionAwayThatIsOneTooManyWhenAllOthersAreBusy) {
    RunningServer souk([](auto& options, auto&) { options.limits.connections_max = 1; });
    RawClient first(souk.port());
    first.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(first.reply()->status, 100);  // Its body is under way.
    RawClient second(souk.port());
    const auto reply = second.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 503);
    EXPECT_EQ(reply->headers.at("retry-after"), "1");
    EXPECT_EQ(reply->headers.at("connection"), "close");
    EXPECT_TRUE(second.is_closed());
    first.send("{}");
    EXPECT_EQ(first.reply()->status, 200);
}

TEST(HttpLimits, ClosesTheIdlestConnectionToMakeRoomForAnother) {
    RunningServer souk([](auto& options, auto&) { options.limits.connections_max = 3; });
    RawClient idle(souk.port());
    idle.send(get("/"));
    EXPECT_EQ(idle.reply()->status, 200);
    RawClient busy(souk.port());
    busy.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(busy.reply()->status, 100);
    RawClient newer(souk.port());
    newer.send(get("/"));
    EXPECT_EQ(newer.reply()->status, 200);
    RawClient last(souk.port());
    last.send(get("/"));
    EXPECT_EQ(last.reply()->status, 200);
    EXPECT_TRUE(idle.is_closed());
    newer.send(get("/"));
    EXPECT_EQ(newer.reply()->status, 200);
    busy.send("{}");
    EXPECT_EQ(busy.reply()->status, 200);
}

TEST(HttpLimits, HeadsThatNeverEndKeepNobodyOut) {
    RunningServer souk([](auto& options, auto&) { options.limits.connections_max = 20; });
    std::vector<std::unique_ptr<RawClient>> slow;
    for (int i = 0; i < 200; ++i) {
        slow.push_back(std::make_unique<RawClient>(souk.port()));
        slow.back()->send("GET / HTTP/1.1\r\nHo");
        if (i % 20 == 19) {
            RawClient honest(souk.port());
            honest.send(get("/"));
            const auto reply = honest.reply();
            ASSERT_TRUE(reply) << i;
            EXPECT_EQ(reply->status, 200) << i;
        }
    }
}

constexpr std::string_view announced =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n";

TEST(HttpLimits, KeepsNoMoreOfAllBodiesThanItsBound) {
    RunningServer souk([](auto& options, auto&) {
        options.io_threads = 1;
        options.limits.kept_bytes_max = 400'000;
    });
    RawClient first(souk.port());
    first.send(cat(announced, std::string(250'000, 'x')));
    RawClient second(souk.port());
    second.send(cat(announced, std::string(250'000, 'x')));
    // Which of them came too late is the scheduler's choice; one had to.
    RawClient small(souk.port());
    small.send(post("/", std::string(10'000, 'x')));
    EXPECT_EQ(small.reply()->status, 200);
    first.send(std::string(50'000, 'x'));
    second.send(std::string(50'000, 'x'));
    const auto one = first.reply();
    const auto other = second.reply();
    ASSERT_TRUE(one && other);
    EXPECT_EQ(std::min(one->status, other->status), 200);
    EXPECT_EQ(std::max(one->status, other->status), 503);
    EXPECT_EQ((one->status == 503 ? one : other)->headers.at("retry-after"), "1");
    RawClient later(souk.port());
    later.send(cat(announced, std::string(300'000, 'x')));
    EXPECT_EQ(later.reply()->status, 200);
}

// It came twice, and clients read "1, 1".
TEST(HttpLimits, SaysOnceWhenToComeBack) {
    RunningServer souk([](auto& options, auto& application) {
        options.limits.kept_bytes_max = 0;
        application.retry_after = "7";
    });
    RawClient client(souk.port());
    client.send(cat(announced, std::string(250'000, 'x')));
    const std::string answer = client.rest();
    const auto first = answer.find("Retry-After: 7\r\n");
    ASSERT_NE(first, std::string::npos) << answer;
    EXPECT_EQ(answer.find("Retry-After", first + 1), std::string::npos) << answer;
}

TEST(HttpLimits, KeepsNoMoreOfAnswersThatNobodyReadsThanItsBound) {
    constexpr std::size_t large = 64'000'000;  // The kernel's buffers take some of it.
    RunningServer souk([&](auto& options, auto& application) {
        options.io_threads = 1;
        options.limits.kept_bytes_max = 100'000'000;
        application.answer = [&](const Request&) {
            return text_response(200, std::string(large, 'x'));
        };
    });
    RawClient first(souk.port());
    first.send(get("/"));
    while (souk.application.handled == 0) {
        std::this_thread::yield();
    }
    RawClient second(souk.port());
    second.send(get("/"));
    EXPECT_FALSE(second.reply());  // Cut off.
    const auto reply = first.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body.size(), large);
    RawClient later(souk.port());
    later.send(get("/"));
    EXPECT_TRUE(later.reply());
}

TEST(HttpLimits, AnAnswerThatIsKeptForOthersAnywayIsNobodysShare) {
    const auto page = std::make_shared<const std::string>(std::string(16'000'000, 'x'));
    RunningServer souk([&](auto& options, auto& application) {
        options.limits.kept_bytes_max = 1'000'000;
        application.answer = [&](const Request&) {
            Response response = text_response(200, "");
            response.body = page;
            return response;
        };
    });
    RawClient client(souk.port());
    client.send(get("/"));
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body.size(), page->size());
}

TEST(HttpLimits, LetsAConnectionInOnceAnotherHasEnded) {
    RunningServer souk([](auto& options, auto&) { options.limits.connections_max = 1; });
    {
        RawClient first(souk.port());
        first.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        EXPECT_EQ(first.reply()->status, 200);
        EXPECT_TRUE(first.is_closed());
    }
    for (int attempt = 0;; ++attempt) {
        RawClient second(souk.port());
        second.send(get("/"));
        const auto reply = second.reply();
        if (reply && reply->status == 200) {
            break;
        }
        ASSERT_LT(attempt, 1000);  // The loop sees the first one's end at its own time.
    }
}

TEST(HttpLimits, TakesOnlySoMuchBehindItsLastAnswer) {
    RunningServer souk([](auto& options, auto& application) {
        options.limits.connections_max = 1;
        options.limits.linger_timeout = 1h;
        options.limits.lingered_bytes_max = 10'000;
        application.body_max = 3;
    });
    RawClient refused(souk.port());
    refused.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
    EXPECT_EQ(refused.reply()->status, 413);
    refused.send(std::string(10'000, 'x'));
    for (int attempt = 0; attempt < 20; ++attempt) {  // The loop has read it meanwhile.
        RawClient other(souk.port());
        const auto reply = other.reply();
        ASSERT_TRUE(reply && reply->status == 503) << attempt;
    }
    refused.send("x");
    for (int attempt = 0;; ++attempt) {
        RawClient other(souk.port());
        other.send(get("/"));
        const auto reply = other.reply();
        if (reply && reply->status == 200) {
            break;
        }
        ASSERT_LT(attempt, 1000);
    }
}

TEST(HttpLimits, GivesOthersTheirTurnAmongPipelinedRequests) {
    Gate second_sent;
    std::vector<std::string> order;
    RunningServer souk([&](auto& options, auto& application) {
        options.limits.pipelined_max = 4;
        application.answer = [&](Request request) {
            if (order.empty()) {
                second_sent.wait();
            }
            order.push_back(request.path);
            return text_response(200, request.path);
        };
    });
    RawClient second(souk.port());
    RawClient first(souk.port());
    std::string many;
    for (int i = 0; i < 60; ++i) {
        many += get("/many");
    }
    first.send(many);
    second.send(get("/one"));
    second_sent.open();
    EXPECT_EQ(second.reply()->body, "/one");
    for (int i = 0; i < 60; ++i) {
        ASSERT_EQ(first.reply()->body, "/many");
    }
    const auto place = std::ranges::find(order, "/one") - order.begin();
    EXPECT_LT(place, 30);
}

}  // namespace
}  // namespace souk::testing
