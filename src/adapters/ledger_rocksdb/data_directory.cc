#include "adapters/ledger_rocksdb/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "domain/base/text.h"
#include "domain/ports/ledger.h"

namespace souk::rocks {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view lock_name = "souk.lock";
constexpr std::string_view format_name = "souk.format";
constexpr std::string_view draft_ending = ".new";
constexpr std::int64_t format_version = 1;
constexpr std::int64_t format_unfinished = 0;  // A ledger that is still being made.

std::string reason(int error) { return std::system_category().message(error); }

std::unexpected<Error> cannot(std::string_view verb, const std::string& path,
                              const std::string& why) {
    return fail(errors::ledger_unavailable, cat("Cannot ", verb, " ", path, ": ", why, "."));
}

Result<void> sync_directory(const std::string& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    return synced ? Result<void>{} : Result<void>(cannot("sync", directory, reason(error)));
}

/// Whole, and on the disk, or not at all: a half-written format file would lock its owner out.
Result<void> write_durably(const std::string& path, std::string_view text) {
    const std::string draft = cat(path, draft_ending);
    const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return cannot("write", draft, reason(errno));
    }
    const bool written = ::write(descriptor, text.data(), text.size()) == std::ssize(text) &&
                         ::fsync(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!written || ::rename(draft.c_str(), path.c_str()) != 0) {
        return cannot("write", path, reason(written ? errno : error));
    }
    return sync_directory(fs::path(path).parent_path());
}

Result<void> stamp(const std::string& directory, std::int64_t version) {
    return write_durably(cat(directory, '/', format_name), cat(version, '\n'));
}

/// Nothing if there is no such file. Errors: corrupt_row.
Result<std::optional<std::int64_t>> stamped_format(const std::string& directory) {
    std::ifstream file(cat(directory, '/', format_name));
    if (!file) {
        return std::nullopt;
    }
    std::string text;
    std::getline(file, text);
    const auto version = to_integer(trimmed(text));
    if (!version) {
        return fail(errors::corrupt_row,
                    cat("The file ", directory, '/', format_name,
                        " is damaged: it does not hold a number. Restore the newest backup into a "
                        "new directory (souk restore)."));
    }
    return version;
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
    const std::string path = cat(directory, '/', lock_name);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return cannot("open", path, reason(errno));
    }
    DirectoryLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(errors::ledger_unavailable,
                        cat("Another souk is running on ", directory, "."));
        }
        return cannot("lock", path, reason(errno));
    }
    return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<void> make_directory(const std::string& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) {
        return cannot("make", directory, error.message());
    }
    return {};
}

Result<void> stamp_format(const std::string& directory) { return stamp(directory, format_version); }

Result<void> stamp_unfinished(const std::string& directory) {
    return stamp(directory, format_unfinished);
}

Result<bool> is_unfinished(const std::string& directory) {
    const auto version = TRY(stamped_format(directory));
    return version ? *version == format_unfinished : TRY(is_vacant(directory));
}

Result<void> check_format(const std::string& directory) {
    const auto version = TRY(stamped_format(directory));
    if (!version) {
        return fail(errors::ledger_unavailable, cat(directory, " does not hold a ledger: the file ",
                                                    format_name, " is missing."));
    }
    if (*version > format_version) {
        return fail(
            errors::ledger_unavailable,
            cat("The ledger in ", directory, " has format ", *version,
                ", made by a newer souk; this one reads up to format ", format_version, "."));
    }
    return {};
}

Result<bool> is_vacant(const std::string& directory) {
    std::error_code error;
    if (!fs::exists(directory, error)) {
        return true;
    }
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        const fs::path name = at->path().filename();
        if (name != lock_name && name != format_name && name != cat(format_name, draft_ending)) {
            return false;
        }
    }
    if (error) {
        return cannot("list", directory, error.message());
    }
    return true;
}

}  // namespace souk::rocks
