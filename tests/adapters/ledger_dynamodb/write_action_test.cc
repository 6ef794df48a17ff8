#include "adapters/ledger_dynamodb/write_action.h"

#include <gtest/gtest.h>

#include <limits>

#include "adapters/ledger_dynamodb/counter_plan.h"
#include "contracts/ledger_fixture.h"

namespace souk::dynamo {

namespace {

using contract::key_at;
using contract::row_at;

constexpr Instant now = Instant::from_unix_ms(1'000);

/// An expression with its placeholders filled in.
std::string filled(const Action& action, std::string_view expression) {
    const JsonDocument body = JsonDocument::parse(action.json).value();
    const auto fill = [&](std::string text, std::string_view members) {
        const JsonView values = body.root()[members];
        for (std::size_t i = values.size(); i-- > 0;) {
            const auto [placeholder, value] = values.member(i);
            const std::string shown =
                value.is_string() ? value.text_or() : std::string(value.member(0).second.text_or());
            for (auto at = text.find(placeholder); at != std::string::npos;
                 at = text.find(placeholder)) {
                text.replace(at, placeholder.size(), shown);
            }
        }
        return text;
    };
    return fill(fill(body.root()[expression].text_or(), "ExpressionAttributeNames"),
                "ExpressionAttributeValues");
}

std::string condition_of(const Write& write, Form form) {
    const auto action = action_of(write, form, "pre-", now);
    return action ? filled(*action, "ConditionExpression") : "nothing asked";
}

constexpr std::string_view live = "attribute_not_exists(exp) OR exp > 1000000";
constexpr std::string_view not_live = "attribute_not_exists(pk) OR exp <= 1000000";

TEST(WriteAction, AsksForWhatAnExpectationSays) {
    EXPECT_EQ(condition_of(Check{key_at("s"), Expect::absent()}, Form::change), not_live);
    EXPECT_EQ(condition_of(Check{key_at("s"), Expect::present()}, Form::change),
              cat("attribute_exists(pk) AND (", live, ")"));
    EXPECT_EQ(condition_of(Erase{key_at("s"), Expect::at(7)}, Form::change),
              cat("v = 7 AND (", live, ")"));
    EXPECT_EQ(condition_of(Erase{key_at("s"), Expect::any()}, Form::change), "");
    EXPECT_EQ(condition_of(Check{key_at("s"), Expect::any()}, Form::change), "nothing asked");
}

TEST(WriteAction, ReplacesWhereNoLiveRowMayBe) {
    Row row = row_at("s");
    row.counters = {{"n", 4}};
    const auto action = action_of(Put{row, Expect::absent()}, Form::replace, "pre-", now);
    ASSERT_TRUE(action);
    EXPECT_EQ(action->name, "Put");
    EXPECT_EQ(filled(*action, "ConditionExpression"), not_live);
    const auto body = JsonDocument::parse(action->json);
    EXPECT_EQ(body->root()["TableName"].text_or(), "pre-test");
    EXPECT_EQ(body->root()["Item"]["v"]["N"].text_or(), "1");
    EXPECT_EQ(body->root()["Item"]["c_n"]["N"].text_or(), "4");
}

TEST(WriteAction, ChangesALiveRowWithoutItsCounters) {
    Row row = row_at("s", "{}");
    row.counters = {{"n", 4}};
    row.index[1] = IndexKey{"ip", "is"};
    const auto action = action_of(Put{row, Expect::at(2)}, Form::change, "pre-", now);
    ASSERT_TRUE(action);
    EXPECT_EQ(action->name, "Update");
    EXPECT_EQ(filled(*action, "UpdateExpression"),
              "SET v = if_not_exists(v, 0) + 1, b = {}, g2pk = ip, g2sk = is "
              "REMOVE exp, ttl, g1pk, g1sk");
    EXPECT_EQ(filled(*action, "ConditionExpression"), cat("v = 2 AND (", live, ")"));
}

/// A missing row may be made by a change only if no counters would be lost.
TEST(WriteAction, LetsAPutOfAnyRowChangeAMissingOneOnlyWithoutCounters) {
    Row row = row_at("s");
    EXPECT_EQ(condition_of(Put{row, Expect::any()}, Form::change), live);
    EXPECT_EQ(first_form(Put{row, Expect::any()}), Form::change);
    row.counters = {{"n", 4}};
    EXPECT_EQ(condition_of(Put{row, Expect::any()}, Form::change),
              cat("attribute_exists(pk) AND (", live, ")"));
    EXPECT_EQ(first_form(Put{row, Expect::any()}), Form::replace);
}

TEST(WriteAction, KeepsACounterAboveItsFloorWithoutReadingIt) {
    const auto take = [](std::int64_t delta, std::optional<std::int64_t> floor) {
        return Add{key_at("s"), {{"n", delta, floor}}, Expect::any()};
    };
    EXPECT_EQ(condition_of(take(-4, 0), Form::change), cat("(", live, ") AND c_n >= 4"));
    // What starts from 0 may be missing.
    EXPECT_EQ(condition_of(take(-4, -10), Form::change),
              cat("(", live, ") AND (attribute_not_exists(c_n) OR c_n >= -6)"));
    EXPECT_EQ(condition_of(take(1, {}), Form::change),
              cat("(", live, ") AND (attribute_not_exists(c_n) OR c_n <= ",
                  std::numeric_limits<std::int64_t>::max() - 1, ")"));
    EXPECT_EQ(condition_of(take(0, {}), Form::change), live);
    const auto action = action_of(take(-4, 0), Form::change, "pre-", now);
    EXPECT_EQ(filled(*action, "UpdateExpression"),
              "SET v = if_not_exists(v, 0), c_n = if_not_exists(c_n, 0) + -4");
}

TEST(WriteAction, NeverMakesARowBelowAFloor) {
    const Add take{key_at("s"), {{"n", -1, 0}}, Expect::any()};
    const auto action = action_of(take, Form::replace, "pre-", now);
    ASSERT_TRUE(action);
    EXPECT_EQ(action->name, "ConditionCheck");
    EXPECT_EQ(filled(*action, "ConditionExpression"),
              "attribute_exists(pk) AND attribute_not_exists(pk)");
}

TEST(CounterPlan, AddsUpTheChangesOfOneCounterStepByStep) {
    // 5 - 3 >= 0 and then 5 - 3 + 10 is the same as +7, if the counter was at least 3.
    const auto plans = plans_of({{"n", -3, 0}, {"m", 1, {}}, {"n", 10, {}}});
    ASSERT_TRUE(plans);
    EXPECT_EQ(plans->at("n").delta, 7);
    EXPECT_EQ(plans->at("n").least, 3);
    EXPECT_EQ(plans->at("m").delta, 1);
}

TEST(CounterPlan, KnowsWhatNoCounterCanStand) {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    EXPECT_FALSE(plans_of({{"n", -2, most}}));
    EXPECT_FALSE(plans_of({{"n", most, {}}, {"n", most, {}}}));
    EXPECT_EQ(plans_of({{"n", most, {}}})->at("n").greatest, 0);
    EXPECT_EQ(plans_of({{"n", most, -most}})->at("n").least, CounterPlan::lowest);
}

struct FailureCase {
    std::string_view name;
    Write write;
    Form form;
    std::string_view item;
    Failure::Why why;
    Form next;
};

TEST(WriteAction, FindsOutWhyAConditionFailed) {
    constexpr std::string_view is_live = R"({"pk":{"S":"p"},"v":{"N":"2"}})";
    constexpr std::string_view is_expired = R"({"pk":{"S":"p"},"v":{"N":"2"},"exp":{"N":"1"}})";
    constexpr std::string_view is_missing = "null";
    Row bare = row_at("s");
    Row counted = row_at("s");
    counted.counters = {{"n", 1}};
    const std::vector<CounterChange> changes = {{"n", -1, 0}};
    using Why = Failure::Why;
    const FailureCase cases[] = {
        {"absent", Put{bare, Expect::absent()}, Form::replace, is_live, Why::expectation, {}},
        {"present", Put{bare, Expect::present()}, Form::change, is_missing, Why::expectation, {}},
        {"put any, found expired", Put{bare, Expect::any()}, Form::change, is_expired, Why::form,
         Form::replace},
        {"put any, made meanwhile", Put{counted, Expect::any()}, Form::replace, is_live, Why::form,
         Form::change},
        {"put any, gone meanwhile", Put{counted, Expect::any()}, Form::change, is_missing,
         Why::form, Form::replace},
        {"add any, found expired", Add{key_at("s"), changes, Expect::any()}, Form::change,
         is_expired, Why::form, Form::replace},
        {"add any, made meanwhile", Add{key_at("s"), changes, Expect::any()}, Form::replace,
         is_live, Why::form, Form::change},
        {"add any, live",
         Add{key_at("s"), changes, Expect::any()},
         Form::change,
         is_live,
         Why::floor,
         {}},
        {"add any, missing",
         Add{key_at("s"), changes, Expect::any()},
         Form::change,
         is_missing,
         Why::floor,
         {}},
        {"add any, from nothing",
         Add{key_at("s"), changes, Expect::any()},
         Form::replace,
         is_missing,
         Why::floor,
         {}},
        {"add at", Add{key_at("s"), changes, Expect::at(2)}, Form::change, is_live, Why::floor, {}},
        {"add at another",
         Add{key_at("s"), changes, Expect::at(3)},
         Form::change,
         is_live,
         Why::expectation,
         {}},
        {"add at, expired",
         Add{key_at("s"), changes, Expect::at(2)},
         Form::change,
         is_expired,
         Why::expectation,
         {}},
    };
    for (const auto& one_case : cases) {
        const JsonDocument item = JsonDocument::parse(one_case.item).value();
        const Failure failure = failure_of(one_case.write, one_case.form, item.root(), now);
        EXPECT_EQ(failure.why, one_case.why) << one_case.name;
        if (one_case.why == Why::form) {
            EXPECT_EQ(failure.next, one_case.next) << one_case.name;
        }
    }
}

}  // namespace

}  // namespace souk::dynamo
