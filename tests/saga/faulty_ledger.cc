#include "saga/faulty_ledger.h"

namespace souk::testing {

namespace {

// In a thousand.
constexpr std::size_t read_interrupted = 30;
constexpr std::size_t read_fails = 4;
constexpr std::size_t commit_interrupted = 150;
constexpr std::size_t commit_refused = 25;
constexpr std::size_t crashes_before = 15;
constexpr std::size_t crashes_after = 20;
constexpr std::size_t answer_lost = 40;
constexpr std::size_t provider_fails = 60;
constexpr std::size_t provider_interrupted = 150;
constexpr std::size_t events_dropped = 50;

bool is_inbox(const RowKey& key) { return key.partition.find("#inbox#") != std::string::npos; }

/// What somebody who does not look would write.
void forget_version(Write& write) {
    std::visit(
        [](auto& w) {
            if (w.expect.kind == Expect::Kind::version) {
                w.expect = Expect::any();
            }
        },
        write);
}

}  // namespace

void Trouble::interrupt(std::size_t permille) {
    if (strikes(permille) && interruption) {
        interruption();
    }
}

Result<void> FaultyLedger::before_read() {
    trouble_.interrupt(read_interrupted);
    if (trouble_.strikes(read_fails)) {
        return fail(errors::ledger_unavailable, "The model test refused a read.");
    }
    return {};
}

Result<std::optional<Row>> FaultyLedger::get(const RowKey& key) {
    TRY(before_read());
    if (trouble_.sabotage == Sabotage::inbox_forgotten && is_inbox(key)) {
        return std::nullopt;
    }
    return inner_.get(key);
}

Result<std::vector<std::optional<Row>>> FaultyLedger::get_many(const std::vector<RowKey>& keys) {
    TRY(before_read());
    return inner_.get_many(keys);
}

Result<Page> FaultyLedger::query(const Query& query) {
    TRY(before_read());
    return inner_.query(query);
}

Result<void> FaultyLedger::commit(const Transaction& transaction) {
    trouble_.interrupt(commit_interrupted);
    if (trouble_.strikes(crashes_before)) {
        throw Crash{};
    }
    if (trouble_.strikes(commit_refused)) {
        return fail(
            trouble_.chance.permille(500) ? errors::ledger_busy : errors::ledger_unavailable,
            "The model test refused a commit.");
    }
    Transaction written = transaction;
    sabotage(written);
    TRY(inner_.commit(written));
    trouble_.committed();
    if (trouble_.strikes(crashes_after)) {
        throw Crash{};
    }
    if (trouble_.strikes(answer_lost)) {
        return fail(errors::unknown_outcome, "The model test lost this answer.");
    }
    trouble_.interrupt(read_interrupted);
    return {};
}

void FaultyLedger::sabotage(Transaction& transaction) {
    switch (trouble_.sabotage) {
        case Sabotage::none:
        case Sabotage::voids_dropped: break;
        case Sabotage::floors_ignored:
            for (auto& write : transaction.writes) {
                if (auto* add = std::get_if<Add>(&write)) {
                    for (auto& change : add->changes) {
                        change.floor.reset();
                    }
                }
            }
            break;
        case Sabotage::versions_ignored:
            for (auto& write : transaction.writes) {
                forget_version(write);
            }
            break;
        case Sabotage::events_dropped:
            if (trouble_.strikes(events_dropped)) {
                transaction.events.clear();
            }
            break;
        case Sabotage::inbox_forgotten:
            std::erase_if(transaction.writes,
                          [](const Write& write) { return is_inbox(key_of(write)); });
            break;
    }
}

template <class Call>
auto FaultyPayments::call(Call call) -> decltype(call()) {
    trouble_.interrupt(provider_interrupted);
    if (trouble_.strikes(provider_fails)) {
        return fail(errors::payments_unavailable, "The provider did not hear.");
    }
    auto outcome = call();
    trouble_.interrupt(provider_interrupted);
    if (trouble_.strikes(crashes_after)) {
        throw Crash{};
    }
    if (trouble_.strikes(provider_fails)) {
        return fail(errors::payments_unavailable, "The provider was not heard.");
    }
    return outcome;
}

Result<Authorisation> FaultyPayments::authorise(std::string_view key,
                                                const PaymentRequest& request) {
    return call([&] { return inner_.authorise(key, request); });
}
Result<void> FaultyPayments::capture(std::string_view key, const StoreId& store,
                                     const OrderId& order) {
    return call([&] { return inner_.capture(key, store, order); });
}
Result<void> FaultyPayments::cancel(std::string_view key, const StoreId& store,
                                    const OrderId& order) {
    if (trouble_.sabotage == Sabotage::voids_dropped) {
        return {};
    }
    return call([&] { return inner_.cancel(key, store, order); });
}
Result<void> FaultyPayments::refund(std::string_view key, const StoreId& store,
                                    const OrderId& order, const Money& amount) {
    return call([&] { return inner_.refund(key, store, order, amount); });
}
Result<Payments::Standing> FaultyPayments::standing(const StoreId& store, const OrderId& order) {
    return call([&] { return inner_.standing(store, order); });
}

}  // namespace souk::testing
