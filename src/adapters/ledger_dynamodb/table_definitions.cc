#include "adapters/ledger_dynamodb/table_definitions.h"

#include <thread>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/item_codec.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/ledger.h"

namespace souk::dynamo {

namespace {

/// How long a new table may take, and how often it is asked. Real ones take some ten seconds.
constexpr std::chrono::milliseconds asking_interval{200};
constexpr int askings_max = 600;

void write_attribute(JsonWriter& out, std::string_view name) {
    out.begin_object().member("AttributeName", name).member("AttributeType", "S").end_object();
}

void write_key_schema(JsonWriter& out, std::string_view partition, std::string_view sort) {
    out.key("KeySchema").begin_array();
    out.begin_object().member("AttributeName", partition).member("KeyType", "HASH").end_object();
    out.begin_object().member("AttributeName", sort).member("KeyType", "RANGE").end_object();
    out.end_array();
}

std::string named(std::string_view full_name) {
    return JsonWriter().begin_object().member("TableName", full_name).end_object().take();
}

Result<void> until_active(aws::AwsClient& client, std::string_view full_name) {
    for (int i = 0; i < askings_max; ++i) {
        const Reply reply = TRY(read_reply(
            call_dynamo(client, "DescribeTable", named(full_name), aws::Repeat::idempotent)));
        if (reply.body.root()["Table"]["TableStatus"].text_or() == "ACTIVE") {
            return {};
        }
        std::this_thread::sleep_for(asking_interval);
    }
    return fail(errors::ledger_unavailable,
                cat("The table ", full_name, " does not become active."));
}

bool has_time_to_live(const Reply& reply) {
    const std::string status =
        reply.body.root()["TimeToLiveDescription"]["TimeToLiveStatus"].text_or();
    return status == "ENABLED" || status == "ENABLING";
}

}  // namespace

std::string table_definition_json(std::string_view full_name) {
    JsonWriter out;
    out.begin_object().member("TableName", full_name).key("AttributeDefinitions").begin_array();
    write_attribute(out, attribute::partition);
    write_attribute(out, attribute::sort);
    for (std::size_t i = 0; i < attribute::index_sort.size(); ++i) {
        write_attribute(out, attribute::index_partition[i]);
        write_attribute(out, attribute::index_sort[i]);
    }
    out.end_array();
    write_key_schema(out, attribute::partition, attribute::sort);
    out.key("GlobalSecondaryIndexes").begin_array();
    for (std::size_t i = 0; i < attribute::index_sort.size(); ++i) {
        out.begin_object().member("IndexName", cat("index_", i + 1));
        write_key_schema(out, attribute::index_partition[i], attribute::index_sort[i]);
        out.key("Projection").begin_object().member("ProjectionType", "ALL").end_object();
        out.end_object();
    }
    out.end_array()
        .member("BillingMode", "PAY_PER_REQUEST")
        .key("StreamSpecification")
        .begin_object()
        .member("StreamEnabled", true)
        .member("StreamViewType", "NEW_IMAGE")
        .end_object();
    return out.end_object().take();
}

std::string time_to_live_json(std::string_view full_name) {
    return JsonWriter()
        .begin_object()
        .member("TableName", full_name)
        .key("TimeToLiveSpecification")
        .begin_object()
        .member("Enabled", true)
        .member("AttributeName", attribute::time_to_live)
        .end_object()
        .end_object()
        .take();
}

Result<void> create_table(aws::AwsClient& client, std::string_view full_name) {
    auto made = call_dynamo(client, "CreateTable", table_definition_json(full_name),
                            aws::Repeat::idempotent);
    if (!made || made->error_code != "ResourceInUseException") {
        TRY(read_reply(std::move(made)));
    }
    TRY(until_active(client, full_name));
    const Reply former = TRY(read_reply(
        call_dynamo(client, "DescribeTimeToLive", named(full_name), aws::Repeat::idempotent)));
    if (!has_time_to_live(former)) {
        TRY(read_reply(call_dynamo(client, "UpdateTimeToLive", time_to_live_json(full_name),
                                   aws::Repeat::idempotent)));
    }
    return {};
}

Result<void> create_tables(aws::AwsClient& client, std::string_view table_prefix) {
    for (const std::string_view table : ledger_tables) {
        TRY(create_table(client, cat(table_prefix, table)));
    }
    return {};
}

}  // namespace souk::dynamo
