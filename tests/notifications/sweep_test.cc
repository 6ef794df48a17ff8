#include <algorithm>
#include <atomic>
#include <thread>

#include "domain/notifications/limits.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

const StoreId third_store = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAX");

class Sweep : public Shop {
protected:
    Webhook failing(std::string_view url, const StoreId& store = first_store) {
        const Webhook made = endpoint(url, {"*"}, store).webhook;
        client.fail_next(errors::target_unreachable);
        EXPECT_TRUE(
            service.webhooks().fan_out(event(type::order_confirmed, "{}", store), webhooks_queue));
        return made;
    }
    /// Rows that are no deliveries.
    void others_come_due(int count) {
        for (int i = 0; i < count; ++i) {
            Changes changes;
            table.store(first_store)
                .put(changes,
                     {.partition = "mails", .sort = cat(i), .body = "{}", .due = world.clock.now()},
                     Expect::absent());
            ASSERT_TRUE(table.commit(changes));
        }
    }
    void everything_answers(int status) {
        client.answer_with([status](const OutgoingRequest&) { return IncomingAnswer{status, ""}; });
    }
};

TEST_F(Sweep, DoesNothingBeforeADeliveryIsDue) {
    failing("https://down.example/");
    const auto sent = client.requests().size();
    world.clock.advance(4s);
    EXPECT_EQ(sweep(), 0);
    EXPECT_EQ(client.requests().size(), sent);
}

TEST_F(Sweep, TriesEightTimesOnTheScheduleThenGivesUpAndSaysSo) {
    const Webhook made = endpoint("https://down.example/").webhook;
    everything_answers(500);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    for (const auto wait : retry_waits) {
        EXPECT_TRUE(announced(type::notification_failed).empty());
        world.clock.advance(std::chrono::milliseconds(wait) * 84 / 100);
        EXPECT_EQ(sweep(), 0) << "too early";
        world.clock.advance(std::chrono::milliseconds(wait) * 32 / 100);
        EXPECT_EQ(sweep(), 1);
    }
    EXPECT_EQ(client.requests().size(), 8U);
    const Delivery delivery = deliveries(made.id).at(0);
    EXPECT_EQ(delivery.status, DeliveryStatus::failed);
    EXPECT_EQ(delivery.attempts, 8);
    const auto news = announced(type::notification_failed);
    ASSERT_EQ(news.size(), 1U);
    EXPECT_EQ(news[0].store(), first_store.text());
    const auto body = *JsonDocument::parse(news[0].body);
    EXPECT_EQ(body.root()["kind"].text_or(), "webhook");
    EXPECT_EQ(body.root()["id"].text_or(), delivery.id.text());
    world.clock.advance(24h * 7);
    EXPECT_EQ(sweep(), 0);
}

// A batch of rows that were only put off ended the sweep: everybody's retries waited for an hour.
TEST_F(Sweep, GetsToOthersBehindAHeapForAnEndpointThatHangs) {
    failing("https://hangs.example/");
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(react(event(type::order_confirmed)));
    }
    failing("https://quick.example/", second_store);
    world.clock.advance(6s);
    client.answer_with([&](const OutgoingRequest& request) -> Result<IncomingAnswer> {
        if (request.url == "https://hangs.example/") {
            world.clock.advance(attempt_timeout);
            return fail(errors::target_unreachable, "It hangs.");
        }
        return IncomingAnswer{200, ""};
    });
    const auto before = client.requests().size();
    sweep();
    ASSERT_EQ(client.requests().size(), before + 2);
    EXPECT_EQ(client.requests().back().url, "https://quick.example/");
}

