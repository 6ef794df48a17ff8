#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ports/event.h"

/// What a message looks like on SNS and SQS.
namespace souk::sqs {

/// Body and attributes of one message. Unit: bytes. Source: Amazon SNS and SQS quotas.
inline constexpr std::size_t sns_message_bytes_max = 256 * 1024;
inline constexpr std::size_t sqs_message_bytes_max = 1024 * 1024;

/// The names of our message attributes.
namespace attribute {
inline constexpr std::string_view type = "type";  // What subscriptions filter by.
inline constexpr std::string_view reason = "reason";
inline constexpr std::string_view deliveries = "deliveries";
inline constexpr std::string_view died = "died";  // Unix ms.
}  // namespace attribute

using Attributes = std::vector<std::pair<std::string, std::string>>;  // All of type String.

struct OutgoingMessage {
    std::string body;
    Attributes attributes = {};
    std::string trace_header = {};  // X-Ray; may be empty.
};

/// Body and attributes, as the quotas count them. Unit: bytes.
[[nodiscard]] std::size_t size_of(const OutgoingMessage& message);

/// The CloudEvent, in those characters that SQS accepts.
/// Source: SendMessage, which takes the characters of XML 1.0 only.
[[nodiscard]] std::string message_body(const Event& event);

/// Words for an attribute: never empty, in characters that SQS accepts, at most 1,024 bytes.
[[nodiscard]] std::string reason_text(std::string_view reason);

/// Lower-case hex.
[[nodiscard]] std::string md5_hex(std::string_view bytes);

/// X-Ray's form of a W3C traceparent; empty if it is none.
[[nodiscard]] std::string trace_header(std::string_view traceparent);

}  // namespace souk::sqs
