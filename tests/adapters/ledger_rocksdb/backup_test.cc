#include <algorithm>
#include <fstream>
#include <thread>

#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

using contract::code_of;
using contract::key_at;
using contract::one;
using contract::row_at;

class BackupTest : public testing::Test {
protected:
    std::unique_ptr<RocksLedger> open(const std::string& directory) {
        auto ledger = RocksLedger::open({directory, clock_, contract::contract_subscriptions()});
        EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().detail);
        return ledger ? std::move(*ledger) : nullptr;
    }
    static std::vector<Row> rows_of(RocksLedger& ledger) {
        std::vector<Row> rows;
        Query query{.table = "test", .partition = "p", .limit = 1000};
        for (bool more = true; more; more = !query.cursor.empty()) {
            auto page = ledger.query(query);
            EXPECT_TRUE(page);
            rows.insert(rows.end(), page->rows.begin(), page->rows.end());
            query.cursor = page->cursor.value_or("");
        }
        return rows;
    }
    static void put(RocksLedger& ledger, std::string_view sort, std::string_view body = "body") {
        ASSERT_TRUE(ledger.commit(one(Put{row_at(sort, body), Expect::any()})));
    }

    SettableClock clock_;
    TemporaryDirectory root_;
};

TEST_F(BackupTest, RestoresWhatWasThere) {
    const auto ledger = open(root_ / "data");
    for (int i = 0; i < 100; ++i) {
        put(*ledger, cat("row-", i), cat("body ", i));
    }
    Transaction announced;
    announced.events = {contract::event_of(contract::happened, "evt_1")};
    ASSERT_TRUE(ledger->commit(announced));
    ASSERT_TRUE(ledger->backup(root_ / "backup"));
    put(*ledger, "too late");
    const auto outcome = RocksLedger::restore(root_ / "backup", root_ / "again");
    ASSERT_TRUE(outcome) << outcome.error().detail;
    const auto again = open(root_ / "again");
    const auto rows = rows_of(*again);
    ASSERT_EQ(rows.size(), 100U);
    EXPECT_EQ((**again->get(key_at("row-42"))).body, "body 42");
    EXPECT_FALSE(again->get(key_at("too late"))->has_value());
    EXPECT_EQ(again->scan(arrival_key("alpha", 0), arrival_key("alpha", ~0ULL), 10)->size(), 1U);
}

TEST_F(BackupTest, HoldsEverythingAcknowledgedBeforeItAndWholeCommitsOnlyWhileWritingGoesOn) {
    const auto ledger = open(root_ / "data");
    std::atomic<int> acknowledged = 0;
    std::atomic<bool> done = false;
    std::jthread writer([&] {
        for (int i = 0; !done; ++i) {
            Transaction transaction;
            transaction.writes = {
                Put{row_at(cat("a-", zero_padded(static_cast<std::uint64_t>(i), 6))),
                    Expect::absent()},
                Put{row_at(cat("b-", zero_padded(static_cast<std::uint64_t>(i), 6))),
                    Expect::absent()}};
            if (ledger->commit(transaction)) {
                ++acknowledged;
                acknowledged.notify_all();
            }
        }
    });
    while (acknowledged < 20) {
        acknowledged.wait(acknowledged);
    }
    const int before = acknowledged;
    EXPECT_TRUE(ledger->backup(root_ / "backup"));
    done = true;
    writer.join();
    ASSERT_TRUE(RocksLedger::restore(root_ / "backup", root_ / "again"));
    const auto rows = rows_of(*open(root_ / "again"));
    const auto a =
        std::ranges::count_if(rows, [](const Row& row) { return row.key.sort[0] == 'a'; });
    EXPECT_GE(a, before);
    EXPECT_EQ(2 * a, std::ssize(rows)) << "both rows of a commit or none";
}

TEST_F(BackupTest, AddsToEarlierBackupsAndRestoresTheNewest) {
    const auto ledger = open(root_ / "data");
    for (int i = 0; i < 3; ++i) {
        put(*ledger, cat("row-", i));
        ASSERT_TRUE(ledger->backup(root_ / "backup"));
    }
    ASSERT_TRUE(RocksLedger::restore(root_ / "backup", root_ / "again"));
    EXPECT_EQ(rows_of(*open(root_ / "again")).size(), 3U);
}

