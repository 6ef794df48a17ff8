#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

/// What the AWS adapters stand on: one signed HTTPS call with deadlines and retries. Knows no
/// service; each adapter writes and reads its own service's bodies.
namespace souk::aws {

namespace errors {
/// Nothing of the request can have had an effect: the name, the connection or the handshake failed.
inline constexpr ErrorCode aws_not_sent{"aws_not_sent", ErrorKind::unavailable};
/// The request was sent, wholly or in part, and no answer came: it may have had its effect.
inline constexpr ErrorCode aws_no_answer{"aws_no_answer", ErrorKind::unavailable};
/// No credentials were found, or their source does not answer.
inline constexpr ErrorCode aws_no_credentials{"aws_no_credentials", ErrorKind::unavailable};
/// A setting (endpoint, region) that cannot be used.
inline constexpr ErrorCode aws_misconfigured{"aws_misconfigured", ErrorKind::invalid};
}  // namespace errors

using Headers = std::vector<std::pair<std::string, std::string>>;

/// `never` is for calls that need no credentials (Cognito's public actions).
enum class Signing { signature_v4, never };

/// What may be tried again beyond what is always safe (nothing was sent; the service said that it
/// throttled and did nothing).
///   unsafe      an answer that never came, or a 5xx, ends the call: it may have had its effect
///   idempotent  a repeat has no second effect, so these are tried again too
enum class Repeat { unsafe, idempotent };

struct Call {
    std::string service;       // Endpoint prefix: "dynamodb", "sqs", "sns", "email", "s3" …
    std::string signing_name;  // Empty: as `service`. ("ses" for "email".)
    std::string method = "POST";
    /// Absolute path, not yet percent-encoded; encoded once for the wire and as S3 or any other
    /// service wants it in the signature.
    std::string path = "/";
    std::vector<std::pair<std::string, std::string>> query = {};  // Not encoded.
    Headers headers = {};  // Host, date, token and signature are added.
    std::string body = {};
    Signing signing = Signing::signature_v4;
    Repeat repeat = Repeat::unsafe;
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;  // Of one try.
};

/// What the service said. A refusal by the service is an Answer too: see `error_code`.
struct Answer {
    int status = 0;
    Headers headers;  // Names in lower case.
    std::string body;
    /// Empty for 2xx; else the bare code ("ConditionalCheckFailedException", after any '#' and
    /// before any ':'), read from the header x-amzn-errortype or x-amzn-query-error, JSON's __type
    /// or code, or XML's <Code>.
    std::string error_code;
    std::string error_message;

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
};

/// A presigned address (SigV4 in the query).
struct Presigned {
    std::string method;
    std::string service;
    std::string path;                                             // As in Call.
    std::vector<std::pair<std::string, std::string>> query = {};  // Signed.
    Headers signed_headers = {};  // Must then be sent exactly; host is added.
    std::chrono::seconds expires{900};
    std::string signing_name = {};  // As in Call.
};

/// Calls AWS. Thread-safe: connections are kept open and shared, credentials refreshed in time.
class AwsClient {
public:
    virtual ~AwsClient() = default;

    /// Retries (full jitter, a retry budget shared by all calls) throttling and what `repeat`
    /// permits, until the try count or the deadline is used up; corrects its clock when the service
    /// says that it is off. The last answer or error is returned.
    /// Errors: aws_not_sent, aws_no_answer, aws_no_credentials.
    [[nodiscard]] virtual Result<Answer> call(const Call& call) = 0;
    /// Errors: aws_no_credentials.
    [[nodiscard]] virtual Result<std::string> presign(const Presigned& presigned) = 0;
    /// `https://host[:port]` that calls of this service go to, for the configured region.
    [[nodiscard]] virtual std::string endpoint(std::string_view service) const = 0;
    [[nodiscard]] virtual std::string_view region() const = 0;
};

/// No call of this thread goes on past it (the Lambda invocation's deadline). Restores the former
/// one when destroyed.
class DeadlineScope {
public:
    explicit DeadlineScope(std::chrono::system_clock::time_point deadline);
    ~DeadlineScope();
    DeadlineScope(const DeadlineScope&) = delete;
    DeadlineScope& operator=(const DeadlineScope&) = delete;

    /// The one in force for this thread, if any.
    [[nodiscard]] static std::optional<std::chrono::system_clock::time_point> current();

private:
    std::optional<std::chrono::system_clock::time_point> former_;
};

/// The trace header (`X-Amzn-Trace-Id`) of the work this thread does, sent with each call; empty
/// for none. Restores the former one when destroyed.
class TraceScope {
public:
    explicit TraceScope(std::string trace_header);
    ~TraceScope();
    TraceScope(const TraceScope&) = delete;
    TraceScope& operator=(const TraceScope&) = delete;

    [[nodiscard]] static const std::string& current();

private:
    std::string former_;
};

}  // namespace souk::aws
