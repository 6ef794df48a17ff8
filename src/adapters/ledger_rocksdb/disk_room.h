#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace souk::rocks {

/// Whether the disk under a directory has room to spare. Commits end a little before the disk does:
/// what is left lets RocksDB finish its files, and a souk that was stopped start again; and RocksDB
/// itself aborts the process when the disk fills up at the wrong moment. Thread-safe.
class DiskRoom {
public:
    /// Units: bytes. What is kept free, and at most one part in `reserve_share` of the disk.
    static constexpr std::uint64_t reserve_max = std::uint64_t{32} * 1024 * 1024;
    static constexpr std::uint64_t reserve_share = 20;

    explicit DiskRoom(std::string directory) : directory_(std::move(directory)) {}

    /// Looks at most once in `interval`; true where the system does not tell.
    [[nodiscard]] bool enough();
    /// How much is left, for the operator.
    [[nodiscard]] std::string in_words() const;

private:
    static constexpr std::chrono::milliseconds interval{50};

    const std::string directory_;
    mutable std::mutex looking_;  // Guards what follows.
    std::chrono::steady_clock::time_point next_look_;
    bool enough_ = true;
    std::uint64_t left_ = 0;
    std::uint64_t reserve_ = 0;
};

}  // namespace souk::rocks
