#pragma once

#include <algorithm>
#include <atomic>
#include <thread>

#include "contracts/ledger_fixture.h"

/// Commits: what every Ledger promises of its writes. Instantiate with
/// `INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerContract, Home)`.
namespace souk::contract {

template <class Home>
class LedgerContract : public LedgerSuite<Home> {};
TYPED_TEST_SUITE_P(LedgerContract);

TYPED_TEST_P(LedgerContract, KeepsEveryPartOfARow) {
    Row row = row_at("s", std::string("bo\0dy", 5));
    row.counters = {{"a", 5}, {"b", -7}};
    row.expires = this->clock().now() + std::chrono::hours(1);
    row.index = {IndexKey{"ip", "is"}, IndexKey{"jp", "js"}};
    this->given(row);
    const Row kept = this->found(key_at("s"));
    EXPECT_EQ(kept.key, row.key);
    EXPECT_EQ(kept.version, 1U);
    EXPECT_EQ(kept.body, row.body);
    EXPECT_EQ(kept.counters, row.counters);
    EXPECT_EQ(kept.expires, row.expires);
    EXPECT_EQ(kept.index, row.index);
}

TYPED_TEST_P(LedgerContract, TellsTablesPartitionsAndSortsApart) {
    this->given(row_at("bc", "1", "a"));
    EXPECT_TRUE(this->absent({"test", "ab", "c"}));
    EXPECT_TRUE(this->absent({"other", "a", "bc"}));
    EXPECT_TRUE(this->absent({"tes", "ta", "bc"}));
    EXPECT_TRUE(this->absent(key_at("b", "a")));
}

TYPED_TEST_P(LedgerContract, CountsPutsInTheVersion) {
    this->given(row_at("s"));
    this->given(row_at("s", "second"));
    EXPECT_EQ(this->found(key_at("s")).version, 2U);
    EXPECT_EQ(this->found(key_at("s")).body, "second");
}

TYPED_TEST_P(LedgerContract, StartsAgainAtVersionOneAfterAnErase) {
    this->given(row_at("s"));
    this->given(row_at("s"));
    ASSERT_TRUE(this->commit(Erase{key_at("s"), Expect::present()}));
    EXPECT_TRUE(this->absent(key_at("s")));
    this->given(row_at("s"));
    EXPECT_EQ(this->found(key_at("s")).version, 1U);
}

/// Every expectation against an absent row and one of version 2, for each kind of write.
TYPED_TEST_P(LedgerContract, HoldsExpectationsOfEveryKindOnEveryWrite) {
    struct Case {
        Expect expect;
        bool on_absent;
        bool on_version_two;
    };
    const Case cases[] = {{Expect::absent(), true, false},
                          {Expect::present(), false, true},
                          {Expect::at(1), false, false},
                          {Expect::at(2), false, true},
                          {Expect::any(), true, true}};
    int row = 0;
    for (const Case& one_case : cases) {
        for (int kind = 0; kind < 4; ++kind) {
            for (const bool exists : {false, true}) {
                const std::string sort = cat("row-", row++);
                if (exists) {
                    this->given(row_at(sort));
                    this->given(row_at(sort));
                }
                const Write writes[] = {Put{row_at(sort, "new"), one_case.expect},
                                        Erase{key_at(sort), one_case.expect},
                                        Check{key_at(sort), one_case.expect},
                                        Add{key_at(sort), {{"n", 1, {}}}, one_case.expect}};
                const bool held = exists ? one_case.on_version_two : one_case.on_absent;
                EXPECT_EQ(conflict_of(this->commit(writes[kind])), held ? "committed" : "/writes/0")
                    << "expectation " << static_cast<int>(one_case.expect.kind) << " version "
                    << one_case.expect.version << ", write " << kind << ", exists " << exists;
            }
        }
    }
}

TYPED_TEST_P(LedgerContract, WritesNothingWhenOneExpectationFails) {
    this->given(row_at("there", "old"));
    Transaction transaction;
    transaction.writes = {Put{row_at("new"), Expect::absent()},
                          Put{row_at("there", "changed"), Expect::at(1)},
                          Add{key_at("sum"), {{"n", 1, {}}}, Expect::any()},
                          Check{key_at("missing"), Expect::present()}};
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "/writes/3");
    EXPECT_TRUE(this->absent(key_at("new")));
    EXPECT_EQ(this->found(key_at("there")).body, "old");
    EXPECT_TRUE(this->absent(key_at("sum")));
}

