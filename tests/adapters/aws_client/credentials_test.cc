#include "adapters/aws_client/credentials.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "adapters/aws_client/aws_options.h"
#include "adapters/aws_client/credentials_cache.h"
#include "adapters/aws_client/http_transport.h"
#include "adapters/aws_client/scripted_server.h"
#include "adapters/aws_client/test_client.h"
#include "domain/base/text.h"
#include "support/temporary_folder.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;
using aws::AwsOptions;
using Variables = std::map<std::string, std::string>;
using Then = ScriptedServer::Then;

constexpr const char* given =
    R"({"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s1","Token":"t1",
        "Expiration":"2026-11-25T12:00:00Z"})";

/// What the sources yield: `key/secret/token`, or why not.
std::string credentials_with(Variables variables) {
    variables.try_emplace("AWS_EC2_METADATA_DISABLED", "true");
    const auto options = AwsOptions::from_environment(variables);
    if (!options) {
        return options.error().detail;
    }
    aws::HttpTransport transport({});
    auto sources = aws::credentials_sources(options->credentials, transport);
    if (!sources) {
        return sources.error().detail;
    }
    const auto now = std::chrono::system_clock::time_point(1'795'600'000s);
    aws::CredentialsCache cache(std::move(*sources), [now] { return now; });
    const auto found = cache.current(std::chrono::steady_clock::now() + 10s);
    return found
               ? cat(found->access_key_id, '/', found->secret_access_key, '/', found->session_token)
               : found.error().detail;
}

/// Shared files in a folder that stands for the user's own.
class Home {
public:
    Home() { std::filesystem::create_directory(folder_.path() / ".aws"); }

    [[nodiscard]] std::string path() const { return folder_.path(); }
    [[nodiscard]] std::string write(std::string_view name, std::string_view text) const {
        std::ofstream(folder_.path() / name) << text;
        return folder_.path() / name;
    }

private:
    testing_support::TemporaryFolder folder_;
};

TEST(Credentials, AreTheEnvironmentsOwnFirst) {
    const Home home;
    static_cast<void>(home.write(".aws/credentials",
                                 "[default]\naws_access_key_id=A\naws_secret_access_key=s\n"));
    EXPECT_EQ(credentials_with({{"HOME", home.path()},
                                {"AWS_ACCESS_KEY_ID", "AKID"},
                                {"AWS_SECRET_ACCESS_KEY", "secret"},
                                {"AWS_SESSION_TOKEN", "token"}}),
              "AKID/secret/token");
}

TEST(Credentials, OfTheEnvironmentMustBeWhole) {
    const std::string said =
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set together or not at all.";
    EXPECT_EQ(credentials_with({{"AWS_ACCESS_KEY_ID", "AKID"}}), said);
    EXPECT_EQ(credentials_with({{"AWS_SECRET_ACCESS_KEY", "secret"}}), said);
}

TEST(Credentials, AreThoseOfTheProfileInTheSharedFiles) {
    const Home home;
    static_cast<void>(home.write(".aws/credentials",
                                 "; mine\n[default]\naws_access_key_id = A1\n"
                                 "aws_secret_access_key = s1==\r\n\n[shop]\n"
                                 "aws_access_key_id=A2\naws_secret_access_key=s2\n"
                                 "aws_session_token=t2\n[half]\naws_access_key_id=A3\n"));
    static_cast<void>(home.write(".aws/config",
                                 "[profile other]\naws_access_key_id=A4\n"
                                 "aws_secret_access_key=s4\n"));
    const auto of = [&](const char* profile) {
        return credentials_with({{"HOME", home.path()}, {"AWS_PROFILE", profile}});
    };
    EXPECT_EQ(of(""), "A1/s1==/");
    EXPECT_EQ(of("shop"), "A2/s2/t2");
    EXPECT_EQ(of("other"), "A4/s4/");
    EXPECT_EQ(of("half"), cat("The profile in ", home.path(),
                              "/.aws/credentials has an access key without its secret."));
    EXPECT_EQ(of("unknown"), "There are no AWS credentials anywhere.");
}

// The bug: reading it threw, and nothing caught that.
TEST(Credentials, AreNoneWhereAFolderIsInTheirFilesPlace) {
    const Home home;
    std::filesystem::create_directories(std::filesystem::path(home.path()) / ".aws/credentials");
    EXPECT_EQ(credentials_with({{"HOME", home.path()}}), "There are no AWS credentials anywhere.");
}

TEST(Credentials, AreInTheFilesThatTheEnvironmentNames) {
    const Home home;
    const std::string file =
        home.write("keys", "[default]\naws_access_key_id=A\naws_secret_access_key=s\n");
    EXPECT_EQ(credentials_with({{"AWS_SHARED_CREDENTIALS_FILE", file}}), "A/s/");
}

TEST(Credentials, AreAskedForAtTheContainersEndpoint) {
    ScriptedServer server({answering(200, given)});
    EXPECT_EQ(
        credentials_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", cat(server.url(), "/creds?id=1")},
                          {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc"}}),
        "ASIA1/s1/t1");
    EXPECT_TRUE(server.requests().at(0).starts_with("GET /creds?id=1 HTTP/1.1\r\n"));
    EXPECT_TRUE(server.requests().at(0).contains("Authorization: Basic abc\r\n"));
}

TEST(Credentials, OfTheContainerTakeTheirTokenFromItsFile) {
    const Home home;
    ScriptedServer server({answering(200, given)});
    const Variables variables{
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url()},
        {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "stale"},
        {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", home.write("token", "fresh\n")}};
    EXPECT_EQ(credentials_with(variables), "ASIA1/s1/t1");
    EXPECT_TRUE(server.requests().at(0).contains("Authorization: fresh\r\n"));
}

TEST(Credentials, OfTheContainerAreNotAskedForOverAnOpenNetwork) {
    for (const char* url : {"http://169.254.170.3/", "http://10.0.0.1/", "http://127.evil.test/",
                            "http://evil.test/", "ftp://localhost/"}) {
        const std::string said = credentials_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}});
        EXPECT_TRUE(said.contains("without protection") || said.contains("not a usable"))
            << url << ": " << said;
    }
}

