#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/aws_client/http_message.h"
#include "domain/base/error.h"

namespace souk::aws {

/// A longer body of an answer is refused. Source: DynamoDB's BatchGetItem, the longest one: 16 MB
/// of rows, which as JSON in JSON may be twice that.
inline constexpr std::size_t answer_body_bytes_max = 32UL * 1024 * 1024;
inline constexpr std::size_t answer_head_bytes_max = 64UL * 1024;

/// Reads one HTTP/1.1 answer; interim (1xx) answers are skipped. All errors are aws_no_answer.
class AnswerReader {
public:
    /// An answer to HEAD has no body whatever its head says.
    enum class Body { expected, none };

    explicit AnswerReader(Body body);
    ~AnswerReader();
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    [[nodiscard]] bool done() const;
    /// Errors: this is not HTTP, or too much of it.
    [[nodiscard]] Result<void> take(std::string_view bytes);
    /// The connection has ended. Errors: too early.
    [[nodiscard]] Result<void> end();
    /// Whether the connection may carry another exchange.
    [[nodiscard]] bool can_go_on() const;
    /// Requires that it is done or ended.
    [[nodiscard]] HttpAnswer answer() &&;

private:
    class Parser;

    Body body_;
    std::unique_ptr<Parser> parser_;
    std::string unread_;
};

}  // namespace souk::aws
