#include "adapters/ledger_dynamodb/outbox_reader.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

constexpr int records_max = 1000;  // Of one GetRecords. Source: DynamoDB Streams.
/// The position is more than a day old: what is left is read from its start.
constexpr std::string_view trimmed_away = "TrimmedDataAccessException";

using Time = std::chrono::steady_clock::time_point;

}  // namespace

struct OutboxReader::Shard {
    std::string parent;
    std::string iterator;  // Empty: to be opened.
};

/// One table's stream.
struct OutboxReader::Stream {
    std::string table;
    std::string arn;  // Empty: not looked for yet.
    StreamPosition position;
    std::map<std::string, Shard> shards;
    Time next_discovery{};
};

OutboxReader::OutboxReader(OutboxReaderOptions options) : options_(std::move(options)) {
    for (const auto& table : options_.tables) {
        streams_.push_back({.table = table, .arn = {}, .position = {}, .shards = {}});
    }
}

OutboxReader::~OutboxReader() = default;

Result<std::size_t> OutboxReader::read_once() {
    std::size_t handed_on = 0;
    std::optional<Error> failure;
    for (Stream& stream : streams_) {
        const auto count = read_stream(stream);
        handed_on += count.value_or(0);
        if (!count && !failure) {
            failure = count.error();
        }
    }
    if (failure) {
        return fail(*failure);
    }
    return handed_on;
}

void OutboxReader::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    auto idle_pause = options_.idle_pause;
    while (!stop.stop_requested()) {
        const auto count = read_once();
        if (!count && options_.on_failure) {
            options_.on_failure(count.error());
        }
        const bool idle = count && *count == 0;
        const auto pause = !count ? options_.failure_pause
                           : idle ? idle_pause
                                  : std::chrono::milliseconds(0);
        idle_pause = idle ? std::min(2 * idle_pause, options_.idle_pause_max) : options_.idle_pause;
        std::unique_lock lock(mutex);
        stopped.wait_for(lock, stop, pause, [] { return false; });
    }
}

Result<std::size_t> OutboxReader::read_stream(Stream& stream) const {
    if (std::chrono::steady_clock::now() >= stream.next_discovery) {
        TRY(discover(stream));
        stream.next_discovery = std::chrono::steady_clock::now() + options_.discovery_interval;
    }
    std::size_t handed_on = 0;
    std::optional<Error> failure;
    for (auto at = stream.shards.begin(); at != stream.shards.end();) {
        const auto here = at++;  // An ended shard is erased.
        // A row's events are in its shard and then in that one's children: parents come first.
        if (stream.shards.contains(here->second.parent)) {
            continue;
        }
        const std::string id = here->first;
        const auto count = read_shard(stream, id, here->second);
        handed_on += count.value_or(0);
        if (!count && !failure) {
            failure = count.error();
        }
    }
    if (failure) {
        return fail(*failure);
    }
    return handed_on;
}

Result<void> OutboxReader::discover(Stream& stream) const {
    if (stream.arn.empty()) {
        const Reply reply = TRY(read_reply(
            call_dynamo(options_.client, "DescribeTable",
                        JsonWriter()
                            .begin_object()
                            .member("TableName", cat(options_.table_prefix, stream.table))
                            .end_object()
                            .take(),
                        aws::Repeat::idempotent)));
        std::string arn = reply.body.root()["Table"]["LatestStreamArn"].text_or();
        if (arn.empty()) {
            return fail(errors::ledger_unavailable,
                        cat("The table ", options_.table_prefix, stream.table, " has no stream."));
        }
        stream.position = TRY(options_.positions.load(stream.table, arn));
        stream.arn = std::move(arn);
    }
    return discover_shards(stream);
}

Result<void> OutboxReader::discover_shards(Stream& stream) const {
    std::map<std::string, std::string> seen;  // Shard to parent.
    std::string last;
    do {
        JsonWriter body;
        body.begin_object().member("StreamArn", stream.arn);
        if (!last.empty()) {
            body.member("ExclusiveStartShardId", last);
        }
        const Reply reply = TRY(
            read_reply(call_streams(options_.client, "DescribeStream", body.end_object().take())));
        const JsonView description = reply.body.root()["StreamDescription"];
        const JsonView shards = description["Shards"];
        for (std::size_t i = 0; i < shards.size(); ++i) {
            seen.emplace(shards.at(i)["ShardId"].text_or(),
                         shards.at(i)["ParentShardId"].text_or());
        }
        last = description["LastEvaluatedShardId"].text_or();
    } while (!last.empty());
    // What the stream has forgotten needs no position any more.
    const StreamPosition before = stream.position;
    for (const auto& shard : before.shards) {
        if (!seen.contains(shard.first)) {
            lose_position(stream, shard.first);
        }
    }
    std::erase_if(stream.shards, [&](const auto& shard) { return !seen.contains(shard.first); });
    for (const auto& [id, parent] : seen) {
        const auto known = stream.position.shards.find(id);
        if (known == stream.position.shards.end() || known->second != StreamPosition::finished) {
            stream.shards.try_emplace(id, Shard{parent, {}});
        }
    }
    return {};
}

