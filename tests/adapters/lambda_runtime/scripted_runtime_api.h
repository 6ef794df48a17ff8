#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/lambda_runtime/runtime_connection.h"

namespace souk::lambda {

/// A request that the server was sent.
struct SeenRequest {
    std::string method;
    std::string path;
    std::map<std::string, std::string> headers;  // Names in lower case.
    std::string body;
    int connection = 0;  // The first one is 1.
};

/// What the server does about it.
struct ScriptedReply {
    std::string bytes;
    /// hold: says nothing more, until the client closes.
    enum class Then { keep, close, hold } then = Then::keep;
};

/// "HTTP/1.1 202 …", counted.
[[nodiscard]] ScriptedReply reply(int status, std::string_view body = {},
                                  std::string_view header_lines = {});
/// What `next` answers with. Deadline: 2026-01-01T00:00:03Z.
[[nodiscard]] ScriptedReply invocation(std::string_view id, std::string_view body,
                                       std::string_view header_lines = {});

/// A Runtime API on loopback that says what a test tells it to. Each connection has a thread.
class ScriptedRuntimeApi {
public:
    using Script = std::function<ScriptedReply(const SeenRequest&)>;
    /// `script` is called for one request at a time.
    explicit ScriptedRuntimeApi(Script script);
    /// Gives out these invocations, then 500; takes every answer with 202.
    explicit ScriptedRuntimeApi(std::vector<ScriptedReply> invocations);
    ~ScriptedRuntimeApi();
    ScriptedRuntimeApi(const ScriptedRuntimeApi&) = delete;
    ScriptedRuntimeApi& operator=(const ScriptedRuntimeApi&) = delete;

    [[nodiscard]] RuntimeAddress address() const { return {"127.0.0.1", port_}; }
    [[nodiscard]] std::vector<SeenRequest> seen() const;
    /// Those with a body: answers and errors.
    [[nodiscard]] std::vector<SeenRequest> posts() const;
    [[nodiscard]] int connections() const;

private:
    void accept_all();
    void talk(int socket, int number);

    Script script_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::mutex script_mutex_;
    std::vector<SeenRequest> seen_;
    int connections_ = 0;
    std::list<std::pair<int, std::thread>> talkers_;
    std::thread acceptor_;
};

}  // namespace souk::lambda
