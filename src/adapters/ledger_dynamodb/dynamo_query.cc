#include <algorithm>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/dynamo_reads.h"
#include "adapters/ledger_dynamodb/expression.h"
#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "domain/base/clipped_text.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

constexpr std::size_t fingerprint_bytes = 8;

/// Where the attributes of a queried table or index are.
struct Place {
    std::string_view index;  // Empty for the table itself.
    std::string_view partition;
    std::string_view sort;
};

Place place_of(Source source) {
    switch (source) {
        case Source::rows: return {"", attribute::partition, attribute::sort};
        case Source::index_1:
            return {"index_1", attribute::index_partition[0], attribute::index_sort[0]};
        case Source::index_2:
            return {"index_2", attribute::index_partition[1], attribute::index_sort[1]};
    }
    return {};
}

/// A row's place in a queried range: its sort there, and the row's key where that is not implied.
struct Position {
    std::string sort;
    RowKey key;
};

/// The sort by which a row stands in what is queried. Requires that it was found there.
const std::string& sort_in(const Row& row, Source source) {
    switch (source) {
        case Source::rows: break;
        case Source::index_1: return row.index[0]->sort;
        case Source::index_2: return row.index[1]->sort;
    }
    return row.key.sort;
}

/// What a cursor must have been made for.
std::string fingerprint(const Query& query, const Crypto& crypto) {
    std::string text = cat(static_cast<int>(query.source), static_cast<int>(query.direction));
    for (const std::string* part : {&query.table, &query.partition, &query.from, &query.before}) {
        text += cat('/', part->size(), ':', *part);
    }
    return crypto.sha256(text).substr(0, fingerprint_bytes);
}

std::string make_cursor(const Query& query, const Row& last, const Crypto& crypto) {
    std::string position = last.key.sort;
    if (query.source != Source::rows) {
        const std::string& sort = sort_in(last, query.source);
        position = cat(sort.size(), ':', last.key.partition.size(), ':', sort, last.key.partition,
                       last.key.sort);
    }
    return to_base64url(cat(fingerprint(query, crypto), position));
}

/// Takes "12:" from the front.
std::optional<std::size_t> take_size(std::string_view& text) {
    const auto colon = text.find(':');
    const auto size =
        colon == std::string_view::npos ? std::nullopt : to_integer(text.substr(0, colon));
    if (!size || *size < 0) {
        return std::nullopt;
    }
    text.remove_prefix(colon + 1);
    return static_cast<std::size_t>(*size);
}

std::optional<Position> parse_position(const Query& query, std::string_view text) {
    if (query.source == Source::rows) {
        return Position{std::string(text), {query.table, query.partition, std::string(text)}};
    }
    const auto sort_size = take_size(text);
    const auto partition_size = take_size(text);
    if (!sort_size || !partition_size || *sort_size > text.size() ||
        *partition_size > text.size() - *sort_size) {
        return std::nullopt;
    }
    return Position{std::string(text.substr(0, *sort_size)),
                    {query.table, std::string(text.substr(*sort_size, *partition_size)),
                     std::string(text.substr(*sort_size + *partition_size))}};
}

/// A cursor holds the last row shown, without the queried partition, so none leads out of it.
Result<std::optional<Position>> position_of(const Query& query, const Crypto& crypto) {
    if (query.cursor.empty()) {
        return std::nullopt;
    }
    const auto cursor = from_base64url(query.cursor);
    const bool ours = cursor && cursor->starts_with(fingerprint(query, crypto));
    auto position = ours
                        ? parse_position(query, std::string_view(*cursor).substr(fingerprint_bytes))
                        : std::nullopt;
    if (!position || position->sort.empty() || position->key.sort.empty() ||
        position->key.partition.empty() || position->sort < query.from ||
        (!query.before.empty() && position->sort >= query.before)) {
        return fail(errors::invalid_cursor, "This cursor is not from this query.");
    }
    return position;
}

std::string start_key(const Query& query, const Position& position) {
    JsonWriter out;
    out.begin_object()
        .raw_member(attribute::partition, text_value(partition_text(position.key.partition)))
        .raw_member(attribute::sort, text_value(sort_text(position.key.sort)));
    if (query.source != Source::rows) {
        const Place place = place_of(query.source);
        out.raw_member(place.partition, text_value(partition_text(query.partition)))
            .raw_member(place.sort, text_value(sort_text(position.sort)));
    }
    return out.end_object().take();
}

