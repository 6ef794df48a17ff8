#include "adapters/ledger_dynamodb/dynamo_call.h"

#include <algorithm>
#include <array>

#include "domain/base/text.h"
#include "domain/ports/ledger.h"

namespace souk::dynamo {

namespace {

/// A damaged answer to a call that may be repeated is asked for this often.
constexpr int readings_max = 3;

constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
        }
        table[i] = value;
    }
    return table;
}();

bool is_intact(const aws::Answer& answer) {
    const auto sum = to_integer(answer.header("x-amz-crc32"));
    return !sum || *sum == static_cast<std::int64_t>(crc32(answer.body));
}

std::optional<Reply> read(aws::Answer answer) {
    auto body = JsonDocument::parse(answer.body.empty() ? "{}" : std::string_view(answer.body));
    if (!is_intact(answer) || (!body && answer.ok())) {
        return std::nullopt;
    }
    Reply reply;
    reply.status = answer.status;
    if (!answer.ok()) {
        reply.error_code =
            answer.error_code.empty() ? cat("HTTP ", answer.status) : std::move(answer.error_code);
        reply.error_message = std::move(answer.error_message);
    }
    if (body) {
        reply.body = std::move(*body);
    }
    return reply;
}

Result<Reply> call(aws::AwsClient& client, aws::Call call) {
    call.headers.emplace_back("content-type", "application/x-amz-json-1.0");
    const int readings = call.repeat == aws::Repeat::idempotent ? readings_max : 1;
    for (int i = 0; i < readings; ++i) {
        if (auto reply = read(TRY(client.call(call)))) {
            return std::move(*reply);
        }
    }
    return fail(aws::errors::aws_no_answer, "DynamoDB's answer was damaged on its way.");
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char c : bytes) {
        sum = crc_table[(sum ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (sum >> 8U);
    }
    return ~sum;
}

Result<Reply> call_dynamo(aws::AwsClient& client, std::string_view action, std::string body,
                          aws::Repeat repeat) {
    return call(client, {.service = "dynamodb",
                         .signing_name = {},
                         .headers = {{"x-amz-target", cat("DynamoDB_20120810.", action)}},
                         .body = std::move(body),
                         .repeat = repeat});
}

Result<Reply> call_streams(aws::AwsClient& client, std::string_view action, std::string body) {
    return call(client, {.service = "streams.dynamodb",
                         .signing_name = "dynamodb",
                         .headers = {{"x-amz-target", cat("DynamoDBStreams_20120810.", action)}},
                         .body = std::move(body),
                         .repeat = aws::Repeat::idempotent});
}

Result<Reply> read_reply(Result<Reply> reply) {
    if (!reply) {
        return fail(errors::ledger_unavailable, reply.error().detail);
    }
    if (!reply->ok()) {
        return fail(errors::ledger_unavailable, in_words(*reply));
    }
    return reply;
}

bool is_throttled(std::string_view error_code) {
    constexpr std::array<std::string_view, 5> codes = {
        "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling",
        "RequestLimitExceeded", "LimitExceededException"};
    return std::ranges::find(codes, error_code) != codes.end();
}

std::string in_words(const Reply& reply) {
    return cat(
        "DynamoDB refuses: ", reply.error_message.empty() ? "no reason" : reply.error_message, " (",
        reply.error_code, ")");
}

}  // namespace souk::dynamo
