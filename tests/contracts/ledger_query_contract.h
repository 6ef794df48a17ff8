#pragma once

#include <set>

#include "contracts/ledger_fixture.h"

/// Queries: what every Ledger promises of rows, indexes, pages and cursors. Instantiate with
/// `INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerQueryContract, Home)`.
namespace souk::contract {

using Sorts = std::vector<std::string>;

template <class Home>
class LedgerQueryContract : public LedgerSuite<Home> {
protected:
    void given_sorts(const Sorts& sorts) {
        for (const auto& sort : sorts) {
            this->given(row_at(sort));
        }
    }
    void given_indexed(std::string_view sort, std::size_t which, IndexKey at) {
        Row row = row_at(sort);
        row.index[which] = std::move(at);
        this->given(row);
    }
    Result<Page> query(Query query) {
        query.table = "test";
        if (query.partition.empty()) {
            query.partition = "p";
        }
        return this->ledger().query(query);
    }
    Sorts found_sorts(const Query& wanted) { return sorts_of(query(wanted)); }
    /// All pages of a query, each page's sorts in brackets.
    std::string pages_of(Query wanted) {
        std::string pages;
        for (int i = 0; i < 100; ++i) {
            const auto page = query(wanted);
            if (!page) {
                return cat(pages, "error: ", page.error().detail);
            }
            pages += '[';
            for (const auto& sort : sorts_of(page)) {
                pages += sort;
            }
            pages += ']';
            if (!page->cursor) {
                return pages;
            }
            wanted.cursor = *page->cursor;
        }
        return cat(pages, "endless");
    }
};
TYPED_TEST_SUITE_P(LedgerQueryContract);

TYPED_TEST_P(LedgerQueryContract, GivesAPartitionInSortOrder) {
    this->given_sorts({"b", "a", "c", "ab", std::string("a\0z", 3), "\xFF\xFF", "a\xFF"});
    this->given(row_at("other", "", "p2"));
    this->given(row_at("other", "", "o"));
    EXPECT_EQ(this->found_sorts({}),
              (Sorts{"a", std::string("a\0z", 3), "ab", "a\xFF", "b", "c", "\xFF\xFF"}));
    EXPECT_EQ(this->found_sorts({.direction = Direction::backward}),
              (Sorts{"\xFF\xFF", "c", "b", "a\xFF", "ab", std::string("a\0z", 3), "a"}));
}

TYPED_TEST_P(LedgerQueryContract, GivesNothingOfAnEmptyPartition) {
    const auto page = this->query({});
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->rows.empty());
    EXPECT_FALSE(page->cursor.has_value());
}

TYPED_TEST_P(LedgerQueryContract, GivesWholeRows) {
    Row row = row_at("s", "the body");
    row.counters = {{"n", 4}};
    row.index[1] = IndexKey{"ip", "is"};
    this->given(row);
    for (const Source source : {Source::rows, Source::index_2}) {
        const auto page =
            this->query({.source = source, .partition = source == Source::rows ? "p" : "ip"});
        ASSERT_TRUE(page);
        ASSERT_EQ(page->rows.size(), 1U);
        EXPECT_EQ(page->rows[0].key, row.key);
        EXPECT_EQ(page->rows[0].version, 1U);
        EXPECT_EQ(page->rows[0].body, "the body");
        EXPECT_EQ(page->rows[0].counters, row.counters);
        EXPECT_EQ(page->rows[0].index, row.index);
    }
}

TYPED_TEST_P(LedgerQueryContract, KeepsToTheRangeInBothDirections) {
    this->given_sorts({"a", "b", "c", "d", "e"});
    EXPECT_EQ(this->found_sorts({.from = "b", .before = "d"}), (Sorts{"b", "c"}));
    EXPECT_EQ(this->found_sorts({.from = "d"}), (Sorts{"d", "e"}));
    EXPECT_EQ(this->found_sorts({.before = "b"}), (Sorts{"a"}));
    EXPECT_EQ(this->found_sorts({.from = "aa", .before = "cc"}), (Sorts{"b", "c"}));
    EXPECT_EQ(this->found_sorts({.from = "x"}), Sorts{});
    EXPECT_EQ(this->found_sorts({.from = "b", .before = "d", .direction = Direction::backward}),
              (Sorts{"c", "b"}));
    EXPECT_EQ(this->found_sorts({.from = "d", .before = "b"}), Sorts{});
}

