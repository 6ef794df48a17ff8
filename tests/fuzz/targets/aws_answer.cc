#include <algorithm>
#include <string>

#include "adapters/aws_client/error_reading.h"
#include "adapters/aws_client/http_date.h"
#include "adapters/aws_client/http_message.h"
#include "adapters/aws_client/origin.h"
#include "adapters/aws_client/profile_file.h"
#include "adapters/aws_client/xml_text.h"
#include "domain/base/text.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using namespace aws;
using http_answer::AnswerReader;

/// What an exchange came to, as text: the same however the bytes arrived. Of what is no answer, the
/// start alone may already show it, or only the end.
std::string heard(std::string_view input, std::size_t piece, AnswerReader::Body body) {
    AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer, body);
    std::size_t at = 0;
    while (!reader.done() && at < input.size()) {
        const std::string_view bytes = input.substr(at, piece);
        if (!reader.take(bytes)) {
            return "none";
        }
        at += bytes.size();
    }
    const bool whole = reader.done();
    if (!whole && !reader.end()) {
        return "none";
    }
    // Bytes that arrive with the end of an answer make the connection useless; bytes that would
    // arrive after it are not this reader's.
    HOLDS(whole || !reader.can_go_on());
    const HttpAnswer answer = std::move(reader).answer();
    HOLDS(answer.status >= 200 && answer.status <= 999);
    HOLDS(answer.body.size() <= input.size());
    HOLDS(body == AnswerReader::Body::expected || answer.body.empty());
    std::string out = cat(answer.status, '\n');
    for (const auto& [name, value] : answer.headers) {
        HOLDS(name == ascii_lower(name));
        HOLDS(value.find_first_of("\r\n") == std::string::npos);
        out += cat(name, ": ", value, '\n');
    }
    return cat(out, '\n', answer.body);
}

void check_exchange(std::string_view input) {
    for (const auto body : {AnswerReader::Body::expected, AnswerReader::Body::none}) {
        const std::string whole = heard(input, std::max<std::size_t>(input.size(), 1), body);
        HOLDS(heard(input, 1, body) == whole);
        HOLDS(heard(input, 7, body) == whole);
    }
}

void check_error(std::string_view body) {
    for (const int status : {200, 400, 503}) {
        HttpAnswer answer{.status = status, .headers = {}, .body = std::string(body)};
        const Answer read = read_answer(answer);
        HOLDS(read.body == body && read.status == status);
        HOLDS(read.error_code.empty() == (status == 200));
        HOLDS(read.error_code.find_first_of("#:") == std::string::npos);
        // It goes into logs, which are JSON.
        HOLDS(!is_utf8(body) || (is_utf8(read.error_code) && is_utf8(read.error_message)));
    }
}

void check_xml(std::string_view input) {
    HOLDS(xml_text(cat("<R><Code>", xml_escaped(input), "</Code></R>"), "Code") == input);
    const std::string escaped = xml_escaped(input);
    HOLDS(escaped.find_first_of("<>\"'") == std::string::npos);
    for (const std::string_view name : {"Code", "Message"}) {
        const auto text = xml_text(input, name);
        HOLDS(!text || text->size() <= input.size());
        HOLDS(!text || !is_utf8(input) || is_utf8(*text));
        HOLDS(xml_inside(input, name).size() <= input.size());
    }
}

void check_url(std::string_view input) {
    const auto url = parse_url(input);
    if (!url) {
        return;
    }
    HOLDS(url->origin.port != 0 && !url->origin.host.empty());
    HOLDS(url->target.starts_with('/'));
    HOLDS(
        std::ranges::all_of(cat(url->origin.authority(), url->target),
                            [](char c) { return c > ' ' && c < '\x7f' && c != '#' && c != '@'; }) ||
        url->target.contains('@'));
    HOLDS(!url->origin.authority().contains('@'));
    const auto again = parse_url(cat(url->origin.url(), url->target));
    HOLDS(again.has_value());
    HOLDS(again->origin == url->origin && again->target == url->target);
}

void check_profile(std::string_view input) {
    for (const auto& [name, value] : read_profile(input, "default")) {
        HOLDS(name == ascii_lower(trimmed(name)) && value == trimmed(value));
        HOLDS(!name.contains('\n') && !value.contains('\n'));
    }
}

}  // namespace

FUZZ_TARGET(aws_answer) {
    check_exchange(input);
    check_error(input);
    check_xml(input);
    check_url(input);
    check_profile(input);
    static_cast<void>(parse_http_date(input));
}

}  // namespace souk::fuzz
