#include "adapters/lambda_runtime/reply_reader.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "adapters/lambda_runtime/runtime_errors.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

std::unexpected<Error> broken(std::string_view why) {
    return fail(errors::runtime_broken, cat("The Runtime API's reply is malformed: ", why, '.'));
}

}  // namespace

std::string_view RuntimeReply::header(std::string_view lower_case_name) const {
    const auto found =
        std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

Result<void> ReplyReader::take(std::string_view bytes) {
    started_ = started_ || !bytes.empty();
    unread_.append(bytes);
    while (state_ != State::done) {
        if (!TRY(step())) {
            return {};
        }
    }
    return {};
}

Result<void> ReplyReader::end() {
    reusable_ = false;
    if (state_ == State::until_close) {
        state_ = State::done;
    }
    if (state_ != State::done) {
        return broken("it ends early");
    }
    return {};
}

Result<bool> ReplyReader::step() {
    std::string line;
    switch (state_) {
        case State::head: return read_head();
        case State::counted:
            TRY(move_body());
            state_ = left_ == 0 ? State::done : state_;
            return false;
        case State::until_close:
            left_ = unread_.size();
            TRY(move_body());
            return false;
        case State::chunk_size: return read_chunk_size();
        case State::chunk:
            TRY(move_body());
            state_ = left_ == 0 ? State::chunk_end : state_;
            return left_ == 0;
        case State::chunk_end:
            if (!line_end.starts_with(std::string_view(unread_).substr(0, line_end.size()))) {
                return broken("a chunk is longer than it says");
            }
            state_ = take_line(line) ? State::chunk_size : state_;
            return state_ == State::chunk_size;
        case State::trailers:
            if (!take_line(line)) {
                return unread_.size() > reply_head_bytes_max ? broken("its trailers are too long")
                                                             : Result<bool>(false);
            }
            state_ = line.empty() ? State::done : state_;
            return true;
        case State::done: break;
    }
    return false;
}

Result<bool> ReplyReader::read_head() {
    const auto end = unread_.find(head_end);
    if (std::min(end, unread_.size()) > reply_head_bytes_max) {
        return broken("its head is too long");
    }
    if (end == std::string::npos) {
        return false;
    }
    const std::string head = unread_.substr(0, end);
    unread_.erase(0, end + head_end.size());
    TRY(parse_head(head));
    if (reply_.status < 200) {
        reply_ = {};
        return true;
    }
    TRY(choose_framing());
    return true;
}

Result<void> ReplyReader::parse_head(std::string_view head) {
    const auto lines = split(head, '\n');
    const std::string_view first = trimmed(lines.front());
    const auto status = first.starts_with("HTTP/1.") && first.size() >= 12 &&
                                (first.size() == 12 || first[12] == ' ')
                            ? to_integer(first.substr(9, 3))
                            : std::nullopt;
    if (!status || *status < 100) {
        return broken("it has no status line");
    }
    reply_.status = static_cast<int>(*status);
    reusable_ = !first.starts_with("HTTP/1.0");
    for (const auto line : std::span(lines).subspan(1)) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return broken("a header has no name");
        }
        reply_.headers.emplace_back(ascii_lower(line.substr(0, colon)),
                                    trimmed(line.substr(colon + 1)));
    }
    return {};
}

Result<void> ReplyReader::choose_framing() {
    if (ascii_equal_ignoring_case(reply_.header("connection"), "close")) {
        reusable_ = false;
    }
    const std::string_view length = reply_.header("content-length");
    if (reply_.status == 204 || reply_.status == 304) {
        state_ = State::done;
    } else if (ascii_equal_ignoring_case(reply_.header("transfer-encoding"), "chunked")) {
        state_ = State::chunk_size;
    } else if (!length.empty()) {
        const auto bytes = to_integer(length);
        if (!bytes || *bytes < 0) {
            return broken("its length is no number");
        }
        left_ = static_cast<std::uint64_t>(*bytes);
        state_ = State::counted;
    } else {
        state_ = State::until_close;
    }
    return {};
}

Result<bool> ReplyReader::read_chunk_size() {
    std::string line;
    if (!take_line(line)) {
        return unread_.size() > reply_head_bytes_max ? broken("a chunk has no size")
                                                     : Result<bool>(false);
    }
    const std::string_view digits = trimmed(std::string_view(line).substr(0, line.find(';')));
    const auto* const last = digits.data() + digits.size();
    const auto [end, problem] = std::from_chars(digits.data(), last, left_, 16);
    if (problem != std::errc{} || end != last) {
        return broken("a chunk has no size");
    }
    state_ = left_ == 0 ? State::trailers : State::chunk;
    return true;
}

Result<void> ReplyReader::move_body() {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread_.size()));
    if (left_ > reply_body_bytes_max - reply_.body.size()) {
        return broken("its body is too long");
    }
    reply_.body.append(unread_, 0, count);
    unread_.erase(0, count);
    left_ -= count;
    return {};
}

bool ReplyReader::take_line(std::string& line) {
    const auto end = unread_.find("\r\n");
    if (end == std::string::npos) {
        return false;
    }
    line = unread_.substr(0, end);
    unread_.erase(0, end + 2);
    return true;
}

}  // namespace souk::lambda
