#include "adapters/bus_sns_sqs/query_call.h"

#include "adapters/bus_sns_sqs/queue_calls.h"
#include "domain/base/text.h"

namespace souk::sqs {

Result<std::string> sns_call(aws::AwsClient& client, std::string_view action,
                             const Parameters& parameters) {
    std::string form = cat("Action=", action, "&Version=2010-03-31");
    for (const auto& [name, value] : parameters) {
        form += cat('&', percent_encoded(name), '=', percent_encoded(value));
    }
    auto answer = TRY(client.call(
        {.service = "sns",
         .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
         .body = std::move(form),
         .repeat = aws::Repeat::idempotent}));
    if (!answer.ok()) {
        return fail(errors::bus_unavailable, cat("SNS refuses ", action, ": ", answer.error_code,
                                                 ": ", answer.error_message));
    }
    return std::move(answer.body);
}

}  // namespace souk::sqs
