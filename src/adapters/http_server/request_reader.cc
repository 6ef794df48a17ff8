#include "adapters/http_server/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "adapters/http_server/target.h"
#include "domain/base/text.h"

namespace souk::http_edge {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t headers_expected = 16;
constexpr std::size_t body_reserved_max = 64 * 1024;  // An announced length is a claim, not a fact.
constexpr std::size_t length_digits_max = 19;
/// Called for a chunked body again, Beast takes it for granted that so much is there, and aborts
/// the process otherwise. So much always comes: "0\r\n\r\n". Source: Boost 1.81,
/// beast/http/impl/basic_parser.ipp, parse_chunk_header.
constexpr std::size_t chunked_rest_bytes_min = 5;

std::string_view plain(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_length(std::string_view value) {
    return !value.empty() && value.size() <= length_digits_max &&
           std::ranges::all_of(value, is_digit);
}

void append_lower(std::string& out, std::string_view name) {
    for (const char c : name) {
        out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
    }
}

}  // namespace

RequestReader::RequestReader(const HttpLimits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
    body_limit(boost::none);  // Bounded here, once the application said how much it takes.
    request_.headers.reserve(headers_expected);
}

RequestReader::Step RequestReader::advance(InputBuffer& input) {
    if (refused_) {
        return Step::refused;
    }
    // A client may end its last body with a line break too many. Source: RFC 9112, section 2.2.
    if (!started() && !blank_line_skipped_ && input.unread().starts_with("\r\n")) {
        blank_line_skipped_ = true;
        input.consume(2);
    }
    while (!is_done()) {
        input_ = input.unread();
        if (input_.empty() || (!started() && !blank_line_skipped_ && input_ == "\r")) {
            return Step::more;
        }
        if (!in_head_ && has_coding_ && input_.size() < chunked_rest_bytes_min) {
            return Step::more;
        }
        Code ec;
        const std::size_t used = put(boost::asio::const_buffer(input_.data(), input_.size()), ec);
        input.consume(used);
        if (ec && ec != http::error::need_more) {
            return refused(ec);
        }
        if (in_head_) {
            head_bytes_ += used;
            if (is_header_done()) {
                in_head_ = false;
                return head_bytes_ > limits_.head_bytes_max
                           ? refused(431, "The request's head is too large.")
                           : Step::head;
            }
        }
        if (ec == http::error::need_more) {
            return starved(input);
        }
        if (piece_bytes_ > 0 && request_.body.size() >= piece_bytes_ && !is_done()) {
            return Step::piece;
        }
    }
    return Step::complete;
}

RequestReader::Step RequestReader::starved(const InputBuffer& input) {
    const std::size_t kept = input.unread().size();
    if (in_head_ && head_bytes_ + kept > limits_.head_bytes_max) {
        return request_.path.empty() ? refused(414, "The request target is too long.")
                                     : refused(431, "The request's head is too large.");
    }
    if (!in_head_ && kept > limits_.head_bytes_max) {
        return refused(400, "The body's chunk header or trailer is too large.");
    }
    return Step::more;
}

RequestReader::Step RequestReader::refused(int status, std::string_view detail) {
    refused_ = true;
    refusal_ = {status, detail};
    return Step::refused;
}

RequestReader::Step RequestReader::refused(const Code& ec) {
    if (refused_) {
        return Step::refused;  // One of the callbacks said why.
    }
    if (ec == http::error::header_limit) {
        return request_.path.empty() ? refused(414, "The request target is too long.")
                                     : refused(431, "The request's head is too large.");
    }
    if (ec == http::error::bad_version) {
        return refused(400, "The request line does not end in HTTP/1.1 or HTTP/1.0.");
    }
    if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length ||
        ec == http::error::bad_transfer_encoding) {
        return refused(400, "The body's length is ambiguous.");
    }
    if (!in_head_) {
        return refused(400, "The chunked body is malformed.");
    }
    return refused(400, "The request's head is malformed.");
}

/// Headers of which two readers could believe a different one: who it is, and what it repeats.
bool RequestReader::is_singleton(std::string_view lower_case_name) {
    return lower_case_name == "authorization" || lower_case_name == "idempotency-key";
}

/// Headers that are a list, which may come in several lines. Source: RFC 9110 section 5.3.
bool RequestReader::is_list(std::string_view lower_case_name) {
    return lower_case_name == "prefer" || lower_case_name == "if-match" ||
           lower_case_name == "if-none-match";
}

void RequestReader::refuse(Code& ec, int status, std::string_view detail) {
    static_cast<void>(refused(status, detail));
    ec = http::error::bad_value;  // Any error stops the parser.
}

