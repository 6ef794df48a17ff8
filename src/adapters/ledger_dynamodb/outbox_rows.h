#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/error.h"
#include "domain/base/json.h"

/// What lies in the outbox of a table.
namespace souk::dynamo {

/// An event as its commit wrote it.
struct OutboxRecord {
    std::string table;  // Without the prefix.
    std::string event_id;
    std::string event;  // render_cloud_event's JSON.
};

/// The outbox record in an item, or nothing if that is about something else (a row, say).
[[nodiscard]] std::optional<OutboxRecord> outbox_record_in(std::string_view table, JsonView item);

/// What became of records that were handed on.
struct Taken {
    std::size_t count = 0;              // So many, from the first on, are done with.
    std::optional<Error> failure = {};  // Why no more are; they come again.
};

/// Reads what a table's outbox still holds from event `from` on, published or not, and hands it on
/// a page at a time; ids rise within one of its partitions only. For outbox_kept after its
/// commit an event is there for certain, and then until DynamoDB comes to erase it. What is older
/// than inbox_kept must not be published again: who reacted to it may not know any more.
/// Shape: `from` begins as event ids do, and need not be one. Errors: ledger_unavailable, and those
/// of `take`, which end it.
[[nodiscard]] Result<void> read_outbox(
    aws::AwsClient& client, std::string_view table_prefix, std::string_view table,
    std::string_view from,
    const std::function<Result<void>(const std::vector<OutboxRecord>&)>& take);

}  // namespace souk::dynamo
