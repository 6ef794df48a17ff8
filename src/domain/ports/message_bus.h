#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/event.h"

/// Queues of events, one per consumer. Events enter with the ledger commit that carries them;
/// delivery is at least once and in no promised order. Contract:
/// tests/contracts/message_bus_contract.h.
namespace souk {

namespace errors {
inline constexpr ErrorCode unknown_queue{"unknown_queue", ErrorKind::not_found};
/// A reaction's way to say: too early, the event will make sense later. Retried.
inline constexpr ErrorCode not_yet{"not_yet", ErrorKind::unavailable};
}  // namespace errors

/// After this many failed deliveries a message goes to its queue's dead letters.
inline constexpr int deliveries_max = 5;
inline constexpr int receive_max = 10;

struct Message {
    std::string receipt;  // What acknowledge and retry take; opaque.
    Event event;
    int delivery = 1;  // 1 for the first try; counts survive a restart.
};

struct DeadLetter {
    std::string id;
    std::string queue;
    Event event;
    std::string reason;  // The last failure, in words; no secrets.
    int deliveries = 0;
    Instant died;
};

struct DeadLetterPage {
    std::vector<DeadLetter> letters;
    std::optional<std::string> cursor;
};

class MessageBus {
public:
    virtual ~MessageBus() = default;

    /// Up to `count` (1..receive_max) visible messages; blocks until there is one, `wait` has
    /// passed or a stop is requested, then returns what there is. Waiting costs nothing: no
    /// polling.
    [[nodiscard]] virtual Result<std::vector<Message>> receive(std::string_view queue, int count,
                                                               std::chrono::milliseconds wait,
                                                               std::stop_token stop) = 0;
    /// Done with; never delivered again. Of several, each on its own.
    [[nodiscard]] virtual Result<void> acknowledge(std::string_view queue,
                                                   const std::vector<std::string>& receipts) = 0;
    /// Failed: again after a backoff with jitter, or to the dead letters after deliveries_max.
    [[nodiscard]] virtual Result<void> retry(std::string_view queue, const std::string& receipt,
                                             std::string_view reason) = 0;
    /// Straight to the dead letters: what can never succeed.
    [[nodiscard]] virtual Result<void> bury(std::string_view queue, const std::string& receipt,
                                            std::string_view reason) = 0;

    /// Newest last. Shape: an empty queue name means all queues; limit 1..100.
    [[nodiscard]] virtual Result<DeadLetterPage> dead_letters(std::string_view queue, int limit,
                                                              std::string_view cursor) = 0;
    /// Back into their queue with a fresh count; an empty id list means all of the queue's. Returns
    /// how many.
    [[nodiscard]] virtual Result<int> redrive(std::string_view queue,
                                              const std::vector<std::string>& ids) = 0;
    [[nodiscard]] virtual std::vector<std::string> queues() const = 0;
};

/// What a service does with the events of one of its queues. An error's kind decides what becomes
/// of the message: see `after_failure`.
struct Reaction {
    std::string queue;
    std::vector<std::string> types;
    std::function<Result<void>(const Event&)> react;
    /// Messages that a worker takes at a time: enough to save bookkeeping, few enough that it does
    /// not hoard, and that all of them are done with before the queue shows them to others.
    int at_once = 4;
};

/// Errors: the reaction's; not_yet for a type that is none of its own: a newer version's, whose
/// subscription is in force before all workers are.
[[nodiscard]] Result<void> act_upon(const Event& event, const Reaction& reaction);

enum class AfterFailure { retry, dead_letter };
/// The one table from a failed reaction's error to the message's fate: unavailable, exhausted and
/// conflict are tried again; invalid, not_found, denied and corrupt can never succeed and go to the
/// dead letters at once.
[[nodiscard]] AfterFailure after_failure(const Error& error);

}  // namespace souk
