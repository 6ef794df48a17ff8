#include <gtest/gtest.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <semaphore>

#include "adapters/http_client/public_http_client.h"
#include "adapters/http_client/test_receiver.h"
#include "adapters/http_server/self_signed.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* ok_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::unique_ptr<PublicHttpClient> client_with(PublicHttpClientOptions options) {
    auto made = PublicHttpClient::make(std::move(options));
    CHECK(made.has_value());
    return std::move(*made);
}

/// Sends anywhere; every name is on loopback.
std::unique_ptr<PublicHttpClient> open_client(std::string ca_file = "") {
    return client_with(
        {.policy = TargetPolicy::any,
         .ca_file = std::move(ca_file),
         .lookup = [](const std::string&) -> std::vector<std::string> { return {"127.0.0.1"}; }});
}

std::string url_of(const TestReceiver& receiver, std::string_view host = "127.0.0.1",
                   std::string_view scheme = "http") {
    return cat(scheme, "://", host, ":", receiver.port(), "/hook?a=b");
}

TEST(PublicHttpClient, SendsTheRequestAndGivesTheAnswer) {
    TestReceiver receiver(ok_answer);
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example");
    request.headers = {{"webhook-id", "evt_1"}, {"Content-Type", "application/json"}};
    request.body = "{}";
    const auto answer = open_client()->send(request);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_EQ(receiver.request(),
              cat("POST /hook?a=b HTTP/1.1\r\nHost: hooks.example:", receiver.port(),
                  "\r\nUser-Agent: Souk-Webhooks/1.0\r\nConnection: close\r\nContent-Length: 2\r\n"
                  "webhook-id: evt_1\r\nContent-Type: application/json\r\n\r\n{}"));
}

TEST(PublicHttpClient, SendsALargeBody) {
    TestReceiver receiver(ok_answer);
    OutgoingRequest request;
    request.url = url_of(receiver);
    request.body = std::string(1'000'000, 'x');
    ASSERT_TRUE(open_client()->send(request));
    EXPECT_TRUE(receiver.request().ends_with("\r\n\r\n" + request.body));
}