TYPED_TEST_P(LedgerContract, CommitsManyWritesAtOnce) {
    this->given(row_at("gone"));
    Transaction transaction;
    transaction.writes = {Put{row_at("a"), Expect::absent()}, Put{row_at("b"), Expect::absent()},
                          Erase{key_at("gone"), Expect::present()},
                          Add{key_at("sum"), {{"n", 3, {}}}, Expect::any()},
                          Check{key_at("missing"), Expect::absent()}};
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "committed");
    EXPECT_EQ(this->found(key_at("a")).version, 1U);
    EXPECT_EQ(this->found(key_at("b")).version, 1U);
    EXPECT_TRUE(this->absent(key_at("gone")));
    EXPECT_EQ(this->found(key_at("sum")).counters, (Counters{{"n", 3}}));
    EXPECT_TRUE(this->absent(key_at("missing")));
}

TYPED_TEST_P(LedgerContract, MakesARowOfVersionZeroByAdding) {
    ASSERT_TRUE(this->commit(Add{key_at("s"), {{"n", 2, {}}}, Expect::any()}));
    const Row row = this->found(key_at("s"));
    EXPECT_EQ(row.version, 0U);
    EXPECT_EQ(row.body, "");
    EXPECT_EQ(row.counters, (Counters{{"n", 2}}));
    this->given(row_at("s", "now put"));
    EXPECT_EQ(this->found(key_at("s")).version, 1U);
    EXPECT_EQ(this->found(key_at("s")).counters, (Counters{{"n", 2}}));
}

TYPED_TEST_P(LedgerContract, LeavesCountersAloneOnAPutAndTheRestOnAnAdd) {
    Row row = row_at("s", "first");
    row.counters = {{"n", 10}};
    row.index[0] = IndexKey{"ip", "is"};
    row.expires = this->clock().now() + std::chrono::hours(1);
    this->given(row);
    Row next = row;
    next.body = "second";
    next.counters = {{"n", 99}, {"m", 1}};
    this->given(next);
    EXPECT_EQ(this->found(key_at("s")).counters, (Counters{{"n", 10}}));
    ASSERT_TRUE(this->commit(Add{key_at("s"), {{"n", -4, {}}, {"k", 1, {}}}, Expect::at(2)}));
    const Row added = this->found(key_at("s"));
    EXPECT_EQ(added.counters, (Counters{{"k", 1}, {"n", 6}}));
    EXPECT_EQ(added.version, 2U);
    EXPECT_EQ(added.body, "second");
    EXPECT_EQ(added.index[0], row.index[0]);
    EXPECT_EQ(added.expires, row.expires);
}

TYPED_TEST_P(LedgerContract, StopsACounterAtItsFloorAndChangesNothing) {
    Row row = row_at("s");
    row.counters = {{"hand", 3}, {"sold", 0}};
    this->given(row);
    const Add take{key_at("s"), {{"sold", 4, {}}, {"hand", -4, 0}}, Expect::present()};
    Transaction transaction;
    transaction.writes = {Put{row_at("order"), Expect::absent()}, take};
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "/writes/1");
    EXPECT_EQ(this->found(key_at("s")).counters, row.counters);
    EXPECT_TRUE(this->absent(key_at("order")));
    ASSERT_TRUE(this->commit(Add{key_at("s"), {{"hand", -3, 0}}, Expect::present()}));
    EXPECT_EQ(this->found(key_at("s")).counters.at("hand"), 0);
}

TYPED_TEST_P(LedgerContract, CountsAMissingCounterFromZeroAgainstItsFloor) {
    EXPECT_EQ(conflict_of(this->commit(Add{key_at("s"), {{"n", -1, 0}}, Expect::any()})),
              "/writes/0");
    EXPECT_TRUE(this->absent(key_at("s")));
}

