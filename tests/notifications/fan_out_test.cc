#include <set>

#include "domain/notifications/limits.h"
#include "domain/notifications/signature.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

class FanOut : public Shop {};

TEST_F(FanOut, DeliversToEveryEndpointThatWantsTheEvent) {
    endpoint("https://all.example/");
    endpoint("https://placed.example/", {"souk.order.placed.v1"});
    endpoint("https://confirmed.example/", {"souk.order.confirmed.v1"});
    endpoint("https://theirs.example/", {"*"}, second_store);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    std::multiset<std::string> called;
    for (const auto& request : client.requests()) {
        called.insert(request.url);
    }
    EXPECT_EQ(called,
              (std::multiset<std::string>{"https://all.example/", "https://confirmed.example/"}));
}

// A new endpoint received the creation of its store.
TEST_F(FanOut, DeliversNothingThatHappenedBeforeTheEndpointWasThere) {
    const Event before = event(type::order_confirmed);
    world.clock.advance(1ms);
    endpoint("https://all.example/");
    const auto rows = ledger.rows().size();
    ASSERT_TRUE(react(before));
    EXPECT_EQ(client.requests().size(), 0U);
    EXPECT_EQ(ledger.rows().size(), rows);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), 1U);
}

TEST_F(FanOut, SendsTheCloudEventSigned) {
    const auto made = endpoint("https://all.example/");
    const Event happened = event(type::order_confirmed, R"({"order":{"id":"order_1"}})");
    ASSERT_TRUE(react(happened));
    const OutgoingRequest sent = client.requests().at(0);
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.body, render_cloud_event(happened));
    EXPECT_EQ(sent.timeout, attempt_timeout);
    EXPECT_EQ(header_of(sent, "content-type"), "application/json");
    EXPECT_EQ(header_of(sent, "webhook-id"), happened.id);
    EXPECT_EQ(header_of(sent, "webhook-timestamp"), cat(world.clock.now().unix_seconds()));
    EXPECT_EQ(header_of(sent, "webhook-signature"),
              signatures(world.crypto, {*from_base64(made.secret.substr(6))}, happened.id,
                         world.clock.now(), sent.body));
}

TEST_F(FanOut, LeavesCodesOut) {
    endpoint("https://all.example/");
    const std::string code = sealed("123456");
    ASSERT_TRUE(react(
        event(type::user_signed_up,
              cat(R"({"email":"a@b.example","known":false,"code_sealed":")", code, R"("})"))));
    ASSERT_EQ(client.requests().size(), 1U);
    EXPECT_EQ(client.requests()[0].body.find("code_sealed"), std::string::npos);
    EXPECT_FALSE(is_kept_anywhere(code));
}

TEST_F(FanOut, ActsOnceHoweverOftenTheEventComes) {
    const auto made = endpoint("https://all.example/");
    const Event happened = event(type::order_confirmed);
    ASSERT_TRUE(react(happened));
    ASSERT_TRUE(react(happened));
    EXPECT_EQ(client.requests().size(), 1U);
    EXPECT_EQ(deliveries(made.webhook.id).size(), 1U);
}

TEST_F(FanOut, WritesNothingWhereNobodyListens) {
    endpoint("https://placed.example/", {"souk.order.placed.v1"});
    const auto before = ledger.rows().size();
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(ledger.rows().size(), before);
}

TEST_F(FanOut, IgnoresEventsOfThePlatform) {
    endpoint("https://all.example/");
    const auto before = ledger.rows().size();
    ASSERT_TRUE(react(platform_event("souk.user.confirmed.v1", "{}")));
    EXPECT_EQ(ledger.rows().size(), before);
}

TEST_F(FanOut, SkipsDisabledEndpoints) {
    const auto made = endpoint("https://all.example/");
    ASSERT_TRUE(call("change_webhook", staff(), {{"webhook", made.webhook.id.text()}},
                     R"({"status":"disabled"})"));
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_TRUE(client.requests().empty());
}

