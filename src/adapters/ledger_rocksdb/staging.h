#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "adapters/ledger_rocksdb/row_codec.h"
#include "domain/ports/ledger.h"

namespace rocksdb {
class WriteBatch;
}

namespace souk::rocks {

class Database;

/// One event on its way to the queues that want it.
struct Departure {
    std::string value;  // From encode_event.
    std::vector<std::string> queues;
};

/// A transaction with everything that could be worked out before its turn came.
struct Prepared {
    const Transaction* transaction = nullptr;  // Outlives the commit.
    std::vector<std::string> row_keys;         // In the order of the writes.
    std::vector<Departure> departures;
    std::size_t bytes = 0;

    /// Errors: ledger_too_large.
    static Result<Prepared> from(const Transaction& transaction,
                                 const std::vector<Subscription>& subscriptions);
};

/// The commits of one batch, decided in order against the database plus what the batch has changed
/// so far. Each row is read at most once and written at most once, however many commits of the
/// batch touch it.
class Staging {
public:
    /// `sequence` is the last one given to an arrival; raised by what the batch announces.
    Staging(const Database& database, Instant now, std::uint64_t& sequence);
    ~Staging();

    enum class Effect { staged, repeated };
    /// Takes the transaction into the batch, or refuses it and leaves the batch as it was.
    /// Errors: ledger_conflict, corrupt_row, ledger_unavailable.
    [[nodiscard]] Result<Effect> commit(const Prepared& prepared);
    /// Erases those of the rows that are past their expiry; tells how many.
    [[nodiscard]] Result<int> purge(const std::vector<std::string>& row_keys);
    /// Everything staged, as one batch; valid while the bodies of the transactions are. Nothing if
    /// nothing changed.
    [[nodiscard]] rocksdb::WriteBatch* finished();
    /// The earliest expiry that the batch writes.
    [[nodiscard]] std::optional<Instant> earliest_expiry() const { return earliest_expiry_; }

private:
    struct Slot {
        std::string bytes;                // As the database holds it; `former` points into it.
        std::optional<StoredRow> former;  // In the database, expired or not.
        std::optional<StoredRow> latest;  // After the batch so far.
        bool changed = false;
    };
    struct Step {
        Slot* slot;
        std::optional<StoredRow> next;
    };

    Result<Slot*> slot(const std::string& row_key_bytes);
    Result<bool> repeats(const std::string& token) const;
    Result<std::optional<Step>> decide(const Write& write, Slot& slot, std::size_t position) const;
    void emit(const std::string& row_key_bytes, const Slot& slot);
    void emit_expiry(const std::string& row_key_bytes, const Slot& slot);

    const Database& database_;
    const Instant now_;
    std::uint64_t& sequence_;
    const std::uint64_t first_sequence_;
    std::unordered_map<std::string, Slot> slots_;
    std::unordered_set<std::string> tokens_;
    std::unique_ptr<rocksdb::WriteBatch> batch_;
    std::optional<Instant> earliest_expiry_;
};

}  // namespace souk::rocks
