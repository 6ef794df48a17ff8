#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace {
/// Bytes that this program's files may still grow by; negative: no bound.
std::atomic<long> room = -1;
}  // namespace

/// Stands in for libc's: the only way to fill a disk without owning one. RocksDB is linked
/// statically and calls this; a full disk takes what still fits, as the kernel does.
extern "C" ssize_t write(int descriptor, const void* bytes, size_t count) {
    const long left = room.load();
    if (left >= 0 && descriptor > 2) {
        if (left == 0) {
            errno = ENOSPC;
            return -1;
        }
        count = std::min(count, static_cast<size_t>(left));
        room -= static_cast<long>(count);
    }
    return syscall(SYS_write, descriptor, bytes, count);
}

namespace souk {
namespace {

using contract::code_of;
using contract::key_at;
using contract::one;
using contract::row_at;

class FullDiskTest : public testing::Test {
protected:
    ~FullDiskTest() override { room = -1; }

    std::unique_ptr<RocksLedger> open() {
        auto ledger = RocksLedger::open(
            {.directory = directory_.path(), .clock = clock_, .healing_interval = {}});
        EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().detail);
        return ledger ? std::move(*ledger) : nullptr;
    }
    static Result<void> put(RocksLedger& ledger, std::string_view sort) {
        return ledger.commit(one(Put{row_at(sort, std::string(2000, 'x')), Expect::any()}));
    }

    SettableClock clock_;
    TemporaryDirectory directory_;
};

TEST_F(FullDiskTest, RefusesClearlyAndAcknowledgesNothing) {
    auto ledger = open();
    ASSERT_TRUE(put(*ledger, "before"));
    room = 1000;
    const auto outcome = put(*ledger, "full");
    ASSERT_EQ(code_of(outcome), "ledger_unavailable");
    EXPECT_TRUE(outcome.error().detail.starts_with("The disk is full")) << outcome.error().detail;
    EXPECT_EQ(code_of(put(*ledger, "still full")), "ledger_unavailable");
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value()) << "reads go on";
    ledger.reset();
    room = -1;
    ledger = open();
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("still full"))->has_value());
}

TEST_F(FullDiskTest, TakesCommitsAgainOnceThereIsRoom) {
    auto ledger = open();
    ASSERT_TRUE(put(*ledger, "before"));
    room = 1000;
    ASSERT_EQ(code_of(put(*ledger, "full")), "ledger_unavailable");
    room = -1;
    const auto outcome = put(*ledger, "after");
    ASSERT_TRUE(outcome) << outcome.error().detail;
    ledger.reset();
    ledger = open();
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
    EXPECT_TRUE(ledger->get(key_at("after"))->has_value());
}

TEST_F(FullDiskTest, SaysSoWhenABackupDoesNotFit) {
    const auto ledger = open();
    ASSERT_TRUE(put(*ledger, "s"));
    const TemporaryDirectory backup;
    room = 100;
    const auto outcome = ledger->backup(backup / "b");
    room = -1;
    EXPECT_EQ(code_of(outcome), "ledger_unavailable");
    EXPECT_TRUE(put(*ledger, "t")) << "serving goes on";
}

}  // namespace
}  // namespace souk
