#include "adapters/bus_sns_sqs/batch.h"

#include <gtest/gtest.h>

#include <map>

#include "adapters/aws_client/aws_client.h"

namespace souk::sqs {
namespace {

using Entries = std::vector<std::size_t>;
constexpr Pacing at_once{3, std::chrono::milliseconds(0)};

std::vector<std::size_t> all_of_size(std::size_t count, std::size_t bytes) {
    return std::vector<std::size_t>(count, bytes);
}

/// How the calls were cut, when every entry succeeds.
std::vector<Entries> batches_sent(const std::vector<std::size_t>& sizes) {
    std::vector<Entries> batches;
    const auto failures = send_in_batches(sizes, at_once, [&](const Entries& entries) {
        batches.push_back(entries);
        return Result<BatchOutcome>(BatchOutcome{entries, {}});
    });
    EXPECT_TRUE(failures.empty());
    return batches;
}

TEST(SendInBatches, CallsNobodyForNothing) { EXPECT_TRUE(batches_sent({}).empty()); }

TEST(SendInBatches, PutsTenEntriesIntoACall) {
    EXPECT_EQ(batches_sent(all_of_size(10, 1)).size(), 1U);
    EXPECT_EQ(batches_sent(all_of_size(11, 1)),
              (std::vector<Entries>{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {10}}));
}

TEST(SendInBatches, KeepsACallWithinItsBytes) {
    const std::size_t half = batch_bytes_max / 2;
    EXPECT_EQ(batches_sent({half, half}), (std::vector<Entries>{{0, 1}}));
    EXPECT_EQ(batches_sent({half, half + 1}), (std::vector<Entries>{{0}, {1}}));
    EXPECT_EQ(batches_sent({batch_bytes_max + 1, 1}), (std::vector<Entries>{{0}, {1}}));
}

TEST(SendInBatches, TriesAgainOnlyWhatTheServiceFailedAt) {
    std::vector<Entries> sent;
    const auto failures = send_in_batches(
        all_of_size(3, 1), at_once, [&](const Entries& entries) -> Result<BatchOutcome> {
            sent.push_back(entries);
            if (sent.size() == 1) {
                return BatchOutcome{{0},
                                    {{1, Blame::service, "InternalError", ""},
                                     {2, Blame::sender, "InvalidId", "no"}}};
            }
            return BatchOutcome{entries, {}};
        });
    EXPECT_EQ(sent, (std::vector<Entries>{{0, 1, 2}, {1}}));
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].entry, 2U);
    EXPECT_EQ(failures[0].code, "InvalidId");
}

TEST(SendInBatches, CountsWhatAnAnswerLeavesOutAsFailed) {
    int calls = 0;
    const auto failures =
        send_in_batches(all_of_size(2, 1), at_once, [&](const Entries&) -> Result<BatchOutcome> {
            ++calls;
            return BatchOutcome{{1}, {}};
        });
    EXPECT_EQ(calls, at_once.tries_max);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].entry, 0U);
}

TEST(SendInBatches, EndsWithACallThatFailsAsAWhole) {
    int calls = 0;
    const auto failures = send_in_batches(
        all_of_size(25, 1), at_once, [&](const Entries& entries) -> Result<BatchOutcome> {
            if (++calls == 2) {
                return fail(aws::errors::aws_not_sent, "no network");
            }
            return BatchOutcome{entries, {}};
        });
    EXPECT_EQ(calls, 2) << "what the client could not send, it has tried often enough";
    ASSERT_EQ(failures.size(), 15U);
    EXPECT_EQ(failures.front().entry, 10U);
    EXPECT_EQ(failures.front().code, "aws_not_sent");
}

}  // namespace
}  // namespace souk::sqs
