#include "domain/notifications/delivery.h"

#include <gtest/gtest.h>

#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

const Instant start = Instant::from_unix_ms(1'800'000'000'000);

Webhook some_webhook() {
    return {.id = WebhookId::trusted("wh_1"),
            .url = "https://x.example",
            .events = {"*"},
            .description = {},
            .disabled_reason = {},
            .secrets = {},
            .failing_since = {},
            .created_at = start,
            .updated_at = start};
}
Delivery some_delivery(std::string_view event_type = type::order_confirmed) {
    return new_delivery(DeliveryId::trusted("whd_1"), WebhookId::trusted("wh_1"), "evt_1",
                        event_type, start);
}
Delivery after_tries(int tries, std::string_view event_type = type::order_confirmed) {
    Delivery delivery = some_delivery(event_type);
    for (int i = 0; i < tries; ++i) {
        delivery = claimed(std::move(delivery), start);
    }
    return delivery;
}
Verdict verdict_on(const Delivery& delivery, int status, const Webhook& webhook = some_webhook(),
                   Instant now = start) {
    return judge(delivery, webhook, {.status = status, .reason = "refused"}, now, 0);
}

TEST(RetryWait, FollowsTheScheduleWithinItsJitter) {
    const std::vector<std::chrono::milliseconds> schedule{5s, 5min, 30min, 2h, 5h, 10h, 14h};
    ASSERT_EQ(attempts_max, 8);
    for (int tries = 1; tries < attempts_max; ++tries) {
        const auto wait = schedule[static_cast<std::size_t>(tries - 1)];
        for (const std::uint32_t roll : {0U, 1U, 12'345U, 1'000'000'007U, 4'294'967'295U}) {
            EXPECT_GE(retry_wait(tries, roll), wait * 85 / 100) << tries;
            EXPECT_LE(retry_wait(tries, roll), wait * 115 / 100) << tries;
        }
    }
}

TEST(RetryWait, DiffersFromRollToRoll) { EXPECT_NE(retry_wait(3, 1), retry_wait(3, 2'000)); }

TEST(Judge, AcceptsEverySuccess) {
    for (const int status : {200, 201, 204, 299}) {
        const Verdict verdict = verdict_on(after_tries(1), status);
        EXPECT_EQ(verdict.delivery.status, DeliveryStatus::delivered) << status;
        EXPECT_EQ(verdict.delivery.delivered_at, start);
        EXPECT_FALSE(verdict.delivery.due);
    }
}

TEST(Judge, TriesAgainAfterAnythingElse) {
    for (const int status : {0, 199, 301, 400, 404, 429, 500, 503}) {
        const Verdict verdict = verdict_on(after_tries(1), status);
        EXPECT_EQ(verdict.delivery.status, DeliveryStatus::pending) << status;
        EXPECT_EQ(verdict.delivery.due, start + retry_wait(1, 0));
        EXPECT_FALSE(verdict.delivery.leased_until);
        EXPECT_FALSE(verdict.failure);
    }
}

TEST(Judge, GivesUpAfterTheLastAttemptAndSaysSo) {
    const Verdict verdict = verdict_on(after_tries(attempts_max), 500);
    EXPECT_EQ(verdict.delivery.status, DeliveryStatus::failed);
    EXPECT_FALSE(verdict.delivery.due);
    EXPECT_EQ(verdict.failure, "The endpoint answered 500.");
}

TEST(Judge, HasOneAttemptLeftBeforeTheLast) {
    EXPECT_EQ(verdict_on(after_tries(attempts_max - 1), 500).delivery.status,
              DeliveryStatus::pending);
}

TEST(Judge, NeverAnnouncesTheFailureOfNewsOfAFailure) {
    const Verdict verdict = verdict_on(after_tries(attempts_max, type::notification_failed), 500);
    EXPECT_EQ(verdict.delivery.status, DeliveryStatus::failed);
    EXPECT_FALSE(verdict.failure);
}

// It was off from then on, and nobody had been told.
TEST(Judge, AnnouncesThatAnEndpointIsDisabledAlsoForNewsOfAFailure) {
    const auto verdict = verdict_on(after_tries(1, type::notification_failed), 410);
    ASSERT_TRUE(verdict.webhook);
    EXPECT_EQ(verdict.webhook->status, WebhookStatus::disabled);
    EXPECT_TRUE(verdict.failure);
}

TEST(Judge, DisablesAnEndpointThatIsGone) {
    const Verdict verdict = verdict_on(after_tries(1), 410);
    EXPECT_EQ(verdict.delivery.status, DeliveryStatus::failed);
    ASSERT_TRUE(verdict.webhook);
    EXPECT_EQ(verdict.webhook->status, WebhookStatus::disabled);
    EXPECT_FALSE(verdict.webhook->disabled_reason.empty());
    EXPECT_TRUE(verdict.failure);
}

TEST(Judge, DisablesAnEndpointAfterFiveDaysOfOnlyFailures) {
    Webhook webhook = some_webhook();
    webhook.failing_since = start;
    const auto just_before = verdict_on(after_tries(1), 500, webhook, start + failing_max - 1ms);
    EXPECT_FALSE(just_before.webhook);
    const auto then = verdict_on(after_tries(1), 500, webhook, start + failing_max);
    ASSERT_TRUE(then.webhook);
    EXPECT_EQ(then.webhook->status, WebhookStatus::disabled);
}

TEST(Judge, RemembersSinceWhenAnEndpointFailsUntilItAccepts) {
    const auto failed = verdict_on(after_tries(1), 500);
    ASSERT_TRUE(failed.webhook);
    EXPECT_EQ(failed.webhook->failing_since, start);
    const auto accepted = verdict_on(after_tries(2), 200, *failed.webhook);
    ASSERT_TRUE(accepted.webhook);
    EXPECT_FALSE(accepted.webhook->failing_since);
}

TEST(Judge, LeavesAHealthyEndpointAlone) { EXPECT_FALSE(verdict_on(after_tries(1), 200).webhook); }

TEST(Judge, MarksAnEndpointSlowOnlyBeyondTheLimit) {
    const auto took = [](std::chrono::milliseconds time) {
        return judge(after_tries(1), some_webhook(), {.status = 200, .reason = {}, .took = time},
                     start, 0);
    };
    EXPECT_FALSE(took(slow_after).webhook);
    ASSERT_TRUE(took(slow_after + 1ms).webhook);
    EXPECT_FALSE(took(slow_after + 1ms).webhook->prompt());
}

TEST(Restarted, StartsTheScheduleAnewButKeepsCountingAttempts) {
    const Delivery failed = verdict_on(after_tries(attempts_max), 500).delivery;
    const Delivery again = restarted(failed, start + 1h);
    EXPECT_EQ(again.status, DeliveryStatus::pending);
    EXPECT_EQ(again.due, start + 1h);
    EXPECT_EQ(again.tries, 0);
    EXPECT_EQ(again.attempts, attempts_max);
}

TEST(Restarted, LeavesAnAttemptThatIsUnderWayAlone) {
    const Delivery sending = claimed(some_delivery(), start);
    const Delivery same = restarted(sending, start + 1s);
    EXPECT_EQ(same.leased_until, sending.leased_until);
    EXPECT_EQ(same.tries, 1);
}

TEST(DeliveryRow, KeepsEverything) {
    Delivery delivery = verdict_on(after_tries(2), 503).delivery;
    const StoreRow row = encode_delivery(delivery);
    const auto back = decode_delivery(row);
    ASSERT_TRUE(back);
    EXPECT_EQ(encode_delivery(*back).body, row.body);
    EXPECT_EQ(row.due, delivery.due);
    EXPECT_EQ(row.expires, start + deliveries_kept);
}

TEST(DeliveryRow, RefusesWhatItDidNotWrite) {
    StoreRow row = encode_delivery(some_delivery());
    row.body = R"({"format":2})";
    EXPECT_EQ(decode_delivery(row).error().code, errors::corrupt_row);
}

}  // namespace
}  // namespace souk::notifications
