#include "adapters/ledger_dynamodb/row_gate.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace souk::dynamo {

RowGate::Place::Place(Place&& other) noexcept
    : gate_(other.gate_), slots_(std::exchange(other.slots_, {})) {}

RowGate::Place& RowGate::Place::operator=(Place&& other) noexcept {
    if (this != &other) {
        leave();
        gate_ = other.gate_;
        slots_ = std::exchange(other.slots_, {});
    }
    return *this;
}

void RowGate::Place::leave() {
    if (!slots_.empty()) {
        gate_->free(std::exchange(slots_, {}));
    }
}

bool RowGate::Place::covers(const RowKey& key) const {
    return std::ranges::binary_search(slots_, slot_of(key));
}

void RowGate::contended(const RowKey& key) {
    const std::lock_guard lock(mutex_);
    slots_[slot_of(key)].contended_until = std::chrono::steady_clock::now() + contended_for;
}

RowGate::Place RowGate::enter(const Transaction& transaction) {
    std::unique_lock lock(mutex_);
    std::vector<std::size_t> wanted =
        contended_slots(transaction, std::chrono::steady_clock::now());
    const auto all_free = [&] {
        return std::ranges::none_of(wanted, [&](std::size_t i) { return slots_[i].taken; });
    };
    // All places are taken at once or none, so nobody waits for somebody who waits.
    if (!freed_.wait_for(lock, wait_max, all_free)) {
        return {this, {}};
    }
    for (const std::size_t i : wanted) {
        slots_[i].taken = true;
    }
    return {this, std::move(wanted)};
}

std::size_t RowGate::slot_of(const RowKey& key) {
    const std::hash<std::string_view> hash;
    return (hash(key.table) * 31 + hash(key.partition) * 7 + hash(key.sort)) % slots_count;
}

std::vector<std::size_t> RowGate::contended_slots(const Transaction& transaction, Time now) const {
    std::vector<std::size_t> slots;
    for (const auto& write : transaction.writes) {
        const std::size_t slot = slot_of(key_of(write));
        if (slots_[slot].contended_until > now) {
            slots.push_back(slot);
        }
    }
    std::ranges::sort(slots);
    const auto repeated = std::ranges::unique(slots);
    slots.erase(repeated.begin(), repeated.end());
    return slots;
}

void RowGate::free(const std::vector<std::size_t>& slots) {
    {
        const std::lock_guard lock(mutex_);
        for (const std::size_t i : slots) {
            slots_[i].taken = false;
        }
    }
    freed_.notify_all();
}

}  // namespace souk::dynamo
