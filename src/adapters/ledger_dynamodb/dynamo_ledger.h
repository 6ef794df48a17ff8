#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/ports/clock.h"
#include "domain/ports/crypto.h"
#include "domain/ports/ledger.h"

namespace souk {

/// The references outlive the ledger.
struct DynamoLedgerOptions {
    aws::AwsClient& client;
    const Clock& clock;
    const Crypto& crypto;
    /// A ledger table T is DynamoDB's table prefix + T (table_definitions.h). "souk-prod-"
    std::string table_prefix;
    /// Takes the time between two tries; the thread sleeps if there is none. For tests.
    std::function<void(std::chrono::milliseconds)> wait = {};
};

/// The Ledger on DynamoDB. Events go into the outbox of the table that is written (or of
/// the service that announces them), in the same transaction; from there the relay publishes them.
/// Beyond the port's limits, a sort key fits as long as its bytes, those outside ASCII counted
/// twice, are at most 1024, and index keys may be neither empty nor longer than row keys.
/// Thread-safe.
class DynamoLedger final : public Ledger {
public:
    explicit DynamoLedger(const DynamoLedgerOptions& options);
    ~DynamoLedger() override;

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override;
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override;
    /// Passes over at most a thousand expired rows; then a page may be shorter than its limit and
    /// have a cursor all the same.
    [[nodiscard]] Result<Page> query(const Query& query) override;
    /// Retries what is contended or unanswered by itself, for some seconds or until the thread's
    /// deadline. Commits of this ledger that meet at a contended row go as one transaction
    /// (docs/decisions/0019).
    /// Repeat: a token that DynamoDB has seen with another request counts as the same transaction,
    /// repeated. Those of commits that went with others are known to this ledger alone, the last
    /// few thousand of them.
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override;

    /// Tells `observer` of every commit from now on, those of unknown outcome included, until
    /// `forget`, which returns once no call is under way.
    void observe(CommitObserver& observer);
    void forget(CommitObserver& observer);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace souk
