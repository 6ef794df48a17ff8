#include "adapters/http_server/spool_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

constexpr int owner_only = 0600;

int open_nameless(const std::string& directory) {
    const int file = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, owner_only);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
        return file;
    }
    // Some file systems have no O_TMPFILE.
    std::string path = cat(directory, "/souk-body-XXXXXX");
    const int named = ::mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) {
        ::unlink(path.c_str());
    }
    return named;
}

std::unexpected<Error> io_failure(std::string_view what) {
    return fail(errors::unavailable, cat(what, ": ", std::generic_category().message(errno), '.'));
}

}  // namespace

Result<std::shared_ptr<SpoolFile>> SpoolFile::create(const std::string& directory,
                                                     std::shared_ptr<SpoolRoom> room) {
    const int file = open_nameless(directory);
    if (file < 0) {
        return io_failure(cat("No file could be made in ", directory));
    }
    return std::shared_ptr<SpoolFile>(new SpoolFile(file, std::move(room)));
}

SpoolFile::~SpoolFile() {
    ::close(file_);
    room_->give_back(taken_, size_);
}

Result<void> SpoolFile::append(std::string_view bytes) {
    TRY(room_->take(file_, bytes.size()));
    taken_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t wrote =
            ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (wrote < 0) {
            if (errno == EINTR) {
                continue;
            }
            return io_failure("The body could not be stored");
        }
        size_ += static_cast<std::uint64_t>(wrote);
        room_->wrote(static_cast<std::uint64_t>(wrote));
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<std::string> SpoolFile::next(std::size_t bytes_max) {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max, size_ - read_)),
                      '\0');
    std::size_t have = 0;
    while (have < piece.size()) {
        const ssize_t got = ::pread(file_, piece.data() + have, piece.size() - have,
                                    static_cast<off_t>(read_ + have));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return io_failure("The stored body could not be read");
        }
        have += static_cast<std::size_t>(got);
    }
    read_ += have;
    return piece;
}

}  // namespace souk::http_edge
