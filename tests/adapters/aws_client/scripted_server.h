#pragma once

#include <openssl/types.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace souk::testing {

/// An HTTP server on loopback that does as it is told: one step for each request, whichever
/// connection it comes on.
class ScriptedServer {
public:
    /// `hang_up_early` answers as soon as the request's head has come, and reads no further.
    enum class Then { keep, close, reset, silence, hang_up_early };
    struct Step {
        std::string answer;  // The bytes, from "HTTP/1.1" on.
        Then then = Then::keep;
    };

    explicit ScriptedServer(std::vector<Step> steps);
    /// With TLS. Shape: PEM files.
    ScriptedServer(std::vector<Step> steps, const std::string& certificate, const std::string& key);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    /// `http://127.0.0.1:port`, https with TLS.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::vector<std::string> requests() const;
    [[nodiscard]] int connections() const;
    /// Until that many steps are wholly done, closing included.
    void await_steps(int count);

private:
    class Stream;

    void listen();
    void accept_all();
    void serve(int descriptor);
    [[nodiscard]] std::size_t missing(const std::string& request) const;
    Step next_step(std::string request);

    SSL_CTX* tls_ = nullptr;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Step> steps_;
    std::vector<std::string> requests_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    int connections_ = 0;
    int done_ = 0;
    std::thread accepting_;
};

/// A whole answer with Content-Length.
[[nodiscard]] std::string http_answer(int status, std::string_view body,
                                      std::string_view more_headers = {});
/// A step that answers so and keeps the connection.
[[nodiscard]] ScriptedServer::Step answering(int status, std::string_view body,
                                             std::string_view more_headers = {});

}  // namespace souk::testing