Result<std::size_t> OutboxReader::read_shard(Stream& stream, const std::string& id,
                                             Shard& shard) const {
    if (shard.iterator.empty() && !TRY(open(stream, id, shard))) {
        lose_position(stream, id);
        return 0;
    }
    auto reply = call_streams(options_.client, "GetRecords",
                              JsonWriter()
                                  .begin_object()
                                  .member("ShardIterator", shard.iterator)
                                  .member("Limit", records_max)
                                  .end_object()
                                  .take());
    if (!reply || !reply->ok()) {
        shard.iterator.clear();  // It may have run out; the position has not.
        if (reply && reply->error_code == "ExpiredIteratorException") {
            return 0;
        }
        if (reply && reply->error_code == trimmed_away) {
            lose_position(stream, id);
            return 0;
        }
    }
    const Reply records = TRY(read_reply(std::move(reply)));
    const auto handed_on = hand_on(stream, id, records.body.root()["Records"]);
    if (!handed_on) {
        shard.iterator.clear();
        return handed_on;
    }
    shard.iterator = records.body.root()["NextShardIterator"].text_or();
    if (shard.iterator.empty()) {
        TRY(end_shard(stream, id));
    }
    return handed_on;
}

Result<bool> OutboxReader::open(const Stream& stream, const std::string& id, Shard& shard) const {
    const auto known = stream.position.shards.find(id);
    JsonWriter body;
    body.begin_object().member("StreamArn", stream.arn).member("ShardId", id);
    if (known == stream.position.shards.end()) {
        body.member("ShardIteratorType", "TRIM_HORIZON");
    } else {
        body.member("ShardIteratorType", "AFTER_SEQUENCE_NUMBER")
            .member("SequenceNumber", known->second);
    }
    auto answer = call_streams(options_.client, "GetShardIterator", body.end_object().take());
    if (answer && answer->error_code == trimmed_away) {
        return false;
    }
    const Reply reply = TRY(read_reply(std::move(answer)));
    shard.iterator = reply.body.root()["ShardIterator"].text_or();
    if (shard.iterator.empty()) {
        return fail(errors::ledger_unavailable, "A stream gave no iterator.");
    }
    return true;
}

void OutboxReader::lose_position(Stream& stream, const std::string& id) const {
    const auto known = stream.position.shards.find(id);
    if (known == stream.position.shards.end()) {
        return;
    }
    const bool gap = known->second != StreamPosition::finished;
    stream.position.shards.erase(known);
    if (gap && options_.on_failure) {
        options_.on_failure(
            {errors::outbox_gap, cat("The stream of ", options_.table_prefix, stream.table,
                                     " forgot what followed the last record read of its shard ", id,
                                     ". Events may be missing: run souk aws republish.")});
    }
}

/// The position is stored only when there were events: storing it makes a record in the stream
/// itself, and would go on for ever.
Result<std::size_t> OutboxReader::hand_on(Stream& stream, const std::string& id,
                                          JsonView records) const {
    std::vector<OutboxRecord> found;
    std::vector<std::size_t> ends;  // After each of them, in `records`.
    for (std::size_t i = 0; i < records.size(); ++i) {
        const JsonView change = records.at(i)["dynamodb"];
        if (auto record = outbox_record_in(stream.table, change["NewImage"])) {
            found.push_back(std::move(*record));
            ends.push_back(i + 1);
        }
    }
    const Taken taken = found.empty() ? Taken{} : options_.take(found);
    const std::size_t end = !taken.failure    ? records.size()
                            : taken.count > 0 ? ends[taken.count - 1]
                                              : 0;
    if (end > 0) {
        stream.position.shards[id] = records.at(end - 1)["dynamodb"]["SequenceNumber"].text_or();
        if (!found.empty()) {
            TRY(options_.positions.store(stream.table, stream.arn, stream.position));
        }
    }
    if (taken.failure) {
        return fail(*taken.failure);
    }
    return found.size();
}

Result<void> OutboxReader::end_shard(Stream& stream, const std::string& id) const {
    stream.position.shards[id] = StreamPosition::finished;
    stream.shards.erase(id);
    stream.next_discovery = {};
    return options_.positions.store(stream.table, stream.arn, stream.position);
}

}  // namespace souk::dynamo
