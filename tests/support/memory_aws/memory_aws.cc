#include "support/memory_aws/memory_aws.h"

#include <algorithm>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "domain/base/text.h"

namespace souk::testing_support {

namespace {

/// "GetItem" of "DynamoDB_20120810.GetItem"; SNS's forms name theirs in the body.
std::string_view action_of(const aws::Call& call) {
    for (const auto& [name, value] : call.headers) {
        if (ascii_equal_ignoring_case(name, "x-amz-target")) {
            return std::string_view(value).substr(value.find('.') + 1);
        }
    }
    constexpr std::string_view named = "Action=";
    const std::string_view body = call.body;
    CHECK(body.starts_with(named));
    return body.substr(named.size(), body.find('&') - named.size());
}

aws::Answer refusal(int status, std::string_view code) {
    return {status, {}, "{}", std::string(code), "injected"};
}

}  // namespace

std::string_view name_of(Fault fault) {
    switch (fault) {
        case Fault::none: return "none";
        case Fault::not_sent: return "not sent";
        case Fault::throttled: return "throttled";
        case Fault::failed: return "failed";
        case Fault::failed_after: return "failed after the effect";
        case Fault::unanswered: return "cut before the effect";
        case Fault::unanswered_after: return "cut after the effect";
        case Fault::conflicted: return "transaction conflict";
        case Fault::damaged: return "answer damaged";
        case Fault::sent_twice: return "message sent twice";
    }
    return "";
}

Result<aws::Answer> MemoryAws::call(const aws::Call& call) {
    const std::string_view action = action_of(call);
    const bool transaction = action == "TransactWriteItems";
    const bool sends = action == "PublishBatch" || action == "SendMessageBatch";
    switch (fate_ ? fate_(action) : Fault::none) {
        case Fault::none: break;
        case Fault::not_sent: return fail(aws::errors::aws_not_sent, "injected");
        case Fault::throttled:
            return refusal(400, call.service == "dynamodb" ? "ThrottlingException" : "Throttling");
        case Fault::failed: return refusal(500, "InternalServerError");
        case Fault::failed_after:
            (void)perform(call, action);
            return refusal(500, "InternalServerError");
        case Fault::unanswered: return fail(aws::errors::aws_no_answer, "injected");
        case Fault::unanswered_after:
            (void)perform(call, action);
            return fail(aws::errors::aws_no_answer, "injected");
        case Fault::conflicted:
            if (transaction) {
                return dynamo_refusal(
                    "TransactionCanceledException", "injected",
                    R"({"CancellationReasons":[{"Code":"TransactionConflict"}]})");
            }
            break;
        case Fault::damaged: {
            aws::Answer answer = perform(call, action);
            if (call.service == "dynamodb") {
                answer.headers.emplace_back("x-amz-crc32", cat(dynamo::crc32(answer.body) ^ 1U));
            }
            return answer;
        }
        case Fault::sent_twice:
            if (sends) {
                (void)perform(call, action);
            }
            break;
    }
    return perform(call, action);
}

aws::Answer MemoryAws::perform(const aws::Call& call, std::string_view action) {
    if (call.service == "dynamodb") {
        return account_.dynamo.answer(action, call.body);
    }
    if (call.service == "sqs") {
        return account_.queues.answer_sqs(action, call.body);
    }
    CHECK(call.service == "sns");
    return account_.queues.answer_sns(call.body);
}

Result<std::string> MemoryAws::presign(const aws::Presigned& presigned) {
    return cat("https://", presigned.service, ".test", presigned.path, "?signed");
}

std::string MemoryAws::endpoint(std::string_view service) const {
    return cat("https://", service, ".test");
}

}  // namespace souk::testing_support
