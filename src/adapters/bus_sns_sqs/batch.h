#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "domain/base/error.h"

/// SQS and SNS take several entries in one call and answer 200 although some of them failed. Here
/// is the one place that looks.
namespace souk::sqs {

/// Unit: entries. Source: Amazon SQS and SNS quotas.
inline constexpr std::size_t batch_entries_max = 10;
/// The smaller of the two services' limits. Unit: bytes. Source: Amazon SNS quotas.
inline constexpr std::size_t batch_bytes_max = 256 * 1024;

/// `sender`: the entry itself is wrong, and would be refused again.
enum class Blame { sender, service };

struct EntryFailure {
    std::size_t entry = 0;  // Its position in what was given.
    Blame blame = Blame::service;
    std::string code;
    std::string message;
};

/// What became of one call's entries. Those in neither list count as failed.
struct BatchOutcome {
    std::vector<std::size_t> done;
    std::vector<EntryFailure> failed;
};

/// How often, and how far apart, what the service failed at is tried again.
struct Pacing {
    int tries_max = 3;
    std::chrono::milliseconds pause{50};  // Before the second try; doubles.
};

using SendBatch = std::function<Result<BatchOutcome>(const std::vector<std::size_t>& entries)>;

/// Sends entries, named by their position in `sizes` (bytes), in as few calls as the limits permit,
/// and again those that the service failed at. A call that fails as a whole ends it: whatever is
/// not done then has failed with that error's code.
/// Repeat: a failed entry may have had its effect.
[[nodiscard]] std::vector<EntryFailure> send_in_batches(const std::vector<std::size_t>& sizes,
                                                        const Pacing& pacing,
                                                        const SendBatch& send);

}  // namespace souk::sqs
