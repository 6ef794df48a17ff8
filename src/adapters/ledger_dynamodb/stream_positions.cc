#include "adapters/ledger_dynamodb/outbox_reader.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

constexpr std::string_view relay_partition = "platform#relay";

/// A stream's name ends with the time of its making, which tells it from its forerunners.
RowKey position_key(const std::string& table, const std::string& stream) {
    return {table, std::string(relay_partition),
            cat("stream#", std::string_view(stream).substr(stream.rfind('/') + 1))};
}

}  // namespace

Result<StreamPosition> LedgerStreamPositions::load(const std::string& table,
                                                   const std::string& stream) {
    StreamPosition position;
    const auto row = TRY(ledger_.get(position_key(table, stream)));
    if (!row) {
        return position;
    }
    const auto document = JsonDocument::parse(row->body);
    const JsonView shards = document ? document->root()["shards"] : JsonView();
    if (!shards.is_object()) {
        return fail(errors::corrupt_row, "The position in a stream is not legible.");
    }
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const auto [shard, reached] = shards.member(i);
        position.shards.emplace(shard, reached.text_or());
    }
    return position;
}

Result<void> LedgerStreamPositions::store(const std::string& table, const std::string& stream,
                                          const StreamPosition& position) {
    JsonWriter body;
    body.begin_object().key("shards").begin_object();
    for (const auto& [shard, reached] : position.shards) {
        body.member(shard, reached);
    }
    Row row;
    row.key = position_key(table, stream);
    row.body = body.end_object().end_object().take();
    Transaction transaction;
    transaction.writes = {Put{std::move(row), Expect::any()}};
    return ledger_.commit(transaction);
}

}  // namespace souk::dynamo
