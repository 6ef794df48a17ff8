#include "adapters/memory/memory_bus.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/ports/retry_delay.h"

namespace souk {

namespace {

using namespace std::chrono_literals;

/// A receipt names the message and the delivery it came with, so that a stale one is recognised.
std::string receipt_of(std::uint64_t sequence, int delivery) {
    return cat(sequence, '.', delivery);
}

std::optional<std::pair<std::uint64_t, int>> parse_receipt(std::string_view receipt) {
    const auto parts = split(receipt, '.');
    const auto sequence = to_integer(parts[0]);
    const auto delivery = parts.size() == 2 ? to_integer(parts[1]) : std::nullopt;
    if (!sequence || !delivery) {
        return std::nullopt;
    }
    return std::pair(static_cast<std::uint64_t>(*sequence), static_cast<int>(*delivery));
}

template <class Held>
auto delivered(Held& held, std::string_view receipt) {
    const auto parsed = parse_receipt(receipt);
    const auto message = parsed ? held.find(parsed->first) : held.end();
    const bool stale = message == held.end() || message->second.deliveries != parsed->second;
    return stale ? held.end() : message;
}

}  // namespace

MemoryBus::MemoryBus(MemoryLedger& ledger, Clock& clock) : ledger_(ledger), clock_(clock) {
    for (const auto& subscription : ledger.subscriptions()) {
        queues_.try_emplace(subscription.queue);
    }
    ledger_.observe(*this);
}

MemoryBus::~MemoryBus() { ledger_.forget(*this); }

Result<std::vector<Message>> MemoryBus::receive(std::string_view queue, int count,
                                                std::chrono::milliseconds wait,
                                                std::stop_token stop) {
    CHECK(count >= 1 && count <= receive_max);
    const auto deadline =
        std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(wait, 24h);
    std::unique_lock lock(mutex_);
    HeldMessages* held = TRY(queue_named(queue));
    while (true) {
        auto messages = take(queue, *held, count);
        const auto now = std::chrono::steady_clock::now();
        if (!messages.empty() || stop.stop_requested() || now >= deadline) {
            return messages;
        }
        auto until = deadline;
        if (const auto next = next_visible(*held)) {
            until = std::min(until,
                             now + std::max<std::chrono::milliseconds>(*next - clock_.now(), 1ms));
        }
        const std::uint64_t seen = sequence_;
        arrived_.wait_until(lock, stop, until, [&] { return sequence_ != seen; });
    }
}

Result<void> MemoryBus::acknowledge(std::string_view queue,
                                    const std::vector<std::string>& receipts) {
    const std::lock_guard lock(mutex_);
    HeldMessages* held = TRY(queue_named(queue));
    for (const auto& receipt : receipts) {
        const auto message = delivered(*held, receipt);
        if (message != held->end()) {
            held->erase(message);
        }
    }
    return {};
}

Result<void> MemoryBus::retry(std::string_view queue, const std::string& receipt,
                              std::string_view reason) {
    const std::lock_guard lock(mutex_);
    HeldMessages* held = TRY(queue_named(queue));
    const auto message = delivered(*held, receipt);
    if (message == held->end()) {
        return {};
    }
    if (message->second.deliveries >= deliveries_max) {
        kill(queue, *held, message, reason);
        return {};
    }
    message->second.visible =
        clock_.now() + retry_delay(message->second.deliveries, message->first);
    ++sequence_;
    arrived_.notify_all();
    return {};
}

Result<void> MemoryBus::bury(std::string_view queue, const std::string& receipt,
                             std::string_view reason) {
    const std::lock_guard lock(mutex_);
    HeldMessages* held = TRY(queue_named(queue));
    const auto message = delivered(*held, receipt);
    if (message != held->end()) {
        kill(queue, *held, message, reason);
    }
    return {};
}

Result<DeadLetterPage> MemoryBus::dead_letters(std::string_view queue, int limit,
                                               std::string_view cursor) {
    const std::lock_guard lock(mutex_);
    if (!queue.empty()) {
        TRY(queue_named(queue));
    }
    const auto after = cursor.empty() ? std::optional<std::int64_t>(0) : to_integer(cursor);
    if (!after || *after < 0) {
        return fail(errors::invalid_cursor, "This cursor is not from this list.");
    }
    DeadLetterPage page;
    std::uint64_t last = 0;
    for (auto at = dead_.upper_bound(static_cast<std::uint64_t>(*after)); at != dead_.end(); ++at) {
        if (!queue.empty() && at->second.queue != queue) {
            continue;
        }
        if (page.letters.size() == static_cast<std::size_t>(limit)) {
            page.cursor = cat(last);
            break;
        }
        page.letters.push_back(at->second);
        last = at->first;
    }
    return page;
}

Result<int> MemoryBus::redrive(std::string_view queue, const std::vector<std::string>& ids) {
    const std::lock_guard lock(mutex_);
    if (!queue.empty()) {
        TRY(queue_named(queue));
    }
    int driven = 0;
    std::erase_if(dead_, [&](const auto& entry) {
        const DeadLetter& letter = entry.second;
        const bool wanted = (queue.empty() || letter.queue == queue) &&
                            (ids.empty() || std::ranges::find(ids, letter.id) != ids.end());
        if (wanted) {
            queues_.find(letter.queue)
                ->second.emplace(++sequence_, Held{letter.event, clock_.now()});
            ++driven;
        }
        return wanted;
    });
    arrived_.notify_all();
    return driven;
}

std::vector<std::string> MemoryBus::queues() const {
    std::vector<std::string> names;
    for (const auto& subscription : ledger_.subscriptions()) {
        names.push_back(subscription.queue);
    }
    return names;
}

std::size_t MemoryBus::depth(std::string_view queue) const {
    const std::lock_guard lock(mutex_);
    const auto found = queues_.find(queue);
    return found == queues_.end() ? 0 : found->second.size();
}

void MemoryBus::committed(const Transaction& transaction) noexcept {
    const std::lock_guard lock(mutex_);
    for (const auto& event : transaction.events) {
        for (const auto& subscription : ledger_.subscriptions()) {
            if (std::ranges::find(subscription.types, event.type) != subscription.types.end()) {
                queues_[subscription.queue].emplace(++sequence_, Held{event, clock_.now()});
            }
        }
    }
    arrived_.notify_all();
}

Result<MemoryBus::HeldMessages*> MemoryBus::queue_named(std::string_view queue) {
    const auto found = queues_.find(queue);
    if (found == queues_.end()) {
        return fail(errors::unknown_queue, cat("There is no queue ", queue, "."));
    }
    return &found->second;
}

std::chrono::seconds MemoryBus::hidden(std::string_view queue) const {
    const auto& subscriptions = ledger_.subscriptions();
    return std::ranges::find(subscriptions, queue, &Subscription::queue)->hidden;
}

std::vector<Message> MemoryBus::take(std::string_view queue, HeldMessages& held, int count) {
    std::vector<Message> messages;
    const Instant now = clock_.now();
    for (auto at = held.begin(); at != held.end() && std::ssize(messages) < count;) {
        const auto message = at++;
        Held& one = message->second;
        if (one.visible > now) {
            continue;
        }
        if (one.deliveries >= deliveries_max) {
            kill(queue, held, message, "No consumer answered in time.");
            continue;
        }
        ++one.deliveries;
        one.visible = now + hidden(queue);
        messages.push_back({receipt_of(message->first, one.deliveries), one.event, one.deliveries});
    }
    return messages;
}

std::optional<Instant> MemoryBus::next_visible(const HeldMessages& held) const {
    std::optional<Instant> next;
    for (const auto& [sequence, one] : held) {
        next = next ? std::min(*next, one.visible) : one.visible;
    }
    return next;
}

void MemoryBus::kill(std::string_view queue, HeldMessages& held, HeldMessages::iterator message,
                     std::string_view reason) {
    const std::uint64_t position = ++sequence_;
    dead_.emplace(position, DeadLetter{cat("dead-", position), std::string(queue),
                                       std::move(message->second.event), std::string(reason),
                                       message->second.deliveries, clock_.now()});
    held.erase(message);
}

}  // namespace souk
