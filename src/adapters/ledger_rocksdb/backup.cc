#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>

#include "adapters/ledger_rocksdb/data_directory.h"
#include "adapters/ledger_rocksdb/database.h"
#include "adapters/ledger_rocksdb/rocks_ledger_state.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr bool check_checksums = true;
constexpr bool flush_first = false;  // The log is copied too, and serving is not held up.

Error backup_error(std::string_view verb, const std::string& directory,
                   const rocksdb::Status& status) {
    Error error = rocks::in_full(status);
    error.detail = cat("Cannot ", verb, " ", directory, ": ", error.detail);
    return error;
}

/// Refuses a place inside the ledger's own directory, and a folder that holds something else.
Result<void> check_target(const std::string& target, const std::string& ledger) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path inner = fs::weakly_canonical(target, error);
    const fs::path outer = fs::weakly_canonical(ledger, error);
    const auto relative = inner.lexically_relative(outer);
    if (!relative.empty() && *relative.begin() != "..") {
        return fail(
            errors::ledger_unavailable,
            cat("A backup does not belong inside the ledger's own directory ", ledger, "."));
    }
    TRY(rocks::make_directory(target));
    if (TRY(rocks::is_vacant(target))) {
        TRY(rocks::stamp_format(target));
    }
    TRY(rocks::check_format(target));
    if (fs::exists(inner / "CURRENT", error)) {
        return fail(errors::ledger_unavailable,
                    cat(target, " is a ledger itself, not a folder of backups."));
    }
    return {};
}

using ReadEngine = std::unique_ptr<rocksdb::BackupEngineReadOnly>;

Result<ReadEngine> opened_to_read(const std::string& directory) {
    TRY(rocks::check_format(directory));
    rocksdb::BackupEngineReadOnly* opened = nullptr;
    const auto status = rocksdb::BackupEngineReadOnly::Open(
        rocksdb::Env::Default(), rocksdb::BackupEngineOptions(directory), &opened);
    if (!status.ok()) {
        return fail(backup_error("open the backups in", directory, status));
    }
    return ReadEngine(opened);
}

std::vector<LedgerBackup> listed(const rocksdb::BackupEngineReadOnly& engine) {
    std::vector<LedgerBackup> all;
    std::vector<rocksdb::BackupInfo> whole;
    engine.GetBackupInfo(&whole);
    for (const auto& one : whole) {
        all.push_back({one.backup_id, Instant::from_unix_ms(one.timestamp * 1000), one.size});
    }
    std::vector<rocksdb::BackupID> damaged;
    engine.GetCorruptedBackups(&damaged);
    for (const auto number : damaged) {
        all.push_back({.number = number, .made = {}, .whole = false});
    }
    std::ranges::sort(all, {}, &LedgerBackup::number);
    return all;
}

std::string told(const std::vector<LedgerBackup>& all, std::string_view lead) {
    std::string text(lead);
    for (const auto& one : all) {
        text += cat(&one == &all.front() ? " " : ", ", one.number, one.made ? " of " : "",
                    one.made ? to_rfc3339(*one.made) : std::string(" (not whole)"));
    }
    return text + ".";
}

/// Errors: ledger_unavailable, when there is no such backup, or files of it are missing.
Result<LedgerBackup> choose(const std::vector<LedgerBackup>& all,
                            std::optional<std::uint32_t> number, const std::string& directory) {
    if (all.empty()) {
        return fail(errors::ledger_unavailable, cat(directory, " holds no backup."));
    }
    const auto found =
        number ? std::ranges::find(all, *number, &LedgerBackup::number) : std::prev(all.end());
    if (found == all.end()) {
        return fail(errors::ledger_unavailable, cat("There is no backup ", *number, " in ",
                                                    directory, told(all, "; those there are:")));
    }
    if (!found->whole) {
        return fail(errors::ledger_unavailable, cat("Files of backup ", found->number, " in ",
                                                    directory, " are missing or cut short",
                                                    told(all,
                                                         "; the backups there, of which "
                                                         "--backup chooses another:")));
    }
    return *found;
}

Result<void> restore_into(const rocksdb::BackupEngineReadOnly& engine, std::uint32_t number,
                          const std::string& directory) {
    TRY(rocks::make_directory(directory));
    const rocks::DirectoryLock lock = TRY(rocks::DirectoryLock::take(directory));
    const auto status = engine.RestoreDBFromBackup(number, directory, directory);
    if (!status.ok()) {
        return fail(backup_error(cat("restore backup ", number, " into"), directory, status));
    }
    return rocks::stamp_format(directory);
}

}  // namespace

Result<std::uint32_t> RocksLedger::backup(const std::string& directory) {
    TRY(check_target(directory, state_->options.directory));
    // A damaged table file would be copied as it is, and push the good backups out in time.
    if (const auto whole = state_->database->handle().VerifyChecksum(); !whole.ok()) {
        return fail(rocks::to_error(whole));
    }
    rocksdb::BackupEngine* opened = nullptr;
    auto status = rocksdb::BackupEngine::Open(rocksdb::Env::Default(),
                                              rocksdb::BackupEngineOptions(directory), &opened);
    if (!status.ok()) {
        return fail(backup_error("open the backups in", directory, status));
    }
    const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
    rocksdb::CreateBackupOptions options;
    options.flush_before_backup = flush_first;
    rocksdb::BackupID made = 0;
    status = engine->CreateNewBackup(options, &state_->database->handle(), &made);
    if (status.ok()) {
        status = engine->VerifyBackup(made, check_checksums);
    }
    if (status.ok()) {
        status = engine->PurgeOldBackups(backups_kept);
    }
    if (!status.ok()) {
        return fail(backup_error("back up to", directory, status));
    }
    return made;
}

Result<std::vector<LedgerBackup>> RocksLedger::backups(const std::string& directory) {
    return listed(*TRY(opened_to_read(directory)));
}

Result<LedgerBackup> RocksLedger::restore(const std::string& backup_directory,
                                          const std::string& data_directory,
                                          std::optional<std::uint32_t> number) {
    const auto engine = TRY(opened_to_read(backup_directory));
    const auto all = listed(*engine);
    const LedgerBackup chosen = TRY(choose(all, number, backup_directory));
    if (!TRY(rocks::is_vacant(data_directory))) {
        return fail(errors::ledger_unavailable,
                    cat(data_directory, " is not empty; restore into a new directory."));
    }
    const auto restored = restore_into(*engine, chosen.number, data_directory);
    if (!restored) {
        std::error_code ignored;
        std::filesystem::remove_all(data_directory, ignored);
        Error error = restored.error();
        error.detail += told(all, "; the backups there:");
        return fail(std::move(error));
    }
    return chosen;
}

}  // namespace souk
