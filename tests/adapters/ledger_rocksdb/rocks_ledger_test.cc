#include "adapters/ledger_rocksdb/rocks_ledger.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

using contract::code_of;
using contract::key_at;
using contract::one;
using contract::row_at;

class RocksLedgerTest : public testing::Test {
protected:
    std::unique_ptr<RocksLedger> open() {
        auto ledger = attempt();
        EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().detail);
        return ledger ? std::move(*ledger) : nullptr;
    }
    Result<std::unique_ptr<RocksLedger>> attempt() {
        return RocksLedger::open({directory_.path(), clock_, contract::contract_subscriptions()});
    }
    std::string why_not() {
        const auto ledger = attempt();
        return ledger ? "it opened" : ledger.error().detail;
    }
    void put(RocksLedger& ledger, Row row) {
        ASSERT_TRUE(ledger.commit(one(Put{std::move(row), Expect::any()})));
    }
    /// The files of the database whose names end in `ending`.
    std::vector<std::filesystem::path> files(std::string_view ending) {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
            if (entry.path().string().ends_with(ending) && entry.file_size() > 0) {
                found.push_back(entry.path());
            }
        }
        return found;
    }
    static void damage(const std::filesystem::path& path, std::streamoff at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const int byte = file.get();
        file.seekp(at);
        file.put(static_cast<char>(byte ^ 0x55));
    }

    SettableClock clock_;
    TemporaryDirectory directory_;
};

TEST_F(RocksLedgerTest, KeepsEverythingWhenItIsReopened) {
    Row row = row_at("s", "body");
    row.counters = {{"n", 3}};
    row.index[0] = IndexKey{"ip", "is"};
    row.expires = clock_.now() + std::chrono::hours(1);
    put(*open(), row);
    const auto ledger = open();
    const auto kept = ledger->get(key_at("s"));
    ASSERT_TRUE(kept && *kept);
    EXPECT_EQ((**kept).body, "body");
    EXPECT_EQ((**kept).counters, row.counters);
    EXPECT_EQ((**kept).expires, row.expires);
    const auto page =
        ledger->query({.table = "test", .source = Source::index_1, .partition = "ip"});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->rows.size(), 1U);
}

/// Bytes that this process has read from files, whether from the disk or the kernel's cache.
std::uint64_t bytes_read() {
    std::ifstream file("/proc/self/io");
    std::string name;
    std::uint64_t count = 0;
    file >> name >> count;
    EXPECT_EQ(name, "rchar:");
    return count;
}

TEST_F(RocksLedgerTest, LooksIntoALedgerLargerThanItsCacheWithoutReadingWholeFilters) {
    const auto ledger = RocksLedger::open({.directory = directory_.path(),
                                           .clock = clock_,
                                           .block_cache_bytes = 128 * 1024,
                                           .write_buffer_bytes = 1024 * 1024});
    ASSERT_TRUE(ledger);
    constexpr int rows = 80'000, at_once = 100, looks = 1'000;
    for (int i = 0; i < rows; i += at_once) {
        Transaction transaction{.durability = Durability::relaxed};
        for (int j = i; j < i + at_once; ++j) {
            // Far apart, so that each file of the database has rows from everywhere.
            const auto mixed = static_cast<unsigned>(j) * 2'654'435'761U;
            transaction.writes.emplace_back(Put{row_at(std::to_string(mixed), "b"), Expect::any()});
        }
        ASSERT_TRUE((*ledger)->commit(transaction));
    }
    const std::uint64_t before = bytes_read();
    for (int i = 0; i < looks; ++i) {
        ASSERT_FALSE(*(*ledger)->get(key_at(std::to_string(i) + "x")));
    }
    EXPECT_LT((bytes_read() - before) / looks, 24U * 1024);
}

TEST_F(RocksLedgerTest, RemembersTokensWhenItIsReopened) {
    Transaction transaction = one(Add{key_at("s"), {{"n", 1, {}}}, Expect::any()});
    transaction.token = "once";
    ASSERT_TRUE(open()->commit(transaction));
    const auto ledger = open();
    ASSERT_TRUE(ledger->commit(transaction));
    EXPECT_EQ((**ledger->get(key_at("s"))).counters.at("n"), 1);
    clock_.advance(std::chrono::minutes(10));
    ASSERT_TRUE(ledger->commit(transaction));
    EXPECT_EQ((**ledger->get(key_at("s"))).counters.at("n"), 2);
}