TEST(Credentials, OfTheContainerMayBeAskedForAtTheseAddresses) {
    aws::HttpTransport transport({});
    for (const char* url :
         {"http://169.254.170.2/a", "http://169.254.170.23/a", "http://[::1]/a",
          "http://[fd00:ec2::23]/a", "http://localhost/a", "https://any.test/a"}) {
        EXPECT_TRUE(aws::credentials_sources({.container_url = url}, transport)) << url;
    }
    const auto options =
        AwsOptions::from_environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->credentials.container_url, "http://169.254.170.2/v2/x");
}

TEST(Credentials, OfTheContainerAreAskedForTwiceWhenItFails) {
    ScriptedServer server({answering(500, ""), answering(200, given)});
    EXPECT_EQ(credentials_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url()}}),
              "ASIA1/s1/t1");
    ScriptedServer denying({answering(403, ""), answering(200, given)});
    EXPECT_EQ(credentials_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", denying.url()}}),
              cat("Credentials were asked for at ", denying.url(), ": status 403"));
}

TEST(Credentials, ThatAreNoneOrHaveExpiredAreNotUsed) {
    ScriptedServer nonsense({answering(200, "[]")});
    EXPECT_TRUE(credentials_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", nonsense.url()}})
                    .starts_with("What was given for credentials is none"));
    ScriptedServer expired({answering(200,
                                      R"({"AccessKeyId":"A","SecretAccessKey":"s","Token":"t",
                                          "Expiration":"2026-11-25T09:46:00Z"})")});
    EXPECT_EQ(credentials_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", expired.url()}}),
              "The credentials have expired.");
}

TEST(Credentials, AreAskedForAtTheInstancesMetadata) {
    ScriptedServer server(
        {answering(200, "session"), answering(200, "shop-role\n"), answering(200, given)});
    EXPECT_EQ(credentials_with({{"AWS_EC2_METADATA_DISABLED", "false"},
                                {"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}}),
              "ASIA1/s1/t1");
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_TRUE(requests[0].starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
    EXPECT_TRUE(requests[0].contains("x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
    EXPECT_TRUE(
        requests[1].starts_with("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"));
    EXPECT_TRUE(requests[2].starts_with(
        "GET /latest/meta-data/iam/security-credentials/shop-role HTTP/1.1\r\n"));
    EXPECT_TRUE(requests[2].contains("x-aws-ec2-metadata-token: session\r\n"));
}

TEST(Credentials, AreNotAskedForAtTheInstancesMetadataWhenThatIsDisabled) {
    ScriptedServer server({answering(200, "session")});
    EXPECT_EQ(credentials_with({{"AWS_EC2_METADATA_DISABLED", "TRUE"},
                                {"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}}),
              "There are no AWS credentials anywhere.");
    EXPECT_EQ(server.connections(), 0);
}

TEST(Credentials, ThatAServiceCallsExpiredAreReplacedOnce) {
    const auto temporary = [](const char* token) {
        return answering(200, cat(R"({"AccessKeyId":"A","SecretAccessKey":"s","Token":")", token,
                                  R"(","Expiration":"2026-11-25T23:00:00Z"})"));
    };
    const auto expired = answering(400, R"({"__type":"x#ExpiredTokenException"})");
    ScriptedServer source({temporary("old"), temporary("new"), temporary("newest")});
    ScriptedServer service({expired, answering(200, "done"), expired, expired});
    TestClient test(service.url());
    test.options.credentials = {.container_url = source.url(), .metadata_url = {}};
    test.start();
    const auto first = test.client->call(order_call());
    ASSERT_TRUE(first) << first.error().detail;
    EXPECT_EQ(first->body, "done");
    EXPECT_TRUE(service.requests().at(0).contains("x-amz-security-token: old\r\n"));
    EXPECT_TRUE(service.requests().at(1).contains("x-amz-security-token: new\r\n"));
    const auto second = test.client->call(order_call());
    ASSERT_TRUE(second);
    EXPECT_EQ(second->error_code, "ExpiredTokenException");
    EXPECT_EQ(service.requests().size(), 4U);
}

}  // namespace
}  // namespace souk::testing
