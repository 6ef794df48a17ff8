#include <gtest/gtest.h>

#include <future>

#include "adapters/http_server/harness.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;

TEST(HttpServerStop, ClosesIdleConnections) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(get("/"));
    ASSERT_TRUE(client.reply());
    EXPECT_EQ(souk.server.stop(5s), 0U);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpServerStop, LetsARequestInFlightFinish) {
    Gate started;
    Gate gate;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request) {
            started.open();
            gate.wait();
            return text_response(200, "done");
        };
    });
    RawClient client(souk.port());
    client.send(get("/blocking"));
    ASSERT_TRUE(started.wait());
    auto stopping = std::async(std::launch::async, [&] { return souk.server.stop(5s); });
    EXPECT_EQ(stopping.wait_for(20ms), std::future_status::timeout);
    gate.open();
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "done");
    EXPECT_EQ(reply->headers.at("connection"), "close");
    EXPECT_EQ(stopping.get(), 0U);
}

TEST(HttpServerStop, ServesWhoHasConnectedAndAskedAlready) {
    Gate started;
    Gate gate;
    RunningServer souk([&](auto&, auto& application) {
        application.answer = [&](Request request) {
            if (request.path == "/hold") {
                started.open();
                gate.wait();
            }
            return text_response(200, "done");
        };
    });
    RawClient holder(souk.port());
    holder.send(get("/hold"));  // Quick work: it holds the loop itself.
    ASSERT_TRUE(started.wait());
    RawClient late(souk.port());  // In the kernel's queue, not accepted.
    late.send(get("/late"));
    auto stopping = std::async(std::launch::async, [&] { return souk.server.stop(5s); });
    gate.open();
    EXPECT_TRUE(holder.reply());
    EXPECT_TRUE(late.reply());
    EXPECT_EQ(stopping.get(), 0U);
}

TEST(HttpServerStop, CutsOffWhoTakesLongerThanTheGrace) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("GET / HTTP/1.1\r\nHos");
    RawClient other(souk.port());
    other.send(get("/"));
    ASSERT_TRUE(other.reply());  // The loop has seen the first client's bytes before.
    EXPECT_EQ(souk.server.stop(30ms), 1U);
    EXPECT_TRUE(client.is_closed());
}

TEST(HttpServerStop, FreesThePort) {
    RunningServer souk;
    const std::uint16_t port = souk.port();
    souk.server.stop(1s);
    RunningServer next([&](auto& options, auto&) { options.port = port; });
    RawClient client(port);
    client.send(get("/"));
    EXPECT_TRUE(client.reply());
}

TEST(HttpServerStop, MayBeRepeated) {
    RunningServer souk;
    EXPECT_EQ(souk.server.stop(1s), 0U);
    EXPECT_EQ(souk.server.stop(1s), 0U);
}

TEST(HttpServerStart, ServesOnSeveralThreads) {
    RunningServer souk([](auto& options, auto&) { options.io_threads = 3; });
    for (int i = 0; i < 30; ++i) {
        RawClient client(souk.port());
        client.send(get("/"));
        ASSERT_TRUE(client.reply());
    }
}

TEST(HttpServerStart, RefusesAPortThatAnotherServerHas) {
    RunningServer souk([](auto& options, auto&) { options.io_threads = 2; });
    for (const unsigned threads : {1U, 2U}) {
        HttpServer second(souk.clock, souk.telemetry, {.port = souk.port(), .io_threads = threads});
        const auto started = second.start(souk.application);
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().code, errors::listen_failed);
    }
}

TEST(HttpServerStart, RefusesAnAddressThatIsNone) {
    RunningServer souk;
    HttpServer second(souk.clock, souk.telemetry, {.address = "localhost", .port = 0});
    EXPECT_EQ(second.start(souk.application).error().code, errors::http_server_misconfigured);
}

TEST(HttpServerStart, RefusesAProxyThatIsNoAddress) {
    RunningServer souk;
    HttpServer second(souk.clock, souk.telemetry, {.port = 0, .trusted_proxies = {"proxy"}});
    EXPECT_EQ(second.start(souk.application).error().code, errors::http_server_misconfigured);
}

}  // namespace
}  // namespace souk::testing