TEST_F(RocksLedgerTest, GivesArrivalsStrictlyRisingSequencesAcrossRestarts) {
    std::vector<std::uint64_t> sequences;
    for (int i = 0; i < 3; ++i) {
        const auto ledger = open();
        Transaction transaction;
        transaction.events = {contract::event_of(contract::shared, cat(i))};
        ASSERT_TRUE(ledger->commit(transaction));
        const auto entries = ledger->scan(arrival_key("alpha", 0), arrival_key("alpha", ~0ULL), 10);
        ASSERT_TRUE(entries);
        ASSERT_EQ(entries->size(), 1U);
        sequences.push_back(arrival_sequence(entries->front().key));
        ASSERT_TRUE(ledger->write({{entries->front().key, std::nullopt}}));
    }
    EXPECT_LT(sequences[0], sequences[1]);
    EXPECT_LT(sequences[1], sequences[2]);
}

TEST_F(RocksLedgerTest, RefusesASecondLedgerOnTheSameDirectory) {
    const auto first = open();
    const auto second = attempt();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errors::ledger_unavailable);
    EXPECT_EQ(second.error().detail, cat("Another souk is running on ", directory_.path(), "."));
}

TEST_F(RocksLedgerTest, RefusesASecondProcessOnTheSameDirectory) {
    const auto first = open();
    const pid_t child = fork();
    if (child == 0) {
        _exit(why_not() == cat("Another souk is running on ", directory_.path(), ".") ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(RocksLedgerTest, RefusesADirectoryThatHoldsSomethingElse) {
    std::ofstream(directory_ / "holiday.jpg") << "not a ledger";
    EXPECT_EQ(why_not(),
              cat(directory_.path(), " does not hold a ledger: the file souk.format is missing."));
}

TEST_F(RocksLedgerTest, RefusesALedgerOfANewerSouk) {
    put(*open(), row_at("s"));
    std::ofstream(directory_ / "souk.format") << "2\n";
    EXPECT_EQ(why_not(),
              cat("The ledger in ", directory_.path(),
                  " has format 2, made by a newer souk; this one reads up to format 1."));
    std::ofstream(directory_ / "souk.format") << "garbage";
    EXPECT_EQ(code_of(attempt()), "corrupt_row");
}

// The bug: closing what had not been opened to its end raised a mark that was not there.
TEST_F(RocksLedgerTest, RefusesALedgerWhoseMarkCannotBeOpened) {
    put(*open(), row_at("s"));
    const auto mark = directory_ / "souk.durable";
    ASSERT_TRUE(std::filesystem::remove(mark));
    std::filesystem::create_directory(mark);
    EXPECT_EQ(code_of(attempt()), "ledger_unavailable");
    std::filesystem::remove(mark);
    EXPECT_TRUE(open()->get(key_at("s")));
}

TEST_F(RocksLedgerTest, RefusesALedgerThatHasLostItsFiles) {
    put(*open(), row_at("s"));
    std::filesystem::remove(directory_ / "CURRENT");
    EXPECT_FALSE(attempt());
}

TEST_F(RocksLedgerTest, RefusesALogThatIsDamagedBeforeItsEnd) {
    for (int i = 0; i < 20; ++i) {
        put(*open(), row_at(cat(i), std::string(1000, 'x')));
    }
    {
        const auto ledger = open();
        for (int i = 0; i < 20; ++i) {
            put(*ledger, row_at(cat("late ", i), std::string(1000, 'x')));
        }
    }
    const auto logs = files(".log");
    ASSERT_FALSE(logs.empty());
    damage(logs.back(), 500);
    const auto ledger = attempt();
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().code, errors::corrupt_row);
    EXPECT_NE(ledger.error().detail.find("is damaged"), std::string::npos) << ledger.error().detail;
}

TEST_F(RocksLedgerTest, ReportsADamagedTableFileInsteadOfServingIt) {
    {
        const auto ledger = open();
        for (int i = 0; i < 50; ++i) {
            put(*ledger,
                row_at(cat("row-", i), std::string(1000, static_cast<char>('a' + i % 26))));
        }
    }
    open().reset();  // Recovery moves the log into a table file.
    const auto tables = files(".sst");
    ASSERT_FALSE(tables.empty());
    damage(tables[0], 300);
    const auto ledger = attempt();
    if (!ledger) {
        EXPECT_EQ(ledger.error().code, errors::corrupt_row);
        return;
    }
    int damaged = 0;
    for (int i = 0; i < 50; ++i) {
        const auto row = (*ledger)->get(key_at(cat("row-", i)));
        damaged += !row && row.error().code == errors::corrupt_row ? 1 : 0;
    }
    EXPECT_GT(damaged, 0);
}

TEST_F(RocksLedgerTest, PurgesExpiredRowsWithTheirIndexEntries) {
    const auto ledger = open();
    for (int i = 0; i < 10; ++i) {
        Row row = row_at(cat(i));
        row.index[0] = IndexKey{"ip", cat(i)};
        row.expires = clock_.now() + std::chrono::seconds(i);
        put(*ledger, row);
    }
    clock_.advance(std::chrono::milliseconds(6500));
    EXPECT_EQ(ledger->purge_expired(4).value_or(-1), 4);
    EXPECT_EQ(ledger->purge_expired(100).value_or(-1), 3);
    EXPECT_EQ(ledger->purge_expired(100).value_or(-1), 0);
    const auto page =
        ledger->query({.table = "test", .source = Source::index_1, .partition = "ip"});
    EXPECT_EQ(contract::sorts_of(page), (std::vector<std::string>{"7", "8", "9"}));
    clock_.set(clock_.now() - std::chrono::hours(1));
    EXPECT_FALSE(ledger->get(key_at("0"))->has_value()) << "gone, not hidden";
}

TEST_F(RocksLedgerTest, DoesNotPurgeARowThatWasRenewed) {
    const auto ledger = open();
    Row row = row_at("s");
    row.expires = clock_.now() + std::chrono::seconds(1);
    put(*ledger, row);
    Row other = row_at("other");
    other.expires = clock_.now() + std::chrono::seconds(2);
    put(*ledger, other);
    row.expires = clock_.now() + std::chrono::hours(1);
    put(*ledger, row);
    clock_.advance(std::chrono::minutes(2));
    EXPECT_EQ(ledger->purge_expired(1).value_or(-1), 1) << "the other, though it expired later";
    EXPECT_TRUE(ledger->get(key_at("s"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("other"))->has_value());
}

TEST_F(RocksLedgerTest, PurgesARowThatIsWrittenBehindWhatThePurgeHasPassed) {
    const auto ledger = open();
    Row row = row_at("s");
    row.expires = clock_.now() + std::chrono::minutes(1);
    put(*ledger, row);
    clock_.advance(std::chrono::minutes(5));
    EXPECT_EQ(ledger->purge_expired(100).value_or(-1), 1);
    row.expires = clock_.now() - std::chrono::hours(1);
    put(*ledger, row);
    EXPECT_EQ(ledger->purge_expired(100).value_or(-1), 1);
}

TEST_F(RocksLedgerTest, EndsAPageEarlyRatherThanPassOverManyExpiredRows) {
    const auto ledger = open();
    for (int i = 0; i < 12; ++i) {
        Transaction transaction;
        for (int j = 0; j < 100; ++j) {
            Row row = row_at(cat("a", zero_padded(static_cast<std::uint64_t>(i * 100 + j), 6)));
            row.expires = clock_.now() + std::chrono::seconds(1);
            transaction.writes.emplace_back(Put{row, Expect::any()});
        }
        ASSERT_TRUE(ledger->commit(transaction));
    }
    put(*ledger, row_at("b"));
    clock_.advance(std::chrono::seconds(2));
    const auto first = ledger->query({.table = "test", .partition = "p"});
    ASSERT_TRUE(first && first->cursor);
    EXPECT_TRUE(first->rows.empty());
    const auto second =
        ledger->query({.table = "test", .partition = "p", .cursor = *first->cursor});
    EXPECT_EQ(contract::sorts_of(second), std::vector<std::string>{"b"});
}

TEST_F(RocksLedgerTest, TellsObserversOfWhatTookEffectBeforeItAnswers) {
    struct Witness final : CommitObserver {
        std::vector<std::string> seen;
        void committed(const Transaction& transaction) noexcept override {
            seen.push_back(key_of(transaction.writes.front()).sort);
        }
    } witness;
    const auto ledger = open();
    ledger->observe(witness);
    put(*ledger, row_at("a"));
    EXPECT_EQ(witness.seen, std::vector<std::string>{"a"});
    EXPECT_FALSE(ledger->commit(one(Put{row_at("a"), Expect::absent()})));
    Transaction repeated = one(Put{row_at("b"), Expect::any()});
    repeated.token = "once";
    ASSERT_TRUE(ledger->commit(repeated));
    ASSERT_TRUE(ledger->commit(repeated));
    EXPECT_EQ(witness.seen, (std::vector<std::string>{"a", "b"}));
    ledger->forget(witness);
    put(*ledger, row_at("c"));
    EXPECT_EQ(witness.seen.size(), 2U);
}

TEST_F(RocksLedgerTest, RefusesATableNameThatItsKeysCannotHold) {
    const auto ledger = open();
    Row row = row_at("s");
    row.key.table = std::string(256, 't');
    EXPECT_EQ(code_of(ledger->commit(one(Put{row, Expect::any()}))), "ledger_too_large");
    EXPECT_FALSE(ledger->get(row.key)->has_value());
}

}  // namespace
}  // namespace souk
