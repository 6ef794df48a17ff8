#include "adapters/ledger_dynamodb/dynamo_ledger.h"

#include <shared_mutex>

#include "adapters/ledger_dynamodb/committer.h"
#include "adapters/ledger_dynamodb/dynamo_reads.h"

namespace souk {

struct DynamoLedger::State {
    explicit State(const DynamoLedgerOptions& options)
        : clock(options.clock),
          pauses(options.crypto, options.wait),
          reads(options.client, options.crypto, pauses, options.table_prefix),
          committer(options.client, options.clock, options.crypto, pauses, options.table_prefix) {}

    const Clock& clock;
    dynamo::Pauses pauses;
    dynamo::Reads reads;
    dynamo::Committer committer;
    std::shared_mutex observing;  // Held shared while observers are told.
    std::vector<CommitObserver*> observers;
};

DynamoLedger::DynamoLedger(const DynamoLedgerOptions& options)
    : state_(std::make_unique<State>(options)) {}

DynamoLedger::~DynamoLedger() = default;

Result<std::optional<Row>> DynamoLedger::get(const RowKey& key) {
    return state_->reads.row(key, state_->clock.now());
}

Result<std::vector<std::optional<Row>>> DynamoLedger::get_many(const std::vector<RowKey>& keys) {
    return state_->reads.rows(keys, state_->clock.now());
}

Result<Page> DynamoLedger::query(const Query& query) {
    return state_->reads.page(query, state_->clock.now());
}

Result<void> DynamoLedger::commit(const Transaction& transaction) {
    auto outcome = state_->committer.commit(transaction);
    // What may have happened must not be served from somebody's memory either.
    if (outcome || outcome.error().code == errors::unknown_outcome) {
        const std::shared_lock lock(state_->observing);
        for (CommitObserver* observer : state_->observers) {
            observer->committed(transaction);
        }
    }
    return outcome;
}

void DynamoLedger::observe(CommitObserver& observer) {
    const std::unique_lock lock(state_->observing);
    state_->observers.push_back(&observer);
}

void DynamoLedger::forget(CommitObserver& observer) {
    const std::unique_lock lock(state_->observing);
    std::erase(state_->observers, &observer);
}

}  // namespace souk
