#include "domain/ports/message_bus.h"

#include <gtest/gtest.h>

#include <map>

namespace souk {
namespace {

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