TEST(PublicHttpClient, DoesNotFollowARedirect) {
    TestReceiver receiver(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n");
    OutgoingRequest request;
    request.url = url_of(receiver);
    const auto answer = open_client()->send(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(receiver.connections(), 1);
}

TEST(PublicHttpClient, KeepsTheFirst64KiBOfTheAnswer) {
    TestReceiver receiver(cat("HTTP/1.1 200 OK\r\n\r\n", std::string(100'000, 'x')));
    OutgoingRequest request;
    request.url = url_of(receiver);
    const auto answer = open_client()->send(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), 64U * 1024);
}

TEST(PublicHttpClient, GivesUpAtTheDeadline) {
    TestReceiver receiver("");
    OutgoingRequest request;
    request.url = url_of(receiver);
    request.timeout = 80ms;
    const auto answer = open_client()->send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errors::target_unreachable);
    EXPECT_EQ(answer.error().detail, "Reading the answer took too long.");
}

TEST(PublicHttpClient, SaysWhenNobodyListens) {
    std::uint16_t port = 0;
    {
        const TestReceiver receiver(ok_answer);
        port = receiver.port();
    }
    OutgoingRequest request;
    request.url = cat("http://127.0.0.1:", port, "/");
    EXPECT_EQ(open_client()->send(request).error().code, errors::target_unreachable);
}

TEST(PublicHttpClient, SaysWhenTheAnswerIsNotHttp) {
    TestReceiver receiver("220 mail.example ESMTP\r\n");
    OutgoingRequest request;
    request.url = url_of(receiver);
    EXPECT_EQ(open_client()->send(request).error().code, errors::target_unreachable);
}

TEST(PublicHttpClient, TriesTheNextAddressOfAName) {
    TestReceiver receiver(ok_answer);
    auto client = client_with(
        {.policy = TargetPolicy::any, .lookup = [](const std::string&) -> std::vector<std::string> {
             return {"127.0.0.2", "127.0.0.1"};
         }});
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example");
    EXPECT_TRUE(client->send(request));
}

TEST(PublicHttpClient, SaysWhenANameDoesNotExist) {
    auto client =
        client_with({.lookup = [](const std::string&) -> std::vector<std::string> { return {}; }});
    OutgoingRequest request;
    request.url = "https://nowhere.example/";
    EXPECT_EQ(client->send(request).error().code, errors::target_unreachable);
}

TEST(PublicHttpClient, GivesUpAtTheDeadlineThoughTheLookupGoesOn) {
    struct Stall {
        std::mutex mutex;
        std::condition_variable changed;
        bool over = false;
    };
    const auto stall = std::make_shared<Stall>();
    auto client = client_with({.lookup = [stall](const std::string&) -> std::vector<std::string> {
        std::unique_lock lock(stall->mutex);
        stall->changed.wait(lock, [&] { return stall->over; });
        return {"1.1.1.1"};
    }});
    OutgoingRequest request;
    request.url = "https://slow.example/";
    request.timeout = 50ms;
    const auto answer = client->send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().detail, "Looking up slow.example took too long.");
    const std::lock_guard lock(stall->mutex);
    stall->over = true;
    stall->changed.notify_all();
}

TEST(PublicHttpClient, NamesThatNobodyAnswersForMakeNoOtherWait) {
    struct Stall {
        std::mutex mutex;
        std::condition_variable changed;
        int waiting = 0;
        bool over = false;
    };
    const auto stall = std::make_shared<Stall>();
    TestReceiver receiver(ok_answer);
    auto client = client_with(
        {.policy = TargetPolicy::any, .lookup = [stall](const std::string& host) {
             std::unique_lock lock(stall->mutex);
             stall->waiting += host == "quick.example" ? 0 : 1;
             stall->changed.wait(lock, [&] { return stall->over || host == "quick.example"; });
             return std::vector<std::string>{"127.0.0.1"};
         }});
    const auto waiting = [&] {
        const std::lock_guard lock(stall->mutex);
        return stall->waiting;
    };
    OutgoingRequest silent;
    silent.url = "http://silent.example/";
    silent.timeout = 1ms;
    for (int i = 0; i < 2000 && waiting() < 20; ++i) {
        EXPECT_FALSE(client->send(silent));
    }
    OutgoingRequest request;
    request.url = url_of(receiver, "quick.example");
    request.timeout = 2s;
    EXPECT_TRUE(client->send(request));
    const std::lock_guard lock(stall->mutex);
    stall->over = true;
    stall->changed.notify_all();
}

TEST(PublicHttpClient, LooksUpNoMoreNamesAtATimeThanItsBound) {
    constexpr std::size_t lookups_max = 3;
    const auto stall = std::make_shared<std::counting_semaphore<>>(0);
    const auto begun = std::make_shared<std::atomic<std::size_t>>(0);
    auto client = client_with({.policy = TargetPolicy::any,
                               .lookups_max = lookups_max,
                               .lookup = [=](const std::string&) {
                                   ++*begun;
                                   stall->acquire();
                                   return std::vector<std::string>{"127.0.0.1"};
                               }});
    TestReceiver receiver(ok_answer);
    OutgoingRequest silent;
    silent.url = "http://silent.example/";
    silent.timeout = 1ms;
    // A thread may be late to begin with a name that was given up on by then.
    for (int i = 0; i < 10'000 && *begun < lookups_max; ++i) {
        EXPECT_FALSE(client->send(silent));
    }
    ASSERT_EQ(*begun, lookups_max);
    silent.timeout = 50ms;
    const auto one_more = client->send(silent);
    ASSERT_FALSE(one_more);
    EXPECT_EQ(one_more.error().detail, "Looking up silent.example took too long.");
    EXPECT_EQ(*begun, lookups_max);
    stall->release(lookups_max + 1);
    OutgoingRequest request;
    request.url = url_of(receiver, "later.example");
    request.timeout = 5s;
    EXPECT_TRUE(client->send(request));
    EXPECT_EQ(*begun, lookups_max + 1);
}

TEST(PublicHttpClient, DoesNotConnectToANameOnThePrivateNetwork) {
    TestReceiver receiver(ok_answer);
    for (const char* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1",
                                "::ffff:127.0.0.1", "fd00::1", "64:ff9b::7f00:1"}) {
        auto client = client_with({.lookup = [address](const std::string&) {
            return std::vector<std::string>{address};
        }});
        OutgoingRequest request;
        request.url = url_of(receiver, "rebound.example");
        const auto answer = client->send(request);
        ASSERT_FALSE(answer) << address;
        EXPECT_EQ(answer.error().code, errors::target_refused) << address;
    }
    EXPECT_EQ(receiver.connections(), 0);
}

TEST(PublicHttpClient, DoesNotConnectWhenOneAddressOfSeveralIsPrivate) {
    TestReceiver receiver(ok_answer);
    auto client = client_with({.lookup = [](const std::string&) -> std::vector<std::string> {
        return {"1.1.1.1", "127.0.0.1"};
    }});
    OutgoingRequest request;
    request.url = url_of(receiver, "rebound.example");
    EXPECT_EQ(client->send(request).error().code, errors::target_refused);
    EXPECT_EQ(receiver.connections(), 0);
}

TEST(PublicHttpClient, ResolvesOnceSoThatANameCannotChangeItsMind) {
    TestReceiver receiver(ok_answer);
    int lookups = 0;
    auto client = client_with({.policy = TargetPolicy::any,
                               .lookup = [&](const std::string&) -> std::vector<std::string> {
                                   ++lookups;
                                   return {"127.0.0.1"};
                               }});
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example");
    ASSERT_TRUE(client->send(request));
    EXPECT_EQ(lookups, 1);
}

TEST(PublicHttpClient, RefusesPrivateAddressesInTheUrlByDefault) {
    TestReceiver receiver(ok_answer);
    auto client = client_with({});
    OutgoingRequest request;
    request.url = url_of(receiver);
    EXPECT_EQ(client->send(request).error().code, errors::target_refused);
    EXPECT_EQ(client->check_url(request.url).error().code, errors::target_refused);
    EXPECT_TRUE(client->check_url("https://hooks.example/souk"));
    EXPECT_EQ(receiver.connections(), 0);
}

TEST(PublicHttpClient, RefusesHeadersThatBreakTheirLine) {
    TestReceiver receiver(ok_answer);
    const std::vector<std::pair<std::string, std::string>> bad{
        {"a", "b\r\nc: d"}, {"a", "b\nc"}, {"a b", "c"}, {"", "c"}, {"a:", "c"}};
    for (const auto& header : bad) {
        OutgoingRequest request;
        request.url = url_of(receiver);
        request.headers = {header};
        EXPECT_EQ(open_client()->send(request).error().code, errors::target_refused);
    }
    EXPECT_EQ(receiver.connections(), 0);
}

class OverTls : public ::testing::Test {
protected:
    static std::string file(std::string_view name) {
        return cat(::testing::TempDir(), "souk-client-", static_cast<std::int64_t>(::getpid()), "-",
                   name, ".pem");
    }
    static void make(const std::string& host) {
        write_self_signed(host, file("cert"), file("key"));
    }
};

TEST_F(OverTls, TrustsACertificateOfTheHost) {
    make("hooks.example");
    TestReceiver receiver(ok_answer, file("cert"), file("key"));
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example", "https");
    const auto answer = open_client(file("cert"))->send(request);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "ok");
    EXPECT_EQ(receiver.server_name(), "hooks.example");
}

