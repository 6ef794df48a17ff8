#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <semaphore>
#include <thread>

#include "adapters/aws_client/connection_pool.h"
#include "adapters/aws_client/http_transport.h"
#include "adapters/aws_client/name_lookup.h"
#include "adapters/aws_client/scripted_server.h"
#include "adapters/aws_client/test_client.h"
#include "adapters/aws_client/tls_trust.h"
#include "adapters/http_server/self_signed.h"
#include "domain/base/text.h"
#include "support/temporary_folder.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;
using aws::ConnectionPool;
using Then = ScriptedServer::Then;

/// A certificate that vouches for itself, in files.
struct Certificate {
    explicit Certificate(const std::string& name)
        : file(folder.path() / "certificate.pem"), key(folder.path() / "key.pem") {
        write_self_signed(name, file, key);
    }
    testing_support::TemporaryFolder folder;
    std::string file;
    std::string key;
};

TEST(Tls, KeepsItsConnection) {
    const Certificate certificate("127.0.0.1");
    ScriptedServer server({answering(200, "1"), answering(200, "2")}, certificate.file,
                          certificate.key);
    TestClient test(server.url());
    test.options.ca_file = certificate.file;
    test.start();
    EXPECT_TRUE(test.client->warm());
    for (int i = 1; i <= 2; ++i) {
        const auto answer = test.client->call(order_call());
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->body, cat(i));
        server.await_steps(i);  // A session ticket has come after the answer.
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(Tls, NoticesThatTheServiceHasEndedTheConnection) {
    const Certificate certificate("127.0.0.1");
    ScriptedServer server(
        {{.answer = http_answer(200, "1"), .then = Then::close}, answering(200, "2")},
        certificate.file, certificate.key);
    TestClient test(server.url());
    test.options.ca_file = certificate.file;
    test.options.tries_max = 1;
    test.start();
    ASSERT_TRUE(test.client->call(order_call()));
    server.await_steps(1);
    ASSERT_TRUE(test.client->call(order_call()));
    EXPECT_EQ(server.connections(), 2);
}

TEST(Tls, CarriesLargeBodiesBothWays) {
    const Certificate certificate("127.0.0.1");
    ScriptedServer server({answering(200, std::string(3'000'000, 'y'))}, certificate.file,
                          certificate.key);
    TestClient test(server.url());
    test.options.ca_file = certificate.file;
    aws::Call call = order_call();
    call.body = std::string(3'000'000, 'x');
    call.timeout = 60s;
    const auto answer = test.start().call(call);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body.size(), 3'000'000U);
    EXPECT_TRUE(server.requests().at(0).ends_with(call.body));
}

TEST(Tls, SaysThatNoAnswerCameWhenTheConnectionBreaks) {
    const Certificate certificate("127.0.0.1");
    ScriptedServer server({{.answer = "HTTP/1.1 200 OK\r\n\r\nhal", .then = Then::reset}},
                          certificate.file, certificate.key);
    TestClient test(server.url());
    test.options.ca_file = certificate.file;
    test.options.tries_max = 1;
    const auto answer = test.start().call(order_call());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_no_answer);
}

/// What a call to this host says when the server's certificate is for `name`.
Result<aws::Answer> call_with(const std::string& name, std::string_view host, bool trusted) {
    const Certificate certificate(name);
    ScriptedServer server({answering(200, "ok")}, certificate.file, certificate.key);
    TestClient test(cat("https://", host, ':', server.port()));
    if (trusted) {
        test.options.ca_file = certificate.file;
    }
    test.options.tries_max = 1;
    auto answer = test.start().call(order_call());
    EXPECT_EQ(server.requests().size(), answer ? 1U : 0U);
    return answer;
}

TEST(Tls, DemandsThatTheCertificateIsTheHosts) {
    EXPECT_TRUE(call_with("localhost", "localhost", true));
    for (const char* name : {"other.test", "127.0.0.1"}) {
        const auto answer = call_with(name, "localhost", true);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, aws::errors::aws_not_sent);
        EXPECT_TRUE(answer.error().detail.contains("mismatch")) << answer.error().detail;
    }
    EXPECT_FALSE(call_with("localhost", "127.0.0.1", true));
}

TEST(Tls, BelievesAmazonAloneUnlessTold) {
    const auto answer = call_with("127.0.0.1", "127.0.0.1", false);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_not_sent);
    EXPECT_TRUE(answer.error().detail.contains("self-signed")) << answer.error().detail;
}

TEST(Tls, CarriesAmazonsFiveRoots) {
    aws::TlsTrust trust("");
    const auto context = trust.context();
    ASSERT_TRUE(context);
    X509_STORE* store = ::SSL_CTX_get_cert_store(static_cast<SSL_CTX*>(*context));
    STACK_OF(X509_OBJECT)* roots = ::X509_STORE_get0_objects(store);
    std::vector<std::string> names;
    for (int i = 0; i < sk_X509_OBJECT_num(roots); ++i) {
        X509* root = ::X509_OBJECT_get0_X509(sk_X509_OBJECT_value(roots, i));
        char name[128];
        ::X509_NAME_get_text_by_NID(::X509_get_subject_name(root), NID_commonName, name,
                                    sizeof(name));
        names.emplace_back(name);
        // It signed itself: the text has not been changed since.
        EXPECT_EQ(::X509_verify(root, ::X509_get0_pubkey(root)), 1) << name;
    }
    std::ranges::sort(names);
    EXPECT_EQ(names,
              (std::vector<std::string>{"Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3",
                                        "Amazon Root CA 4",
                                        "Starfield Services Root Certificate Authority - G2"}));
}

