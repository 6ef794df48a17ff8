#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/ledger_dynamodb/outbox_rows.h"
#include "domain/base/error.h"
#include "domain/base/json.h"
#include "domain/ports/ledger.h"

namespace souk::errors {
/// A stream has forgotten records that had not been read. What the table's outbox still holds of
/// them is published again by `souk aws republish`.
inline constexpr ErrorCode outbox_gap{"outbox_gap", ErrorKind::unavailable};
}  // namespace souk::errors

/// Reads the outbox of tables from their DynamoDB streams: what Lambda does for the relay where
/// there is Lambda, for `souk serve` on AWS's adapters elsewhere.
namespace souk::dynamo {

/// How far a stream has been read: per shard the last sequence number that was handed on, or
/// `finished` for one that has ended.
struct StreamPosition {
    static constexpr std::string_view finished = "finished";
    std::map<std::string, std::string> shards;
};

/// Where positions survive a restart. A position that is lost only means that events come again.
class StreamPositions {
public:
    virtual ~StreamPositions() = default;
    /// Errors: ledger_unavailable, corrupt_row.
    [[nodiscard]] virtual Result<StreamPosition> load(const std::string& table,
                                                      const std::string& stream) = 0;
    /// Errors: as Ledger::commit.
    [[nodiscard]] virtual Result<void> store(const std::string& table, const std::string& stream,
                                             const StreamPosition& position) = 0;
};

/// Positions as rows of the tables themselves: platform#relay / stream#{stream}.
class LedgerStreamPositions final : public StreamPositions {
public:
    explicit LedgerStreamPositions(Ledger& ledger) : ledger_(ledger) {}
    [[nodiscard]] Result<StreamPosition> load(const std::string& table,
                                              const std::string& stream) override;
    [[nodiscard]] Result<void> store(const std::string& table, const std::string& stream,
                                     const StreamPosition& position) override;

private:
    Ledger& ledger_;
};

struct OutboxReaderOptions {
    aws::AwsClient& client;
    StreamPositions& positions;
    /// Takes records in the order of their shard.
    std::function<Taken(const std::vector<OutboxRecord>&)> take;
    std::string table_prefix;
    std::vector<std::string> tables;
    /// The pause after a round that brought nothing, which doubles up to `idle_pause_max` while
    /// none does, since each look at a shard is paid for; and after one that failed.
    std::chrono::milliseconds idle_pause{250};
    std::chrono::milliseconds idle_pause_max{1'000};
    std::chrono::milliseconds failure_pause{1'000};
    /// How often shards are looked for that have come up since.
    std::chrono::milliseconds discovery_interval{10'000};
    /// Told of every round that failed, and of every outbox_gap, after which reading goes on.
    std::function<void(const Error&)> on_failure = {};
};

/// Hands on every event of the tables' outboxes at least once, those of the last day included that
/// came before the first start, unless it was away for longer than a day (outbox_gap). One reader
/// at a time is enough; two hand everything on twice. Not thread-safe.
class OutboxReader {
public:
    explicit OutboxReader(OutboxReaderOptions options);
    ~OutboxReader();

    /// Reads once from every shard; tells how many events were handed on. All shards are read even
    /// if one fails; the first failure is returned then.
    /// Errors: ledger_unavailable, corrupt_row, and those of `take`.
    [[nodiscard]] Result<std::size_t> read_once();
    /// Reads until `stop`, at once again as long as there is something.
    void run(const std::stop_token& stop);

private:
    struct Shard;
    struct Stream;
    [[nodiscard]] Result<void> discover(Stream& stream) const;
    [[nodiscard]] Result<void> discover_shards(Stream& stream) const;
    [[nodiscard]] Result<std::size_t> read_stream(Stream& stream) const;
    [[nodiscard]] Result<std::size_t> read_shard(Stream& stream, const std::string& id,
                                                 Shard& shard) const;
    /// False: the stream has forgotten the shard's position.
    [[nodiscard]] Result<bool> open(const Stream& stream, const std::string& id,
                                    Shard& shard) const;
    /// The stream has forgotten what followed the shard's position, if there was one.
    void lose_position(Stream& stream, const std::string& id) const;
    [[nodiscard]] Result<std::size_t> hand_on(Stream& stream, const std::string& id,
                                              JsonView records) const;
    [[nodiscard]] Result<void> end_shard(Stream& stream, const std::string& id) const;

    OutboxReaderOptions options_;
    std::vector<Stream> streams_;
};

}  // namespace souk::dynamo
