#include "adapters/ledger_rocksdb/faulty_disk.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>

namespace souk::faulty_disk {

namespace {

constexpr std::size_t kinds = 3;
constexpr int last_standard_stream = 2;

std::atomic<long> room = -1;  // Negative: no bound.
std::array<std::atomic<long>, kinds> seen = {};
std::array<std::atomic<long>, kinds> failing = {};  // 0: none.

bool fails(Call call) {
    const auto kind = static_cast<std::size_t>(call);
    return ++seen[kind] == failing[kind];
}

int failed(int error) {
    errno = error;
    return -1;
}

}  // namespace

void leave_room(long bytes) { room = bytes; }

void fail_nth(Call call, long nth) {
    heal();
    failing[static_cast<std::size_t>(call)] = nth;
}

long calls(Call call) { return seen[static_cast<std::size_t>(call)]; }

void heal() {
    room = -1;
    for (std::size_t i = 0; i < kinds; ++i) {
        failing[i] = 0;
        seen[i] = 0;
    }
}

}  // namespace souk::faulty_disk

extern "C" {

using souk::faulty_disk::Call;

ssize_t write(int descriptor, const void* bytes, size_t count) {
    using namespace souk::faulty_disk;
    if (descriptor <= last_standard_stream) {
        return syscall(SYS_write, descriptor, bytes, count);
    }
    if (fails(Call::write)) {
        return failed(EIO);
    }
    const long left = room.load();
    if (left == 0) {
        return failed(ENOSPC);
    }
    if (left > 0) {
        count = std::min(count, static_cast<size_t>(left));
        room -= static_cast<long>(count);
    }
    return syscall(SYS_write, descriptor, bytes, count);
}

int fdatasync(int descriptor) {
    return souk::faulty_disk::fails(Call::sync)
               ? souk::faulty_disk::failed(EIO)
               : static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

int fsync(int descriptor) {
    return souk::faulty_disk::fails(Call::sync) ? souk::faulty_disk::failed(EIO)
                                                : static_cast<int>(syscall(SYS_fsync, descriptor));
}

int rename(const char* from, const char* to) noexcept {
    return souk::faulty_disk::fails(Call::rename) ? souk::faulty_disk::failed(EIO)
                                                  : static_cast<int>(syscall(SYS_rename, from, to));
}

}  // extern "C"
