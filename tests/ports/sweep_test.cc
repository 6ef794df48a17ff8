#include "domain/ports/sweep.h"

#include "ports/service_fixture.h"

namespace souk {
namespace {

constexpr ErrorCode unreadable{"corrupt_row", ErrorKind::corrupt};
constexpr ErrorCode away{"away", ErrorKind::unavailable};

class SweepDue : public ServiceTest {
protected:
    void due(const StoreLedger& wall, std::string partition) {
        write(wall, {.partition = std::move(partition),
                     .sort = "row",
                     .body = "{}",
                     .due = environment_.clock.now()});
    }
    /// Rows with the name's first letter c are corrupt, f fail, l are left, others are settled.
    int sweep(int limit = 100) {
        seen.clear();
        const auto settled =
            sweep_due(service_, platform_, environment_.clock.now(), limit,
                      [&](const DueRow& row) -> Result<Swept> {
                          seen.push_back(row.row.partition);
                          switch (row.row.partition[0]) {
                              case 'c': return fail(unreadable, "");
                              case 'f': return fail(away, "");
                              case 'l': return Swept::left;
                              default: break;
                          }
                          Changes changes;
                          service_.store(row.store).erase(changes, row.row.partition, "row",
                                                          Expect::at(row.row.version));
                          TRY(service_.commit(changes));
                          return Swept::settled;
                      });
        EXPECT_TRUE(settled);
        return settled.value_or(-1);
    }
    std::vector<std::string> seen;
};

TEST_F(SweepDue, SettlesRowsOfEveryStoreAndCountsThem) {
    due(wall_, "a");
    due(other_wall_, "b");
    EXPECT_EQ(sweep(), 2);
    EXPECT_EQ(sweep(), 0);
    EXPECT_TRUE(seen.empty());
}

TEST_F(SweepDue, OneThatFailsHoldsUpNoOtherAndIsSeenAgain) {
    due(wall_, "fails");
    due(wall_, "left");
    due(wall_, "settled");
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(sweep(), 0);
    EXPECT_EQ(seen, (std::vector<std::string>{"fails", "left"}));
}

// A hundred unreadable rows hid every deadline behind them.
TEST_F(SweepDue, CorruptRowsRestSoThatTheyHideNothing) {
    due(wall_, "corrupt 1");
    due(wall_, "corrupt 2");
    due(wall_, "settled");
    EXPECT_EQ(sweep(2), 2);
    EXPECT_EQ(sweep(2), 1);
    EXPECT_EQ(seen, (std::vector<std::string>{"settled"}));
    EXPECT_EQ(body_of(wall_, "corrupt 1", "row"), "{}");
    environment_.clock.advance(hopeless_rest);
    EXPECT_EQ(sweep(2), 2) << "they are looked at again";
}

TEST_F(SweepDue, WhoeverChangedACorruptRowMeanwhileIsNotUndone) {
    due(wall_, "corrupt");
    const auto settled = sweep_due(service_, platform_, environment_.clock.now(), 100,
                                   [&](const DueRow& row) -> Result<Swept> {
                                       StoreRow mended = row.row;
                                       mended.body = R"({"mended":true})";
                                       write(wall_, std::move(mended));
                                       return fail(unreadable, "");
                                   });
    ASSERT_TRUE(settled);
    EXPECT_EQ(body_of(wall_, "corrupt", "row"), R"({"mended":true})");
}

TEST_F(SweepDue, ACorruptRowIsLoggedAsAnErrorAndAFailureAsAWarning) {
    due(wall_, "corrupt");
    due(wall_, "fails");
    sweep();
    const auto lines = environment_.telemetry.lines();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].level, LogLevel::error);
    EXPECT_EQ(lines[0].labels.at("row"), "corrupt | row");
    EXPECT_EQ(lines[1].level, LogLevel::warning);
}

}  // namespace
}  // namespace souk
