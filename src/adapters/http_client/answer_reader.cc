#include "adapters/http_client/answer_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "domain/base/text.h"

namespace souk::http_out {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t body_kept_bytes_max = 64 * 1024;
constexpr std::size_t head_bytes_max = 16 * 1024;
/// Heads, interim answers, chunk headers and the kept body together.
constexpr std::size_t taken_bytes_max = 256 * 1024;
/// Called for a chunked body again, Beast takes it for granted that so much is there, and aborts
/// the process otherwise. So much always comes: "0\r\n\r\n". Source: Boost 1.81,
/// beast/http/impl/basic_parser.ipp, parse_chunk_header.
constexpr std::size_t chunked_rest_bytes_min = 5;

}  // namespace

class AnswerReader::Parser final : public http::basic_parser<false> {
public:
    Parser() {
        header_limit(head_bytes_max);
        body_limit(boost::none);
        eager(true);
    }

    [[nodiscard]] bool is_full() const { return answer.body.size() == body_kept_bytes_max; }
    [[nodiscard]] bool is_interim() const { return answer.status < 200; }

    IncomingAnswer answer;

private:
    using Code = boost::system::error_code;
    using Text = boost::beast::string_view;

    void on_request_impl(http::verb, Text, Text, int, Code&) override {}
    void on_response_impl(int status, Text, int, Code&) override { answer.status = status; }
    void on_field_impl(http::field, Text, Text, Code&) override {}
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(Text body, Code&) override {
        const std::size_t room = body_kept_bytes_max - answer.body.size();
        answer.body.append(body.data(), std::min(room, body.size()));
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code& ec) override {
        return on_body_impl(body, ec);
    }
    void on_finish_impl(Code&) override {}
};

AnswerReader::AnswerReader() : parser_(std::make_unique<Parser>()) {}
AnswerReader::~AnswerReader() = default;

bool AnswerReader::done() const {
    return parser_->is_full() || (parser_->is_done() && !parser_->is_interim());
}

Result<void> AnswerReader::take(std::string_view bytes) {
    taken_ += bytes.size();
    if (taken_ > taken_bytes_max) {
        return fail(errors::target_unreachable, "The answer is too large.");
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
            return fail(errors::target_unreachable,
                        cat("The answer is not HTTP: ", ec.message(), '.'));
        }
        if (parser_->is_done() && parser_->is_interim()) {
            parser_ = std::make_unique<Parser>();
        }
    }
    return {};
}

Result<void> AnswerReader::end() {
    boost::system::error_code ec = http::error::partial_message;
    if (parser_->got_some()) {
        parser_->put_eof(ec);
    }
    if (ec) {
        return fail(errors::target_unreachable, "The answer broke off.");
    }
    return {};
}

IncomingAnswer AnswerReader::answer() && { return std::move(parser_->answer); }

}  // namespace souk::http_out
