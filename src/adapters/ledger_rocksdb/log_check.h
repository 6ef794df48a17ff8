#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "domain/base/error.h"

namespace rocksdb {
class Status;
class WalFilter;
class WriteBatch;
struct Options;
}  // namespace rocksdb

/// Whether a database's log still holds what was acknowledged, found out before anything of it is
/// changed. RocksDB by itself takes a log whose end is missing for one that ended there, and passes
/// over a page of zeros without a word; but changes are numbered without gaps.
namespace souk::rocks {

/// What may be at the end of the log.
enum class Tail {
    cut_short,  // Nothing, or the beginning of a record.
    torn,       // Anything; it is dropped.
};

/// How to open a database that may be opened.
struct Opening {
    Tail tail = Tail::cut_short;
    std::string notice = {};  // What its operator should hear; empty: nothing.
};

/// Reads the log and compares it with what was `durable` (DurableMark). A tail beyond that, torn by
/// a crash, is dropped; anything else that is missing is refused. Without a mark, only a log cut
/// short at its end is forgiven. Changes nothing. Errors: corrupt_row (what is missing, in which
/// file, and what to do), ledger_unavailable.
[[nodiscard]] Result<Opening> check_log(const rocksdb::Options& settings,
                                        const std::string& directory,
                                        std::optional<std::uint64_t> durable);

/// The last change that can be read together with all before it. Changes nothing. Errors: as
/// check_log, for what is damaged besides the log.
[[nodiscard]] Result<std::uint64_t> readable_end(const rocksdb::Options& settings,
                                                 const std::string& directory);

/// Lets recovery apply the log's records up to the first that does not follow the one before it.
[[nodiscard]] std::unique_ptr<rocksdb::WalFilter> stop_at_gaps();

/// The number of the last change in a batch that was written or read.
[[nodiscard]] std::uint64_t last_change(const rocksdb::WriteBatch& batch);

/// Why a database could not be opened, for its operator.
[[nodiscard]] Error open_error(const rocksdb::Status& status, const std::string& directory);

}  // namespace souk::rocks
