#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/origin.h"
#include "adapters/http_answer/answer_reader.h"

namespace souk::aws {

/// One HTTP/1.1 request, ready for the wire but for Host and Content-Length.
struct HttpRequest {
    std::string method;
    std::string target;  // Path and query, percent-encoded.
    Headers headers = {};
    std::string_view body = {};  // Outlives the exchange.
    Repeat repeat = Repeat::unsafe;
};

using HttpAnswer = http_answer::Answer;

/// A longer body of an answer is refused. Source: DynamoDB's BatchGetItem, the longest one: 16 MB
/// of rows, which as JSON in JSON may be twice that.
inline constexpr http_answer::Limits answer_limits{.head_max = 64UL * 1024,
                                                   .body_max = 32UL * 1024 * 1024};

/// Finds a header by its name in lower case; empty when there is none.
[[nodiscard]] std::string_view find_header(const Headers& headers,
                                           std::string_view lower_case_name);

/// As it is sent. Errors: aws_misconfigured (a method, target or header that would break out of its
/// place: line breaks and their like).
[[nodiscard]] Result<std::string> render(const HttpRequest& request, const Origin& origin);

}  // namespace souk::aws
