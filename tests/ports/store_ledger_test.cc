#include "domain/ports/store_ledger.h"

#include <set>

#include "domain/base/text.h"
#include "ports/service_fixture.h"
#include "support/forwarding_ledger.h"

namespace souk {
namespace {

using Walls = ServiceTest;

TEST_F(Walls, KeepAStoresRowsFromTheOther) {
    write(wall_, {.partition = "order#1", .sort = "order", .body = "mine"});
    EXPECT_EQ(body_of(wall_, "order#1", "order"), "mine");
    EXPECT_EQ(body_of(other_wall_, "order#1", "order"), "");
    EXPECT_EQ(body_of(platform_, "order#1", "order"), "");
}

TEST_F(Walls, LetTwoStoresUseOneKey) {
    write(wall_, {.partition = "email#ada", .sort = "marker", .body = "mine"});
    Changes changes;
    other_wall_.put(changes, {.partition = "email#ada", .sort = "marker", .body = "theirs"},
                    Expect::absent());
    ASSERT_TRUE(service_.commit(changes));
    EXPECT_EQ(body_of(wall_, "email#ada", "marker"), "mine");
}

TEST_F(Walls, CannotBeClimbedByAPartitionThatNamesTheOtherStore) {
    write(other_wall_, {.partition = "order#1", .sort = "order", .body = "theirs"});
    EXPECT_EQ(body_of(wall_, cat(other_.text(), "#order#1"), "order"), "");
    EXPECT_EQ(body_of(platform_, cat(other_.text(), "#order#1"), "order"), "");
}

TEST_F(Walls, KeepAnotherServicesTableApart) {
    const ServiceLedger carts(memory_, "carts", environment_.environment());
    write(wall_, {.partition = "p", .sort = "s", .body = "mine"});
    EXPECT_EQ(body_of(carts.store(store_), "p", "s"), "");
}

TEST_F(Walls, KeepQueriesOfPartitionsAndIndexesInside) {
    for (const auto* wall : {&wall_, &other_wall_}) {
        write(*wall, {.partition = "list",
                      .sort = "a",
                      .body = wall->store().text(),
                      .index = IndexKey{"all", "1"}});
    }
    for (const bool on_index : {false, true}) {
        const auto page =
            wall_.query({.partition = on_index ? "all" : "list", .on_index = on_index});
        ASSERT_TRUE(page);
        ASSERT_EQ(page->rows.size(), 1U);
        EXPECT_EQ(page->rows.front().body, store_.text());
        EXPECT_EQ(page->rows.front().partition, "list");
        EXPECT_EQ(page->rows.front().index, (IndexKey{"all", "1"}));
    }
}

TEST_F(Walls, RefuseACursorOfTheOtherStore) {
    for (const auto* wall : {&wall_, &other_wall_}) {
        for (const char* sort : {"a", "b", "c"}) {
            write(*wall, {.partition = "list", .sort = sort, .body = wall->store().text()});
        }
    }
    const auto first = wall_.query({.partition = "list", .limit = 1});
    ASSERT_TRUE(first && first->cursor);
    const auto rest = wall_.query({.partition = "list", .limit = 9, .cursor = *first->cursor});
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->rows.size(), 2U);
    EXPECT_EQ(other_wall_.query({.partition = "list", .cursor = *first->cursor}).error().code,
              errors::invalid_cursor);
}

TEST_F(Walls, GiveARowBackAsItWasPut) {
    const Instant expires = environment_.clock.now() + std::chrono::hours(1);
    const Instant due = environment_.clock.now() + std::chrono::minutes(1);
    write(wall_, {.partition = "p",
                  .sort = "s",
                  .version = 99,  // Ignored.
                  .body = "b",
                  .counters = {{"stock", 5}},
                  .expires = expires,
                  .index = IndexKey{"i", "k"},
                  .due = due});
    const auto row = wall_.find("p", "s");
    ASSERT_TRUE(row && *row);
    EXPECT_EQ((*row)->version, 1U);
    EXPECT_EQ((*row)->counters, (Counters{{"stock", 5}}));
    EXPECT_EQ((*row)->expires, expires);
    EXPECT_EQ((*row)->index, (IndexKey{"i", "k"}));
    EXPECT_EQ((*row)->due, due);
}

TEST_F(Walls, EraseCheckAndAddBehindThem) {
    write(wall_, {.partition = "p", .sort = "s", .body = "b", .counters = {{"stock", 5}}});
    Changes changes;
    wall_.add(changes, "p", "s", {{"stock", -2, 0}}, Expect::present());
    wall_.check(changes, "p", "other", Expect::absent());
    ASSERT_TRUE(service_.commit(changes));
    EXPECT_EQ((*wall_.find("p", "s"))->counters.at("stock"), 3);
    Changes last;
    wall_.erase(last, "p", "s", Expect::at(1));
    ASSERT_TRUE(service_.commit(last));
    EXPECT_FALSE(*wall_.find("p", "s"));
}

TEST_F(Walls, FindAnyNumberOfRowsInTheirKeysOrder) {
    std::vector<StoreKey> keys;
    for (int i = 0; i < 250; ++i) {
        keys.push_back({"p", cat("s", i)});
        if (i % 2 == 0) {
            write(wall_, {.partition = "p", .sort = cat("s", i), .body = cat(i)});
        }
    }
    const auto found = wall_.find_many(keys);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 250U);
    for (std::size_t i = 0; i < found->size(); ++i) {
        EXPECT_EQ((*found)[i] ? (*found)[i]->body : "", i % 2 == 0 ? cat(i) : "");
    }
    EXPECT_TRUE(wall_.find_many({})->empty());
}

