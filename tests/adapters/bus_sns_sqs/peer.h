#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "adapters/aws_client/http_aws_client.h"
#include "domain/base/text.h"

namespace souk::sqs {

/// What an emulator cannot do, by the name of the test that would show it.
using PeerGaps = std::map<std::string, std::string>;

/// A client of the emulator whose address the environment variable holds. Without one, and when the
/// test that runs is in `gaps`, that test is skipped and there is nothing.
inline std::unique_ptr<aws::HttpAwsClient> peer_client(const char* variable, const PeerGaps& gaps) {
    const auto gap = gaps.find(testing::UnitTest::GetInstance()->current_test_info()->name());
    const char* const address = std::getenv(variable);
    if (address == nullptr || gap != gaps.end()) {
        [&] {
            if (address == nullptr) {
                GTEST_SKIP() << variable << " is not set: no emulator to test against.";
            }
            GTEST_SKIP() << "A gap of this emulator: " << gap->second << '.';
        }();
        return nullptr;
    }
    auto options = aws::AwsOptions::from_environment({{"AWS_REGION", "us-east-1"},
                                                      {"AWS_ENDPOINT_URL", address},
                                                      {"AWS_ACCESS_KEY_ID", "test"},
                                                      {"AWS_SECRET_ACCESS_KEY", "test"}});
    return aws::HttpAwsClient::make(std::move(options).value()).value();
}

/// A prefix for names that no other test, nor an earlier run of it, has used on the emulator.
inline std::string fresh_prefix() {
    static int tests = 0;
    return cat("souk-", ::getpid(), "-",
               std::chrono::system_clock::now().time_since_epoch().count(), "-", ++tests, "-");
}

}  // namespace souk::sqs