TYPED_TEST_P(LedgerContract, TakesAnExpiredRowForAbsent) {
    Row row = row_at("s", "old");
    row.counters = {{"n", 5}};
    row.index[0] = IndexKey{"ip", "is"};
    row.expires = this->clock().now() + std::chrono::seconds(10);
    this->given(row);
    this->clock().advance(std::chrono::seconds(9));
    EXPECT_EQ(this->found(key_at("s")).body, "old");
    this->clock().advance(std::chrono::seconds(1));
    EXPECT_TRUE(this->absent(key_at("s")));
    EXPECT_EQ(conflict_of(this->commit(Check{key_at("s"), Expect::present()})), "/writes/0");
    EXPECT_EQ(conflict_of(this->commit(Check{key_at("s"), Expect::at(1)})), "/writes/0");
    ASSERT_EQ(conflict_of(this->commit(Put{row_at("s", "new"), Expect::absent()})), "committed");
    const Row renewed = this->found(key_at("s"));
    EXPECT_EQ(renewed.version, 1U);
    EXPECT_EQ(renewed.counters, Counters{});
    EXPECT_EQ(renewed.expires, std::nullopt);
}

TYPED_TEST_P(LedgerContract, AddsToAnExpiredRowAsToAMissingOne) {
    Row row = row_at("s", "old");
    row.counters = {{"n", 5}};
    row.expires = this->clock().now() + std::chrono::seconds(10);
    this->given(row);
    this->clock().advance(std::chrono::seconds(11));
    ASSERT_TRUE(this->commit(Add{key_at("s"), {{"n", 1, {}}}, Expect::any()}));
    const Row added = this->found(key_at("s"));
    EXPECT_EQ(added.counters, (Counters{{"n", 1}}));
    EXPECT_EQ(added.version, 0U);
    EXPECT_EQ(added.body, "");
    EXPECT_EQ(added.expires, std::nullopt);
}

TYPED_TEST_P(LedgerContract, ReadsManyRowsInTheOrderOfTheirKeys) {
    this->given(row_at("a", "A"));
    this->given(row_at("b", "B"));
    const auto rows =
        this->ledger().get_many({key_at("b"), key_at("missing"), key_at("a"), key_at("b")});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 4U);
    EXPECT_EQ((*rows)[0]->body, "B");
    EXPECT_FALSE((*rows)[1].has_value());
    EXPECT_EQ((*rows)[2]->body, "A");
    EXPECT_EQ((*rows)[3]->body, "B");
}

TYPED_TEST_P(LedgerContract, RefusesToReadTooManyRows) {
    const std::vector<RowKey> keys(get_many_max + 1, key_at("a"));
    EXPECT_EQ(code_of(this->ledger().get_many(keys)), "ledger_too_large");
}

TYPED_TEST_P(LedgerContract, HoldsAHundredWritesAndEventsAndNoMore) {
    Transaction transaction;
    for (int i = 0; i < 99; ++i) {
        transaction.writes.emplace_back(Put{row_at(cat("row-", i)), Expect::absent()});
    }
    transaction.events = {event_of(happened, "evt_1"), event_of(happened, "evt_2")};
    EXPECT_EQ(code_of(this->ledger().commit(transaction)), "ledger_too_large");
    EXPECT_TRUE(this->absent(key_at("row-0")));
    transaction.events.pop_back();
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "committed");
    EXPECT_EQ(this->found(key_at("row-98")).version, 1U);
}

TYPED_TEST_P(LedgerContract, RefusesWhatIsTooLarge) {
    const std::string largest(row_body_max, 'x');
    ASSERT_EQ(conflict_of(this->commit(Put{row_at("s", largest), Expect::any()})), "committed");
    EXPECT_EQ(this->found(key_at("s")).body, largest);
    const std::string long_key(row_key_part_max + 1, 'k');
    EXPECT_EQ(code_of(this->commit(Put{row_at("t", largest + "x"), Expect::any()})),
              "ledger_too_large");
    EXPECT_EQ(code_of(this->commit(Put{row_at(long_key), Expect::any()})), "ledger_too_large");
    EXPECT_EQ(code_of(this->commit(Put{row_at("t", "", long_key), Expect::any()})),
              "ledger_too_large");
    EXPECT_EQ(code_of(this->commit(Put{row_at(""), Expect::any()})), "ledger_too_large");
    EXPECT_TRUE(this->absent(key_at("t")));
}

TYPED_TEST_P(LedgerContract, RefusesMoreThanFourMegabytesAtOnce) {
    Transaction transaction;
    for (int i = 0; i < 12; ++i) {
        transaction.writes.emplace_back(
            Put{row_at(cat("row-", i), std::string(row_body_max, 'x')), Expect::any()});
    }
    EXPECT_EQ(code_of(this->ledger().commit(transaction)), "ledger_too_large");
    EXPECT_TRUE(this->absent(key_at("row-0")));
}

