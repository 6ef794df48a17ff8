#include "adapters/ledger_rocksdb/faulty_disk.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_fixture.h"
#include "contracts/temporary_directory.h"

namespace souk {
namespace {

using contract::code_of;
using contract::key_at;
using contract::one;
using contract::row_at;

class FullDiskTest : public testing::Test {
protected:
    ~FullDiskTest() override { faulty_disk::heal(); }

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
    faulty_disk::leave_room(1000);
    const auto outcome = put(*ledger, "full");
    ASSERT_EQ(code_of(outcome), "ledger_unavailable");
    // Clients read this: no path of the server's is in it.
    EXPECT_EQ(outcome.error().detail,
              "The disk is full: nothing can be written until there is room.");
    EXPECT_EQ(code_of(put(*ledger, "still full")), "ledger_unavailable");
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value()) << "reads go on";
    ledger.reset();
    faulty_disk::heal();
    ledger = open();
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("still full"))->has_value());
}

TEST_F(FullDiskTest, TakesCommitsAgainOnceThereIsRoom) {
    auto ledger = open();
    ASSERT_TRUE(put(*ledger, "before"));
    faulty_disk::leave_room(1000);
    ASSERT_EQ(code_of(put(*ledger, "full")), "ledger_unavailable");
    faulty_disk::heal();
    const auto outcome = put(*ledger, "after");
    ASSERT_TRUE(outcome) << outcome.error().detail;
    ledger.reset();
    ledger = open();
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
    EXPECT_TRUE(ledger->get(key_at("after"))->has_value());
}

// RocksDB would go on with the log that was cut short, and abort the process over it.
TEST_F(FullDiskTest, WaitsForARestartWhenItMetTheFullDiskWithNothingToFlush) {
    auto ledger = open();
    ASSERT_TRUE(put(*ledger, "before"));
    ledger.reset();
    ledger = open();  // Recovery has moved everything into a table file.
    faulty_disk::leave_room(1000);
    ASSERT_EQ(code_of(put(*ledger, "full")), "ledger_unavailable");
    faulty_disk::heal();
    EXPECT_EQ(code_of(put(*ledger, "after")), "ledger_unavailable");
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value()) << "reads go on";
    ledger.reset();
    ledger = open();
    EXPECT_TRUE(put(*ledger, "after the restart"));
    EXPECT_TRUE(ledger->get(key_at("before"))->has_value());
    EXPECT_FALSE(ledger->get(key_at("full"))->has_value());
}

TEST_F(FullDiskTest, SaysSoWhenABackupDoesNotFit) {
    const auto ledger = open();
    ASSERT_TRUE(put(*ledger, "s"));
    const TemporaryDirectory backup;
    faulty_disk::leave_room(100);
    const auto outcome = ledger->backup(backup / "b");
    faulty_disk::heal();
    EXPECT_EQ(code_of(outcome), "ledger_unavailable");
    EXPECT_TRUE(put(*ledger, "t")) << "serving goes on";
}

}  // namespace
}  // namespace souk