// The old host's 410 disabled the new address, and gave up all that waited for it.
TEST_F(Sweep, HoldsTheAnswerOfAFormerAddressAgainstNobody) {
    const Webhook made = failing("https://old.example/");
    world.clock.advance(6s);
    client.answer_with([&](const OutgoingRequest& request) -> Result<IncomingAnswer> {
        if (request.url == "https://new.example/") {
            return IncomingAnswer{200, ""};
        }
        EXPECT_TRUE(call("change_webhook", staff(), {{"webhook", made.id.text()}},
                         R"({"url":"https://new.example/"})"));
        return IncomingAnswer{410, ""};
    });
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(stored(made.id).status, WebhookStatus::enabled);
    EXPECT_EQ(deliveries(made.id).at(0).status, DeliveryStatus::pending);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(client.requests().back().url, "https://new.example/");
    EXPECT_EQ(deliveries(made.id).at(0).status, DeliveryStatus::delivered);
}

TEST_F(Sweep, AsksTheNewAddressThoughTheOldOneHadTheLastTry) {
    const Webhook made = endpoint("https://old.example/").webhook;
    int asked = 0;
    client.answer_with([&](const OutgoingRequest& request) -> Result<IncomingAnswer> {
        if (request.url == "https://new.example/") {
            return IncomingAnswer{200, ""};
        }
        if (++asked == attempts_max) {
            EXPECT_TRUE(call("change_webhook", staff(), {{"webhook", made.id.text()}},
                             R"({"url":"https://new.example/"})"));
        }
        return IncomingAnswer{500, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    for (const auto wait : retry_waits) {
        world.clock.advance(std::chrono::milliseconds(wait) * 116 / 100);
        EXPECT_EQ(sweep(), 1);
    }
    ASSERT_EQ(asked, attempts_max);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(deliveries(made.id).at(0).status, DeliveryStatus::delivered);
}

TEST_F(Sweep, GivesEachAttemptItsOwnTimestampAndTheSameId) {
    failing("https://down.example/");
    world.clock.advance(6s);
    ASSERT_EQ(sweep(), 1);
    const auto sent = client.requests();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(header_of(sent[0], "webhook-id"), header_of(sent[1], "webhook-id"));
    EXPECT_NE(header_of(sent[0], "webhook-timestamp"), header_of(sent[1], "webhook-timestamp"));
}

TEST_F(Sweep, DisablesAnEndpointThatAnswers410AndSendsItNothingMore) {
    const Webhook made = failing("https://gone.example/");
    ASSERT_TRUE(react(event(type::order_confirmed)));
    world.clock.advance(6s);
    everything_answers(410);
    EXPECT_EQ(sweep(), 2);
    EXPECT_EQ(client.requests().size(), 2U);
    EXPECT_EQ(stored(made.id).status, WebhookStatus::disabled);
    for (const auto& delivery : deliveries(made.id)) {
        EXPECT_EQ(delivery.status, DeliveryStatus::failed);
    }
    EXPECT_EQ(announced(type::notification_failed).size(), 1U);
}

TEST_F(Sweep, ForgetsTheDeliveriesOfADeletedEndpoint) {
    const Webhook made = failing("https://down.example/");
    ASSERT_TRUE(call("remove_webhook", staff(), {{"webhook", made.id.text()}}));
    world.clock.advance(6s);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(client.requests().size(), 1U);
    world.clock.advance(24h);
    EXPECT_EQ(sweep(), 0);
}

TEST_F(Sweep, SendsWhatIsUnderWayNoSecondTime) {
    failing("https://down.example/");
    world.clock.advance(6s);
    int inner = -1;
    client.answer_with([&](const OutgoingRequest&) {
        inner = sweep();  // A second sweep while the first one waits for the endpoint.
        return IncomingAnswer{200, ""};
    });
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(inner, 0);
    EXPECT_EQ(client.requests().size(), 2U);
}

TEST_F(Sweep, ManyAtOnceSendEachDeliveryOnce) {
    failing("https://down.example/");
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(react(event(type::order_confirmed)));
    }
    const auto before = client.requests().size();
    world.clock.advance(6s);
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
        workers.emplace_back([this] { static_cast<void>(sweep()); });
    }
    workers.clear();
    sweep();  // What each of them left to the others, who were done.
    EXPECT_EQ(client.requests().size(), before + 21);
}

TEST_F(Sweep, GivesUpADeliveryWhoseLastAttemptWasInterrupted) {
    const Webhook made = failing("https://down.example/");
    everything_answers(500);
    for (std::size_t i = 0; i + 1 < retry_waits.size(); ++i) {
        world.clock.advance(15h);
        ASSERT_EQ(sweep(), 1);
    }
    client.answer_with([this](const OutgoingRequest&) {
        ledger.refuse(1, errors::ledger_unavailable);  // The process dies here.
        return IncomingAnswer{200, ""};
    });
    world.clock.advance(17h);
    ASSERT_EQ(sweep(), 0);
    world.clock.advance(delivery_lease);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(deliveries(made.id).at(0).status, DeliveryStatus::failed);
    EXPECT_EQ(announced(type::notification_failed).size(), 1U);
}

// The bug: the failure of an attempt from before the redelivery was put on its schedule, of which
// no attempt had been made yet, and that ended the process.
TEST_F(Sweep, AnAttemptThatFailsAfterItsLeaseAndARedeliveryChangesNothing) {
    const Webhook made = failing("https://down.example/");
    world.clock.advance(6s);
    client.answer_with([&](const OutgoingRequest&) {
        world.clock.advance(delivery_lease);
        const auto again =
            service.webhooks().redeliver(staff(), made.id, deliveries(made.id).at(0).id);
        EXPECT_TRUE(again && table.commit(again->changes));
        return IncomingAnswer{500, ""};
    });
    EXPECT_EQ(sweep(), 1);
    const Delivery after = deliveries(made.id).at(0);
    EXPECT_EQ(after.status, DeliveryStatus::pending);
    EXPECT_EQ(after.tries, 0);
    EXPECT_EQ(after.due, world.clock.now());
    everything_answers(200);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(deliveries(made.id).at(0).status, DeliveryStatus::delivered);
}

TEST_F(Sweep, ASlowEndpointUsesUpItsShareAndTheOthersGetTheirTurn) {
    failing("https://slow.example/");
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(react(event(type::order_confirmed)));
    }
    failing("https://quick.example/", second_store);
    client.answer_with([this](const OutgoingRequest& request) -> Result<IncomingAnswer> {
        if (request.url == "https://slow.example/") {
            world.clock.advance(attempt_timeout);
            return fail(errors::target_unreachable, "Timed out.");
        }
        return IncomingAnswer{200, ""};
    });
    world.clock.advance(6s);
    const auto begun = world.clock.now();
    EXPECT_EQ(sweep(), 7);
    EXPECT_EQ(world.clock.now() - begun, attempt_timeout) << "one attempt, five deferred";
    EXPECT_EQ(client.requests().back().url, "https://quick.example/");
}

TEST_F(Sweep, AStoreWithManySlowEndpointsUsesUpItsShare) {
    for (int i = 0; i < 6; ++i) {
        endpoint(cat("https://slow.example/", i));
    }
    client.answer_with([this](const OutgoingRequest&) -> Result<IncomingAnswer> {
        world.clock.advance(attempt_timeout);
        return fail(errors::target_unreachable, "Timed out.");
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    world.clock.advance(delivery_lease);
    const auto before = client.requests().size();
    EXPECT_EQ(sweep(), 6);
    EXPECT_EQ(client.requests().size(), before + 1) << "10 s are reached by one attempt of 15 s";
    const auto due = deliveries(stored(service.webhooks().list(staff())->back().id).id).at(0);
    EXPECT_EQ(due.due, world.clock.now() + deferral);
}

// A thousand dead mails, which a sweep could not bring back at once, hid all deliveries behind
// them.
TEST_F(Sweep, GetsToDeliveriesBehindRowsThatAreLeftToALaterOne) {
    others_come_due(2 * sweep_batch_max);
    failing("https://quick.example/");
    world.clock.advance(6s);
    everything_answers(200);
    for (const bool fails : {false, true}) {
        const auto before = client.requests().size();
        const auto swept =
            service.webhooks().sweep(world.clock.now(), [&](const DueRow&) -> Result<Swept> {
                return fails ? Result<Swept>(fail(errors::unavailable)) : Swept::left;
            });
        ASSERT_TRUE(swept);
        EXPECT_EQ(client.requests().size(), before + 1) << fails;
        failing("https://another.example/");
        world.clock.advance(6s);
        everything_answers(200);
    }
}

/// Endpoints of the first store that hang, each with a delivery that is due. Whoever waits for one
/// of them begins another sweep meanwhile, as `wait` after it.
class HangingStore : public Sweep {
protected:
    void hang(int count, int deliveries_each, std::chrono::milliseconds wait) {
        for (int i = 0; i < count; ++i) {
            const Webhook made = failing(cat("https://hangs.example/", i));
            for (int j = 1; j < deliveries_each; ++j) {
                const auto one = service.webhooks().test(staff(), made.id);
                ASSERT_TRUE(one && table.commit(one->changes));
            }
        }
        failing("https://quick.example/", second_store);
        world.clock.advance(6s);
        before_ = client.requests().size();
        client.answer_with([this, wait](const OutgoingRequest& request) -> Result<IncomingAnswer> {
            if (request.url == "https://quick.example/") {
                return IncomingAnswer{200, ""};
            }
            most_ = std::max(++hanging_, most_);
            world.clock.advance(wait);
            sweep();
            if (--hanging_ == 0) {
                sent_meanwhile_ = urls();
            }
            return fail(errors::target_unreachable, "It hangs.");
        });
    }
    [[nodiscard]] std::vector<std::string> urls() const {
        std::vector<std::string> all;
        for (const auto& request : client.requests()) {
            all.push_back(request.url);
        }
        return {all.begin() + static_cast<std::ptrdiff_t>(before_), all.end()};
    }
    std::size_t before_ = 0, hanging_ = 0, most_ = 0;
    std::vector<std::string> sent_meanwhile_;  // While the first of them was hanging.
};

// One store's endpoints that hang had all the sweeps wait for them, and nobody else's retries came.
TEST_F(HangingStore, LeavesSweepsToOthers) {
    hang(6, 1, 0ms);
    sweep();
    EXPECT_EQ(most_, sweeps_at_store_max);
    EXPECT_EQ(std::ranges::count(sent_meanwhile_, "https://quick.example/"), 1);
}

TEST_F(HangingStore, OccupiesFewSweepsWithOneEndpoint) {
    hang(1, 6, 0ms);
    sweep();
    EXPECT_EQ(most_, sweeps_at_endpoint_max);
    EXPECT_EQ(std::ranges::count(sent_meanwhile_, "https://quick.example/"), 1);
}

TEST_F(HangingStore, HidesNobodyBehindAHeapOfDeliveriesThatWaitForIt) {
    hang(1, sweep_batch_max * 3, 0ms);
    sweep();
    EXPECT_EQ(std::ranges::count(sent_meanwhile_, "https://quick.example/"), 1);
}

TEST_F(HangingStore, HasItsOtherDeliveriesPutOffOnceItIsKnownToHang) {
    hang(1, sweep_looks_max + 10, hangs_after + 1ms);
    sweep();
    EXPECT_EQ(std::ranges::count(sent_meanwhile_, "https://quick.example/"), 1);
    EXPECT_EQ(sent_meanwhile_.size(), sweeps_at_endpoint_max + 1);
    EXPECT_EQ(sweep(), 0);
    EXPECT_EQ(service.webhooks().swept_at_present(), 0U);
}

// Stores with dead endpoints kept a sweep for longer than its function may take, whose death then
// looked like a fault of the release.
TEST_F(Sweep, BeginsNothingMoreOnceItsTimeIsUp) {
    endpoint("https://slow.example/1");
    failing("https://slow.example/2", second_store);
    failing("https://slow.example/3", third_store);
    client.answer_with([this](const OutgoingRequest&) -> Result<IncomingAnswer> {
        world.clock.advance(attempt_timeout);
        return fail(errors::target_unreachable, "Timed out.");
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    world.clock.advance(delivery_lease);
    const auto begun = world.clock.now();
    const auto before = client.requests().size();
    EXPECT_EQ(sweep(), 2);
    EXPECT_EQ(client.requests().size(), before + 2);
    EXPECT_LE(world.clock.now() - begun, sweep_longest);
    EXPECT_EQ(sweep(), 1) << "what was left comes next";
}

// Mails were settled one by one for as long as there were any, past the end of the sweep's
// function.
TEST_F(Sweep, BeginsNoOtherRowEitherOnceItsTimeIsUp) {
    others_come_due(5);
    const auto begun = world.clock.now();
    ASSERT_TRUE(service.webhooks().sweep(begun, [&](const DueRow&) -> Result<Swept> {
        world.clock.advance(attempt_timeout);
        return Swept::settled;
    }));
    EXPECT_LE(world.clock.now() - begun, sweep_longest);
}

TEST_F(Sweep, LooksAtABoundedNumberOfDeliveries) {
    failing("https://down.example/");
    for (int i = 0; i < sweep_batch_max; ++i) {
        ASSERT_TRUE(react(event(type::order_confirmed)));
    }
    world.clock.advance(6s);
    EXPECT_EQ(sweep(), sweep_batch_max);
    EXPECT_EQ(sweep(), 1);
}

TEST_F(Sweep, PutsOffWhatItCannotRead) {
    Changes changes;
    table.store(first_store)
        .put(changes,
             {.partition = "deliveries#wh_x",
              .sort = "whd_x",
              .body = "{}",
              .due = world.clock.now()},
             Expect::absent());
    ASSERT_TRUE(table.commit(changes));
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(sweep(), 0);
    EXPECT_EQ(ledger.rows().size(), 1U);
}

TEST_F(Sweep, SaysSoWhenTheEventIsNoLongerKept) {
    const Webhook made = failing("https://down.example/");
    const Delivery delivery = deliveries(made.id).at(0);
    Changes changes;
    table.store(first_store)
        .erase(changes, cat("delivered-event#", delivery.event_id), "event", Expect::present());
    ASSERT_TRUE(table.commit(changes));
    world.clock.advance(6s);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(deliveries(made.id).at(0).reason, "The event is no longer kept.");
}

}  // namespace
}  // namespace souk::notifications
