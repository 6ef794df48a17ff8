#include "adapters/bus_ledger/ledger_bus.h"

#include <condition_variable>
#include <set>
#include <thread>

#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

using namespace std::chrono_literals;
using contract::code_of;
using contract::event_of;
using contract::happened;
using contract::shared;

/// A ledger and its bus that can be closed and opened again on the same directory.
class LedgerBusTest : public testing::Test {
protected:
    LedgerBusTest() { open(); }

    void open() {
        ledger_ = RocksLedger::open({directory_.path(), clock_, contract::contract_subscriptions()})
                      .value();
        bus_ = std::make_unique<LedgerBus>(*ledger_, clock_);
    }
    void restart() {
        bus_.reset();
        ledger_.reset();
        open();
    }
    void announce(const std::vector<std::string>& ids, std::string_view type = happened) {
        Transaction transaction;
        for (const auto& id : ids) {
            transaction.events.push_back(event_of(type, id));
        }
        ASSERT_TRUE(ledger_->commit(transaction));
    }
    std::vector<Message> receive(int count = receive_max) {
        auto messages = bus_->receive("alpha", count, 0ms, {});
        EXPECT_TRUE(messages);
        return messages ? *messages : std::vector<Message>{};
    }
    /// "id:delivery id:delivery …" of what is visible now.
    std::string received() {
        std::string out;
        for (const auto& message : receive()) {
            out += cat(message.event.id, ':', message.delivery, ' ');
        }
        return out;
    }

    SettableClock clock_;
    TemporaryDirectory directory_;
    std::unique_ptr<RocksLedger> ledger_;
    std::unique_ptr<LedgerBus> bus_;
};

TEST_F(LedgerBusTest, DeliversAfterARestartWhatWasNeverDelivered) {
    announce({"1", "2"});
    restart();
    EXPECT_EQ(received(), "1:1 2:1 ");
}

TEST_F(LedgerBusTest, KeepsReceiveCountsAndVisibilityAcrossRestarts) {
    announce({"1"});
    EXPECT_EQ(received(), "1:1 ");
    restart();
    EXPECT_EQ(received(), "") << "still hidden";
    clock_.advance(visibility);
    EXPECT_EQ(received(), "1:2 ");
    restart();
    clock_.advance(visibility);
    EXPECT_EQ(received(), "1:3 ");
}

TEST_F(LedgerBusTest, TakesTheReceiptOfAnEarlierProcess) {
    announce({"1"});
    const auto messages = receive();
    ASSERT_EQ(messages.size(), 1U);
    restart();
    ASSERT_TRUE(bus_->acknowledge("alpha", {messages[0].receipt}));
    clock_.advance(1h);
    EXPECT_EQ(received(), "");
}

TEST_F(LedgerBusTest, MakesDueAtOnceWhatWasOutWhenTheProcessDied) {
    announce({"a", "b"});
    EXPECT_EQ(received(), "a:1 b:1 ");
    restart();
    ASSERT_TRUE(bus_->resume());
    EXPECT_EQ(received(), "a:2 b:2 ");
    EXPECT_EQ(received(), "");
}

// A mail cut short by a kill is refused with not_yet until its lease ends; restarts that made it
// due at once let it die of five tries within as many restarts.
TEST_F(LedgerBusTest, LetsAFailedMessageRestThroughRestarts) {
    announce({"a", "b"});
    const auto messages = receive();
    ASSERT_EQ(messages.size(), 2U);
    ASSERT_TRUE(bus_->retry("alpha", messages[0].receipt, "not yet"));
    for (int i = 2; i < 5; ++i) {
        restart();
        ASSERT_TRUE(bus_->resume());
        EXPECT_EQ(received(), cat("b:", i, " ")) << "only what was out";
    }
    clock_.advance(1s);
    EXPECT_EQ(received(), "a:2 ");
}

TEST_F(LedgerBusTest, KeepsRetriesAndDeadLettersAcrossRestarts) {
    announce({"1", "2"});
    const auto messages = receive();
    ASSERT_TRUE(bus_->retry("alpha", messages[0].receipt, "not now"));
    ASSERT_TRUE(bus_->bury("alpha", messages[1].receipt, "never"));
    restart();
    clock_.advance(1s);
    EXPECT_EQ(received(), "1:2 ");
    const auto page = bus_->dead_letters("", 10, "");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->letters.size(), 1U);
    EXPECT_EQ(page->letters[0].event.id, "2");
    EXPECT_EQ(page->letters[0].reason, "never");
    EXPECT_EQ(bus_->redrive("alpha", {page->letters[0].id}).value_or(-1), 1);
    restart();
    EXPECT_EQ(received(), "2:1 ");
}