TYPED_TEST_P(LedgerQueryContract, PagesThroughEverythingOnce) {
    this->given_sorts({"a", "b", "c", "d", "e"});
    EXPECT_EQ(this->pages_of({.limit = 2}), "[ab][cd][e]");
    EXPECT_EQ(this->pages_of({.direction = Direction::backward, .limit = 2}), "[ed][cb][a]");
    EXPECT_EQ(this->pages_of({.from = "b", .before = "e", .limit = 2}), "[bc][d]");
    EXPECT_EQ(this->pages_of({.limit = 1000}), "[abcde]");
}

TYPED_TEST_P(LedgerQueryContract, PagesThroughAnIndexWhoseSortsAreEqual) {
    std::multiset<std::string> seen;
    for (int i = 0; i < 7; ++i) {
        this->given_indexed(cat("row-", i), 0, {"ip", i < 5 ? "same" : "same2"});
    }
    for (const Direction direction : {Direction::forward, Direction::backward}) {
        Query wanted{
            .source = Source::index_1, .partition = "ip", .direction = direction, .limit = 2};
        for (int i = 0; i < 10; ++i) {
            const auto page = this->query(wanted);
            ASSERT_TRUE(page);
            for (const auto& row : page->rows) {
                seen.insert(row.key.sort);
            }
            if (!page->cursor) {
                break;
            }
            wanted.cursor = *page->cursor;
        }
    }
    EXPECT_EQ(seen.size(), 14U);
    EXPECT_EQ(seen.count("row-3"), 2U);
}

TYPED_TEST_P(LedgerQueryContract, KeepsItsPlaceWhileRowsComeAndGo) {
    this->given_sorts({"b", "d", "f", "h"});
    const auto first = this->query({.limit = 2});
    ASSERT_TRUE(first && first->cursor);
    this->given_sorts({"a", "c", "e"});
    ASSERT_TRUE(this->commit(Erase{key_at("d"), Expect::present()}));
    EXPECT_EQ(this->found_sorts({.limit = 10, .cursor = *first->cursor}), (Sorts{"e", "f", "h"}));
}

TYPED_TEST_P(LedgerQueryContract, RefusesTheCursorOfAnotherQuery) {
    this->given_sorts({"a", "b", "c"});
    this->given(row_at("a", "", "q"));
    const auto page = this->query({.limit = 1});
    ASSERT_TRUE(page && page->cursor);
    const std::string cursor = *page->cursor;
    EXPECT_EQ(code_of(this->query({.partition = "q", .cursor = cursor})), "invalid_cursor");
    EXPECT_EQ(code_of(this->query({.from = "a", .cursor = cursor})), "invalid_cursor");
    EXPECT_EQ(code_of(this->query({.before = "z", .cursor = cursor})), "invalid_cursor");
    EXPECT_EQ(code_of(this->query({.direction = Direction::backward, .cursor = cursor})),
              "invalid_cursor");
    EXPECT_EQ(code_of(this->query({.source = Source::index_1, .cursor = cursor})),
              "invalid_cursor");
    for (const std::string forged : {"x", "AAAA", "!!", "bm90IGEgY3Vyc29y"}) {
        EXPECT_EQ(code_of(this->query({.cursor = forged})), "invalid_cursor") << forged;
    }
    EXPECT_EQ(this->found_sorts({.limit = 5, .cursor = cursor}), (Sorts{"b", "c"}));
}

