#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/json.h"
#include "domain/ports/clock.h"
#include "domain/ports/event.h"

namespace souk::testing_support {

/// SNS with one topic and SQS in memory: a queue for each subscription, and its dead letters' (its
/// name and "-dead"). A message that was received five times goes to the dead letters.
/// Thread-safe.
class MemoryQueues {
public:
    /// `clock` outlives this. Queue URLs are anything that ends with "/" + `prefix` + the name.
    MemoryQueues(const Clock& clock, std::string prefix, std::vector<Subscription> subscriptions);

    /// What SQS says to the action ("SendMessageBatch").
    [[nodiscard]] aws::Answer answer_sqs(std::string_view action, std::string_view body);
    /// What SNS says to a form ("Action=PublishBatch&…").
    [[nodiscard]] aws::Answer answer_sns(std::string_view form);
    /// Asked of every entry of a batch: whether it fails for a reason of the service's own.
    void fail_entries(std::function<bool()> fails) { entry_fails_ = std::move(fails); }

    /// A message, as Lambda's poller gets it.
    struct Received {
        std::string id, handle, body;
        int receives = 1;
    };
    /// Draws one of so many: 0 to below its argument.
    using Pick = std::function<std::size_t(std::size_t)>;
    /// Up to `count` visible messages, in the order of `pick`'s choice.
    [[nodiscard]] std::vector<Received> receive(std::string_view queue, std::size_t count,
                                                std::chrono::milliseconds hidden, const Pick& pick);
    /// The poller's acknowledgement.
    void remove(std::string_view queue, const std::string& handle);
    /// A message that was received stays visible all the same, as SQS permits itself.
    void show(std::string_view queue, const std::string& handle);
    /// All dead letters go back into their queues with a fresh count; tells how many.
    std::size_t redrive();
    /// Messages of all queues but the dead letters'.
    [[nodiscard]] std::size_t size() const;

private:
    struct Message {
        std::string id, handle, body;
        Instant visible;
        int receives = 0;
    };
    using Queue = std::vector<Message>;

    [[nodiscard]] Queue& queue_at(JsonView body);
    void send(Queue& queue, std::string body);
    void publish(const std::string& body, std::string_view type);
    /// Runs `act` on every entry of a batch, and says of each whether it was done.
    template <class Act>
    [[nodiscard]] std::string batch(JsonView entries, Act act);
    [[nodiscard]] bool entry_fails() { return entry_fails_ && entry_fails_(); }

    const Clock& clock_;
    const std::string prefix_;
    const std::vector<Subscription> subscriptions_;
    mutable std::mutex mutex_;
    std::map<std::string, Queue, std::less<>> queues_;
    std::function<bool()> entry_fails_;
    std::uint64_t handles_ = 0;
};

}  // namespace souk::testing_support