/// The condition on the sort. DynamoDB takes one comparison, so of two bounds the upper one is let
/// in and left out again by `in_range`; so is what a bound that is too long for a key lets in.
std::string sort_condition(const Query& query, std::string_view sort, Placeholders& placeholders) {
    const auto bound = [&](std::string_view bytes) {
        return placeholders.text(clipped(sort_text(bytes), sort_text_max));
    };
    if (!query.from.empty() && !query.before.empty()) {
        const std::string from = bound(query.from);
        return cat(" AND ", sort, " BETWEEN ", from, " AND ", bound(query.before));
    }
    if (!query.from.empty()) {
        return cat(" AND ", sort, " >= ", bound(query.from));
    }
    return query.before.empty() ? "" : cat(" AND ", sort, " <= ", bound(query.before));
}

std::string request_of(const Query& query, std::string_view prefix, std::size_t limit,
                       std::string_view start) {
    const Place place = place_of(query.source);
    Placeholders placeholders;
    const std::string partition = placeholders.name(place.partition);
    std::string condition =
        cat(partition, " = ", placeholders.text(partition_text(query.partition)));
    if (!query.from.empty() || !query.before.empty()) {
        condition += sort_condition(query, placeholders.name(place.sort), placeholders);
    }
    JsonWriter out;
    out.begin_object().member("TableName", cat(prefix, query.table));
    if (place.index.empty()) {
        out.member("ConsistentRead", true);
    } else {
        out.member("IndexName", place.index);
    }
    out.member("KeyConditionExpression", condition)
        .member("ScanIndexForward", query.direction == Direction::forward)
        .member("Limit", limit);
    placeholders.write(out);
    if (!start.empty()) {
        out.raw_member("ExclusiveStartKey", start);
    }
    return out.end_object().take();
}

bool in_range(const Query& query, const std::string& sort) {
    return sort >= query.from && (query.before.empty() || sort < query.before);
}

/// Whether the query can name a partition or range at all.
bool is_empty(const Query& query) {
    return query.partition.empty() || partition_text(query.partition).size() > partition_text_max ||
           (!query.before.empty() && query.from >= query.before);
}

/// Fills a page from one answer after the other.
class PageFill {
public:
    PageFill(const Query& query, const Crypto& crypto, Instant now)
        : query_(query), crypto_(crypto), now_(now) {}

    /// Rows to ask for: what is missing, and one that tells whether there are more.
    [[nodiscard]] std::size_t wanted() const {
        return static_cast<std::size_t>(query_.limit) - page_.rows.size() + 1;
    }
    [[nodiscard]] bool done() const { return done_; }

    Result<void> take(JsonView items) {
        for (std::size_t i = 0; i < items.size() && !done_; ++i) {
            Row row = TRY(decode_item(query_.table, items.at(i)));
            if (query_.source != Source::rows &&
                !row.index[query_.source == Source::index_1 ? 0 : 1]) {
                return fail(errors::corrupt_row, "An index holds a row without an index key.");
            }
            take(std::move(row), state_of(items.at(i), now_));
        }
        return {};
    }
    Page finish() { return std::move(page_); }

private:
    void take(Row row, RowState state) {
        const bool shown = state == RowState::live && in_range(query_, sort_in(row, query_.source));
        const bool full = page_.rows.size() == static_cast<std::size_t>(query_.limit);
        if (shown && full) {
            page_.cursor = make_cursor(query_, page_.rows.back(), crypto_);
            done_ = true;
        } else if (shown) {
            page_.rows.push_back(std::move(row));
        } else if (++skipped_ > skipped_max) {
            end_early(row, full);
        }
    }
    void end_early(const Row& at, bool full) {
        // A row outside the range is no place to go on from; there are few of those.
        if (full || in_range(query_, sort_in(at, query_.source))) {
            page_.cursor = make_cursor(query_, full ? page_.rows.back() : at, crypto_);
            done_ = true;
        }
    }

    const Query& query_;
    const Crypto& crypto_;
    const Instant now_;
    Page page_;
    std::size_t skipped_ = 0;
    bool done_ = false;
};

}  // namespace

Result<Page> Reads::page(const Query& query, Instant now) const {
    CHECK(query.limit >= 1 && query.limit <= query_limit_max);
    const auto position = TRY(position_of(query, crypto_));
    if (is_empty(query)) {
        return Page{};
    }
    PageFill fill(query, crypto_, now);
    std::string start = position ? start_key(query, *position) : "";
    do {
        const Reply reply = TRY(read_reply(
            call_dynamo(client_, "Query", request_of(query, table_prefix_, fill.wanted(), start),
                        aws::Repeat::idempotent)));
        TRY(fill.take(reply.body.root()["Items"]));
        const JsonView last = reply.body.root()["LastEvaluatedKey"];
        start = last.present() && last.size() > 0 ? last.render() : "";
    } while (!start.empty() && !fill.done());
    return fill.finish();
}

}  // namespace souk::dynamo
