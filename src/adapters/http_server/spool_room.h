#pragma once

#include <cstdint>
#include <mutex>

#include "adapters/http_server/http_server.h"
#include "domain/base/error.h"

namespace souk {

namespace errors {
/// Bodies take as much of the disk as they may already.
inline constexpr ErrorCode spool_full{"spool_full", ErrorKind::unavailable};
}  // namespace errors

namespace http_edge {

/// What the spooled bodies of a server may take of its disk together. Bytes are taken before they
/// are written, and given back once their file is gone. Thread-safe.
class SpoolRoom {
public:
    explicit SpoolRoom(const HttpLimits& limits) : limits_(limits) {}

    /// Takes `bytes` for a file, or nothing. Errors: spool_full, also when the file's disk would
    /// have too little left, counting what others have taken and not yet written, and that whoever
    /// keeps a body copies it first.
    [[nodiscard]] Result<void> take(int file, std::uint64_t bytes);
    /// So many of the bytes that were taken are in their file.
    void wrote(std::uint64_t bytes);
    /// A file is gone for which `taken` bytes were taken and `written` written.
    void give_back(std::uint64_t taken, std::uint64_t written);

private:
    [[nodiscard]] bool disk_has(int file, std::uint64_t bytes) const;

    const HttpLimits limits_;
    std::mutex mutex_;  // Guards what follows.
    std::uint64_t taken_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace http_edge

}  // namespace souk
