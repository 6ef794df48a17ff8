#include "adapters/ledger_rocksdb/disk_room.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "domain/base/text.h"

namespace souk::rocks {

bool DiskRoom::enough() {
    const std::lock_guard lock(looking_);
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) {
        return enough_;
    }
    next_look_ = now + interval;
    struct statvfs disk{};
    if (::statvfs(directory_.c_str(), &disk) != 0) {
        return enough_ = true;
    }
    left_ = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    reserve_ = std::min(reserve_max, std::uint64_t{disk.f_blocks} * disk.f_frsize / reserve_share);
    return enough_ = left_ >= reserve_;
}

std::string DiskRoom::in_words() const {
    constexpr std::uint64_t kib = 1024;
    const std::lock_guard lock(looking_);
    return cat(left_ / kib, " KiB are left for ", directory_, ", and ", reserve_ / kib,
               " KiB are kept free");
}

}  // namespace souk::rocks
