#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/ledger_dynamodb/table_definitions.h"
#include "domain/base/text.h"

/// The DynamoDB that the tests of this folder speak to: SOUK_PEER_DYNAMODB,
/// "http://127.0.0.1:8000".
namespace souk::dynamo_peer {

inline std::string address() {
    const char* const address = std::getenv("SOUK_PEER_DYNAMODB");
    return address == nullptr ? "" : address;
}

/// One client for the whole process.
inline aws::AwsClient& client() {
    static const std::unique_ptr<aws::HttpAwsClient> only = [] {
        aws::AwsOptions options{.region = "eu-west-1"};
        options.endpoints.all = address();
        options.credentials.fixed =
            aws::Credentials{.access_key_id = "peer", .secret_access_key = "secret"};
        options.connections_kept_max = 128;
        return aws::HttpAwsClient::make(std::move(options)).value();
    }();
    return *only;
}

/// Tables of this test alone, gone when the test is.
class Tables {
public:
    explicit Tables(std::vector<std::string> names) : names_(std::move(names)) {
        for (const auto& name : names_) {
            dynamo::create_table(client(), cat(prefix_, name)).value();
        }
    }
    ~Tables() {
        for (const auto& name : names_) {
            (void)client().call({.service = "dynamodb",
                                 .signing_name = {},
                                 .headers = {{"x-amz-target", "DynamoDB_20120810.DeleteTable"},
                                             {"content-type", "application/x-amz-json-1.0"}},
                                 .body = cat(R"({"TableName":")", prefix_, name, R"("})")});
        }
    }
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    [[nodiscard]] const std::string& prefix() const { return prefix_; }

private:
    const std::string prefix_ = cat("souk-", to_hex(OpensslCrypto().random(8)), "-");
    const std::vector<std::string> names_;
};

}  // namespace souk::dynamo_peer