TEST_F(OverTls, TrustsACertificateOfAnAddress) {
    make("127.0.0.1");
    TestReceiver receiver(ok_answer, file("cert"), file("key"));
    OutgoingRequest request;
    request.url = url_of(receiver, "127.0.0.1", "https");
    EXPECT_TRUE(open_client(file("cert"))->send(request));
    EXPECT_EQ(receiver.server_name(), "");
}

TEST_F(OverTls, RefusesACertificateOfAnotherHost) {
    make("other.example");
    TestReceiver receiver(ok_answer, file("cert"), file("key"));
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example", "https");
    EXPECT_EQ(open_client(file("cert"))->send(request).error().code, errors::target_unreachable);
    EXPECT_EQ(receiver.request(), "");
}

TEST_F(OverTls, RefusesACertificateThatNobodyVouchesFor) {
    make("hooks.example");
    TestReceiver receiver(ok_answer, file("cert"), file("key"));
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example", "https");
    EXPECT_EQ(open_client()->send(request).error().code, errors::target_unreachable);
    EXPECT_EQ(receiver.request(), "");
}

/// A machine whose administrator has let OpenSSL speak its oldest versions.
class LaxSystem {
public:
    explicit LaxSystem(const std::string& file) {
        std::ofstream(file) << "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\n"
                               "system_default = lax\n[lax]\nMinProtocol = TLSv1\n"
                               "CipherString = DEFAULT@SECLEVEL=0\n";
        CHECK(::CONF_modules_load_file(file.c_str(), nullptr, 0) == 1);
    }
    LaxSystem(const LaxSystem&) = delete;
    LaxSystem& operator=(const LaxSystem&) = delete;
    ~LaxSystem() { ::CONF_modules_finish(); }
};

TEST_F(OverTls, RefusesVersionsBefore12WhateverTheSystemAllows) {
    make("hooks.example");
    const LaxSystem lax(file("openssl"));
    for (const bool is_refused : {false, true}) {
        TestReceiver receiver(ok_answer, file("cert"), file("key"),
                              is_refused ? TLS1_1_VERSION : TLS1_2_VERSION);
        OutgoingRequest request;
        request.url = url_of(receiver, "hooks.example", "https");
        EXPECT_EQ(!open_client(file("cert"))->send(request), is_refused);
        EXPECT_EQ(receiver.request().empty(), is_refused);
    }
}

TEST_F(OverTls, GivesUpAHandshakeAtTheDeadline) {
    make("hooks.example");
    TestReceiver receiver("");  // It waits for a request and says nothing.
    OutgoingRequest request;
    request.url = url_of(receiver, "hooks.example", "https");
    request.timeout = 80ms;
    EXPECT_EQ(open_client(file("cert"))->send(request).error().detail,
              "The TLS handshake took too long.");
}

TEST(PublicHttpClient, WillNotBeMadeWithoutItsCertificates) {
    EXPECT_EQ(PublicHttpClient::make({.ca_file = "/nonexistent"}).error().code,
              errors::http_client_misconfigured);
}

}  // namespace
}  // namespace souk::testing