TYPED_TEST_P(LedgerContract, RefusesToWriteARowTwiceInOneCommit) {
    Transaction transaction;
    transaction.writes = {Put{row_at("s"), Expect::any()}, Check{key_at("s"), Expect::absent()}};
    EXPECT_EQ(code_of(this->ledger().commit(transaction)), "ledger_too_large");
    EXPECT_TRUE(this->absent(key_at("s")));
}

TYPED_TEST_P(LedgerContract, HasNoSecondEffectForTheSameTokenWithinTenMinutes) {
    Transaction transaction = one(Add{key_at("s"), {{"n", 1, {}}}, Expect::any()});
    transaction.token = "once";
    ASSERT_TRUE(this->ledger().commit(transaction));
    this->clock().advance(std::chrono::minutes(9));
    EXPECT_TRUE(this->ledger().commit(transaction));
    EXPECT_EQ(this->found(key_at("s")).counters.at("n"), 1);
    transaction.token = "another";
    EXPECT_TRUE(this->ledger().commit(transaction));
    EXPECT_EQ(this->found(key_at("s")).counters.at("n"), 2);
}

TYPED_TEST_P(LedgerContract, DoesNotRememberTheTokenOfWhatItRefused) {
    Transaction transaction = one(Put{row_at("s", "late"), Expect::present()});
    transaction.token = "again";
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "/writes/0");
    this->given(row_at("s", "first"));
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "committed");
    EXPECT_EQ(this->found(key_at("s")).body, "late");
}

TYPED_TEST_P(LedgerContract, CommitsNothingGladly) {
    EXPECT_TRUE(this->ledger().commit(Transaction{}));
}

TYPED_TEST_P(LedgerContract, NeverTakesMoreThanThereIsWhateverTheInterleaving) {
    Row row = row_at("stock");
    row.counters = {{"hand", 50}};
    this->given(row);
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> buyers;
        for (int i = 0; i < 8; ++i) {
            buyers.emplace_back([&] {
                for (int n = 0; n < 10; ++n) {
                    const auto outcome =
                        this->commit(Add{key_at("stock"), {{"hand", -1, 0}}, Expect::present()});
                    taken += outcome ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(taken, 50);
    EXPECT_EQ(this->found(key_at("stock")).counters.at("hand"), 0);
}

TYPED_TEST_P(LedgerContract, LetsExactlyOneWriterWinAVersion) {
    this->given(row_at("s"));
    for (std::uint64_t round = 1; round <= 20; ++round) {
        std::atomic<int> winners = 0;
        std::vector<std::jthread> writers;
        for (int i = 0; i < 8; ++i) {
            writers.emplace_back([&, i] {
                const auto outcome =
                    this->commit(Put{row_at("s", cat("writer ", i)), Expect::at(round)});
                winners += outcome ? 1 : 0;
            });
        }
        writers.clear();
        EXPECT_EQ(winners, 1);
    }
    EXPECT_EQ(this->found(key_at("s")).version, 21U);
}

REGISTER_TYPED_TEST_SUITE_P(
    LedgerContract, KeepsEveryPartOfARow, TellsTablesPartitionsAndSortsApart,
    CountsPutsInTheVersion, StartsAgainAtVersionOneAfterAnErase,
    HoldsExpectationsOfEveryKindOnEveryWrite, WritesNothingWhenOneExpectationFails,
    CommitsManyWritesAtOnce, MakesARowOfVersionZeroByAdding,
    LeavesCountersAloneOnAPutAndTheRestOnAnAdd, StopsACounterAtItsFloorAndChangesNothing,
    CountsAMissingCounterFromZeroAgainstItsFloor, TakesAnExpiredRowForAbsent,
    AddsToAnExpiredRowAsToAMissingOne, ReadsManyRowsInTheOrderOfTheirKeys, RefusesToReadTooManyRows,
    HoldsAHundredWritesAndEventsAndNoMore, RefusesWhatIsTooLarge,
    RefusesMoreThanFourMegabytesAtOnce, RefusesToWriteARowTwiceInOneCommit,
    HasNoSecondEffectForTheSameTokenWithinTenMinutes, DoesNotRememberTheTokenOfWhatItRefused,
    CommitsNothingGladly, NeverTakesMoreThanThereIsWhateverTheInterleaving,
    LetsExactlyOneWriterWinAVersion);

}  // namespace souk::contract
