#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/lambda_runtime/reply_reader.h"
#include "domain/base/error.h"

namespace souk::lambda {

/// Where the Runtime API listens.
struct RuntimeAddress {
    std::string host;  // An IPv4 address.
    std::uint16_t port = 0;
};

/// Shape: "127.0.0.1:9001" as in AWS_LAMBDA_RUNTIME_API; no name is looked up but "localhost".
/// Errors: runtime_misconfigured.
[[nodiscard]] Result<RuntimeAddress> parse_runtime_address(std::string_view text);

struct RuntimeRequest {
    std::string_view method = "GET";
    std::string path;
    std::vector<std::pair<std::string_view, std::string>> headers = {};
    std::string_view body = {};
    /// How long to wait for each part of the reply. Nothing: for ever, since Lambda freezes the
    /// process for hours inside of `next`.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
};

/// One kept-alive HTTP/1.1 connection over plain TCP. For one thread at a time, but for `abandon`.
class RuntimeConnection {
public:
    explicit RuntimeConnection(RuntimeAddress address) : address_(std::move(address)) {}
    ~RuntimeConnection();
    RuntimeConnection(const RuntimeConnection&) = delete;
    RuntimeConnection& operator=(const RuntimeConnection&) = delete;

    /// Sends and reads the reply, whatever its status. A kept connection that the peer has closed
    /// in the meantime is opened anew, once. Errors: runtime_unreachable, runtime_broken.
    [[nodiscard]] Result<RuntimeReply> exchange(const RuntimeRequest& request);
    /// Ends the exchange that another thread waits in, and all later ones, with an error.
    void abandon();

private:
    /// `closed`: the peer closed before it said anything. `other`: all else.
    enum class Cause { closed, other };
    struct Failure {
        Error error;
        Cause cause = Cause::other;
    };
    [[nodiscard]] std::expected<RuntimeReply, Failure> attempt(const RuntimeRequest& request);
    [[nodiscard]] Result<void> open(std::optional<std::chrono::milliseconds> timeout);
    [[nodiscard]] bool send_all(std::string_view bytes) const;
    [[nodiscard]] std::expected<RuntimeReply, Failure> read_reply(ReplyReader& reader) const;
    void close();

    RuntimeAddress address_;
    std::mutex mutex_;  // Guards the two that follow against `abandon`.
    int socket_ = -1;
    bool abandoned_ = false;
};

}  // namespace souk::lambda
