#include "adapters/ledger_rocksdb/log_check.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "adapters/ledger_rocksdb/database.h"
#include "domain/base/text.h"
#include "domain/ports/ledger.h"

namespace souk::rocks {

namespace {

using Mode = rocksdb::WALRecoveryMode;

constexpr std::string_view restore =
    " Nothing was changed. Restore the newest backup into a new directory (souk restore)";
constexpr std::string_view or_salvage = ", or give up for good what cannot be read (souk salvage)";

/// A batch begins with its first change's number, least byte first.
/// Source: RocksDB, db/write_batch.cc.
std::uint64_t first_change(const rocksdb::WriteBatch& batch) {
    std::uint64_t number = 0;
    for (std::size_t i = sizeof number; i > 0; --i) {
        number = number << 8 | static_cast<unsigned char>(batch.Data()[i - 1]);
    }
    return number;
}

struct Gap {
    std::uint64_t from = 0;  // The first change that is missing.
    std::uint64_t next = 0;  // The first that is there again.
    std::string file;
};

/// Follows the log's records as RocksDB reads them.
class LogFollower final : public rocksdb::WalFilter {
public:
    enum class Purpose { look, recover };  // Applies nothing; applies records up to the first gap.
    explicit LogFollower(Purpose purpose) : purpose_(purpose) {}

    WalProcessingOption LogRecordFound(unsigned long long, const std::string& file,
                                       const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                       bool*) override {
        const bool applies = purpose_ == Purpose::recover;
        const std::uint64_t from = first_change(batch);
        if (first_ != 0 && from != last_ + 1 && !gap_) {
            gap_ = Gap{last_ + 1, from, file};
        }
        if (gap_) {
            return applies ? WalProcessingOption::kStopReplay
                           : WalProcessingOption::kIgnoreCurrentRecord;
        }
        first_ = first_ == 0 ? from : first_;
        last_ = last_change(batch);
        file_ = file;
        return applies ? WalProcessingOption::kContinueProcessing
                       : WalProcessingOption::kIgnoreCurrentRecord;
    }
    [[nodiscard]] const char* Name() const override { return "souk.log_follower"; }

    [[nodiscard]] std::uint64_t first() const { return first_; }  // 0: there are no records.
    [[nodiscard]] std::uint64_t last() const { return last_; }    // Before the gap, if any.
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::optional<Gap>& gap() const { return gap_; }

private:
    Purpose purpose_;
    std::uint64_t first_ = 0;
    std::uint64_t last_ = 0;
    std::string file_;
    std::optional<Gap> gap_;
};

/// What all of a database's files together lead up to.
struct Reading {
    rocksdb::Status status;
    std::uint64_t reached = 0;
    std::optional<Gap> gap;
};

Reading read_all(rocksdb::Options settings, const std::string& directory, Mode mode) {
    LogFollower follower(LogFollower::Purpose::look);
    settings.wal_recovery_mode = mode;
    settings.wal_filter = &follower;
    rocksdb::DB* opened = nullptr;
    Reading reading;
    reading.status = rocksdb::DB::OpenForReadOnly(settings, directory, &opened);
    const std::unique_ptr<rocksdb::DB> db(opened);
    // Nothing of the log was applied: this is what the table files hold.
    const std::uint64_t in_tables = db ? db->GetLatestSequenceNumber() : 0;
    reading.gap = follower.gap();
    reading.reached = std::max(in_tables, follower.last());
    if (db && follower.first() > in_tables + 1) {
        reading.gap = Gap{in_tables + 1, follower.first(), follower.file()};
        reading.reached = in_tables;
    }
    return reading;
}

/// The names of the log's files.
std::string logs_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator(directory, unreadable)) {
        if (entry.path().extension() == ".log") {
            names.push_back(entry.path().filename().string());
        }
    }
    std::ranges::sort(names);
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text.empty() ? "there is no file of it" : text;
}

std::string range(std::uint64_t from, std::uint64_t to) {
    return from == to ? cat("change ", from) : cat("changes ", from, " to ", to);
}

Error damaged(const std::string& directory, std::string_view how) {
    return {errors::corrupt_row,
            cat("The log of the ledger in ", directory, ' ', how, '.', restore, or_salvage, '.')};
}

Error lost(const Reading& reading, const std::string& directory,
           std::optional<std::uint64_t> durable) {
    if (reading.gap) {
        return damaged(directory,
                       cat("is damaged: ", range(reading.gap->from, reading.gap->next - 1),
                           " cannot be read, before what ", reading.gap->file, " holds"));
    }
    const std::string missing = range(reading.reached + 1, durable.value_or(0));
    return damaged(directory, cat(reading.status.ok() ? "ends too early" : "is damaged",
                                  ", after change ", reading.reached, " (", logs_in(directory),
                                  "): ", missing, " had been acknowledged and cannot be read"));
}

}  // namespace

Result<Opening> check_log(const rocksdb::Options& settings, const std::string& directory,
                          std::optional<std::uint64_t> durable) {
    Reading reading = read_all(settings, directory, Mode::kTolerateCorruptedTailRecords);
    if (reading.status.ok() && !reading.gap && reading.reached >= durable.value_or(0)) {
        return Opening{};
    }
    if (reading.status.IsCorruption() && durable) {
        // Is it the log, and what is before the damage?
        Reading before = read_all(settings, directory, Mode::kPointInTimeRecovery);
        if (!before.status.ok()) {
            return fail(open_error(reading.status, directory));
        }
        before.status = reading.status;
        reading = std::move(before);
    } else if (!reading.status.ok()) {
        return fail(open_error(reading.status, directory));
    }
    if (!durable || reading.reached < *durable) {
        return fail(lost(reading, directory, durable));
    }
    return Opening{Tail::torn,
                   cat("The end of the log (", logs_in(directory),
                       ") was torn by a crash and is dropped after change ", reading.reached,
                       "; all that is known to be acknowledged is there.")};
}

Result<std::uint64_t> readable_end(const rocksdb::Options& settings, const std::string& directory) {
    const Reading reading = read_all(settings, directory, Mode::kPointInTimeRecovery);
    if (!reading.status.ok()) {
        return fail(open_error(reading.status, directory));
    }
    return reading.reached;
}

std::unique_ptr<rocksdb::WalFilter> stop_at_gaps() {
    return std::make_unique<LogFollower>(LogFollower::Purpose::recover);
}

std::uint64_t last_change(const rocksdb::WriteBatch& batch) {
    return first_change(batch) + batch.Count() - 1;
}

Error open_error(const rocksdb::Status& status, const std::string& directory) {
    constexpr std::string_view former_ending = ".ldb";
    std::string words = status.ToString();
    // A table file that is missing is called by the ending that such files had in earlier versions.
    if (const auto at = words.find(former_ending); at != std::string::npos) {
        words.replace(at, former_ending.size(), ".sst");
    }
    if (status.IsCorruption() || status.IsNotSupported() || status.IsInvalidArgument() ||
        status.IsNotFound() || status.IsPathNotFound()) {
        return {errors::corrupt_row,
                cat("The ledger in ", directory, " is damaged (", words, ").", restore, '.')};
    }
    Error error = in_full(status);
    error.detail = cat("The ledger in ", directory, " cannot be opened: ", error.detail);
    return error;
}

}  // namespace souk::rocks
