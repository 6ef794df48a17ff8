#include "adapters/ledger_dynamodb/outbox_rows.h"

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/expression.h"
#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

/// `after`: the sort of the last item of the page before, or empty.
std::string request_of(std::string_view full_table, std::string_view partition,
                       std::string_view from, std::string_view after) {
    Placeholders placeholders;
    const std::string partition_is = cat(placeholders.name(attribute::partition), " = ");
    const std::string condition = partition_is + placeholders.text(partition);
    const std::string sort_from = cat(placeholders.name(attribute::sort), " >= ");
    const std::string bound = sort_from + placeholders.text(sort_text(from));
    JsonWriter out;
    out.begin_object()
        .member("TableName", full_table)
        .member("ConsistentRead", true)
        .member("KeyConditionExpression", cat(condition, " AND ", bound));
    placeholders.write(out);
    if (!after.empty()) {
        out.key("ExclusiveStartKey")
            .begin_object()
            .raw_member(attribute::partition, text_value(partition))
            .raw_member(attribute::sort, text_value(after))
            .end_object();
    }
    return out.end_object().take();
}

}  // namespace

std::optional<OutboxRecord> outbox_record_in(std::string_view table, JsonView item) {
    const auto event = item[attribute::event]["S"].string();
    const auto partition = item[attribute::partition]["S"].string();
    const auto id = sort_of_text(item[attribute::sort]["S"].text_or());
    if (!event || !partition || !partition->starts_with(outbox_prefix) || !id) {
        return std::nullopt;
    }
    return OutboxRecord{std::string(table), *id, std::string(*event)};
}

Result<void> read_outbox(
    aws::AwsClient& client, std::string_view table_prefix, std::string_view table,
    std::string_view from,
    const std::function<Result<void>(const std::vector<OutboxRecord>&)>& take) {
    const std::string full_table = cat(table_prefix, table);
    for (unsigned shard = 0; shard < outbox_shards; ++shard) {
        std::string after;
        do {
            const Reply reply = TRY(read_reply(call_dynamo(
                client, "Query", request_of(full_table, outbox_partition_text(shard), from, after),
                aws::Repeat::idempotent)));
            const JsonView items = reply.body.root()["Items"];
            std::vector<OutboxRecord> records;
            for (std::size_t i = 0; i < items.size(); ++i) {
                if (auto record = outbox_record_in(table, items.at(i))) {
                    records.push_back(*std::move(record));
                }
            }
            if (!records.empty()) {
                TRY(take(records));
            }
            after = reply.body.root()["LastEvaluatedKey"][attribute::sort]["S"].text_or();
        } while (!after.empty());
    }
    return {};
}

}  // namespace souk::dynamo