TEST(Lookup, OfANameThatIsNotThereSendsNothing) {
    TestClient test("http://nothing.invalid:80");
    test.options.tries_max = 1;
    aws::Call call = order_call();
    call.timeout = 30s;
    const auto answer = test.start().call(call);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, aws::errors::aws_not_sent);
}

TEST(Lookup, FailsAtOnceWhileTooManyAreStuck) {
    const auto stall = std::make_shared<std::counting_semaphore<>>(0);
    const aws::Resolve stuck = [stall](const std::string&, std::uint16_t) {
        stall->acquire();
        return std::vector<aws::SocketAddress>{};
    };
    const aws::Resolve quick = [stall](const std::string&, std::uint16_t) {
        return std::vector<aws::SocketAddress>(1);
    };
    for (int i = 0; i < aws::lookups_max; ++i) {
        const auto found = aws::look_up("stuck.test", 80, {}, stuck);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().detail, "Looking up stuck.test took too long.");
    }
    const auto later = std::chrono::steady_clock::now() + 30s;
    const auto found = aws::look_up("one.more.test", 80, later, quick);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, aws::errors::aws_not_sent);
    EXPECT_EQ(found.error().detail, "Too many names are being looked up.");
    stall->release();
    // The thread ends at its own time.
    while (!aws::look_up("one.more.test", 80, later, quick)) {
        ASSERT_LT(std::chrono::steady_clock::now(), later);
        std::this_thread::yield();
    }
    stall->release(aws::lookups_max - 1);
    while (stall.use_count() > 3) {  // The threads have copies. None is left for later tests.
        ASSERT_LT(std::chrono::steady_clock::now(), later);
        std::this_thread::yield();
    }
}

TEST(Transport, ReadsTheRefusalOfAServiceThatHangsUpInTheMiddle) {
    ScriptedServer server({{.answer = http_answer(413, "too large", "Connection: close\r\n"),
                            .then = Then::hang_up_early}});
    TestClient test(server.url());
    test.options.tries_max = 1;
    aws::Call call = order_call();
    call.body.resize(20'000'000, 'x');  // More than the sockets hold.
    const auto answer = test.start().call(call);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(answer->body, "too large");
}

class FakeConnection final : public aws::Connection {
public:
    FakeConnection(int& closed, bool quiet) : closed_(closed), quiet_(quiet) {}
    ~FakeConnection() override { ++closed_; }
    FakeConnection(const FakeConnection&) = delete;
    FakeConnection& operator=(const FakeConnection&) = delete;

    Result<void> write(std::string_view, aws::Deadline) override { return {}; }
    Result<std::size_t> read(std::span<char>, aws::Deadline) override { return 0; }
    bool is_quiet() override { return quiet_; }
    std::uint64_t bytes_sent() const override { return 0; }

private:
    int& closed_;
    bool quiet_;
};

class Pool : public ::testing::Test {
protected:
    std::unique_ptr<FakeConnection> connection(bool quiet = true) {
        return std::make_unique<FakeConnection>(closed_, quiet);
    }
    int closed_ = 0;
    const aws::Origin here_{.host = "here"};
    const aws::Origin there_{.host = "there"};
};

TEST_F(Pool, GivesTheLatestOfTheOrigin) {
    ConnectionPool pool({.connections_max = 8, .idle_time_max = 1h});
    auto first = connection();
    auto second = connection();
    const auto* latest = second.get();
    pool.put(here_, std::move(first));
    pool.put(here_, std::move(second));
    pool.put(there_, connection());
    EXPECT_EQ(pool.take(here_).get(), latest);
    EXPECT_NE(pool.take(here_), nullptr);
    EXPECT_EQ(pool.take(here_), nullptr);
    EXPECT_EQ(pool.size(), 1U);
}

TEST_F(Pool, TellsPortsAndSchemesApart) {
    ConnectionPool pool({.connections_max = 8, .idle_time_max = 1h});
    pool.put(here_, connection());
    EXPECT_EQ(pool.take({.scheme = aws::Origin::Scheme::http, .host = "here"}), nullptr);
    EXPECT_EQ(pool.take({.host = "here", .port = 444}), nullptr);
}

TEST_F(Pool, ClosesTheOldestBeyondItsLimit) {
    ConnectionPool pool({.connections_max = 2, .idle_time_max = 1h});
    pool.put(there_, connection());
    pool.put(here_, connection());
    EXPECT_EQ(closed_, 0);
    pool.put(here_, connection());
    EXPECT_EQ(closed_, 1);
    EXPECT_EQ(pool.size(), 2U);
    EXPECT_EQ(pool.take(there_), nullptr);
}

TEST_F(Pool, ClosesThoseThatHaveWaitedTooLong) {
    ConnectionPool pool({.connections_max = 2, .idle_time_max = 0ms});
    pool.put(here_, connection());
    EXPECT_EQ(pool.take(here_), nullptr);
    EXPECT_EQ(closed_, 1);
}

TEST_F(Pool, PassesOverThoseThatHaveEnded) {
    ConnectionPool pool({.connections_max = 8, .idle_time_max = 1h});
    auto good = connection();
    const auto* kept = good.get();
    pool.put(here_, std::move(good));
    pool.put(here_, connection(false));
    EXPECT_EQ(pool.take(here_).get(), kept);
    EXPECT_EQ(pool.size(), 0U);
}

}  // namespace
}  // namespace souk::testing
