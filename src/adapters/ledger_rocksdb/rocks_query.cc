#include "adapters/ledger_rocksdb/rocks_query.h"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/snapshot.h>

#include <algorithm>

#include "adapters/ledger_rocksdb/key_codec.h"
#include "adapters/ledger_rocksdb/row_codec.h"
#include "domain/base/text.h"
#include "domain/ports/outbox.h"

namespace souk::rocks {

namespace {

/// Expired rows that one page passes over before it ends early with a cursor, so that no page costs
/// more.
constexpr int skipped_max = 1000;
constexpr std::size_t fingerprint_bytes = 8;

/// What a cursor must have been made for. Source: FNV-1a.
std::string fingerprint(const Query& query) {
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
        }
    };
    for (const std::string* part : {&query.table, &query.partition, &query.from, &query.before}) {
        mix(ordered_bytes(part->size()));
        mix(*part);
    }
    mix(cat(static_cast<int>(query.source), static_cast<int>(query.direction)));
    return ordered_bytes(hash);
}

Area area_of(Source source) {
    switch (source) {
        case Source::rows: return Area::row;
        case Source::index_1: return Area::index_1;
        case Source::index_2: return Area::index_2;
    }
    return Area::row;
}

/// The keys that a page may still show: from `lower` on, before `upper`.
struct Range {
    std::string prefix;
    std::string lower;
    std::string upper;
};

/// A cursor holds the last key shown, without the partition's prefix, so no cursor leads out of its
/// partition.
Result<Range> range_of(const Query& query) {
    const auto sort_bytes = [&](const std::string& sort) {
        return query.source == Source::rows ? sort : escaped_sort(sort);
    };
    Range range;
    range.prefix = partition_prefix(area_of(query.source), query.table, query.partition);
    range.lower = range.prefix + sort_bytes(query.from);
    range.upper =
        query.before.empty() ? after_prefix(range.prefix) : range.prefix + sort_bytes(query.before);
    if (query.cursor.empty()) {
        return range;
    }
    const auto cursor = from_base64url(query.cursor);
    if (!cursor || !cursor->starts_with(fingerprint(query))) {
        return fail(errors::invalid_cursor, "This cursor is not from this query.");
    }
    const std::string last = range.prefix + cursor->substr(fingerprint_bytes);
    if (query.direction == Direction::forward) {
        range.lower = std::max(range.lower, last + '\0');
    } else {
        range.upper = std::min(range.upper, last);
    }
    return range;
}

/// Walks a range in the query's direction and collects a page.
class PageWalk {
public:
    PageWalk(const Database& database, const Query& query, Range range, Instant now)
        : database_(database),
          query_(query),
          range_(std::move(range)),
          lower_(range_.lower),
          upper_(range_.upper),
          snapshot_(&database.handle()),
          now_(now) {
        options_.iterate_lower_bound = &lower_;
        options_.iterate_upper_bound = &upper_;
        options_.snapshot = snapshot_.snapshot();
    }

    Result<Page> run() {
        const bool forward = query_.direction == Direction::forward;
        const std::unique_ptr<rocksdb::Iterator> at(database_.handle().NewIterator(options_));
        for (forward ? at->SeekToFirst() : at->SeekToLast(); at->Valid();
             forward ? at->Next() : at->Prev()) {
            auto row = TRY(row_at(*at));
            const bool full = page_.rows.size() == static_cast<std::size_t>(query_.limit);
            if ((row && full) || (!row && ++skipped_ > skipped_max)) {
                page_.cursor = to_base64url(cat(fingerprint(query_), last_));
                break;
            }
            if (!full) {
                last_ = at->key().ToStringView().substr(range_.prefix.size());
            }
            if (row) {
                page_.rows.push_back(std::move(*row));
            }
        }
        if (!at->status().ok()) {
            return fail(to_error(at->status()));
        }
        return std::move(page_);
    }

private:
    /// The row that the iterator stands for, or nothing if it is past its expiry.
    Result<std::optional<Row>> row_at(const rocksdb::Iterator& at) const {
        if (query_.source == Source::rows) {
            const std::string_view sort = at.key().ToStringView().substr(range_.prefix.size());
            return shown({query_.table, query_.partition, std::string(sort)},
                         at.value().ToStringView());
        }
        const std::string_view suffix = at.key().ToStringView().substr(range_.prefix.size());
        const auto key_bytes = row_key_in(query_.table, suffix);
        auto key = key_bytes ? parse_row_key(*key_bytes) : std::nullopt;
        if (!key) {
            return fail(errors::corrupt_row, "An index entry is malformed.");
        }
        rocksdb::ReadOptions options;
        options.snapshot = options_.snapshot;
        rocksdb::PinnableSlice value;
        const auto status = database_.handle().Get(
            options, database_.handle().DefaultColumnFamily(), *key_bytes, &value);
        if (!status.ok()) {
            return fail(status.IsNotFound()
                            ? Error{errors::corrupt_row, "An index entry stands for no row."}
                            : to_error(status));
        }
        return shown(std::move(*key), value.ToStringView());
    }

    Result<std::optional<Row>> shown(RowKey key, std::string_view bytes) const {
        StoredRow stored = TRY(decode_row(bytes));
        if (!stored.alive(now_)) {
            return std::nullopt;
        }
        return to_row(std::move(key), std::move(stored));
    }

    const Database& database_;
    const Query& query_;
    const Range range_;
    const rocksdb::Slice lower_;
    const rocksdb::Slice upper_;
    rocksdb::ManagedSnapshot snapshot_;
    rocksdb::ReadOptions options_;
    const Instant now_;
    Page page_;
    std::string last_;
    int skipped_ = 0;
};

}  // namespace

Result<Page> run_query(const Database& database, const Query& query, Instant now) {
    CHECK(query.limit >= 1 && query.limit <= query_limit_max);
    if (query.table.size() > table_bytes_max || query.partition.size() > partition_bytes_max) {
        return Page{};
    }
    Range range = TRY(range_of(query));
    if (range.lower >= range.upper) {
        return Page{};
    }
    return PageWalk(database, query, std::move(range), now).run();
}

}  // namespace souk::rocks
