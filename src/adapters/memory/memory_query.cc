#include <algorithm>

#include "adapters/memory/memory_ledger.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

/// What a cursor must have been made for, in decimal digits. Source: FNV-1a.
std::string fingerprint(const Query& query) {
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : cat(text.size(), ':', text)) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
        }
    };
    for (const std::string* part : {&query.table, &query.partition, &query.from, &query.before}) {
        mix(*part);
    }
    mix(cat(static_cast<int>(query.source), static_cast<int>(query.direction)));
    return cat(hash);
}

std::string make_cursor(const Query& query, const IndexKey& at, const RowKey& key) {
    return to_base64url(JsonWriter()
                            .begin_object()
                            .member("query", fingerprint(query))
                            .member("at", to_hex(at.sort))
                            .member("partition", to_hex(key.partition))
                            .member("sort", to_hex(key.sort))
                            .end_object()
                            .take());
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string escaped;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        escaped += cat('%', text.substr(i, 2));
    }
    return percent_decoded(escaped, PercentStyle::path);
}

}  // namespace

Result<Page> MemoryLedger::query(const Query& query) {
    CHECK(query.limit >= 1 && query.limit <= query_limit_max);
    std::optional<IndexEntry> after;
    if (!query.cursor.empty()) {
        const auto text = from_base64url(query.cursor);
        const auto cursor =
            text ? JsonDocument::parse(*text) : Result<JsonDocument>(fail(errors::invalid_cursor));
        if (!cursor || cursor->root()["query"].text_or() != fingerprint(query)) {
            return fail(errors::invalid_cursor, "This cursor is not from this query.");
        }
        const JsonView root = cursor->root();
        after = IndexEntry{query.table,
                           {query.partition, from_hex(root["at"].text_or()).value_or("")},
                           {query.table, from_hex(root["partition"].text_or()).value_or(""),
                            from_hex(root["sort"].text_or()).value_or("")}};
    }
    const std::lock_guard lock(mutex_);
    return query.source == Source::rows ? rows_page(query, after) : index_page(query, after);
}

/// Rows and index entries differ in their containers only: both are walked through a list of what
/// lies in the range, which is fine for the sizes that tests have.
Page MemoryLedger::rows_page(const Query& query, const std::optional<IndexEntry>& after) const {
    std::vector<IndexEntry> range;
    auto at = rows_.lower_bound({query.table, query.partition, query.from});
    for (; at != rows_.end(); ++at) {
        const RowKey& key = at->first;
        if (key.table != query.table || key.partition != query.partition ||
            (!query.before.empty() && key.sort >= query.before)) {
            break;
        }
        range.push_back({key.table, {key.partition, key.sort}, key});
    }
    return page_of(query, after, std::move(range));
}

Page MemoryLedger::index_page(const Query& query, const std::optional<IndexEntry>& after) const {
    const auto& index = index_[query.source == Source::index_1 ? 0 : 1];
    std::vector<IndexEntry> range;
    auto at = index.lower_bound({query.table, {query.partition, query.from}, {}});
    for (; at != index.end(); ++at) {
        if (at->table != query.table || at->at.partition != query.partition ||
            (!query.before.empty() && at->at.sort >= query.before)) {
            break;
        }
        range.push_back(*at);
    }
    return page_of(query, after, std::move(range));
}

Page MemoryLedger::page_of(const Query& query, const std::optional<IndexEntry>& after,
                           std::vector<IndexEntry> range) const {
    if (query.direction == Direction::backward) {
        std::ranges::reverse(range);
    }
    Page page;
    const IndexEntry* last = nullptr;
    for (const IndexEntry& entry : range) {
        const bool seen =
            after && (query.direction == Direction::forward ? entry <= *after : entry >= *after);
        const Row* row = seen ? nullptr : alive(entry.key);
        if (row == nullptr) {
            continue;
        }
        if (page.rows.size() == static_cast<std::size_t>(query.limit)) {
            page.cursor = make_cursor(query, last->at, last->key);
            break;
        }
        page.rows.push_back(*row);
        last = &entry;
    }
    return page;
}

}  // namespace souk
