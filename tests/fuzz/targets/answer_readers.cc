#include <algorithm>
#include <string>

#include "adapters/http_client/answer_limits.h"
#include "adapters/lambda_runtime/reply_reader.h"
#include "domain/base/text.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

constexpr ErrorCode not_read{"not_read", ErrorKind::unavailable};

/// The Runtime API's reply, however it arrives. Of what is none, the start alone may already show
/// it, or only the end.
std::string reply_of(std::string_view input, std::size_t piece) {
    lambda::ReplyReader reader;
    for (std::size_t at = 0; at < input.size() && !reader.done(); at += piece) {
        if (!reader.take(input.substr(at, piece))) {
            return "none";
        }
        HOLDS(reader.reply().body.size() <= lambda::reply_body_bytes_max);
    }
    if (!reader.done() && !reader.end()) {
        return "none";
    }
    HOLDS(reader.done());
    HOLDS(reader.reply().status >= 200 && reader.reply().status <= 999);
    HOLDS(reader.reply().body.size() <= input.size());
    std::string out = cat(reader.reply().status, '\n');
    for (const auto& [name, value] : reader.reply().headers) {
        HOLDS(!name.empty() && name == ascii_lower(name));
        HOLDS(reader.reply().header(name).data() != nullptr);
        out += cat(name, ": ", value, '\n');
    }
    return cat(out, '\n', reader.reply().body);
}

/// A webhook endpoint's answer, likewise.
std::string answer_of(std::string_view input, std::size_t piece) {
    http_answer::AnswerReader reader(http_out::answer_limits, not_read);
    for (std::size_t at = 0; at < input.size() && !reader.done(); at += piece) {
        if (!reader.take(input.substr(at, piece))) {
            return "none";
        }
    }
    if (!reader.done() && !reader.end()) {
        return "none";
    }
    const http_answer::Answer answer = std::move(reader).answer();
    HOLDS(answer.status >= 200 && answer.status <= 999);
    HOLDS(answer.body.size() <= http_out::answer_limits.body_max &&
          answer.body.size() <= input.size());
    return cat(answer.status, '\n', answer.body);
}

}  // namespace

FUZZ_TARGET(answer_readers) {
    const std::size_t all = std::max<std::size_t>(input.size(), 1);
    const std::string reply = reply_of(input, all);
    HOLDS(reply_of(input, 1) == reply);
    HOLDS(reply_of(input, 5) == reply);
    const std::string answer = answer_of(input, all);
    HOLDS(answer_of(input, 1) == answer);
    HOLDS(answer_of(input, 5) == answer);
}

}  // namespace souk::fuzz
