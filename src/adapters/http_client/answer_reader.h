#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/ports/http_client.h"

namespace souk::http_out {

/// Reads one HTTP/1.1 answer, keeping the first 64 KiB of its body. Interim (1xx) answers are
/// skipped.
class AnswerReader {
public:
    AnswerReader();
    ~AnswerReader();

    /// Whether nothing more is needed.
    [[nodiscard]] bool done() const;
    /// Errors: target_unreachable (this is not HTTP, or too much of it).
    [[nodiscard]] Result<void> take(std::string_view bytes);
    /// The connection has ended. Errors: target_unreachable (too early).
    [[nodiscard]] Result<void> end();
    /// Requires that it is done or ended.
    [[nodiscard]] IncomingAnswer answer() &&;

private:
    class Parser;

    std::unique_ptr<Parser> parser_;
    std::string unread_;
    std::size_t taken_ = 0;
};

}  // namespace souk::http_out
