#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/memory/seeded_crypto.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/json.h"
#include "support/scripted_aws_client.h"

namespace souk::dynamo {

/// A DynamoLedger whose DynamoDB says what the test has written down, and which never sleeps.
class LedgerOnScript : public testing::Test {
protected:
    /// The members of the n-th request's body.
    JsonDocument request(std::size_t n) const {
        return JsonDocument::parse(client_.calls().at(n).body).value();
    }
    /// "GetItem" of the n-th request.
    std::string action(std::size_t n) const {
        const aws::Call call = client_.calls().at(n);
        for (const auto& [name, value] : call.headers) {
            if (name == "x-amz-target") {
                return value.substr(value.find('.') + 1);
            }
        }
        return {};
    }
    std::vector<std::string> actions() const {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < client_.calls().size(); ++i) {
            all.push_back(action(i));
        }
        return all;
    }
    std::string token(std::size_t n) const {
        return request(n).root()["ClientRequestToken"].text_or();
    }
    /// A cancellation with these reasons, each JSON: {"Code":"…"}.
    void cancel(const std::vector<std::string>& reasons) {
        std::string list;
        for (const auto& reason : reasons) {
            list += cat(list.empty() ? "" : ",", reason);
        }
        client_.refuse(400, "TransactionCanceledException", "Transaction cancelled",
                       cat(R"({"CancellationReasons":[)", list, "]}"));
    }

    testing_support::ScriptedAwsClient client_;
    SettableClock clock_;
    SeededCrypto crypto_;
    std::vector<std::chrono::milliseconds> pauses_;
    DynamoLedger ledger_{
        {.client = client_,
         .clock = clock_,
         .crypto = crypto_,
         .table_prefix = "souk-dev-",
         .wait = [this](std::chrono::milliseconds pause) { pauses_.push_back(pause); }}};
};

inline constexpr std::string_view none = R"({"Code":"None"})";
inline constexpr std::string_view check_failed = R"({"Code":"ConditionalCheckFailed"})";
inline constexpr std::string_view contended = R"({"Code":"TransactionConflict"})";

/// A condition that failed on a row that is there.
inline std::string failed_on_live_row() {
    return R"({"Code":"ConditionalCheckFailed","Item":{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"N":"1"}}})";
}

}  // namespace souk::dynamo
