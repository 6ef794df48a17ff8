#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "domain/base/error.h"

namespace souk::rocks {

/// How far the log is known to be on the disk, kept beside it in the file `souk.durable`. A log
/// cannot tell that its own end is missing; whoever opens it can, by this. Thread-safe.
/// The file is written after each sync of the log and never synced itself, so it costs no wait:
/// after the death of the process it is exact, after that of the machine it may be behind the log,
/// never ahead of it.
class DurableMark {
public:
    /// The last change that was on the disk, as the directory's file says; nothing if there is no
    /// file, or none that can be read.
    [[nodiscard]] static std::optional<std::uint64_t> read(const std::string& directory);

    /// Makes the file say `sequence`, whatever it said. Errors: ledger_unavailable.
    static Result<void> write(const std::string& directory, std::uint64_t sequence);

    /// Errors: ledger_unavailable.
    static Result<DurableMark> open(const std::string& directory);
    DurableMark(DurableMark&& other) noexcept;
    DurableMark& operator=(DurableMark&&) = delete;
    ~DurableMark();

    /// Changes up to `sequence` are on the disk. Failing to say so leaves the mark behind, which
    /// is allowed.
    void raise(std::uint64_t sequence);

private:
    DurableMark(int descriptor, std::uint64_t sequence)
        : descriptor_(descriptor), sequence_(sequence) {}

    int descriptor_;
    std::mutex raising_;  // Guards what follows.
    std::uint64_t sequence_;
};

}  // namespace souk::rocks
