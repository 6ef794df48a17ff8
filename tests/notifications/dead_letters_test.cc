#include "domain/notifications/limits.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

class DeadLetterRoutes : public Shop {
protected:
    void SetUp() override {
        for (int i = 0; i < 3; ++i) {
            bury(cat(R"({"email":"a@b.example","nested":{"code_sealed":"c2VjcmV0"},"n":)", i, "}"));
        }
    }
    void bury(std::string body) {
        Changes changes;
        changes.announce(event(type::order_confirmed, std::move(body)));
        ASSERT_TRUE(table.commit(changes));
        const auto messages = bus.receive(mails_queue, 1, 0ms, {});
        ASSERT_TRUE(messages && messages->size() == 1);
        ASSERT_TRUE(bus.bury(mails_queue, messages->at(0).receipt, "The reason."));
    }
    static Caller administrator() {
        Caller caller;
        caller.principal.kind = Principal::Kind::platform_admin;
        return caller;
    }
    JsonDocument list(std::vector<Parameter> query) {
        return parsed(*call("list_dead_letters", administrator(), {}, "{}", std::move(query)));
    }
};

TEST_F(DeadLetterRoutes, ShowWhatFailedAndWhyWithoutCodes) {
    const auto page = list({});
    ASSERT_EQ(page.root()["items"].size(), 3U);
    const JsonView letter = page.root()["items"].at(0);
    EXPECT_EQ(letter["queue"].text_or(), mails_queue);
    EXPECT_EQ(letter["event_type"].text_or(), type::order_confirmed);
    EXPECT_EQ(letter["reason"].text_or(), "The reason.");
    EXPECT_EQ(letter["deliveries"].integer_or(0), 1);
    EXPECT_EQ(letter["event"]["data"].text_or(), R"({"email":"a@b.example","nested":{},"n":0})");
}

TEST_F(DeadLetterRoutes, ComeInPages) {
    const auto first = list({{"limit", "2"}, {"queue", std::string(mails_queue)}});
    ASSERT_EQ(first.root()["items"].size(), 2U);
    const std::string cursor = first.root()["next_cursor"].text_or();
    EXPECT_EQ(list({{"limit", "2"}, {"queue", std::string(mails_queue)}, {"cursor", cursor}})
                  .root()["items"]
                  .size(),
              1U);
    EXPECT_EQ(
        call("list_dead_letters", administrator(), {}, "{}", {{"cursor", cursor}}).error().code,
        errors::invalid_cursor);
    EXPECT_EQ(list({{"queue", std::string(webhooks_queue)}}).root()["items"].size(), 0U);
}

TEST_F(DeadLetterRoutes, RefuseAnUnknownQueue) {
    EXPECT_EQ(call("list_dead_letters", administrator(), {}, "{}", {{"queue", "nope"}})
                  .error()
                  .fields.at(0)
                  .pointer,
              "/queue");
    EXPECT_EQ(call("redrive_dead_letters", administrator(), {}, R"({"queue":"nope"})")
                  .error()
                  .fields.at(0)
                  .pointer,
              "/queue");
}

TEST_F(DeadLetterRoutes, RedrivePutsBackTheNamedOnesOrAll) {
    const std::string id = list({}).root()["items"].at(1)["id"].text_or();
    const auto one = call("redrive_dead_letters", administrator(), {},
                          cat(R"({"queue":"notifications-mails","ids":[")", id, R"("]})"));
    EXPECT_EQ(one->text(), R"({"redriven":1})");
    EXPECT_EQ(bus.depth(mails_queue), 1U);
    const auto rest =
        call("redrive_dead_letters", administrator(), {}, R"({"queue":"notifications-mails"})");
    EXPECT_EQ(rest->text(), R"({"redriven":2})");
    EXPECT_EQ(list({}).root()["items"].size(), 0U);
}

TEST_F(DeadLetterRoutes, RedriveAnswersARepeatedKeyWithTheFirstAnswer) {
    Caller caller = administrator();
    caller.idempotency =
        Idempotency{std::string(64, 'a'), std::string(64, 'b'), std::string(32, 'k')};
    const std::string_view body = R"({"queue":"notifications-mails"})";
    EXPECT_EQ(call("redrive_dead_letters", caller, {}, body)->text(), R"({"redriven":3})");
    EXPECT_EQ(call("redrive_dead_letters", caller, {}, body)->text(), R"({"redriven":3})");
}

TEST_F(DeadLetterRoutes, AreForPlatformAdministratorsAlone) {
    for (const auto& route : routes(service)) {
        if (route.pattern.starts_with("/v1/admin/")) {
            EXPECT_TRUE(route.audiences.platform);
            EXPECT_FALSE(route.audiences.staff || route.audiences.anyone ||
                         route.audiences.customer || route.audiences.account);
        } else {
            EXPECT_TRUE(route.audiences.staff);
            EXPECT_NE(route.permission, Permission::none);
        }
    }
}

TEST_F(DeadLetterRoutes, RedriveTakesABoundedNumberOfIds) {
    const auto all = routes(service);
    const auto& redriving = *std::ranges::find(all, "redrive_dead_letters", &Route::name);
    const auto mistakes_with = [&](std::int64_t ids) {
        std::string list;
        for (std::int64_t i = 0; i < ids; ++i) {
            list += cat(i == 0 ? "" : ",", "\"", i, "\"");
        }
        std::vector<FieldError> mistakes;
        const auto body = *JsonDocument::parse(cat(R"({"queue":"q","ids":[)", list, "]}"));
        validate(*redriving.body, body.root(), "", mistakes);
        return mistakes.size();
    };
    EXPECT_EQ(mistakes_with(redrive_ids_max), 0U);
    EXPECT_EQ(mistakes_with(redrive_ids_max + 1), 1U);
    EXPECT_EQ(mistakes_with(0), 1U);
}

}  // namespace
}  // namespace souk::notifications
