#include "adapters/ledger_dynamodb/row_gate.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "adapters/ledger_dynamodb/joint.h"

namespace souk::dynamo {

struct RowGate::Waiter {
    enum class State { waiting, admitted, taken_along, settled };

    const Transaction& transaction;
    std::vector<std::size_t> slots;
    Travel travel;
    State state = State::waiting;
    std::condition_variable woken = {};
    Company company = {};       // Of one that was admitted.
    Result<void> outcome = {};  // Of one that was taken along.

    [[nodiscard]] bool is_called() const { return state != State::waiting; }
    void call(State next) {
        state = next;
        woken.notify_one();
    }
};

RowGate::Company::Company(Company&& other) noexcept
    : gate_(other.gate_),
      members_(std::exchange(other.members_, {})),
      all_(std::move(other.all_)) {}

RowGate::Company& RowGate::Company::operator=(Company&& other) noexcept {
    if (this != &other) {
        part(Travel::alone);
        gate_ = other.gate_;
        members_ = std::exchange(other.members_, {});
        all_ = std::move(other.all_);
    }
    return *this;
}

std::vector<std::string> RowGate::Company::tokens() const {
    std::vector<std::string> tokens;
    for (const Waiter* member : members_) {
        if (!member->transaction.token.empty()) {
            tokens.push_back(member->transaction.token);
        }
    }
    return tokens;
}

void RowGate::Company::tell(const Result<void>& outcome) {
    if (members_.empty()) {
        return;
    }
    const std::lock_guard lock(gate_->mutex_);
    for (Waiter* member : std::exchange(members_, {})) {
        member->outcome = outcome;
        member->call(Waiter::State::settled);
    }
}

void RowGate::Company::part(Travel travel) {
    if (members_.empty()) {
        return;
    }
    const std::lock_guard lock(gate_->mutex_);
    // In front of those who came later, in the order of their coming.
    const auto front = gate_->waiters_.begin();
    for (Waiter* member : std::exchange(members_, {})) {
        member->travel = travel;
        member->call(Waiter::State::waiting);
        gate_->waiters_.insert(front, member);
    }
    gate_->admit_waiters();
}

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

RowGate::Entry RowGate::enter(const Transaction& transaction, Travel travel) {
    std::unique_lock lock(mutex_);
    Waiter waiter{transaction, contended_slots(transaction, std::chrono::steady_clock::now()),
                  travel};
    if (waiter.slots.empty()) {
        return {{this, {}}};
    }
    waiters_.push_back(&waiter);
    for (;;) {
        admit_waiters();
        if (!waiter.woken.wait_for(lock, limits_.wait_max, [&] { return waiter.is_called(); })) {
            waiters_.remove(&waiter);
            admit_waiters();
            return {{this, {}}};
        }
        // Who was taken along waits for whoever took it, whose tries have an end.
        waiter.woken.wait(lock, [&] { return waiter.state != Waiter::State::taken_along; });
        if (waiter.state == Waiter::State::admitted) {
            return {{this, std::move(waiter.slots)}, std::move(waiter.company)};
        }
        if (waiter.state == Waiter::State::settled) {
            return {{this, {}}, {}, std::move(waiter.outcome)};
        }
    }
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
        waiter.call(Waiter::State::admitted);
        at = waiters_.erase(at);
        if (waiter.travel == Travel::in_company) {
            waiter.company = company_of(waiter.transaction, waiter.slots);
            at = waiters_.begin();  // Any of them may have been taken along.
            wanted_before.clear();
        }
    }
}

RowGate::Company RowGate::gather(const Transaction& transaction, const Place& place) {
    const std::lock_guard lock(mutex_);
    return company_of(transaction, place.slots_);
}

RowGate::Company RowGate::company_of(const Transaction& transaction,
                                     const std::vector<std::size_t>& slots) {
    std::optional<Joint> joint;
    std::vector<Waiter*> members;
    for (auto at = waiters_.begin(); at != waiters_.end();) {
        Waiter& other = **at;
        const bool same_rows =
            other.travel == Travel::in_company && std::ranges::includes(slots, other.slots);
        if (same_rows && !joint) {
            joint.emplace(transaction);
        }
        if (same_rows && joint->take(other.transaction)) {
            other.call(Waiter::State::taken_along);
            members.push_back(&other);
            at = waiters_.erase(at);
        } else {
            ++at;
        }
    }
    return members.empty() ? Company() : Company(this, std::move(members), joint->release());
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
