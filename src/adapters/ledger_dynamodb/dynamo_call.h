#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/error.h"
#include "domain/base/json.h"

/// DynamoDB's protocol (JSON 1.0), and its failures in the ledger's words.
namespace souk::dynamo {

/// What DynamoDB said; a refusal too.
struct Reply {
    int status = 0;
    std::string error_code;  // Empty for a success.
    std::string error_message;
    JsonDocument body;

    [[nodiscard]] bool ok() const { return error_code.empty(); }
};

/// "GetItem" and its like. An answer that was damaged on its way (its checksum or its JSON is
/// wrong) counts as none; what may be repeated then is.
/// Errors: those of AwsClient::call.
[[nodiscard]] Result<Reply> call_dynamo(aws::AwsClient& client, std::string_view action,
                                        std::string body, aws::Repeat repeat);
/// The same for DynamoDB Streams.
[[nodiscard]] Result<Reply> call_streams(aws::AwsClient& client, std::string_view action,
                                         std::string body);

/// A read's reply if it is a success. Errors: ledger_unavailable.
[[nodiscard]] Result<Reply> read_reply(Result<Reply> reply);

/// What DynamoDB refused for now, having done nothing.
[[nodiscard]] bool is_throttled(std::string_view error_code);

/// "the words (TheirException)" for the detail of an error.
[[nodiscard]] std::string in_words(const Reply& reply);

/// The CRC-32 that DynamoDB sends with its answers. Source: ISO 3309.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

}  // namespace souk::dynamo
