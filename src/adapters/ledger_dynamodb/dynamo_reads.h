#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/ledger_dynamodb/pause.h"
#include "domain/base/json.h"
#include "domain/ports/crypto.h"
#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Rounds of one get_many that brought nothing because DynamoDB was throttling.
inline constexpr int empty_rounds_max = 6;
inline constexpr PauseRange throttled_pause{std::chrono::milliseconds(25),
                                            std::chrono::milliseconds(1'000)};
/// Expired rows that one page passes over before it ends early with a cursor, so that no page costs
/// more.
inline constexpr std::size_t skipped_max = 1000;

/// The reading half of the ledger; as in Ledger, each at `now`. Thread-safe.
class Reads {
public:
    /// The references outlive this.
    Reads(aws::AwsClient& client, const Crypto& crypto, const Pauses& pauses,
          std::string table_prefix)
        : client_(client),
          crypto_(crypto),
          pauses_(pauses),
          table_prefix_(std::move(table_prefix)) {}

    [[nodiscard]] Result<std::optional<Row>> row(const RowKey& key, Instant now) const;
    [[nodiscard]] Result<std::vector<std::optional<Row>>> rows(const std::vector<RowKey>& keys,
                                                               Instant now) const;
    [[nodiscard]] Result<Page> page(const Query& query, Instant now) const;

private:
    using Found = std::map<RowKey, Row>;
    [[nodiscard]] Result<void> take_batch(JsonView responses, Instant now, Found& found) const;

    aws::AwsClient& client_;
    const Crypto& crypto_;
    const Pauses& pauses_;
    const std::string table_prefix_;
};

}  // namespace souk::dynamo