TEST_F(FanOut, KeepsStatusAndReasonButNotTheAnswersBody) {
    const auto made = endpoint("https://all.example/");
    client.answer_next({503, "a page that nobody should keep"});
    ASSERT_TRUE(react(event(type::order_confirmed)));
    const Delivery delivery = deliveries(made.webhook.id).at(0);
    EXPECT_EQ(delivery.status, DeliveryStatus::pending);
    EXPECT_EQ(delivery.last_status, 503);
    EXPECT_EQ(delivery.reason, "The endpoint answered 503.");
    EXPECT_FALSE(is_kept_anywhere("nobody should keep"));
}

TEST_F(FanOut, LeavesAFailingEndpointToTheSweep) {
    const auto made = endpoint("https://down.example/");
    client.fail_next(errors::target_unreachable);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    ASSERT_TRUE(stored(made.webhook.id).failing_since);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), 1U);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(client.requests().size(), 2U);
}

TEST_F(FanOut, LeavesASlowEndpointToTheSweep) {
    endpoint("https://slow.example/");
    client.answer_with([this](const OutgoingRequest&) {
        world.clock.advance(slow_after + 1ms);
        return IncomingAnswer{200, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), 1U);
}

TEST_F(FanOut, LeavesTheRestToTheSweepOnceItsTimeIsUp) {
    for (int i = 0; i < 3; ++i) {
        endpoint(cat("https://slow.example/", i));
    }
    client.answer_with([this](const OutgoingRequest&) {
        world.clock.advance(reaction_share_max);
        return IncomingAnswer{200, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), 1U);
    client.answer_with({});
    EXPECT_EQ(sweep(), 2);
    EXPECT_EQ(client.requests().size(), 3U);
}

// One store's endpoint that takes ten seconds to say 200 had all workers wait for it, and the first
// deliveries of all other stores with them.
TEST_F(FanOut, OfOneStoreOccupiesFewWorkersAtOnce) {
    const auto slow = endpoint("https://slow.example/").webhook;
    std::size_t asked = 0;
    client.answer_with([&](const OutgoingRequest&) {
        if (++asked < 10) {
            EXPECT_TRUE(react(event(type::order_confirmed)));  // Another worker takes the next.
        }
        return IncomingAnswer{200, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(asked, reactions_at_store_max);
    ASSERT_EQ(deliveries(slow.id).size(), reactions_at_store_max + 1);
    client.answer_with({});
    EXPECT_EQ(sweep(), 1) << "the one that was left is due at once";
    EXPECT_EQ(client.requests().size(), reactions_at_store_max + 1);
}

TEST_F(FanOut, OfAllStoresLeavesAWorkerFree) {
    for (const auto& store : {first_store, second_store}) {
        endpoint("https://slow.example/", {"*"}, store);
    }
    std::size_t asked = 0;
    client.answer_with([&](const OutgoingRequest&) {
        const StoreId& next = ++asked % 2 == 0 ? first_store : second_store;
        if (asked < 10) {
            EXPECT_TRUE(react(event(type::order_confirmed, "{}", next)));
        }
        return IncomingAnswer{200, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(asked, reactions_attempting_max);
    client.answer_with({});
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), asked + 1) << "their turns ended with them";
}

// The event of another store waited in the batch of a worker that waited for an endpoint.
TEST_F(FanOut, TakesOneEventAtATime) { EXPECT_EQ(reactions(service).at(1).at_once, 1); }

TEST_F(FanOut, LosesNoDeliveryToACrashBeforeTheAttempt) {
    const auto made = endpoint("https://all.example/");
    // The process dies in the client: neither an answer nor a further commit.
    client.answer_with([this](const OutgoingRequest&) {
        ledger.refuse(1, errors::ledger_unavailable);
        return IncomingAnswer{200, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    client.answer_with({});
    ASSERT_EQ(deliveries(made.webhook.id).at(0).status, DeliveryStatus::pending);
    EXPECT_EQ(sweep(), 0) << "its lease holds";
    world.clock.advance(delivery_lease);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(deliveries(made.webhook.id).at(0).status, DeliveryStatus::delivered);
}

TEST_F(FanOut, HoldsTwentyEndpointsInOneCommit) {
    for (int i = 0; i < webhooks_per_store_max; ++i) {
        endpoint(cat("https://shop.example/", i));
    }
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), static_cast<std::size_t>(webhooks_per_store_max));
}

}  // namespace
}  // namespace souk::notifications
