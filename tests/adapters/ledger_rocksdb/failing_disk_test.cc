#include <set>

#include "adapters/ledger_rocksdb/faulty_disk.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

using contract::code_of;
using contract::key_at;
using contract::row_at;
using faulty_disk::Call;

constexpr int commits = 12;

Transaction numbered(int number) {
    Transaction transaction;
    transaction.writes = {
        Put{row_at(cat("row-", number), std::string(20'000, 'x')), Expect::absent()},
        Add{key_at("sum"), {{"rows", 1, {}}}, Expect::any()}};
    return transaction;
}

class FailingDiskTest : public testing::Test {
protected:
    ~FailingDiskTest() override { faulty_disk::heal(); }

    Result<std::unique_ptr<RocksLedger>> open(const std::string& directory) {
        return RocksLedger::open({.directory = directory,
                                  .clock = clock_,
                                  .write_buffer_bytes = 64 * 1024,  // Flushes on the way.
                                  .healing_interval = {},
                                  .writable_changed = [this](const Result<void>& writable) {
                                      told_ += writable ? "taken again " : "refused ";
                                  }});
    }
    /// The numbers that were acknowledged by a ledger opened and used with the nth call failing.
    std::set<int> acknowledged(const std::string& directory, Call call, long nth) {
        std::set<int> numbers;
        faulty_disk::fail_nth(call, nth);
        const auto ledger = open(directory);
        for (int i = 0; ledger && i < commits; ++i) {
            if ((*ledger)->commit(numbered(i))) {
                numbers.insert(i);
            }
        }
        return numbers;
    }
    /// What a ledger that is opened again shows of them; refusing to open is not forgiven.
    void expect_kept(const std::string& directory, const std::set<int>& numbers,
                     const std::string& which) {
        faulty_disk::heal();
        const auto ledger = open(directory);
        ASSERT_TRUE(ledger) << which << ": " << ledger.error().detail;
        std::int64_t rows = 0;
        for (int i = 0; i < commits; ++i) {
            const auto row = (*ledger)->get(key_at(cat("row-", i)));
            ASSERT_TRUE(row) << which << ": " << row.error().detail;
            ASSERT_TRUE(*row || !numbers.contains(i)) << which << ": the row " << i << " is lost";
            rows += *row ? 1 : 0;
        }
        const auto sum = (*ledger)->get(key_at("sum"));
        ASSERT_EQ(sum && *sum ? (**sum).counters.at("rows") : 0, rows)
            << which << ": half a commit";
    }
    void fail_each(Call call, std::string_view name) {
        const TemporaryDirectory whole(in_memory());
        ASSERT_EQ(acknowledged(whole.path(), call, 0).size(), std::size_t{commits});
        const long calls = faulty_disk::calls(call);
        ASSERT_GT(calls, 0);
        for (long nth = 1; nth <= calls; ++nth) {
            const TemporaryDirectory directory(in_memory());
            const std::string which = cat(name, ' ', nth, " of ", calls);
            expect_kept(directory.path(), acknowledged(directory.path(), call, nth), which);
        }
    }

    SettableClock clock_;
    std::string told_;
};

TEST_F(FailingDiskTest, KeepsWhatItAcknowledgedWhicheverWriteFails) {
    fail_each(Call::write, "write");
}

TEST_F(FailingDiskTest, KeepsWhatItAcknowledgedWhicheverSyncFails) {
    fail_each(Call::sync, "sync");
}

TEST_F(FailingDiskTest, KeepsWhatItAcknowledgedWhicheverRenameFails) {
    fail_each(Call::rename, "rename");
}

// The kernel forgets the pages that it could not write, so a later sync that works proves nothing.
TEST_F(FailingDiskTest, TakesNoCommitAfterAFailedSyncUntilItIsReopened) {
    const TemporaryDirectory directory(in_memory());
    {
        const auto ledger = open(directory.path());
        ASSERT_TRUE(ledger) << ledger.error().detail;
        ASSERT_TRUE((*ledger)->commit(numbered(0)));
        ASSERT_TRUE((*ledger)->writable());
        faulty_disk::fail_nth(Call::sync, 1);
        EXPECT_EQ(code_of((*ledger)->commit(numbered(1))), "unknown_outcome");
        EXPECT_EQ(code_of((*ledger)->commit(numbered(2))), "ledger_unavailable");
        EXPECT_EQ(code_of((*ledger)->write({{"k", "v"}})), "ledger_unavailable");
        EXPECT_EQ(code_of((*ledger)->writable()), "ledger_unavailable");
        EXPECT_TRUE((*ledger)->get(key_at("row-0"))->has_value()) << "reads go on";
        EXPECT_FALSE((*ledger)->get(key_at("row-1"))->has_value());
        EXPECT_EQ(told_, "refused ");
    }
    expect_kept(directory.path(), {0}, "after a failed sync");
}

}  // namespace
}  // namespace souk