void RequestReader::on_request_impl(Verb, Text method, Text target, int version, Code& ec) {
    http_1_0_ = version == 10;
    if (target.size() > limits_.target_bytes_max) {
        return refuse(ec, 414, "The request target is too long.");
    }
    request_.method = method_named(plain(method)).value_or(Method::unknown);
    take_target(plain(target), ec);
}

void RequestReader::take_target(std::string_view text, Code& ec) {
    const auto target = http_edge::parse_target(text);
    if (!target || (target->path == "*" && request_.method != Method::options)) {
        return refuse(ec, 400, "The request target is malformed.");
    }
    request_.path = target->path;
    request_.query = target->query;
    authority_ = target->authority;
}

bool RequestReader::is_folded(std::string_view name, std::string_view value) const {
    // The parser joins folded lines in a buffer of its own, or skips a first line that is blank.
    const std::less_equal<const char*> not_after;
    const char* const colon = name.data() + name.size();
    const bool in_place = not_after(input_.data(), value.data()) &&
                          not_after(value.data() + value.size(), input_.data() + input_.size());
    return !in_place || std::string_view(colon, value.data()).contains('\r');
}

void RequestReader::on_field_impl(Field field, Text name_text, Text value_text, Code& ec) {
    if (!in_head_) {
        return;  // A trailer: nothing here reads them, and they must not be taken for headers.
    }
    const std::string_view name = plain(name_text);
    const std::string_view value = plain(value_text);
    if (is_folded(name, value)) {
        return refuse(ec, 400, "A header goes over more than one line.");
    }
    if (request_.headers.size() == limits_.headers_max) {
        return refuse(ec, 431, "The request has too many headers.");
    }
    take_framing(field, value, ec);
    if (ec) {
        return;
    }
    std::string lower;
    lower.reserve(name.size());
    append_lower(lower, name);
    if (is_singleton(lower) && !request_.header(lower).empty()) {
        return refuse(ec, 400, "A header that can be there once is there twice.");
    }
    if (is_list(lower)) {
        const auto before = std::ranges::find(request_.headers, lower, &Parameter::first);
        if (before != request_.headers.end()) {
            before->second += cat(", ", value);
            return;
        }
    }
    auto& [stored_name, stored_value] = request_.headers.emplace_back();
    stored_name = std::move(lower);
    stored_value =
        field == Field::host && !authority_.empty() ? std::string_view(authority_) : value;
}

void RequestReader::take_framing(Field field, std::string_view value, Code& ec) {
    if (field == Field::content_length) {
        if (has_length_ || has_coding_ || !is_length(value)) {
            return refuse(ec, 400, "The body's length is ambiguous.");
        }
        has_length_ = true;
    } else if (field == Field::transfer_encoding) {
        if (has_length_ || has_coding_ || http_1_0_ || value != "chunked") {
            return refuse(ec, 400, "The body's transfer coding is not exactly chunked.");
        }
        has_coding_ = true;
    } else if (field == Field::host) {
        if (++hosts_ > 1 || !is_host(value)) {
            return refuse(ec, 400, "The Host header is malformed or there are two.");
        }
    } else if (field == Field::expect) {
        if (!ascii_equal_ignoring_case(value, "100-continue")) {
            return refuse(ec, 417, "The only expectation that can be met is 100-continue.");
        }
        expects_continue_ = !http_1_0_;
    }
}

void RequestReader::on_header_impl(Code& ec) {
    if (hosts_ == 0 && !http_1_0_) {
        return refuse(ec, 400, "The Host header is missing.");
    }
    keep_alive_ = !http_1_0_ && basic_parser<true>::keep_alive();
    has_body_ = has_coding_ || content_length().value_or(0) > 0;
}

bool RequestReader::accept_body(std::uint64_t bytes_max) {
    body_bytes_max_ = bytes_max;
    return content_length().value_or(0) <= bytes_max;
}

void RequestReader::on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) {
    request_.body.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), body_reserved_max)));
}

std::size_t RequestReader::on_body_impl(Text body, Code&) {
    request_.body.append(body.data(), body.size());
    body_bytes_ += body.size();
    return body.size();
}

void RequestReader::on_chunk_header_impl(std::uint64_t size, Text extension, Code& ec) {
    extension_bytes_ += extension.size();
    const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
    if (extension_bytes_ > limits_.chunk_extension_bytes_max ||
        std::ranges::any_of(plain(extension), is_control)) {
        return refuse(ec, 400, "The chunked body is malformed.");
    }
    if (size > body_bytes_max_ - body_announced_) {
        return refuse(ec, 413, "The body is larger than this route takes.");
    }
    body_announced_ += size;
}

std::size_t RequestReader::on_chunk_body_impl(std::uint64_t, Text body, Code& ec) {
    return on_body_impl(body, ec);
}

}  // namespace souk::http_edge
