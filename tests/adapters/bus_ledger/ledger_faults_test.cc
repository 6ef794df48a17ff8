#include <functional>

#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/bus_ledger/queue_rows.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

/// What the bus reads and writes of its own may fail at any step: it is told, and nothing is lost.
namespace souk {
namespace {

using namespace std::chrono_literals;
using contract::code_of;
using contract::event_of;
using contract::happened;

/// One of its reads, scans and writes fails: the one before which there were so many.
class FaultyOutbox final : public Outbox {
public:
    explicit FaultyOutbox(Outbox& inner) : inner_(inner) {}
    mutable int until_fault = -1;  // Negative: none fails, or it has.

    const std::vector<Subscription>& subscriptions() const override {
        return inner_.subscriptions();
    }
    Result<std::optional<std::string>> read(std::string_view key) const override {
        TRY(step());
        return inner_.read(key);
    }
    Result<std::vector<OutboxEntry>> scan(std::string_view from, std::string_view before,
                                          std::size_t count_max) const override {
        TRY(step());
        return inner_.scan(from, before, count_max);
    }
    Result<void> write(const std::vector<OutboxWrite>& writes) override {
        TRY(step());
        return inner_.write(writes);
    }
    void observe(CommitObserver& observer) override { inner_.observe(observer); }
    void forget(CommitObserver& observer) override { inner_.forget(observer); }

private:
    [[nodiscard]] Result<void> step() const {
        if (until_fault >= 0 && until_fault-- == 0) {
            return fail(errors::ledger_unavailable, "It was told to fail.");
        }
        return {};
    }
    Outbox& inner_;
};

/// A queue with one message.
struct OneMessage {
    SettableClock clock;
    TemporaryDirectory directory;
    std::unique_ptr<RocksLedger> ledger =
        RocksLedger::open({directory.path(), clock, contract::contract_subscriptions()}).value();
    FaultyOutbox outbox{*ledger};
    std::unique_ptr<LedgerBus> bus = std::make_unique<LedgerBus>(outbox, clock);
    std::string receipt;

    OneMessage() {
        Transaction transaction;
        transaction.events.push_back(event_of(happened, "1"));
        EXPECT_TRUE(ledger->commit(transaction));
    }
    /// "id:delivery" of what is visible now, or the code of the failure.
    std::string receive() {
        const auto messages = bus->receive("alpha", receive_max, 0ms, {});
        if (!messages) {
            return std::string(messages.error().code.name);
        }
        if (messages->empty()) {
            return "nothing";
        }
        receipt = messages->front().receipt;
        return cat(messages->front().event.id, ':', messages->front().delivery);
    }
    std::string receive_later() {
        clock.advance(24h);
        return receive();
    }
    std::string dead() {
        const auto page = bus->dead_letters("alpha", 10, "");
        return page ? cat("dead:", page->letters.size()) : std::string(page.error().code.name);
    }
    void bury() {
        receive();
        EXPECT_TRUE(bus->bury("alpha", receipt, "never"));
    }
    void die_while_it_is_out() {
        receive();
        bus = std::make_unique<LedgerBus>(outbox, clock);
    }
};

struct Verb {
    std::string name;
    std::function<void(OneMessage&)> before;
    std::function<std::string(OneMessage&)> act;    // The code of its failure, or anything else.
    std::function<std::string(OneMessage&)> after;  // Once it failed: what is there all the same.
    std::string left;
};

const std::vector<Verb>& verbs() {
    const auto receive = [](OneMessage& it) { it.receive(); };
    const auto received = [](OneMessage& it) { return it.receive(); };
    const auto received_later = [](OneMessage& it) { return it.receive_later(); };
    const auto bury = [](OneMessage& it) { it.bury(); };
    const auto dead = [](OneMessage& it) { return it.dead(); };
    static const std::vector<Verb> all{
        {"receive", [](OneMessage&) {}, received, received, "1:1"},
        {"receive again", receive, received_later, received, "1:2"},
        {"acknowledge", receive,
         [](OneMessage& it) { return code_of(it.bus->acknowledge("alpha", {it.receipt})); },
         received_later, "1:2"},
        {"retry", receive,
         [](OneMessage& it) { return code_of(it.bus->retry("alpha", it.receipt, "not now")); },
         received_later, "1:2"},
        {"bury", receive,
         [](OneMessage& it) { return code_of(it.bus->bury("alpha", it.receipt, "never")); },
         received_later, "1:2"},
        {"list dead letters", bury, dead, dead, "dead:1"},
        {"redrive", bury, [](OneMessage& it) { return code_of(it.bus->redrive("alpha", {})); },
         [](OneMessage& it) {
             EXPECT_TRUE(it.bus->redrive("alpha", {}));
             return it.receive();
         },
         "1:1"},
        {"resume", [](OneMessage& it) { it.die_while_it_is_out(); },
         [](OneMessage& it) { return code_of(it.bus->resume()); },
         [](OneMessage& it) {
             EXPECT_TRUE(it.bus->resume());
             return it.receive();
         },
         "1:2"},
    };
    return all;
}

TEST(LedgerBusFaults, AreToldByEveryVerbWhereverTheyAreAndLoseNothing) {
    for (const auto& verb : verbs()) {
        int steps = 0;
        for (bool failed = true; failed; ++steps) {
            OneMessage it;
            verb.before(it);
            it.outbox.until_fault = steps;
            const std::string outcome = verb.act(it);
            failed = it.outbox.until_fault < 0;
            it.outbox.until_fault = -1;
            EXPECT_EQ(outcome == "ledger_unavailable", failed) << verb.name << ' ' << steps;
            if (failed) {
                EXPECT_EQ(verb.after(it), verb.left) << verb.name << ' ' << steps;
            }
        }
        EXPECT_GE(steps, 3) << verb.name << " reads or writes at least twice";
    }
}

TEST(LedgerBusFaults, OfAMalformedRowAreTold) {
    OneMessage it;
    it.receive();
    const auto at = bus::from_text(it.receipt);
    ASSERT_TRUE(at);
    ASSERT_TRUE(it.ledger->write({{bus::pending_key("alpha", *at), "garbage"}}));
    EXPECT_EQ(code_of(it.bus->acknowledge("alpha", {it.receipt})), "corrupt_row");
    EXPECT_EQ(code_of(it.bus->retry("alpha", it.receipt, "")), "corrupt_row");
    EXPECT_EQ(code_of(it.bus->bury("alpha", it.receipt, "")), "corrupt_row");
    ASSERT_TRUE(it.ledger->write({{bus::dead_key("alpha", *at), "garbage"}}));
    EXPECT_EQ(it.dead(), "corrupt_row");
}

}  // namespace
}  // namespace souk
