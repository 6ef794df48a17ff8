#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/bus_sns_sqs/queue_calls.h"
#include "domain/base/instant.h"
#include "domain/ports/message_bus.h"

namespace souk::sqs {

/// SQS cannot list: to see messages one must receive them, which hides them for a while. A sweep
/// receives one after the other until there is none left, and shows them again when it ends, so two
/// sweeps at the same time each see a part.
class Sweep {
public:
    /// How long a letter stays hidden if the process dies in the middle.
    static constexpr std::chrono::seconds hidden{30};

    /// Sees at most `letters_max` letters. `calls` outlives this.
    Sweep(QueueCalls& calls, std::string url, std::size_t letters_max)
        : calls_(calls), url_(std::move(url)), letters_max_(letters_max) {}
    ~Sweep();
    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;

    /// Some letters not seen before; none when all have been.
    [[nodiscard]] Result<std::vector<StoredMessage>> next();
    /// The letter is gone: not to be shown again.
    void forget(const std::string& id) { handle_by_id_.erase(id); }

private:
    QueueCalls& calls_;
    const std::string url_;
    const std::size_t letters_max_;
    std::size_t expected_ = 0;
    std::set<std::string> seen_;
    std::map<std::string, std::string> handle_by_id_;
};

/// The dead letters of one queue. Thread-safe.
class DeadQueue {
public:
    /// Most letters that one call looks at; what lies behind them is seen once they are gone.
    static constexpr std::size_t listed_max = 1'000;
    static constexpr std::size_t redriven_max = 10'000;

    /// `calls` outlives this.
    DeadQueue(QueueCalls& calls, std::string queue, std::string url)
        : calls_(calls),
          queue_(std::move(queue)),
          url_(std::move(url)),
          dead_url_(url_ + "-dead") {}

    /// In no order.
    [[nodiscard]] Result<std::vector<DeadLetter>> letters();
    /// Sends those letters into the queue again and removes them here; of all letters (no ids),
    /// those that died until `started`. A crash between the two leaves a second copy, which
    /// reactions bear. Tells how many.
    [[nodiscard]] Result<int> redrive(const std::vector<std::string>& ids, Instant started);

private:
    [[nodiscard]] Result<int> move(Sweep& sweep, const std::vector<StoredMessage>& letters);
    [[nodiscard]] DeadLetter letter_of(const StoredMessage& message) const;

    QueueCalls& calls_;
    const std::string queue_;
    const std::string url_;
    const std::string dead_url_;
};

/// What goes to the dead letters of the message `body` that failed.
[[nodiscard]] OutgoingMessage dead_letter(std::string body, int deliveries, std::string_view reason,
                                          Instant died);

}  // namespace souk::sqs
