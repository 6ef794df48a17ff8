#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "adapters/http_server/harness.h"
#include "adapters/http_server/self_signed.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;

/// ctest runs each test in a process of its own, several at a time: they must not share files.
std::string own_file(std::string_view name) {
    return cat(::testing::TempDir(), "souk-tls-", static_cast<std::int64_t>(::getpid()), "-", name);
}

class Tls : public ::testing::Test {
protected:
    void SetUp() override {
        certificate_ = own_file("cert.pem");
        key_ = own_file("key.pem");
        write_self_signed("localhost", certificate_, key_);
    }
    void start(const std::function<void(HttpServerOptions&, ScriptedApplication&)>& change = {}) {
        souk_.emplace([&](HttpServerOptions& options, ScriptedApplication& application) {
            options.tls = TlsFiles{certificate_, key_};
            if (change) {
                change(options, application);
            }
        });
    }

    std::string certificate_;
    std::string key_;
    std::optional<RunningServer> souk_;
};

/// A TLS client on top of a raw one.
class TlsClient {
public:
    TlsClient(std::uint16_t port, const std::string& trusted, int version_max = TLS1_3_VERSION)
        : socket_(port), context_(::SSL_CTX_new(::TLS_client_method())) {
        ::SSL_CTX_load_verify_locations(context_, trusted.c_str(), nullptr);
        ::SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        ::SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
        ::SSL_CTX_set_max_proto_version(context_, version_max);
        ::SSL_CTX_set_cipher_list(context_, "DEFAULT@SECLEVEL=0");
        ssl_ = ::SSL_new(context_);
        static constexpr unsigned char protocols[] = "\x02h2\x08http/1.1";
        ::SSL_set_alpn_protos(ssl_, protocols, sizeof(protocols) - 1);
        ::SSL_set1_host(ssl_, "localhost");
        ::SSL_set_fd(ssl_, socket_.descriptor());
        connected_ = ::SSL_connect(ssl_) == 1;
    }
    ~TlsClient() {
        ::SSL_free(ssl_);
        ::SSL_CTX_free(context_);
        ::ERR_clear_error();
    }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    [[nodiscard]] std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned int size = 0;
        ::SSL_get0_alpn_selected(ssl_, &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }
    void send(std::string_view bytes) {
        ::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    }
    /// All until the server says that it is over.
    [[nodiscard]] std::string rest() {
        std::string all;
        char piece[4096];
        for (;;) {
            const int got = ::SSL_read(ssl_, piece, sizeof(piece));
            if (got <= 0) {
                ended_cleanly_ = ::SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN;
                return all;
            }
            all.append(piece, static_cast<std::size_t>(got));
        }
    }
    [[nodiscard]] bool ended_cleanly() const { return ended_cleanly_; }

private:
    RawClient socket_;
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    bool connected_ = false;
    bool ended_cleanly_ = false;
};

