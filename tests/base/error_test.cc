#include "domain/base/error.h"

#include <gtest/gtest.h>

#include <memory>

namespace souk {
namespace {

constexpr ErrorCode out_of_tea{"out_of_tea", ErrorKind::exhausted};

Result<int> brewed(int cups) {
    if (cups > 3) {
        return fail(out_of_tea, "Only three cups.");
    }
    return cups;
}

Result<int> poured(int cups, int& calls) {
    const int made = TRY(brewed(cups));
    ++calls;
    return made * 2;
}

Result<void> warmed(int cups) {
    TRY(brewed(cups));
    return {};
}

TEST(Try, YieldsTheValue) {
    int calls = 0;
    EXPECT_EQ(poured(3, calls), 6);
    EXPECT_EQ(calls, 1);
}

TEST(Try, ReturnsTheErrorAndRunsNothingAfterIt) {
    int calls = 0;
    const auto result = poured(4, calls);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, out_of_tea);
    EXPECT_EQ(result.error().detail, "Only three cups.");
    EXPECT_EQ(calls, 0);
}

TEST(Try, PassesAnErrorIntoAResultOfAnotherType) {
    EXPECT_TRUE(warmed(1));
    EXPECT_EQ(warmed(9).error().code, out_of_tea);
}

Result<std::unique_ptr<int>> boxed(int number) { return std::make_unique<int>(number); }

TEST(Try, MovesWhatCannotBeCopied) {
    const auto use = [](int number) -> Result<int> {
        const auto held = TRY(boxed(number));
        return *held;
    };
    EXPECT_EQ(use(7), 7);
}

// g++ 12 yielded a null pointer here while TRY's last expression was a reference.
TEST(Try, KeepsTheValueInALambdaThatCouldBeConstexpr) {
    const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    const auto use = [&make]() -> Result<int> {
        const auto held = TRY(make());
        return held ? *held : -1;
    };
    EXPECT_EQ(use(), 7);
}

TEST(Try, TakesTheValueOfAResultThatHasAName) {
    const auto use = []() -> Result<std::string> {
        const Result<std::string> kept = std::string("a text that is too long for a small string");
        auto given = kept;
        return TRY(kept) + TRY(std::move(given));
    };
    EXPECT_EQ(use().value().size(), 84U);
}

/// Counts the values that are alive, to see that none is destroyed twice or never.
struct Counted {
    explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
    Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
    Counted(Counted&& other) noexcept : alive_(other.alive_) { ++*alive_; }
    Counted& operator=(const Counted&) = delete;
    Counted& operator=(Counted&&) = delete;
    ~Counted() { --*alive_; }
    int* alive_;
};

Result<Counted> counted(int& alive, int cups) {
    TRY(brewed(cups));
    return Counted(alive);
}

int alive_of(const Counted& one, const Counted& other) {
    return *one.alive_ + (one.alive_ == other.alive_ ? 0 : 9);
}

TEST(Try, DestroysEverythingOnce) {
    int alive = 0;
    const auto use = [&alive](int cups) -> Result<int> {
        const int first = alive_of(TRY(counted(alive, 1)), TRY(counted(alive, cups)));
        const Counted held = TRY(counted(alive, cups));
        for (int i = 0; i < 3; ++i) {
            static_cast<void>(TRY(counted(alive, i + cups)));
        }
        return first + *held.alive_;
    };
    EXPECT_TRUE(use(1));
    EXPECT_EQ(alive, 0);
    EXPECT_FALSE(use(2));  // The loop's last one fails.
    EXPECT_EQ(alive, 0);
    EXPECT_FALSE(use(4));  // The second argument fails, after the first was made.
    EXPECT_EQ(alive, 0);
}

TEST(InvalidField, SaysItsOneMistakeAsTheDetail) {
    const Result<int> result = invalid_field("/quantity", "too_small", "At least 1.");
    EXPECT_EQ(result.error().code, errors::validation_failed);
    EXPECT_EQ(result.error().detail, "At least 1.");
    EXPECT_EQ(result.error().fields,
              (std::vector<FieldError>{{"/quantity", "too_small", "At least 1."}}));
}

TEST(InvalidFields, CountsSeveralMistakes) {
    const Result<int> result =
        invalid_fields({{"/a", "required", "Missing."}, {"/b", "required", "Missing."}});
    EXPECT_EQ(result.error().detail, "2 mistakes; see errors.");
    EXPECT_EQ(result.error().fields.size(), 2U);
}

TEST(CheckDeathTest, AbortsAndNamesTheBrokenInvariant) {
    EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK failed: 1 \\+ 1 == 3 at .*error_test.cc");
}

TEST(CheckDeathTest, RefusesAnEmptyListOfMistakes) {
    EXPECT_DEATH(static_cast<void>(invalid_fields({})), "CHECK failed");
}

}  // namespace
}  // namespace souk
