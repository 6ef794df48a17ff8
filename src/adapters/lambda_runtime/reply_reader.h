#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

namespace souk::lambda {

/// What the Runtime API said.
struct RuntimeReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
    std::string body;

    /// The first header of that name, or empty.
    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
};

/// Bounds on what the Runtime API may send. Units: bytes. Events are at most 6 MiB.
inline constexpr std::size_t reply_head_bytes_max = 64 * 1024;
inline constexpr std::size_t reply_body_bytes_max = 16 * 1024 * 1024;

/// Reads one HTTP/1.1 reply from the bytes of a connection, in pieces of any size. Interim (1xx)
/// replies are skipped.
class ReplyReader {
public:
    /// Errors: runtime_broken (it is not HTTP, or exceeds a bound).
    [[nodiscard]] Result<void> take(std::string_view bytes);
    /// The peer has closed. Errors: runtime_broken (in the middle of the reply).
    [[nodiscard]] Result<void> end();

    [[nodiscard]] bool done() const { return state_ == State::done; }
    /// Whether anything has arrived.
    [[nodiscard]] bool started() const { return started_; }
    /// Whether the connection can carry another exchange. Holds once done.
    [[nodiscard]] bool reusable() const { return reusable_ && unread_.empty(); }
    [[nodiscard]] RuntimeReply& reply() { return reply_; }

private:
    enum class State { head, counted, until_close, chunk_size, chunk, chunk_end, trailers, done };
    /// Whether there is more to read from what is there.
    [[nodiscard]] Result<bool> step();
    [[nodiscard]] Result<bool> read_head();
    [[nodiscard]] Result<void> parse_head(std::string_view head);
    [[nodiscard]] Result<void> choose_framing();
    [[nodiscard]] Result<bool> read_chunk_size();
    /// Moves up to `left_` bytes into the body.
    [[nodiscard]] Result<void> move_body();
    /// Takes one line, without its end, if it is all there.
    [[nodiscard]] bool take_line(std::string& line);

    State state_ = State::head;
    RuntimeReply reply_;
    std::string unread_;
    std::uint64_t left_ = 0;  // Of a counted body or of the chunk.
    bool started_ = false;
    bool reusable_ = true;
};

}  // namespace souk::lambda
