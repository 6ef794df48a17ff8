#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/backup_engine.h>

#include <filesystem>
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

}  // namespace

Result<void> RocksLedger::backup(const std::string& directory) {
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
    return {};
}

Result<void> RocksLedger::restore(const std::string& backup_directory,
                                  const std::string& data_directory) {
    TRY(rocks::check_format(backup_directory));
    if (!TRY(rocks::is_vacant(data_directory))) {
        return fail(errors::ledger_unavailable,
                    cat(data_directory, " is not empty; restore into a new directory."));
    }
    TRY(rocks::make_directory(data_directory));
    const rocks::DirectoryLock lock = TRY(rocks::DirectoryLock::take(data_directory));
    rocksdb::BackupEngineReadOnly* opened = nullptr;
    auto status = rocksdb::BackupEngineReadOnly::Open(
        rocksdb::Env::Default(), rocksdb::BackupEngineOptions(backup_directory), &opened);
    if (!status.ok()) {
        return fail(backup_error("open the backups in", backup_directory, status));
    }
    const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
    status = engine->RestoreDBFromLatestBackup(data_directory, data_directory);
    if (!status.ok()) {
        return fail(backup_error("restore from", backup_directory, status));
    }
    return rocks::stamp_format(data_directory);
}

}  // namespace souk
