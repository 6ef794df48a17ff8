#include "adapters/ledger_dynamodb/dynamo_reads.h"

#include <set>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

/// Whether there can be a row of this key at all; DynamoDB refuses to look for others.
bool can_exist(const RowKey& key) {
    return !key.partition.empty() && !key.sort.empty() &&
           partition_text(key.partition).size() <= partition_text_max &&
           sort_text(key.sort).size() <= sort_text_max;
}

/// {"table":{"Keys":[…],"ConsistentRead":true},…}, each key once. Empty if there is none to ask
/// for.
std::string batch_of(const std::vector<RowKey>& keys, std::string_view prefix) {
    std::map<std::string, std::set<std::string>> tables;
    for (const auto& key : keys) {
        if (can_exist(key)) {
            tables[key.table].insert(key_json(key));
        }
    }
    if (tables.empty()) {
        return {};
    }
    JsonWriter out;
    out.begin_object();
    for (const auto& [table, table_keys] : tables) {
        out.key(cat(prefix, table)).begin_object().key("Keys").begin_array();
        for (const auto& key : table_keys) {
            out.raw(key);
        }
        out.end_array().member("ConsistentRead", true).end_object();
    }
    return out.end_object().take();
}

}  // namespace

Result<std::optional<Row>> Reads::row(const RowKey& key, Instant now) const {
    if (!can_exist(key)) {
        return std::nullopt;
    }
    std::string body = JsonWriter()
                           .begin_object()
                           .member("TableName", cat(table_prefix_, key.table))
                           .raw_member("Key", key_json(key))
                           .member("ConsistentRead", true)
                           .end_object()
                           .take();
    const Reply reply =
        TRY(read_reply(call_dynamo(client_, "GetItem", std::move(body), aws::Repeat::idempotent)));
    return decode_live(key.table, reply.body.root()["Item"], now);
}

Result<std::vector<std::optional<Row>>> Reads::rows(const std::vector<RowKey>& keys,
                                                    Instant now) const {
    if (keys.size() > get_many_max) {
        return fail(errors::ledger_too_large,
                    cat("At most ", get_many_max, " rows can be read at once."));
    }
    Found found;
    std::string wanted = batch_of(keys, table_prefix_);
    for (int empty_rounds = 0; !wanted.empty();) {
        const Reply reply = TRY(read_reply(call_dynamo(
            client_, "BatchGetItem",
            JsonWriter().begin_object().raw_member("RequestItems", wanted).end_object().take(),
            aws::Repeat::idempotent)));
        const std::size_t before = found.size();
        TRY(take_batch(reply.body.root()["Responses"], now, found));
        const JsonView rest = reply.body.root()["UnprocessedKeys"];
        wanted = rest.size() > 0 ? rest.render() : "";
        empty_rounds = found.size() > before ? 0 : empty_rounds + 1;
        if (!wanted.empty() && empty_rounds > 0 &&
            (empty_rounds >= empty_rounds_max ||
             pauses_.before_next(empty_rounds, throttled_pause) == Pauses::Outcome::out_of_time)) {
            return fail(errors::ledger_unavailable,
                        "DynamoDB leaves keys unread; it is throttling.");
        }
    }
    std::vector<std::optional<Row>> rows;
    rows.reserve(keys.size());
    for (const auto& key : keys) {
        const auto at = found.find(key);
        rows.push_back(at != found.end() ? std::optional(at->second) : std::nullopt);
    }
    return rows;
}

Result<void> Reads::take_batch(JsonView responses, Instant now, Found& found) const {
    for (std::size_t i = 0; i < responses.size(); ++i) {
        const auto [full_table, items] = responses.member(i);
        if (!full_table.starts_with(table_prefix_)) {
            return fail(errors::corrupt_row, "DynamoDB gave rows of a table nobody asked for.");
        }
        const std::string_view table = full_table.substr(table_prefix_.size());
        for (std::size_t j = 0; j < items.size(); ++j) {
            if (auto row = TRY(decode_live(table, items.at(j), now))) {
                RowKey key = row->key;
                found.emplace(std::move(key), std::move(*row));
            }
        }
    }
    return {};
}

}  // namespace souk::dynamo