TEST_F(Walls, NameAPartitionForWhoWatchesIt) {
    EXPECT_EQ(wall_.watched("order#1"), cat(store_.text(), "#order#1"));
}

using Due = ServiceTest;

TEST_F(Due, RowsOfEveryStoreComeOldestFirstOnceTheirTimeIsReached) {
    const Instant now = environment_.clock.now();
    const auto minutes = [](int count) { return std::chrono::minutes(count); };
    write(wall_,
          {.partition = "order#1", .sort = "order", .body = "later", .due = now + minutes(1)});
    write(wall_, {.partition = "order#2", .sort = "order", .body = "now", .due = now});
    write(other_wall_,
          {.partition = "order#1", .sort = "order", .body = "past", .due = now - minutes(1)});
    write(other_wall_, {.partition = "order#2", .sort = "order", .body = "never"});
    const auto due = platform_.due(now, 100);
    ASSERT_TRUE(due);
    ASSERT_EQ(due->size(), 2U);
    EXPECT_EQ((*due)[0].store, other_);
    EXPECT_EQ((*due)[0].row.body, "past");
    EXPECT_EQ((*due)[0].row.partition, "order#1");
    EXPECT_EQ((*due)[1].store, store_);
    EXPECT_EQ((*due)[1].row.body, "now");
    EXPECT_EQ(platform_.due(now, 1)->size(), 1U);
    EXPECT_EQ(platform_.due(now + minutes(1), 100)->size(), 3U);
}

// One partition of the index was a ceiling for all stores together.
TEST_F(Due, RowsAreSpreadOverTheIndexAndComeInOrderAllTheSame) {
    const Instant now = environment_.clock.now();
    for (int i = 0; i < 50; ++i) {
        write(wall_, {.partition = cat("order#", i),
                      .sort = "order",
                      .body = zero_padded(static_cast<std::uint64_t>(i * 7 % 50), 2),
                      .due = now - std::chrono::seconds(50 - i * 7 % 50)});
    }
    std::set<std::string> partitions;
    for (const Row& row : memory_.rows()) {
        partitions.insert(row.index[1]->partition);
    }
    EXPECT_GE(partitions.size(), 6U);
    const auto due = platform_.due(now, 20);
    ASSERT_EQ(due->size(), 20U);
    for (std::size_t i = 0; i < due->size(); ++i) {
        EXPECT_EQ((*due)[i].row.body, zero_padded(i, 2));
    }
}

/// Ends each page early: the first `pages` of a partition show nothing, as of expired rows.
class CurtLedger final : public testing::ForwardingLedger {
public:
    using ForwardingLedger::ForwardingLedger;
    std::int64_t pages = 0;
    int queries = 0;

    [[nodiscard]] Result<Page> query(const Query& query) override {
        ++queries;
        const std::int64_t page = query.cursor.empty() ? 0 : to_integer(query.cursor).value_or(-1);
        if (page >= 0 && page < pages) {
            return Page{{}, cat(page + 1)};
        }
        Query part = query;
        part.limit = std::min(query.limit, 3);
        part.cursor = page >= 0 ? "" : query.cursor;
        return ForwardingLedger::query(part);
    }
};

class DueBehindExpiredRows : public ServiceTest {
protected:
    CurtLedger curt_{memory_};
    ServiceLedger behind_{curt_, "orders", environment_.environment()};
    PlatformLedger sweep_ = behind_.platform(AllStores::granted_by_composition_root());

    DueBehindExpiredRows() {
        for (int i = 0; i < 50; ++i) {
            write(wall_, {.partition = cat("order#", i),
                          .sort = "order",
                          .body = "{}",
                          .due = environment_.clock.now()});
        }
    }
};

// A page that a thousand expired rows had ended early hid all that was due behind them.
TEST_F(DueBehindExpiredRows, AreFoundOnTheNextPages) {
    curt_.pages = 5;
    EXPECT_EQ(sweep_.due(environment_.clock.now(), 100)->size(), 50U);
    EXPECT_EQ(sweep_.due(environment_.clock.now(), 7)->size(), 7U);
}

TEST_F(DueBehindExpiredRows, AreLeftToALaterSweepWhereThereAreTooMany) {
    curt_.pages = 1'000;
    EXPECT_TRUE(sweep_.due(environment_.clock.now(), 100)->empty());
    EXPECT_EQ(curt_.queries, 80) << "ten a partition of the index";
}

TEST_F(DueBehindExpiredRows, NoMoreIsReadThanWasAskedFor) {
    EXPECT_EQ(sweep_.due(environment_.clock.now(), 1)->size(), 1U);
    EXPECT_EQ(curt_.queries, 8);
}

TEST_F(Due, ARowPutAgainWithoutATimeIsDueNoMore) {
    const Instant now = environment_.clock.now();
    write(wall_, {.partition = "p", .sort = "s", .body = "b", .due = now});
    write(wall_, {.partition = "p", .sort = "s", .body = "b"});
    EXPECT_TRUE(platform_.due(now, 100)->empty());
}

}  // namespace
}  // namespace souk
