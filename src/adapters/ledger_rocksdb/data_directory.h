#pragma once

#include <string>

#include "domain/base/error.h"

/// The folder around the database: who holds it, and in which format it is.
namespace souk::rocks {

/// The exclusive hold of one process on a data directory; ends with its destruction or the process.
class DirectoryLock {
public:
    /// Errors: ledger_unavailable, "another souk is running on DIR".
    static Result<DirectoryLock> take(const std::string& directory);
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) noexcept;
    ~DirectoryLock();

private:
    explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// Makes the directory (and its parents) if need be. Errors: ledger_unavailable.
[[nodiscard]] Result<void> make_directory(const std::string& directory);
/// Writes the format's version into an empty directory. Errors: ledger_unavailable.
[[nodiscard]] Result<void> stamp_format(const std::string& directory);
/// Writes into it that what is here is still being made. Errors: ledger_unavailable.
[[nodiscard]] Result<void> stamp_unfinished(const std::string& directory);
/// Whether it holds nothing yet, or what somebody died over while making it.
[[nodiscard]] Result<bool> is_unfinished(const std::string& directory);
/// Errors: ledger_unavailable when a newer souk wrote the directory, when it holds something else,
/// or is missing.
[[nodiscard]] Result<void> check_format(const std::string& directory);
/// Whether nothing of anybody's is in it; a missing one is vacant, and the lock and the format's
/// version do not count.
[[nodiscard]] Result<bool> is_vacant(const std::string& directory);

}  // namespace souk::rocks
