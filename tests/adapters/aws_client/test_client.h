#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "domain/base/error.h"

namespace souk::testing {

/// A client of one endpoint whose clock is the test's, and which does not really wait.
struct TestClient {
    std::chrono::system_clock::time_point now{std::chrono::seconds(1'795'600'000)};
    std::vector<std::chrono::milliseconds> waits;
    aws::AwsOptions options;
    std::unique_ptr<aws::HttpAwsClient> client;

    explicit TestClient(std::string url) {
        options.region = "eu-west-1";
        options.endpoints.all = std::move(url);
        options.credentials.fixed =
            aws::Credentials{.access_key_id = "AKIDEXAMPLE", .secret_access_key = "secret"};
        options.credentials.metadata_url.clear();
        options.now = [this] { return now; };
        options.wait = [this](std::chrono::milliseconds time) {
            waits.push_back(time);
            now += time;
        };
        options.share = [] { return 0.5; };
    }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    aws::HttpAwsClient& start() {
        auto made = aws::HttpAwsClient::make(options);
        CHECK(made.has_value());
        client = std::move(*made);
        return *client;
    }
};

/// A call that changes something.
inline aws::Call order_call(aws::Repeat repeat = aws::Repeat::unsafe) {
    return {.service = "dynamodb",
            .headers = {{"X-Amz-Target", "DynamoDB_20120810.PutItem"},
                        {"Content-Type", "application/x-amz-json-1.0"}},
            .body = "{}",
            .repeat = repeat};
}

}  // namespace souk::testing
