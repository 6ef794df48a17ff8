#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/credentials.h"

namespace souk::aws {

using Query = std::vector<std::pair<std::string, std::string>>;

/// What a signature covers of a request.
struct Signable {
    std::string_view method;
    std::string_view path;   // Not percent-encoded.
    const Query& query;      // Not percent-encoded.
    const Headers& headers;  // With Host, as it will be sent. Hop-by-hop headers are left out.
    std::string_view body;
};

/// Who signs, for what and when.
struct SigningContext {
    const Credentials& credentials;
    std::string_view region;
    std::string_view service;  // The signing name: "ses", not "email".
    std::chrono::system_clock::time_point time;
};

/// Path and query as the request line has them, percent-encoded once.
[[nodiscard]] std::string wire_target(std::string_view path, const Query& query);

/// Signs with AWS Signature Version 4. Thread-safe: it keeps the derived keys of the day.
/// Source: AWS IAM User Guide, "Create a signed AWS API request".
class Signer {
public:
    /// The headers to add: x-amz-date, x-amz-security-token (temporary credentials),
    /// x-amz-content-sha256 (S3) and authorization.
    [[nodiscard]] Headers signature(const Signable& request, const SigningContext& context);
    /// The whole query of a presigned URL. Every header of the request is covered and must be sent
    /// as it is; the body only outside S3, where it must be known (empty, as a rule).
    [[nodiscard]] std::string presigned_query(const Signable& request,
                                              const SigningContext& context,
                                              std::chrono::seconds expires);

private:
    struct Key {
        std::string secret;
        std::string date;
        std::string key;
    };

    std::string signing_key(const SigningContext& context, const std::string& date);
    std::string sign(const SigningContext& context, const std::string& timestamp,
                     std::string_view canonical_request);

    std::mutex mutex_;
    std::map<std::string, Key> keys_;  // By region and service.
};

}  // namespace souk::aws
