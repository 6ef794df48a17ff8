#include "adapters/ledger_dynamodb/item_codec.h"

#include <algorithm>

#include "adapters/ledger_dynamodb/expression.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk::dynamo {

namespace {

/// Bodies are JSON almost always, and legible in the console then; what could come back changed
/// from somewhere on the way goes as bytes.
bool travels_as_text(std::string_view body) {
    return (body.front() == '{' || body.front() == '[') && is_utf8(body) &&
           body.find('\0') == std::string_view::npos;
}

std::optional<std::int64_t> number_in(JsonView item, std::string_view name) {
    const auto digits = item[name]["N"].string();
    return digits ? to_integer(*digits) : std::nullopt;
}

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(errors::corrupt_row, cat("An item in DynamoDB has no legible ", what, "."));
}

Result<std::string> body_in(JsonView item) {
    const JsonView value = item[attribute::body];
    if (!value.present()) {
        return std::string();
    }
    if (const auto text = value["S"].string()) {
        return std::string(*text);
    }
    const auto bytes = from_base64(value["B"].text_or());
    if (!value["B"].is_string() || !bytes) {
        return corrupt("body");
    }
    return *bytes;
}

Result<Counters> counters_in(JsonView item) {
    Counters counters;
    for (std::size_t i = 0; i < item.size(); ++i) {
        const auto [name, value] = item.member(i);
        if (!name.starts_with(attribute::counter_prefix)) {
            continue;
        }
        const auto count = to_integer(value["N"].text_or());
        if (!count) {
            return corrupt(name);
        }
        counters.emplace(name.substr(attribute::counter_prefix.size()), *count);
    }
    return counters;
}

Result<std::optional<IndexKey>> index_in(JsonView item, std::size_t which) {
    const auto partition_value = item[attribute::index_partition[which]]["S"].string();
    const auto sort_value = item[attribute::index_sort[which]]["S"].string();
    if (!partition_value || !sort_value) {
        return std::nullopt;
    }
    auto partition = partition_of_text(*partition_value);
    auto sort = sort_of_text(*sort_value);
    if (!partition || !sort) {
        return corrupt("index key");
    }
    return IndexKey{std::move(*partition), std::move(*sort)};
}

}  // namespace

std::string counter_attribute(std::string_view counter) {
    return cat(attribute::counter_prefix, counter);
}

std::int64_t expires_us(Instant expires) { return expires.unix_ms() * 1000; }

std::int64_t time_to_live_s(Instant expires) {
    const std::int64_t seconds = expires.unix_seconds();
    return seconds + (expires.unix_ms() > seconds * 1000 ? 1 : 0);
}

std::string body_value(std::string_view body) {
    return travels_as_text(body) ? text_value(body) : binary_value(body);
}

std::string key_json(const RowKey& key) {
    return JsonWriter()
        .begin_object()
        .raw_member(attribute::partition, text_value(partition_text(key.partition)))
        .raw_member(attribute::sort, text_value(sort_text(key.sort)))
        .end_object()
        .take();
}

std::string item_json(const Row& row) {
    JsonWriter out;
    out.begin_object()
        .raw_member(attribute::partition, text_value(partition_text(row.key.partition)))
        .raw_member(attribute::sort, text_value(sort_text(row.key.sort)))
        .raw_member(attribute::version, number_value(static_cast<std::int64_t>(row.version)));
    if (!row.body.empty()) {
        out.raw_member(attribute::body, body_value(row.body));
    }
    for (const auto& [name, count] : row.counters) {
        out.raw_member(counter_attribute(name), number_value(count));
    }
    if (row.expires) {
        out.raw_member(attribute::expires, number_value(expires_us(*row.expires)));
        out.raw_member(attribute::time_to_live, number_value(time_to_live_s(*row.expires)));
    }
    for (std::size_t i = 0; i < row.index.size(); ++i) {
        if (const auto& at = row.index[i]) {
            out.raw_member(attribute::index_partition[i],
                           text_value(partition_text(at->partition)));
            out.raw_member(attribute::index_sort[i], text_value(sort_text(at->sort)));
        }
    }
    return out.end_object().take();
}

static_assert(outbox_kept < inbox_kept, "what is published again must be known to who reacted");

std::string outbox_item_json(const Event& event, Instant now) {
    return JsonWriter()
        .begin_object()
        .raw_member(attribute::partition, text_value(outbox_partition_text(event.id)))
        .raw_member(attribute::sort, text_value(sort_text(event.id)))
        .raw_member(attribute::event, text_value(render_cloud_event(event)))
        .raw_member(attribute::time_to_live, number_value(time_to_live_s(now + outbox_kept)))
        .end_object()
        .take();
}

RowState state_of(JsonView item, Instant now) {
    if (!item.is_object() || item.size() == 0) {
        return RowState::missing;
    }
    const auto expires = number_in(item, attribute::expires);
    return expires && *expires <= expires_us(now) ? RowState::expired : RowState::live;
}

Result<Row> decode_item(std::string_view table, JsonView item) {
    Row row;
    auto partition = partition_of_text(item[attribute::partition]["S"].text_or());
    auto sort = sort_of_text(item[attribute::sort]["S"].text_or());
    const auto version = number_in(item, attribute::version);
    if (!partition || !sort || !version || *version < 0) {
        return corrupt(!version ? "version" : "key");
    }
    row.key = {std::string(table), std::move(*partition), std::move(*sort)};
    row.version = static_cast<std::uint64_t>(*version);
    row.body = TRY(body_in(item));
    row.counters = TRY(counters_in(item));
    if (item[attribute::expires].present()) {
        const auto expires = number_in(item, attribute::expires);
        if (!expires) {
            return corrupt("expiry");
        }
        row.expires = Instant::from_unix_ms(*expires / 1000);
    }
    for (std::size_t i = 0; i < row.index.size(); ++i) {
        row.index[i] = TRY(index_in(item, i));
    }
    return row;
}

Result<std::optional<Row>> decode_live(std::string_view table, JsonView item, Instant now) {
    if (state_of(item, now) != RowState::live) {
        return std::nullopt;
    }
    return TRY(decode_item(table, item));
}

}  // namespace souk::dynamo
