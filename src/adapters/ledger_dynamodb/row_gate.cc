#include "adapters/ledger_dynamodb/row_gate.h"

#include <algorithm>
#include <functional>
#include <set>
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
    slots_[slot_of(key)].contended_until = std::chrono::steady_clock::now() + limits_.contended_for;
}

RowGate::Place RowGate::enter(const Transaction& transaction) {
    std::unique_lock lock(mutex_);
    Waiter waiter{.slots = contended_slots(transaction, std::chrono::steady_clock::now())};
    if (waiter.slots.empty()) {
        return {this, {}};
    }
    waiters_.push_back(&waiter);
    admit_waiters();
    if (!waiter.woken.wait_for(lock, limits_.wait_max, [&] { return waiter.admitted; })) {
        waiters_.remove(&waiter);
        admit_waiters();
        return {this, {}};
    }
    return {this, std::move(waiter.slots)};
}

std::size_t RowGate::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
}

/// All places of a waiter are taken at once or none, so nobody inside waits for anybody.
void RowGate::admit_waiters() {
    std::set<std::size_t> wanted_before;
    for (auto at = waiters_.begin(); at != waiters_.end();) {
        Waiter& waiter = **at;
        const bool free = std::ranges::none_of(waiter.slots, [&](std::size_t i) {
            return slots_[i].taken || wanted_before.contains(i);
        });
        if (!free) {
            wanted_before.insert(waiter.slots.begin(), waiter.slots.end());
            ++at;
            continue;
        }
        for (const std::size_t i : waiter.slots) {
            slots_[i].taken = true;
        }
        waiter.admitted = true;
        waiter.woken.notify_one();
        at = waiters_.erase(at);
    }
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
    const std::lock_guard lock(mutex_);
    for (const std::size_t i : slots) {
        slots_[i].taken = false;
    }
    admit_waiters();
}

}  // namespace souk::dynamo
