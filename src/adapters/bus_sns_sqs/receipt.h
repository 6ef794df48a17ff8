#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/instant.h"

namespace souk::sqs {

/// What a message's receipt holds: all that its dead letter would need, so that whoever received it
/// keeps nothing.
struct Receipt {
    std::string handle;
    int delivery = 1;
    Instant expires;  // From then on the message may be another consumer's.
    std::string body;
};

/// SQS's count of a message's deliveries: at least 1, whatever the text says.
[[nodiscard]] int delivery_from(std::string_view count);

[[nodiscard]] std::string to_text(const Receipt& receipt);
/// Nothing if `to_text` did not make it.
[[nodiscard]] std::optional<Receipt> receipt_from(std::string_view text);

}  // namespace souk::sqs
