#include "adapters/bus_ledger/ledger_bus.h"

#include <algorithm>

#include "adapters/bus_ledger/ledger_queue.h"
#include "domain/base/text.h"

namespace souk {

LedgerBus::LedgerBus(Outbox& outbox, Clock& clock) : outbox_(outbox) {
    for (const auto& subscription : outbox.subscriptions()) {
        queues_.push_back(std::make_unique<bus::LedgerQueue>(subscription, outbox, clock));
        for (const auto& type : subscription.types) {
            by_type_[type].push_back(queues_.back().get());
        }
    }
    outbox_.observe(*this);
}

LedgerBus::~LedgerBus() { outbox_.forget(*this); }

Result<void> LedgerBus::resume() {
    for (const auto& queue : queues_) {
        TRY(queue->resume());
    }
    return {};
}

Result<std::vector<Message>> LedgerBus::receive(std::string_view queue, int count,
                                                std::chrono::milliseconds wait,
                                                std::stop_token stop) {
    CHECK(count >= 1 && count <= receive_max);
    return TRY(queue_named(queue))->receive(count, wait, stop);
}

Result<void> LedgerBus::acknowledge(std::string_view queue,
                                    const std::vector<std::string>& receipts) {
    return TRY(queue_named(queue))->acknowledge(receipts);
}

Result<void> LedgerBus::retry(std::string_view queue, const std::string& receipt,
                              std::string_view reason) {
    return TRY(queue_named(queue))->retry(receipt, reason);
}

Result<void> LedgerBus::bury(std::string_view queue, const std::string& receipt,
                             std::string_view reason) {
    return TRY(queue_named(queue))->bury(receipt, reason);
}

std::vector<std::string> LedgerBus::queues() const {
    std::vector<std::string> names;
    for (const auto& queue : queues_) {
        names.push_back(queue->name());
    }
    return names;
}

void LedgerBus::committed(const Transaction& transaction) noexcept {
    for (const auto& event : transaction.events) {
        const auto queues = by_type_.find(event.type);
        if (queues != by_type_.end()) {
            std::ranges::for_each(queues->second,
                                  [](bus::LedgerQueue* queue) { queue->arrived(); });
        }
    }
}

Result<bus::LedgerQueue*> LedgerBus::queue_named(std::string_view queue) const {
    const auto found = std::ranges::find(
        queues_, queue, [](const auto& one) -> const std::string& { return one->name(); });
    if (found == queues_.end()) {
        return fail(errors::unknown_queue, cat("There is no queue ", queue, "."));
    }
    return found->get();
}

Result<std::vector<bus::LedgerQueue*>> LedgerBus::queues_named(std::string_view queue) const {
    if (!queue.empty()) {
        return std::vector{TRY(queue_named(queue))};
    }
    std::vector<bus::LedgerQueue*> all;
    for (const auto& one : queues_) {
        all.push_back(one.get());
    }
    return all;
}

}  // namespace souk
