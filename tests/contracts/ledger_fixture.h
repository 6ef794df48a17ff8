#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/memory/settable_clock.h"
#include "domain/base/text.h"
#include "domain/ports/ledger.h"

/// What the Ledger's and the MessageBus's suites share. An adapter's tests give a `Home`:
///
///     struct Home {                      // Fresh and empty for every test.
///         SettableClock clock;
///         Ledger& ledger();              // With the subscriptions of contract_subscriptions().
///         MessageBus& bus();             // For the bus suite: fed by that ledger.
///     };
namespace souk::contract {

inline constexpr std::string_view happened = "souk.test.happened.v1";  // For alpha.
inline constexpr std::string_view shared = "souk.test.shared.v1";      // For alpha and beta.
inline constexpr std::string_view unheard = "souk.test.unheard.v1";    // For nobody.

inline std::vector<Subscription> contract_subscriptions() {
    return {{"alpha", {std::string(happened), std::string(shared)}},
            {"beta", {std::string(shared)}, 2 * visibility}};
}

inline Event event_of(std::string_view type, std::string_view id) {
    return {std::string(id),
            "/stores/store_1/test",
            std::string(type),
            "subject_1",
            Instant::from_unix_ms(1'767'225'600'123),
            R"({"n":1})",
            "00-trace-span-01"};
}

inline RowKey key_at(std::string_view sort, std::string_view partition = "p") {
    return {"test", std::string(partition), std::string(sort)};
}

inline Row row_at(std::string_view sort, std::string_view body = "body",
                  std::string_view partition = "p") {
    Row row;
    row.key = key_at(sort, partition);
    row.body = body;
    return row;
}

inline Transaction one(Write write) {
    return {.token = {}, .writes = {std::move(write)}, .events = {}};
}

/// The position that a conflict names, or what went otherwise.
inline std::string conflict_of(const Result<void>& outcome) {
    if (outcome) {
        return "committed";
    }
    if (outcome.error().code != errors::ledger_conflict || outcome.error().fields.empty()) {
        return cat("error: ", outcome.error().code.name, ", ", outcome.error().detail);
    }
    return outcome.error().fields.front().pointer;
}

inline std::string code_of(const Error& error) { return std::string(error.code.name); }

template <class T>
std::string code_of(const Result<T>& outcome) {
    return outcome ? "none" : code_of(outcome.error());
}

inline std::vector<std::string> sorts_of(const Result<Page>& page) {
    std::vector<std::string> sorts;
    if (page) {
        for (const auto& row : page->rows) {
            sorts.push_back(row.key.sort);
        }
    }
    return sorts;
}

template <class Home>
class LedgerSuite : public testing::Test {
protected:
    Ledger& ledger() { return home_.ledger(); }
    SettableClock& clock() { return home_.clock; }

    Result<void> commit(Write write) { return ledger().commit(one(std::move(write))); }
    void given(Row row) {
        ASSERT_EQ(conflict_of(commit(Put{std::move(row), Expect::any()})), "committed");
    }
    Row found(const RowKey& key) {
        auto row = ledger().get(key);
        EXPECT_TRUE(row.has_value() && row->has_value()) << "The row " << key.sort << " is absent.";
        return row && *row ? **row : Row{};
    }
    bool absent(const RowKey& key) {
        const auto row = ledger().get(key);
        EXPECT_TRUE(row.has_value());
        return row && !row->has_value();
    }

    Home home_;
};

}  // namespace souk::contract
