#include "adapters/aws_client/error_reading.h"

#include <array>
#include <utility>

#include "adapters/aws_client/hash.h"
#include "adapters/aws_client/xml_text.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

/// `namespace#Code:http://…` to `Code`.
std::string bare_code(std::string_view code) {
    code = code.substr(0, code.find(':'));
    if (const std::size_t mark = code.rfind('#'); mark != std::string_view::npos) {
        code.remove_prefix(mark + 1);
    }
    return std::string(trimmed(code));
}

std::string first_member(JsonView object, const auto& names) {
    for (const std::string_view name : names) {
        if (std::string text = object[name].text_or(); !text.empty()) {
            return text;
        }
    }
    return {};
}

void read_json(Answer& answer) {
    static constexpr std::array<std::string_view, 3> code_names{"__type", "code", "Code"};
    static constexpr std::array<std::string_view, 2> message_names{"message", "Message"};
    const auto document = JsonDocument::parse(answer.body);
    if (document) {
        answer.error_code = bare_code(first_member(document->root(), code_names));
        answer.error_message = first_member(document->root(), message_names);
    }
}

void read_xml(Answer& answer) {
    answer.error_code = bare_code(xml_text(answer.body, "Code").value_or(""));
    answer.error_message = xml_text(answer.body, "Message").value_or("");
}

/// The headers say it shorter, and over the body: SQS's name for a queue that is not there differs
/// in the two.
void read_headers(Answer& answer) {
    const std::string_view query_error = answer.header("x-amzn-query-error");
    const std::string_view type = answer.header("x-amzn-errortype");
    const std::string code =
        bare_code(type.empty() ? query_error.substr(0, query_error.find(';')) : type);
    if (!code.empty()) {
        answer.error_code = code;
    }
}

}  // namespace

Answer read_answer(HttpAnswer answer) {
    Answer out{.status = answer.status,
               .headers = std::move(answer.headers),
               .body = std::move(answer.body),
               .error_code = {},
               .error_message = {}};
    if (out.ok()) {
        return out;
    }
    const std::string_view body = trimmed(out.body);
    if (body.starts_with('{')) {
        read_json(out);
    } else if (body.starts_with('<')) {
        read_xml(out);
    }
    read_headers(out);
    if (out.error_code.empty()) {
        out.error_code = cat(out.status);
    }
    return out;
}

bool is_intact(const HttpAnswer& answer) {
    const auto sum = to_integer(find_header(answer.headers, "x-amz-crc32"));
    return !sum || *sum == static_cast<std::int64_t>(crc32(answer.body));
}

}  // namespace souk::aws
