#include "domain/notifications/errors.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/signature.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

class WebhookRoutes : public Shop {
protected:
    std::vector<Parameter> at(const WebhookId& id) { return {{"webhook", id.text()}}; }
    static constexpr std::string_view good =
        R"({"url":"https://shop.example/hook","events":["souk.order.placed.v1"],"description":"Till"})";
};

TEST_F(WebhookRoutes, CreateShowsTheSecretOnce) {
    const auto created = call("create_webhook", staff(), {}, good);
    ASSERT_TRUE(created);
    EXPECT_EQ(created->status, 201);
    const auto body = parsed(*created);
    EXPECT_TRUE(body.root()["secret"].text_or().starts_with("whsec_"));
    const auto bytes = from_base64(body.root()["secret"].text_or().substr(6));
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), secret_bytes);
    const auto shown = call("show_webhook", staff(), {{"webhook", body.root()["id"].text_or()}});
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->text().find("secret"), std::string_view::npos);
    EXPECT_EQ(parsed(*shown).root()["events"].at(0).text_or(), "souk.order.placed.v1");
}

TEST_F(WebhookRoutes, CreateWithoutEventsMeansAll) {
    const auto created =
        call("create_webhook", staff(), {}, R"({"url":"https://shop.example/hook"})");
    ASSERT_TRUE(created);
    EXPECT_EQ(parsed(*created).root()["events"].render(), R"(["*"])");
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(client.requests().size(), 1U);
}

TEST_F(WebhookRoutes, TakeEventsByTheirShortNamesAndShowThemInFull) {
    const auto created = call(
        "create_webhook", staff(), {},
        R"({"url":"https://shop.example/hook","events":["order.confirmed","souk.order.confirmed.v1","*"]})");
    ASSERT_TRUE(created);
    const auto made = parsed(*created);
    EXPECT_EQ(made.root()["events"].render(), R"(["souk.order.confirmed.v1","*"])");
    const auto changed = call("change_webhook", staff(), {{"webhook", made.root()["id"].text_or()}},
                              R"({"events":["cart.abandoned"]})");
    ASSERT_TRUE(changed);
    EXPECT_EQ(parsed(*changed).root()["events"].render(), R"(["souk.cart.abandoned.v1"])");
    EXPECT_EQ(stored(WebhookId::trusted(made.root()["id"].text_or())).events,
              std::vector<std::string>{"souk.cart.abandoned.v1"});
}

TEST_F(WebhookRoutes, CreateKeepsTheSecretSealed) {
    const IssuedWebhook made = endpoint("https://shop.example/hook");
    EXPECT_FALSE(is_kept_anywhere(made.secret));
    EXPECT_FALSE(is_kept_anywhere(made.secret.substr(6)));
}

TEST_F(WebhookRoutes, CreateRefusesAnAddressThatTheClientRefuses) {
    const auto before = ledger.rows();
    const auto refused =
        call("create_webhook", staff(), {}, R"({"url":"https://127.0.0.1/","events":["*"]})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errors::validation_failed);
    EXPECT_EQ(refused.error().fields.at(0).pointer, "/url");
    EXPECT_EQ(refused.error().fields.at(0).code, "target_refused");
    EXPECT_EQ(ledger.rows().size(), before.size());
}

TEST_F(WebhookRoutes, CreateRefusesPlainHttp) {
    const auto refused =
        call("create_webhook", staff(), {}, R"({"url":"http://shop.example/","events":["*"]})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.at(0).code, "https_required");
    EXPECT_TRUE(ledger.rows().empty());
}

TEST_F(WebhookRoutes, CreateTakesPlainHttpWhereTheOperatorAllowsIt) {
    const Notifications lenient(table, AllStores::granted_by_composition_root(), stores, templates,
                                mailer, client, bus, PlainHttp::allowed);
    EXPECT_TRUE(lenient.webhooks().create(staff(), {"http://shop.example/", {"*"}, ""}));
}

TEST_F(WebhookRoutes, CreateRefusesOneMoreThanTheLimit) {
    for (int i = 0; i < webhooks_per_store_max; ++i) {
        endpoint(cat("https://shop.example/", i));
    }
    const auto before = ledger.rows().size();
    const auto refused = call("create_webhook", staff(), {}, good);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errors::webhooks_limit_reached);
    EXPECT_EQ(ledger.rows().size(), before);
    EXPECT_TRUE(call("create_webhook", staff(second_store), {}, good));
}

TEST_F(WebhookRoutes, TheLimitHoldsAgainstARace) {
    for (int i = 0; i < webhooks_per_store_max - 1; ++i) {
        endpoint(cat("https://shop.example/", i));
    }
    const auto one = service.webhooks().create(staff(), {"https://shop.example/a", {"*"}, ""});
    const auto two = service.webhooks().create(staff(), {"https://shop.example/b", {"*"}, ""});
    ASSERT_TRUE(table.commit(one->changes));
    const auto late = table.commit(two->changes);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errors::ledger_conflict);
}

TEST_F(WebhookRoutes, RemovingMakesRoomAgain) {
    for (int i = 1; i < webhooks_per_store_max; ++i) {
        endpoint(cat("https://shop.example/", i));
    }
    const auto last = endpoint("https://shop.example/last");
    EXPECT_EQ(call("remove_webhook", staff(), at(last.webhook.id))->status, 204);
    EXPECT_TRUE(call("create_webhook", staff(), {}, good));
}

TEST_F(WebhookRoutes, AForeignStoresWebhookIsNotFoundByAnyRoute) {
    const WebhookId theirs = endpoint("https://shop.example/", {"*"}, second_store).webhook.id;
    ASSERT_TRUE(react(event(type::order_confirmed, "{}", second_store)));
    const std::string delivery = deliveries(theirs, second_store).at(0).id.text();
    const auto before = ledger.rows().size();
    for (const auto* name :
         {"show_webhook", "change_webhook", "remove_webhook", "rotate_webhook_secret",
          "test_webhook", "list_webhook_deliveries", "redeliver_webhook"}) {
        const auto answer =
            call(name, staff(), {{"webhook", theirs.text()}, {"delivery", delivery}}, "{}");
        ASSERT_FALSE(answer) << name;
        EXPECT_EQ(answer.error().code, errors::not_found) << name;
    }
    EXPECT_EQ(ledger.rows().size(), before);
}

TEST_F(WebhookRoutes, AnotherWebhooksDeliveryIsNotFound) {
    const WebhookId one = endpoint("https://one.example/").webhook.id;
    ASSERT_TRUE(react(event(type::order_confirmed)));
    const std::string delivery = deliveries(one).at(0).id.text();
    const WebhookId two = endpoint("https://two.example/").webhook.id;
    const auto answer =
        call("redeliver_webhook", staff(), {{"webhook", two.text()}, {"delivery", delivery}});
    EXPECT_EQ(answer.error().code, errors::not_found);
}

TEST_F(WebhookRoutes, WhatIsNoIdIsNotFound) {
    EXPECT_EQ(call("show_webhook", staff(), {{"webhook", "1"}}).error().code, errors::not_found);
}

TEST_F(WebhookRoutes, ChangeWritesOnlyWhatIsSet) {
    const auto made = endpoint("https://shop.example/", {"souk.order.placed.v1"});
    const auto changed =
        call("change_webhook", staff(), at(made.webhook.id), R"({"events":["*","*"]})");
    ASSERT_TRUE(changed);
    const Webhook now = stored(made.webhook.id);
    EXPECT_EQ(now.url, "https://shop.example/");
    EXPECT_EQ(now.events, std::vector<std::string>{"*"});
    EXPECT_EQ(parsed(*changed).root()["version"].integer_or(0),
              static_cast<std::int64_t>(now.version));
}

TEST_F(WebhookRoutes, ChangeRefusesAStaleVersionAndABadAddress) {
    const auto made = endpoint("https://shop.example/");
    Caller stale = staff();
    stale.if_match = std::vector<std::uint64_t>{made.webhook.version + 1};
    EXPECT_EQ(
        call("change_webhook", stale, at(made.webhook.id), R"({"description":"x"})").error().code,
        errors::version_mismatch);
    EXPECT_EQ(call("remove_webhook", stale, at(made.webhook.id)).error().code,
              errors::version_mismatch);
    EXPECT_EQ(
        call("change_webhook", staff(), at(made.webhook.id), R"({"url":"https://localhost/"})")
            .error()
            .fields.at(0)
            .pointer,
        "/url");
    EXPECT_EQ(stored(made.webhook.id).version, made.webhook.version);
}

TEST_F(WebhookRoutes, ADeliveryThatFailsLeavesTheVersionToThoseWhoEdit) {
    const auto made = endpoint("https://shop.example/");
    client.answer_next({500, ""});
    ASSERT_TRUE(react(event(type::order_confirmed)));
    ASSERT_TRUE(stored(made.webhook.id).failing_since);
    Caller editor = staff();
    editor.if_match = std::vector<std::uint64_t>{made.webhook.version};
    ASSERT_TRUE(call("change_webhook", editor, at(made.webhook.id), R"({"description":"x"})"));
    EXPECT_EQ(stored(made.webhook.id).version, made.webhook.version + 1);
}

TEST_F(WebhookRoutes, AnEndpointThatItsEndDisabledHasAnotherVersion) {
    const auto made = endpoint("https://shop.example/");
    client.answer_next({410, ""});
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(stored(made.webhook.id).version, made.webhook.version + 1);
}

TEST_F(WebhookRoutes, AChangeThatChangesNothingKeepsTheVersion) {
    const auto made = endpoint("https://shop.example/");
    ASSERT_TRUE(
        call("change_webhook", staff(), at(made.webhook.id), R"({"url":"https://shop.example/"})"));
    EXPECT_EQ(stored(made.webhook.id).version, made.webhook.version);
}

TEST_F(WebhookRoutes, EnablingForgetsWhyItWasDisabled) {
    const auto made = endpoint("https://shop.example/");
    client.answer_next({410, ""});
    ASSERT_TRUE(react(event(type::order_confirmed)));
    ASSERT_EQ(stored(made.webhook.id).status, WebhookStatus::disabled);
    ASSERT_TRUE(call("change_webhook", staff(), at(made.webhook.id), R"({"status":"enabled"})"));
    const Webhook now = stored(made.webhook.id);
    EXPECT_EQ(now.status, WebhookStatus::enabled);
    EXPECT_TRUE(now.disabled_reason.empty());
    EXPECT_TRUE(now.prompt());
}

TEST_F(WebhookRoutes, BothSecretsSignForADayAfterARotation) {
    const auto made = endpoint("https://shop.example/");
    const auto rotated = call("rotate_webhook_secret", staff(), at(made.webhook.id));
    ASSERT_TRUE(rotated);
    const std::string fresh = parsed(*rotated).root()["secret"].text_or();
    EXPECT_NE(fresh, made.secret);
    const auto signed_with = [&](std::string_view secret) {
        const OutgoingRequest sent = client.requests().back();
        return signatures(world.crypto, {*from_base64(secret.substr(6))},
                          header_of(sent, "webhook-id"), world.clock.now(), sent.body);
    };
    world.clock.advance(24h - 1ms);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(header_of(client.requests().back(), "webhook-signature"),
              cat(signed_with(fresh), " ", signed_with(made.secret)));
    world.clock.advance(1ms);
    ASSERT_TRUE(react(event(type::order_confirmed)));
    EXPECT_EQ(header_of(client.requests().back(), "webhook-signature"), signed_with(fresh));
}

TEST_F(WebhookRoutes, RotationRefusesOneSecretTooMany) {
    const auto made = endpoint("https://shop.example/");
    for (std::size_t i = 1; i < secrets_signing_max; ++i) {
        ASSERT_TRUE(call("rotate_webhook_secret", staff(), at(made.webhook.id)));
    }
    const auto version = stored(made.webhook.id).version;
    EXPECT_EQ(call("rotate_webhook_secret", staff(), at(made.webhook.id)).error().code,
              errors::secrets_limit_reached);
    EXPECT_EQ(stored(made.webhook.id).version, version);
    world.clock.advance(secret_overlap);
    EXPECT_TRUE(call("rotate_webhook_secret", staff(), at(made.webhook.id)));
}

TEST_F(WebhookRoutes, TestSendsAnEventToThisEndpointAlone) {
    const auto made = endpoint("https://one.example/", {"souk.order.placed.v1"});
    endpoint("https://two.example/");
    EXPECT_EQ(call("test_webhook", staff(), at(made.webhook.id))->status, 202);
    EXPECT_EQ(sweep(), 1);
    ASSERT_EQ(client.requests().size(), 1U);
    EXPECT_EQ(client.requests()[0].url, "https://one.example/");
    EXPECT_EQ(parse_cloud_event(client.requests()[0].body)->type, type::webhook_test);
}

TEST_F(WebhookRoutes, ADisabledEndpointIsNeitherTestedNorRedelivered) {
    const auto made = endpoint("https://one.example/");
    ASSERT_TRUE(react(event(type::order_confirmed)));
    const std::string delivery = deliveries(made.webhook.id).at(0).id.text();
    ASSERT_TRUE(call("change_webhook", staff(), at(made.webhook.id), R"({"status":"disabled"})"));
    EXPECT_EQ(call("test_webhook", staff(), at(made.webhook.id)).error().code,
              errors::webhook_disabled);
    EXPECT_EQ(call("redeliver_webhook", staff(),
                   {{"webhook", made.webhook.id.text()}, {"delivery", delivery}})
                  .error()
                  .code,
              errors::webhook_disabled);
    EXPECT_EQ(sweep(), 0);
}

TEST_F(WebhookRoutes, RedeliverSendsTheSameEventAgain) {
    const auto made = endpoint("https://one.example/");
    ASSERT_TRUE(react(event(type::order_confirmed, R"({"a":1})")));
    const std::string delivery = deliveries(made.webhook.id).at(0).id.text();
    const auto answer = call("redeliver_webhook", staff(),
                             {{"webhook", made.webhook.id.text()}, {"delivery", delivery}});
    EXPECT_EQ(parsed(*answer).root()["status"].text_or(), "pending");
    EXPECT_EQ(sweep(), 1);
    ASSERT_EQ(client.requests().size(), 2U);
    EXPECT_EQ(client.requests()[0].body, client.requests()[1].body);
    EXPECT_EQ(header_of(client.requests()[0], "webhook-id"),
              header_of(client.requests()[1], "webhook-id"));
    EXPECT_EQ(deliveries(made.webhook.id).at(0).attempts, 2);
}

TEST_F(WebhookRoutes, WhatIsUnderWayIsNotRedeliveredAndSaysSo) {
    const auto made = endpoint("https://one.example/");
    const auto redeliver = [&] {
        const std::string delivery = deliveries(made.webhook.id).at(0).id.text();
        return call("redeliver_webhook", staff(),
                    {{"webhook", made.webhook.id.text()}, {"delivery", delivery}});
    };
    client.answer_with([&](const OutgoingRequest&) {
        const auto before = deliveries(made.webhook.id).at(0).version;
        const auto refused = redeliver();
        EXPECT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errors::delivery_under_way);
        EXPECT_EQ(deliveries(made.webhook.id).at(0).version, before);
        return IncomingAnswer{200, ""};
    });
    ASSERT_TRUE(react(event(type::order_confirmed)));
    ASSERT_EQ(client.requests().size(), 1U);
    client.answer_with({});
    const auto rested = redeliver();
    ASSERT_TRUE(rested);
    EXPECT_EQ(rested->status, 202);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(client.requests().size(), 2U);
}

TEST_F(WebhookRoutes, DeliveriesComeInPagesNewestFirst) {
    const auto made = endpoint("https://one.example/");
    for (int i = 0; i < 3; ++i) {
        world.clock.advance(1s);
        ASSERT_TRUE(react(event(type::order_confirmed)));
    }
    const auto first =
        call("list_webhook_deliveries", staff(), at(made.webhook.id), "{}", {{"limit", "2"}});
    const auto page = parsed(*first);
    ASSERT_EQ(page.root()["items"].size(), 2U);
    EXPECT_GT(page.root()["items"].at(0)["created_at"].text_or(),
              page.root()["items"].at(1)["created_at"].text_or());
    const std::string cursor = page.root()["next_cursor"].text_or();
    const auto second = call("list_webhook_deliveries", staff(), at(made.webhook.id), "{}",
                             {{"limit", "2"}, {"cursor", cursor}});
    EXPECT_EQ(parsed(*second).root()["items"].size(), 1U);
    EXPECT_TRUE(parsed(*second).root()["next_cursor"].is_null());
    const auto other = endpoint("https://two.example/");
    EXPECT_EQ(
        call("list_webhook_deliveries", staff(), at(other.webhook.id), "{}", {{"cursor", cursor}})
            .error()
            .code,
        errors::invalid_cursor);
}

TEST_F(WebhookRoutes, ListsOnlyTheStoresOwn) {
    endpoint("https://one.example/");
    endpoint("https://two.example/", {"*"}, second_store);
    const auto page = parsed(*call("list_webhooks", staff()));
    ASSERT_EQ(page.root()["items"].size(), 1U);
    EXPECT_EQ(page.root()["items"].at(0)["url"].text_or(), "https://one.example/");
}

TEST_F(WebhookRoutes, RefuseUnknownTypesAndLongTexts) {
    const auto all = routes(service);
    const auto& creating = *std::ranges::find(all, "create_webhook", &Route::name);
    const auto mistakes_of = [&](std::string_view body) {
        std::vector<FieldError> mistakes;
        const auto document = *JsonDocument::parse(body);
        validate(*creating.body, document.root(), "", mistakes);
        return mistakes.empty() ? std::string() : mistakes[0].pointer;
    };
    EXPECT_EQ(mistakes_of(good), "");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example"})"), "");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example","events":["order.placed"]})"), "");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example","events":["order.paid"]})"), "/events/0");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example","events":["souk.order.placed"]})"),
              "/events/0");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example","events":["import.requested"]})"),
              "/events/0");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example","events":[]})"), "/events");
    EXPECT_EQ(mistakes_of(R"({"url":"https://a.example","events":["souk.import.requested.v1"]})"),
              "/events/0");
    EXPECT_EQ(
        mistakes_of(cat(R"({"events":["*"],"url":"https://)",
                        std::string(static_cast<std::size_t>(webhook_url_max), 'a'), R"("})")),
        "/url");
    EXPECT_EQ(
        mistakes_of(cat(R"({"events":["*"],"url":"https://a.example","description":")",
                        std::string(static_cast<std::size_t>(webhook_description_max + 1), 'a'),
                        R"("})")),
        "/description");
}

TEST_F(WebhookRoutes, CreateAnswersARepeatedKeyWithTheSameSecret) {
    Caller caller = staff();
    caller.idempotency =
        Idempotency{std::string(64, 'a'), std::string(64, 'b'), std::string(32, 'k')};
    const auto first = call("create_webhook", caller, {}, good);
    const auto again = call("create_webhook", caller, {}, good);
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->text(), again->text());
    EXPECT_EQ(parsed(*call("list_webhooks", staff())).root()["items"].size(), 1U);
    EXPECT_FALSE(is_kept_anywhere("whsec_"));
}

}  // namespace
}  // namespace souk::notifications
