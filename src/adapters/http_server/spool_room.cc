#include "adapters/http_server/spool_room.h"

#include <sys/statvfs.h>

#include <algorithm>

namespace souk::http_edge {

Result<void> SpoolRoom::take(int file, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    // The disk is looked at under the lock, each time: what is written by then is what it counts.
    if (bytes > limits_.spooled_bytes_max - std::min(taken_, limits_.spooled_bytes_max) ||
        !disk_has(file, bytes)) {
        return fail(errors::spool_full, "The server keeps too many large bodies right now.");
    }
    taken_ += bytes;
    return {};
}

bool SpoolRoom::disk_has(int file, std::uint64_t bytes) const {
    struct statvfs disk{};
    if (::fstatvfs(file, &disk) != 0) {
        return true;  // The system does not tell.
    }
    const std::uint64_t left = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const std::uint64_t size = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    const std::uint64_t kept_free =
        std::min(limits_.spool_disk_free_bytes, size / limits_.spool_disk_free_share);
    const std::uint64_t to_write = taken_ - written_ + bytes;
    const std::uint64_t to_copy = taken_ + bytes;
    return left >= kept_free + to_write + to_copy;
}

void SpoolRoom::wrote(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    written_ += bytes;
}

void SpoolRoom::give_back(std::uint64_t taken, std::uint64_t written) {
    const std::lock_guard lock(mutex_);
    taken_ -= taken;
    written_ -= written;
}

}  // namespace souk::http_edge
