#include "adapters/aws_client/endpoints.h"

#include <gtest/gtest.h>

#include <fstream>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/http_aws_client.h"
#include "support/temporary_folder.h"

namespace souk::testing {
namespace {

using aws::AwsOptions;
using aws::Endpoints;
using Variables = std::map<std::string, std::string>;

std::string endpoint_with(const Variables& variables, std::string_view service) {
    const auto options = AwsOptions::from_environment(variables);
    if (!options) {
        return options.error().detail;
    }
    const auto client = aws::HttpAwsClient::make(*options);
    return client ? (*client)->endpoint(service) : client.error().detail;
}

TEST(Endpoints, AreAwssOwnInTheRegion) {
    const Variables europe{{"AWS_REGION", "eu-west-1"}};
    EXPECT_EQ(endpoint_with(europe, "dynamodb"), "https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(endpoint_with(europe, "email"), "https://email.eu-west-1.amazonaws.com");
    EXPECT_EQ(endpoint_with({{"AWS_REGION", "cn-north-1"}}, "s3"),
              "https://s3.cn-north-1.amazonaws.com.cn");
}

TEST(Endpoints, AreThoseOfTheEnvironmentTheServicesOwnFirst) {
    const Variables variables{
        {"AWS_REGION", "eu-west-1"},
        {"AWS_ENDPOINT_URL", "http://127.0.0.1:4566/"},
        {"AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000"},
        {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "https://pool.test:8443"},
        {"AWS_ENDPOINT_URL_SESV2", "http://[::1]:80"},
        {"AWS_ENDPOINT_URL_SQS", ""}};
    EXPECT_EQ(endpoint_with(variables, "dynamodb"), "http://127.0.0.1:8000");
    EXPECT_EQ(endpoint_with(variables, "cognito-idp"), "https://pool.test:8443");
    EXPECT_EQ(endpoint_with(variables, "email"), "http://[::1]");
    EXPECT_EQ(endpoint_with(variables, "sqs"), "http://127.0.0.1:4566");
    EXPECT_EQ(endpoint_with(variables, "s3"), "http://127.0.0.1:4566");
}

TEST(Endpoints, OfTheEnvironmentCanBeIgnored) {
    EXPECT_EQ(endpoint_with({{"AWS_REGION", "eu-west-1"},
                             {"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"},
                             {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}},
                            "s3"),
              "https://s3.eu-west-1.amazonaws.com");
}

TEST(Endpoints, ThatCannotBeUsedAreRefused) {
    for (const char* url :
         {"127.0.0.1:4566", "ftp://127.0.0.1", "http://", "http://user@host", "http://host:0",
          "http://host:65536", "http://host:-1", "http://host:x", "http://host/path",
          "http://host?query", "http://ho st", "http://[::1", "http://[nonsense]", "http://h#f"}) {
        const auto made = Endpoints::make("eu-west-1", {.all = url});
        ASSERT_FALSE(made) << url;
        EXPECT_EQ(made.error().code, aws::errors::aws_misconfigured);
    }
}

TEST(Region, ComesFromTheEnvironmentThenTheProfile) {
    const testing_support::TemporaryFolder home;
    const std::string config = home.path() / "config";
    std::ofstream(config)
        << "# A comment\n[default]\nregion = eu-north-1 ; here\n"
           "s3 =\n  region = nested\n\n"
           "[profile shop]\nregion=us-east-2\nendpoint_url = http://127.0.0.1:1\n";
    const auto region = [&](Variables variables) {
        variables["AWS_CONFIG_FILE"] = config;
        const auto options = AwsOptions::from_environment(variables);
        return options ? options->region : options.error().detail;
    };
    EXPECT_EQ(region({{"AWS_REGION", "a"}, {"AWS_DEFAULT_REGION", "b"}}), "a");
    EXPECT_EQ(region({{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "b"}}), "b");
    EXPECT_EQ(region({}), "eu-north-1");
    EXPECT_EQ(region({{"AWS_PROFILE", "shop"}}), "us-east-2");
    EXPECT_EQ(endpoint_with({{"AWS_PROFILE", "shop"}, {"AWS_CONFIG_FILE", config}}, "sqs"),
              "http://127.0.0.1:1");
}

TEST(Region, ThatIsMissingOrNoneIsRefused) {
    EXPECT_EQ(endpoint_with({}, "sqs"), "No AWS region is set (AWS_REGION).");
    EXPECT_EQ(endpoint_with({{"AWS_REGION", "evil.test/"}}, "sqs"),
              "'evil.test/' is not an AWS region.");
}

TEST(Options, TakeTheNumberOfTriesFromTheEnvironment) {
    const auto tries = [](const char* text) {
        const auto options = AwsOptions::from_environment({{"AWS_MAX_ATTEMPTS", text}});
        return options ? options->tries_max : 0;
    };
    EXPECT_EQ(tries(""), AwsOptions().tries_max);
    EXPECT_EQ(tries("1"), 1);
    EXPECT_EQ(tries("10"), 10);
    EXPECT_EQ(tries("0"), 0);
    EXPECT_EQ(tries("11"), 0);
    EXPECT_EQ(tries("x"), 0);
}

TEST(Options, RefuseCertificatesThatAreNotThere) {
    const std::string said =
        endpoint_with({{"AWS_REGION", "eu-west-1"}, {"AWS_CA_BUNDLE", "/nowhere/roots.pem"}}, "s3");
    EXPECT_EQ(said, "The trusted certificates cannot be read from /nowhere/roots.pem.");
}

}  // namespace
}  // namespace souk::testing