// The bug: where files of the newest were missing, an older one was restored without a word.
TEST_F(BackupTest, RestoresNoOlderOneUnlessAsked) {
    const auto ledger = open(root_ / "data");
    for (int i = 0; i < 3; ++i) {
        put(*ledger, cat("row-", i));
        ASSERT_TRUE(ledger->backup(root_ / "backup"));
    }
    std::filesystem::remove_all(root_ / "backup/private/3");
    const auto listed = RocksLedger::backups(root_ / "backup");
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 3U);
    EXPECT_TRUE((*listed)[1].whole && (*listed)[1].made && (*listed)[1].bytes > 0);
    EXPECT_FALSE((*listed)[2].whole);
    const auto newest = RocksLedger::restore(root_ / "backup", root_ / "again");
    EXPECT_EQ(code_of(newest), "ledger_unavailable");
    EXPECT_TRUE(newest.error().detail.contains("2 of ")) << newest.error().detail;
    EXPECT_EQ(code_of(RocksLedger::restore(root_ / "backup", root_ / "again", 9)),
              "ledger_unavailable");
    EXPECT_FALSE(std::filesystem::exists(root_ / "again"));
    const auto older = RocksLedger::restore(root_ / "backup", root_ / "again", 2);
    ASSERT_TRUE(older) << older.error().detail;
    EXPECT_EQ(older->number, 2U);
    EXPECT_EQ(rows_of(*open(root_ / "again")).size(), 2U);
}

TEST_F(BackupTest, ALedgerIsUntouchedUntilSomethingIsWritten) {
    EXPECT_TRUE(open(root_ / "data")->untouched());
    const auto again = open(root_ / "data");
    EXPECT_TRUE(again->untouched());
    put(*again, "s");
    EXPECT_FALSE(again->untouched());
}

TEST_F(BackupTest, RefusesToRestoreOverSomething) {
    const auto ledger = open(root_ / "data");
    put(*ledger, "s");
    ASSERT_TRUE(ledger->backup(root_ / "backup"));
    std::filesystem::create_directory(root_ / "used");
    std::ofstream(root_ / "used/letter.txt") << "mine";
    EXPECT_EQ(code_of(RocksLedger::restore(root_ / "backup", root_ / "used")),
              "ledger_unavailable");
    EXPECT_EQ(code_of(RocksLedger::restore(root_ / "backup", root_ / "data")),
              "ledger_unavailable");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_ / "used"), {}), 1);
    EXPECT_TRUE(ledger->get(key_at("s"))->has_value());
}

TEST_F(BackupTest, RefusesPlacesThatAreNoFolderOfBackups) {
    const auto ledger = open(root_ / "data");
    std::filesystem::create_directory(root_ / "used");
    std::ofstream(root_ / "used/letter.txt") << "mine";
    open(root_ / "other").reset();
    EXPECT_EQ(code_of(ledger->backup(root_ / "data/backup")), "ledger_unavailable");
    EXPECT_EQ(code_of(ledger->backup(root_ / "used")), "ledger_unavailable");
    EXPECT_EQ(code_of(ledger->backup(root_ / "other")), "ledger_unavailable");
    EXPECT_EQ(code_of(RocksLedger::restore(root_ / "missing", root_ / "again")),
              "ledger_unavailable");
    EXPECT_FALSE(std::filesystem::exists(root_ / "again"));
}

TEST_F(BackupTest, RefusesADamagedBackup) {
    const auto ledger = open(root_ / "data");
    for (int i = 0; i < 100; ++i) {
        put(*ledger, cat("row-", i), std::string(1000, 'x'));
    }
    ASSERT_TRUE(ledger->backup(root_ / "backup"));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_ / "backup")) {
        if (entry.path().extension() == ".log" && entry.file_size() > 1000) {
            std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(500);
            file.put('!');
        }
    }
    const auto outcome = RocksLedger::restore(root_ / "backup", root_ / "again");
    EXPECT_EQ(code_of(outcome), "corrupt_row");
    EXPECT_FALSE(std::filesystem::exists(root_ / "again")) << "half of it is left";
}

}  // namespace
}  // namespace souk
