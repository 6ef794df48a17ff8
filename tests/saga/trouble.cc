#include "saga/trouble.h"

#include <algorithm>

namespace souk::testing {

namespace {

// In a thousand.
constexpr std::size_t now_and_then = 50;
constexpr std::size_t rarely = 10;

void forget(std::vector<Write>& writes, Expect::Kind kind) {
    for (auto& write : writes) {
        std::visit(
            [kind](auto& w) {
                if (w.expect.kind == kind) {
                    w.expect = Expect::any();
                }
            },
            write);
    }
}

/// Runs `change` on every list of counter changes.
template <class Change>
void change_counters(std::vector<Write>& writes, Change change) {
    for (auto& write : writes) {
        if (auto* add = std::get_if<Add>(&write)) {
            change(add->changes);
        }
    }
}

void drop_floors(std::vector<CounterChange>& changes) {
    for (auto& change : changes) {
        change.floor.reset();
    }
}

/// From reserved to available: once more.
void give_back_again(std::vector<CounterChange>& changes) {
    const bool gives_back =
        std::ranges::any_of(changes,
                            [](const CounterChange& change) {
                                return change.name == "reserved" && change.delta < 0;
                            }) &&
        std::ranges::any_of(changes, [](const CounterChange& change) {
            return change.name == "available" && change.delta > 0;
        });
    if (gives_back) {
        drop_floors(changes);
        for (auto& change : changes) {
            change.delta *= 2;
        }
    }
}

}  // namespace

std::string_view name_of(Sabotage sabotage) {
    switch (sabotage) {
        case Sabotage::none: return "none";
        case Sabotage::floors_ignored: return "floors_ignored";
        case Sabotage::versions_ignored: return "versions_ignored";
        case Sabotage::absence_ignored: return "absence_ignored";
        case Sabotage::checks_ignored: return "checks_ignored";
        case Sabotage::writes_dropped: return "writes_dropped";
        case Sabotage::commits_lost: return "commits_lost";
        case Sabotage::events_dropped: return "events_dropped";
        case Sabotage::events_dropped_rarely: return "events_dropped_rarely";
        case Sabotage::messages_lost: return "messages_lost";
        case Sabotage::inbox_forgotten: return "inbox_forgotten";
        case Sabotage::given_back_twice: return "given_back_twice";
        case Sabotage::voids_dropped: return "voids_dropped";
        case Sabotage::captures_dropped: return "captures_dropped";
        case Sabotage::authorised_twice: return "authorised_twice";
        case Sabotage::refunded_twice: return "refunded_twice";
        case Sabotage::mails_of_nothing: return "mails_of_nothing";
        case Sabotage::mails_dropped: return "mails_dropped";
        case Sabotage::mails_doubled: return "mails_doubled";
        case Sabotage::webhooks_dropped: return "webhooks_dropped";
        case Sabotage::refunds_dropped: return "refunds_dropped";
    }
    return {};
}

void Trouble::interrupt(std::size_t permille) {
    if (strikes(permille) && interruption) {
        interruption();
    }
}

std::optional<CrashPlan::When> Trouble::reach(Boundary boundary) {
    boundaries.push_back(boundary);
    return plan && plan->boundary == boundaries.size() ? std::optional(plan->when) : std::nullopt;
}

void Trouble::crash() {
    ++struck;
    throw Crash{};
}

std::unexpected<Error> Trouble::unheard(ErrorCode code, std::string_view detail) {
    ++struck;
    return fail(code, std::string(detail));
}

bool is_inbox(const RowKey& key) { return key.partition.find("#inbox#") != std::string::npos; }

Transaction sabotaged(Transaction transaction, Trouble& trouble) {
    auto& writes = transaction.writes;
    switch (trouble.sabotage) {
        case Sabotage::floors_ignored: change_counters(writes, drop_floors); break;
        case Sabotage::given_back_twice: change_counters(writes, give_back_again); break;
        case Sabotage::versions_ignored: forget(writes, Expect::Kind::version); break;
        case Sabotage::absence_ignored: forget(writes, Expect::Kind::absent); break;
        case Sabotage::checks_ignored:
            std::erase_if(writes,
                          [](const Write& write) { return std::holds_alternative<Check>(write); });
            break;
        case Sabotage::writes_dropped:
            if (!writes.empty() && trouble.strikes(rarely)) {
                writes.erase(writes.begin() +
                             static_cast<std::ptrdiff_t>(trouble.chance.below(writes.size())));
            }
            break;
        case Sabotage::events_dropped:
        case Sabotage::events_dropped_rarely:
            if (trouble.strikes(trouble.sabotage == Sabotage::events_dropped ? now_and_then
                                                                             : rarely)) {
                transaction.events.clear();
            }
            break;
        case Sabotage::inbox_forgotten:
            std::erase_if(writes, [](const Write& write) { return is_inbox(key_of(write)); });
            break;
        case Sabotage::none:
        case Sabotage::commits_lost:
        case Sabotage::messages_lost:
        case Sabotage::voids_dropped:
        case Sabotage::captures_dropped:
        case Sabotage::authorised_twice:
        case Sabotage::refunded_twice:
        case Sabotage::mails_of_nothing:
        case Sabotage::mails_dropped:
        case Sabotage::mails_doubled:
        case Sabotage::webhooks_dropped:
        case Sabotage::refunds_dropped: break;  // Not the ledger's.
    }
    return transaction;
}

}  // namespace souk::testing