TEST_F(LedgerBusTest, LeavesNothingBehindOfWhatIsDone) {
    announce({"1", "2", "3"});
    std::vector<std::string> receipts;
    for (const auto& message : receive()) {
        receipts.push_back(message.receipt);
    }
    ASSERT_TRUE(bus_->acknowledge("alpha", receipts));
    const auto left = ledger_->scan("", "\xFF", 100);
    ASSERT_TRUE(left);
    ASSERT_EQ(left->size(), 1U) << "the queue's mark alone";
}

TEST_F(LedgerBusTest, RefusesReceiptsThatItNeverMade) {
    EXPECT_EQ(code_of(bus_->acknowledge("alpha", {"nonsense"})), "validation_failed");
    EXPECT_EQ(code_of(bus_->retry("alpha", "nonsense", "")), "validation_failed");
    EXPECT_EQ(code_of(bus_->bury("alpha", "", "")), "validation_failed");
}

TEST_F(LedgerBusTest, BuriesAnEventThatCannotBeRead) {
    announce({"1"});
    ASSERT_TRUE(ledger_->write({{arrival_key("alpha", 1'000), "garbage"}}));
    EXPECT_EQ(received(), "1:1 ");
    const auto page = bus_->dead_letters("alpha", 10, "");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->letters.size(), 1U);
    EXPECT_EQ(page->letters[0].reason, "The stored event cannot be read.");
}

TEST_F(LedgerBusTest, RedrivesMoreThanOneWriteHolds) {
    for (int i = 0; i < 12; ++i) {
        std::vector<std::string> ids;
        for (int j = 0; j < 100; ++j) {
            ids.push_back(cat(i, '-', j));
        }
        announce(ids);
    }
    for (auto messages = receive(); !messages.empty(); messages = receive()) {
        for (const auto& message : messages) {
            ASSERT_TRUE(bus_->bury("alpha", message.receipt, "never"));
        }
    }
    EXPECT_EQ(bus_->redrive("alpha", {}).value_or(-1), 1200);
    std::set<std::string> again;
    for (auto messages = receive(); !messages.empty(); messages = receive()) {
        for (const auto& message : messages) {
            again.insert(message.event.id);
        }
    }
    EXPECT_EQ(again.size(), 1200U);
}

TEST_F(LedgerBusTest, WakesAWaitingReceiverWhenARetryIsDueByTheClock) {
    announce({"1"});
    const auto first = receive();
    ASSERT_EQ(first.size(), 1U);
    ASSERT_TRUE(bus_->retry("alpha", first[0].receipt, "not now"));
    clock_.advance(60s);
    const auto again = bus_->receive("alpha", 1, 30s, {});
    ASSERT_TRUE(again);
    ASSERT_EQ(again->size(), 1U);
    EXPECT_EQ((*again)[0].delivery, 2);
}

TEST_F(LedgerBusTest, LosesNothingWithManyReceiversAndCommitters) {
    constexpr std::size_t total = 400;
    std::mutex mutex;
    std::condition_variable all_seen;
    std::set<std::string> seen;
    const auto consume = [&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const auto messages = bus_->receive("alpha", 3, 30s, stop);
            std::vector<std::string> receipts;
            const std::lock_guard lock(mutex);
            for (const auto& message : messages.value_or(std::vector<Message>{})) {
                EXPECT_TRUE(seen.insert(message.event.id).second) << "delivered twice";
                receipts.push_back(message.receipt);
            }
            EXPECT_TRUE(bus_->acknowledge("alpha", receipts));
            all_seen.notify_all();
        }
    };
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 4; ++i) {
        consumers.emplace_back([&](const std::stop_token& stop) { consume(stop); });
    }
    std::vector<std::jthread> committers;
    for (std::size_t i = 0; i < 4; ++i) {
        committers.emplace_back([&, i] {
            for (std::size_t j = 0; j < total / 4; ++j) {
                announce({cat(i, '-', j)});
            }
        });
    }
    committers.clear();
    {
        std::unique_lock lock(mutex);
        EXPECT_TRUE(all_seen.wait_for(lock, 60s, [&] { return seen.size() == total; }));
    }
}

}  // namespace
}  // namespace souk
