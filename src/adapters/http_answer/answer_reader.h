#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

namespace souk::http_answer {

struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers = {};  // Names in lower case.
    std::string body = {};
};

/// What of an answer is read. Units: bytes.
struct Limits {
    /// What becomes of a body beyond `body_max`: an error, or no more than that is kept and read.
    enum class Overlong { refused, cut };

    std::size_t head_max = 0;
    std::size_t body_max = 0;
    Overlong overlong = Overlong::refused;
    /// Of everything, interim answers and chunk headers included.
    std::size_t all_max = std::numeric_limits<std::size_t>::max();
};

/// Reads one HTTP/1.1 answer; interim (1xx) answers are skipped.
class AnswerReader {
public:
    /// An answer to HEAD has no body whatever its head says.
    enum class Body { expected, none };

    /// All errors are of the code `failure`.
    AnswerReader(const Limits& limits, ErrorCode failure, Body body = Body::expected);
    ~AnswerReader();
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    /// Whether nothing more is needed.
    [[nodiscard]] bool done() const;
    /// Errors: this is not HTTP, or too much of it.
    [[nodiscard]] Result<void> take(std::string_view bytes);
    /// The connection has ended. Errors: too early.
    [[nodiscard]] Result<void> end();
    /// Whether the connection may carry another exchange.
    [[nodiscard]] bool can_go_on() const;
    /// Requires that it is done or ended.
    [[nodiscard]] Answer answer() &&;

private:
    class Parser;

    const Limits limits_;
    const ErrorCode failure_;
    const Body body_;
    std::unique_ptr<Parser> parser_;
    std::string unread_;
    std::size_t taken_ = 0;
};

}  // namespace souk::http_answer