TEST_F(Tls, ServesHttps) {
    start();
    TlsClient client(souk_->port(), certificate_);
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.protocol(), "http/1.1");
    client.send(get("/a"));
    client.send(post("/blocking/b", std::string(100'000, 'x')));
    client.send("GET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const std::string all = client.rest();
    EXPECT_TRUE(all.contains("GET /a|"));
    EXPECT_TRUE(all.contains("POST /blocking/b|" + std::string(100'000, 'x')));
    EXPECT_TRUE(all.ends_with("GET /c|"));
    EXPECT_TRUE(client.ended_cleanly());
}

TEST_F(Tls, SendsALargeBodyWhole) {
    const auto large = std::make_shared<const std::string>(std::string(2'000'000, 'y'));
    start([&](auto&, auto& application) {
        application.answer = [&](Request) {
            Response response = text_response(200, "");
            response.body = large;
            return response;
        };
    });
    TlsClient client(souk_->port(), certificate_);
    ASSERT_TRUE(client.connected());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.rest().ends_with("\r\n\r\n" + *large));
}

TEST_F(Tls, AnswersASlowHeadWith408) {
    start([](auto& options, auto&) { options.limits.head_timeout = 300ms; });
    TlsClient client(souk_->port(), certificate_);
    ASSERT_TRUE(client.connected());
    client.send("GET / HT");
    EXPECT_TRUE(client.rest().starts_with("HTTP/1.1 408 "));
}

TEST_F(Tls, RefusesVersionsBefore12) {
    start();
    const TlsClient client(souk_->port(), certificate_, TLS1_1_VERSION);
    EXPECT_FALSE(client.connected());
}

TEST_F(Tls, ClosesAConnectionThatSpeaksPlainHttp) {
    start();
    RawClient client(souk_->port());
    client.send(get("/"));
    EXPECT_FALSE(client.rest().contains("200 OK"));
    EXPECT_EQ(souk_->application.handled, 0);
}

TEST_F(Tls, ClosesAHandshakeThatStalls) {
    start([](auto& options, auto&) { options.limits.head_timeout = 60ms; });
    RawClient client(souk_->port());
    EXPECT_TRUE(client.is_closed());
}

TEST_F(Tls, StopsGracefully) {
    start();
    TlsClient client(souk_->port(), certificate_);
    ASSERT_TRUE(client.connected());
    client.send(get("/a"));
    EXPECT_EQ(souk_->server.stop(5s), 0U);
}

class TlsRenewal : public Tls {
protected:
    void SetUp() override {
        Tls::SetUp();
        write_self_signed("localhost", next_certificate_, next_key_);
        start([](auto& options, auto&) { options.tls_looked_at_every = 0ms; });
    }
    /// As whoever renews certificates does it.
    static void put(const std::string& from, const std::string& to) {
        ASSERT_EQ(std::rename(from.c_str(), to.c_str()), 0);
    }
    [[nodiscard]] bool shows(const std::string& trusted) const {
        return TlsClient(souk_->port(), trusted).connected();
    }
    [[nodiscard]] auto times_logged(std::string_view line) const {
        return std::ranges::count(souk_->telemetry.lines(), line);
    }

    const std::string next_certificate_ = own_file("next-cert.pem");
    const std::string next_key_ = own_file("next-key.pem");
};

TEST_F(TlsRenewal, ShowsTheNewCertificateToWhoeverConnectsNext) {
    TlsClient before(souk_->port(), certificate_);
    ASSERT_TRUE(before.connected());
    put(next_key_, key_);
    put(next_certificate_, certificate_);
    EXPECT_TRUE(shows(certificate_));
    EXPECT_TRUE(shows(certificate_));
    EXPECT_EQ(times_logged("the certificate was renewed"), 1);
    before.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(before.rest().ends_with("GET /a|"));
}

TEST_F(TlsRenewal, KeepsTheOldOneUntilBothFilesAreThere) {
    const std::string old = own_file("old-cert.pem");
    std::filesystem::copy_file(certificate_, old,
                               std::filesystem::copy_options::overwrite_existing);
    put(next_certificate_, certificate_);
    EXPECT_TRUE(shows(old));
    EXPECT_TRUE(shows(old));
    EXPECT_EQ(times_logged("the new certificate cannot be used"), 1);
    put(next_key_, key_);
    EXPECT_TRUE(shows(certificate_));
    EXPECT_FALSE(shows(old));
}

TEST_F(TlsRenewal, KeepsTheOldOneWhenAFileIsGone) {
    std::filesystem::remove(key_);
    EXPECT_TRUE(shows(certificate_));
    EXPECT_EQ(times_logged("the new certificate cannot be used"), 1);
}

TEST_F(Tls, LooksAtItsFilesNoMoreOftenThanItIsTo) {
    start([](auto& options, auto&) { options.tls_looked_at_every = 1h; });
    std::filesystem::remove(key_);
    EXPECT_TRUE(TlsClient(souk_->port(), certificate_).connected());
    EXPECT_TRUE(souk_->telemetry.lines().empty());
}

TEST_F(Tls, WillNotStartWithoutItsFiles) {
    FrozenClock clock;
    LogKeeper telemetry;
    ScriptedApplication application;
    HttpServer server(clock, telemetry, {.port = 0, .tls = TlsFiles{"/nonexistent", key_}});
    EXPECT_EQ(server.start(application).error().code, errors::http_server_misconfigured);
}

TEST_F(Tls, WillNotStartWithAKeyOfAnotherCertificate) {
    const std::string other = own_file("other.pem");
    write_self_signed("localhost", own_file("unused.pem"), other);
    FrozenClock clock;
    LogKeeper telemetry;
    ScriptedApplication application;
    HttpServer server(clock, telemetry, {.port = 0, .tls = TlsFiles{certificate_, other}});
    EXPECT_EQ(server.start(application).error().code, errors::http_server_misconfigured);
}

}  // namespace
}  // namespace souk::testing