TYPED_TEST_P(LedgerQueryContract, FindsRowsByBothIndexes) {
    this->given_indexed("1", 0, {"red", "z"});
    this->given_indexed("2", 0, {"red", "a"});
    this->given_indexed("3", 0, {"blue", "m"});
    this->given_indexed("4", 1, {"red", "q"});
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "red"}),
              (Sorts{"2", "1"}));
    EXPECT_EQ(this->found_sorts({.source = Source::index_2, .partition = "red"}), (Sorts{"4"}));
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "red", .from = "b"}),
              (Sorts{"1"}));
    EXPECT_EQ(this->found_sorts({.source = Source::index_1,
                                 .partition = "red",
                                 .before = "z",
                                 .direction = Direction::backward}),
              (Sorts{"2"}));
}

TYPED_TEST_P(LedgerQueryContract, OrdersIndexSortsThatContainZeroBytes) {
    this->given_indexed("1", 0, {"ip", std::string("a\0b", 3)});
    this->given_indexed("2", 0, {"ip", "a"});
    this->given_indexed("3", 0, {"ip", "a\x01"});
    this->given_indexed("4", 0, {"ip", std::string("a\0", 2)});
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "ip"}),
              (Sorts{"2", "4", "1", "3"}));
    EXPECT_EQ(this->found_sorts(
                  {.source = Source::index_1, .partition = "ip", .from = std::string("a\0b", 3)}),
              (Sorts{"1", "3"}));
}

TYPED_TEST_P(LedgerQueryContract, MovesIndexEntriesWithTheirRow) {
    this->given_indexed("s", 0, {"old", "1"});
    this->given_indexed("s", 0, {"new", "2"});
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "old"}), Sorts{});
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "new"}), (Sorts{"s"}));
    this->given(row_at("s"));
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "new"}), Sorts{});
    this->given_indexed("s", 1, {"two", "1"});
    ASSERT_TRUE(this->commit(Erase{key_at("s"), Expect::present()}));
    EXPECT_EQ(this->found_sorts({.source = Source::index_2, .partition = "two"}), Sorts{});
}

TYPED_TEST_P(LedgerQueryContract, ShowsCountersOnAnIndexAsTheyAreNow) {
    this->given_indexed("s", 0, {"ip", "1"});
    ASSERT_TRUE(this->commit(Add{key_at("s"), {{"n", 7, {}}}, Expect::present()}));
    const auto page = this->query({.source = Source::index_1, .partition = "ip"});
    ASSERT_TRUE(page && page->rows.size() == 1);
    EXPECT_EQ(page->rows[0].counters.at("n"), 7);
}

TYPED_TEST_P(LedgerQueryContract, HidesExpiredRows) {
    for (const auto* const sort : {"a", "b", "c", "d"}) {
        Row row = row_at(sort);
        row.index[0] = IndexKey{"ip", sort};
        if (row.key.sort == "b" || row.key.sort == "c") {
            row.expires = this->clock().now() + std::chrono::seconds(5);
        }
        this->given(row);
    }
    this->clock().advance(std::chrono::seconds(5));
    EXPECT_EQ(this->found_sorts({}), (Sorts{"a", "d"}));
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "ip"}), (Sorts{"a", "d"}));
    // A renewed row is found under its new entry alone.
    this->given_indexed("b", 0, {"ip", "x"});
    EXPECT_EQ(this->found_sorts({.source = Source::index_1, .partition = "ip"}),
              (Sorts{"a", "d", "b"}));
}

REGISTER_TYPED_TEST_SUITE_P(LedgerQueryContract, GivesAPartitionInSortOrder,
                            GivesNothingOfAnEmptyPartition, GivesWholeRows,
                            KeepsToTheRangeInBothDirections, PagesThroughEverythingOnce,
                            PagesThroughAnIndexWhoseSortsAreEqual, KeepsItsPlaceWhileRowsComeAndGo,
                            RefusesTheCursorOfAnotherQuery, FindsRowsByBothIndexes,
                            OrdersIndexSortsThatContainZeroBytes, MovesIndexEntriesWithTheirRow,
                            ShowsCountersOnAnIndexAsTheyAreNow, HidesExpiredRows);

}  // namespace souk::contract
