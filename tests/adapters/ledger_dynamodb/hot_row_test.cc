#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/memory/seeded_crypto.h"
#include "contracts/ledger_fixture.h"
#include "support/memory_aws/memory_aws.h"

/// Many buyers of one SKU, with DynamoDB's contention as a model: a transaction holds its rows for
/// some milliseconds, and refuses every other that wants one of them meanwhile. SOUK_HOT_ORDERS
/// says how many orders (40); each sale prints how many a second there were.
namespace souk {

namespace {

using contract::code_of;
using contract::event_of;
using contract::happened;
using contract::key_at;
using contract::row_at;
using std::chrono::milliseconds;

struct Sale {
    std::size_t processes = 1;  // Each has a ledger of its own, as a Lambda sandbox has.
    std::size_t workers = 1;    // Of each.
    std::size_t orders = 0;
    std::size_t stock = 0;
    milliseconds transaction_time;
};

/// One SKU on sale; what came of it.
class HotSale {
public:
    explicit HotSale(const Sale& sale) : sale_(sale) {
        account_.dynamo.make_table("t-test");
        for (std::size_t i = 0; i < sale.processes; ++i) {
            crypto_.push_back(std::make_unique<SeededCrypto>(i + 1));
            ledgers_.push_back(
                std::make_unique<DynamoLedger>(DynamoLedgerOptions{.client = client_,
                                                                   .clock = clock_,
                                                                   .crypto = *crypto_.back(),
                                                                   .table_prefix = "t-"}));
        }
        Row stock = row_at("stock");
        stock.counters = {{"hand", static_cast<std::int64_t>(sale.stock)}};
        EXPECT_TRUE(ledgers_.front()->commit({.writes = {Put{stock, Expect::absent()}}}));
        account_.dynamo.take_for_each_write(sale.transaction_time);
    }

    void run() {
        const auto start = std::chrono::steady_clock::now();
        {
            std::vector<std::jthread> threads;
            for (const auto& ledger : ledgers_) {
                for (std::size_t i = 0; i < sale_.workers; ++i) {
                    threads.emplace_back([&] { work(*ledger); });
                }
            }
        }
        seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::printf(
            "%2zu processes x %2zu workers: %5.0f orders/s (%zu orders, %zu sold, %zu transactions "
            "of %lld ms, %zu conflicts)\n",
            sale_.processes, sale_.workers, static_cast<double>(sale_.orders) / seconds_,
            sale_.orders, sold_.load(), transactions_.load(),
            static_cast<long long>(sale_.transaction_time.count()), account_.dynamo.conflicts());
    }
    [[nodiscard]] std::size_t sold() const { return sold_; }
    [[nodiscard]] std::size_t refused() const { return refused_; }
    [[nodiscard]] std::size_t transactions() const { return transactions_; }
    [[nodiscard]] std::int64_t hand() {
        return (*ledgers_.front()->get(key_at("stock")))->counters.at("hand");
    }

private:
    void work(DynamoLedger& ledger) {
        for (std::size_t order = next_++; order < sale_.orders; order = next_++) {
            Transaction reservation;
            reservation.token = cat("order ", order);
            reservation.writes = {
                Add{key_at("stock"), {{"hand", -1, 0}, {"reserved", 1, {}}}, Expect::present()},
                Put{row_at("head", "{}", cat("reservation#", order)), Expect::absent()},
                Put{row_at("chunk", "{}", cat("reservation#", order)), Expect::absent()},
                Put{row_at("done", "{}", cat("inbox#", order)), Expect::absent()}};
            reservation.events = {event_of(happened, cat("evt_", order))};
            Result<void> outcome;
            do {
                outcome = ledger.commit(reservation);
            } while (code_of(outcome) == "ledger_busy");
            (outcome ? sold_ : refused_) += 1;
        }
    }

    const Sale sale_;
    SettableClock clock_;
    testing_support::MemoryAccount account_{clock_, "q-", {}};
    std::atomic<std::size_t> transactions_ = 0;
    testing_support::MemoryAws client_{account_, [this](std::string_view action) {
                                           transactions_ +=
                                               action == "TransactWriteItems" ? 1U : 0U;
                                           return testing_support::Fault::none;
                                       }};
    std::vector<std::unique_ptr<SeededCrypto>> crypto_;
    std::vector<std::unique_ptr<DynamoLedger>> ledgers_;
    std::atomic<std::size_t> next_ = 0, sold_ = 0, refused_ = 0;
    double seconds_ = 0;
};

TEST(HotRow, IsSoldInFewTransactionsAndNeverTwice) {
    HotSale sale({.processes = 2,
                  .workers = 10,
                  .orders = 200,
                  .stock = 150,
                  .transaction_time = milliseconds(3)});
    sale.run();
    EXPECT_EQ(sale.sold(), 150U);
    EXPECT_EQ(sale.refused(), 50U);
    EXPECT_EQ(sale.hand(), 0);
}

TEST(HotRow, CostsOneProcessFewerTransactionsThanOrders) {
    HotSale sale({.processes = 1,
                  .workers = 10,
                  .orders = 200,
                  .stock = 1'000,
                  .transaction_time = milliseconds(3)});
    sale.run();
    EXPECT_EQ(sale.sold(), 200U);
    EXPECT_LT(sale.transactions(), 120U);
    EXPECT_EQ(sale.hand(), 800);
}

TEST(HotRow, TakesAsManyBuyersASecondAsAreAskedFor) {
    const char* const orders = std::getenv("SOUK_HOT_ORDERS");
    const std::size_t count = orders == nullptr ? 40 : std::strtoul(orders, nullptr, 10);
    for (const auto& [processes, workers] :
         {std::pair(1U, 1U), std::pair(1U, 10U), std::pair(2U, 10U), std::pair(4U, 1U),
          std::pair(4U, 10U), std::pair(20U, 1U), std::pair(20U, 10U)}) {
        HotSale sale({.processes = processes,
                      .workers = workers,
                      .orders = count,
                      .stock = count - 1,
                      .transaction_time = milliseconds(10)});
        sale.run();
        EXPECT_EQ(sale.sold(), count - 1);
    }
}

}  // namespace

}  // namespace souk
