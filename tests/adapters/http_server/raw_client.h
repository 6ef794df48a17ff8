#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace souk::testing {

struct Reply {
    int status = 0;
    std::map<std::string, std::string> headers;  // Names in lower case.
    std::string body;                            // Without its chunks' frames.
};

/// A TCP client that sends exactly what it is told and reads answers one by one.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes);
    /// Says that nothing more will be sent.
    void finish();
    /// The next answer, or nothing when the connection ended or five seconds passed before it did.
    /// `method` HEAD: there is no body whatever the headers say.
    [[nodiscard]] std::optional<Reply> reply(std::string_view method = "GET");
    /// Everything up to the end of the connection.
    [[nodiscard]] std::string rest();
    /// Whether the server closes within five seconds, sending nothing more.
    [[nodiscard]] bool is_closed();
    /// Whether the connection ended with a reset.
    [[nodiscard]] bool was_reset() const { return reset_; }
    [[nodiscard]] int descriptor() const { return socket_; }

private:
    [[nodiscard]] bool receive();
    [[nodiscard]] bool fill_until(std::string_view mark);
    [[nodiscard]] bool read_chunks(std::string& body);

    int socket_;
    std::string unread_;
    bool reset_ = false;
};

}  // namespace souk::testing
