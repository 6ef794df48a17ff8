#include "domain/ports/message_bus.h"

#include <gtest/gtest.h>

#include <map>

namespace souk {
namespace {

// It was taken for one of the others, or acknowledged unread.
TEST(ActUpon, TriesATypeAgainThatThisVersionDoesNotKnow) {
    int acted = 0;
    const Reaction reaction{
        .queue = "q", .types = {"souk.known.v1"}, .react = [&](const Event&) -> Result<void> {
            ++acted;
            return {};
        }};
    Event event{.type = "souk.newer.v1"};
    const auto refused = act_upon(event, reaction);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errors::not_yet);
    EXPECT_EQ(after_failure(refused.error()), AfterFailure::retry);
    EXPECT_EQ(acted, 0);
    event.type = "souk.known.v1";
    EXPECT_TRUE(act_upon(event, reaction));
    EXPECT_EQ(acted, 1);
}

TEST(AfterFailure, TriesAgainWhatMaySucceedAndBuriesWhatCannot) {
    const std::map<ErrorKind, AfterFailure> fates{
        {ErrorKind::unavailable, AfterFailure::retry},
        {ErrorKind::exhausted, AfterFailure::retry},
        {ErrorKind::conflict, AfterFailure::retry},
        {ErrorKind::invalid, AfterFailure::dead_letter},
        {ErrorKind::not_found, AfterFailure::dead_letter},
        {ErrorKind::denied, AfterFailure::dead_letter},
        {ErrorKind::corrupt, AfterFailure::dead_letter},
    };
    for (const auto& [kind, fate] : fates) {
        EXPECT_EQ(after_failure(Error{{"some_code", kind}, ""}), fate) << static_cast<int>(kind);
    }
}

TEST(AfterFailure, TriesAnEventAgainThatCameTooEarly) {
    EXPECT_EQ(after_failure(Error{errors::not_yet, ""}), AfterFailure::retry);
}

}  // namespace
}  // namespace souk
