#include "adapters/http_answer/answer_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "domain/base/text.h"

namespace souk::http_answer {

namespace http = boost::beast::http;

namespace {

/// Called for a chunked body again, Beast takes it for granted that so much is there, and aborts
/// the process otherwise. So much always comes: "0\r\n\r\n". Source: Boost 1.81,
/// beast/http/impl/basic_parser.ipp, parse_chunk_header.
constexpr std::size_t chunked_rest_bytes_min = 5;

}  // namespace

class AnswerReader::Parser final : public http::basic_parser<false> {
public:
    Parser(const Limits& limits, Body body) : limits_(limits) {
        header_limit(static_cast<std::uint32_t>(limits.head_max));
        if (cuts()) {
            body_limit(boost::none);
        } else {
            body_limit(limits.body_max);
        }
        eager(true);
        skip(body == Body::none);
    }

    [[nodiscard]] bool is_interim() const { return answer.status < 200; }
    [[nodiscard]] bool is_full() const { return cuts() && answer.body.size() == limits_.body_max; }

    Answer answer;

private:
    using Code = boost::system::error_code;
    using Text = boost::beast::string_view;

    [[nodiscard]] bool cuts() const { return limits_.overlong == Limits::Overlong::cut; }

    void on_request_impl(http::verb, Text, Text, int, Code&) override {}
    void on_response_impl(int status, Text, int, Code&) override { answer.status = status; }
    void on_field_impl(http::field, Text name, Text value, Code&) override {
        answer.headers.emplace_back(ascii_lower({name.data(), name.size()}),
                                    std::string(value.data(), value.size()));
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) override {
        answer.body.reserve(
            std::min(static_cast<std::size_t>(length.value_or(0)), limits_.body_max));
    }
    std::size_t on_body_impl(Text body, Code&) override {
        // Without cutting, the parser has refused what is too long.
        const std::size_t room = limits_.body_max - answer.body.size();
        answer.body.append(body.data(), std::min(room, body.size()));
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code& ec) override {
        return on_body_impl(body, ec);
    }
    void on_finish_impl(Code&) override {}

    const Limits& limits_;
};

AnswerReader::AnswerReader(const Limits& limits, ErrorCode failure, Body body)
    : limits_(limits),
      failure_(failure),
      body_(body),
      parser_(std::make_unique<Parser>(limits_, body)) {}
AnswerReader::~AnswerReader() = default;

bool AnswerReader::done() const {
    return parser_->is_full() || (parser_->is_done() && !parser_->is_interim());
}

bool AnswerReader::can_go_on() const {
    return parser_->is_done() && !parser_->is_interim() && parser_->keep_alive() && unread_.empty();
}

Result<void> AnswerReader::take(std::string_view bytes) {
    taken_ += bytes.size();
    if (taken_ > limits_.all_max) {
        return fail(failure_, "The answer is too large.");
    }
    unread_.append(bytes);
    while (!done() && !unread_.empty()) {
        const bool in_chunks = parser_->is_header_done() && parser_->chunked();
        if (in_chunks && unread_.size() < chunked_rest_bytes_min) {
            return {};
        }
        boost::system::error_code ec;
        const std::size_t used =
            parser_->put(boost::asio::const_buffer(unread_.data(), unread_.size()), ec);
        unread_.erase(0, used);
        if (ec == http::error::need_more) {
            return {};
        }
        if (ec) {
            return fail(failure_, cat("The answer cannot be read: ", ec.message(), '.'));
        }
        if (parser_->is_done() && parser_->is_interim()) {
            parser_ = std::make_unique<Parser>(limits_, body_);
        }
    }
    return {};
}

Result<void> AnswerReader::end() {
    boost::system::error_code ec = http::error::partial_message;
    if (parser_->got_some()) {
        parser_->put_eof(ec);
    }
    if (ec || parser_->is_interim()) {
        return fail(failure_, "The answer broke off.");
    }
    return {};
}

Answer AnswerReader::answer() && { return std::move(parser_->answer); }

}  // namespace souk::http_answer
