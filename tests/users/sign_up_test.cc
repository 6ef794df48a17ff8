#include "users/mall.h"

namespace souk::testing {
namespace {

/// Every test runs for customers and for staff.
struct SignUpTest : ::testing::TestWithParam<Place> {
    Mall mall;
    Place place = GetParam();
    Caller guest = place.guest(mall);

    Result<Response> call(std::string_view action, const std::string& body) {
        return mall.desk.call(place.route(action), guest, body);
    }
    void confirm_ada() {
        EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
        EXPECT_TRUE(
            call("confirm_sign_up", Mall::code_body("ada@example.com", mall.mailed_code())));
    }
    template <class Call>
    void expect_refused(std::string_view code, Call refused) {
        const auto before = snapshot(mall.ledger);
        EXPECT_EQ(code_of(refused()), code);
        EXPECT_EQ(snapshot(mall.ledger), before);
    }
};

INSTANTIATE_TEST_SUITE_P(Everywhere, SignUpTest, ::testing::ValuesIn(both_places));

TEST_P(SignUpTest, AnnouncesTheCodeSealed) {
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    const auto events = events_of(mall.ledger, users::signed_up_event);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].source, place.source(mall));
    const auto body = JsonDocument::parse(events[0].body);
    EXPECT_EQ(body->root()["email"].text_or(), "ada@example.com");
    EXPECT_EQ(body->root()["name"].text_or(), "Ada");
    EXPECT_EQ(body->root()["known"].boolean(), false);
    EXPECT_EQ(events[0].subject, body->root()["user_id"].text_or());
    const std::string code = mall.mailed_code();
    EXPECT_EQ(code.size(), 6U);
    EXPECT_TRUE(mall.identity.confirm_sign_up(place.realm(mall), "ada@example.com", code));
}

TEST_P(SignUpTest, AnswersAKnownEmailAsANewOne) {
    confirm_ada();
    const auto unknown = call("sign_up", Mall::sign_up_body("new@example.com"));
    const auto known = call("sign_up", Mall::sign_up_body("ada@example.com"));
    ASSERT_TRUE(known && unknown);
    EXPECT_EQ(known->status, 202);
    EXPECT_EQ(known->status, unknown->status);
    EXPECT_EQ(known->text(), unknown->text());
    EXPECT_EQ(known->headers, unknown->headers);
}

TEST_P(SignUpTest, TellsTheOwnerOfAKnownEmail) {
    confirm_ada();
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ADA@example.com")));
    const auto events = events_of(mall.ledger, users::signed_up_event);
    ASSERT_EQ(events.size(), 2U);
    const auto body = JsonDocument::parse(events[1].body);
    EXPECT_EQ(body->root()["known"].boolean(), true);
    EXPECT_EQ(mall.mailed_code(), "");
}

TEST_P(SignUpTest, SendsAnotherCodeToWhoNeverConfirmed) {
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    mall.setting.clock.advance(std::chrono::minutes(10));
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    const auto events = events_of(mall.ledger, users::signed_up_event);
    EXPECT_EQ(JsonDocument::parse(events.back().body)->root()["known"].boolean(), false);
    EXPECT_TRUE(call("confirm_sign_up", Mall::code_body("ada@example.com", mall.mailed_code())));
}

TEST_P(SignUpTest, RefusesAWeakPassword) {
    expect_refused("weak_password", [&] {
        return call("sign_up",
                    R"({"email":"ada@example.com","password":"ada@example.com","name":"Ada"})");
    });
}

TEST_P(SignUpTest, NamesAllMistakesAtOnce) {
    const auto refused = call("sign_up", R"({"email":"ada","password":"short","name":""})");
    ASSERT_FALSE(refused);
    std::string pointers;
    for (const auto& field : refused.error().fields) {
        pointers += field.pointer;
    }
    EXPECT_EQ(pointers, "/email/password/name");
}

TEST_P(SignUpTest, RefusesABadBody) {
    for (const std::string body : {
             R"({"email":"ada","password":"correct horse","name":"Ada"})",
             R"({"email":"ada@example.com","password":"correct horse"})",
             R"({"email":"ada@example.com","password":"correct horse","name":""})",
         }) {
        expect_refused("validation_failed", [&] { return call("sign_up", body); });
    }
    expect_refused("unknown_member", [&] {
        return call(
            "sign_up",
            R"({"email":"ada@example.com","password":"correct horse","name":"Ada","role":"x"})");
    });
}

TEST_P(SignUpTest, HappensOncePerIdempotencyKey) {
    const std::string body = Mall::sign_up_body("ada@example.com");
    guest = mall.with(guest, "k", body);
    const auto first = call("sign_up", body);
    const auto before = snapshot(mall.ledger);
    const auto second = call("sign_up", body);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(is_replay(second));
    EXPECT_EQ(second->text(), first->text());
    EXPECT_EQ(second->status, first->status);
    EXPECT_EQ(snapshot(mall.ledger), before);
}

TEST_P(SignUpTest, RefusesAKeyThatWasUsedForAnotherBody) {
    const std::string body = Mall::sign_up_body("ada@example.com");
    guest = mall.with(guest, "k", body);
    EXPECT_TRUE(call("sign_up", body));
    const std::string another = Mall::sign_up_body("eve@example.com");
    guest = mall.with(guest, "k", another);
    expect_refused("idempotency_key_reused", [&] { return call("sign_up", another); });
}

TEST_P(SignUpTest, KeepsNoSecretInClear) {
    const std::string body = Mall::sign_up_body("ada@example.com");
    guest = mall.with(guest, "k", body);
    EXPECT_TRUE(call("sign_up", body));
    const std::string code = mall.mailed_code();
    EXPECT_FALSE(mentions(snapshot(mall.ledger), password));
    EXPECT_FALSE(mentions(snapshot(mall.ledger), cat("\"", code, "\"")));
    EXPECT_FALSE(mentions(snapshot(mall.ledger), to_base64(code)));
}

TEST_P(SignUpTest, IsConfirmedByItsCodeInAnyCaseOfTheEmail) {
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("Ada@Example.com")));
    const auto answer =
        call("confirm_sign_up", Mall::code_body("aDa@example.com", mall.mailed_code()));
    EXPECT_EQ(member_of(answer, "status"), "confirmed");
    const auto events = events_of(mall.ledger, users::confirmed_event);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].source, place.source(mall));
    EXPECT_EQ(JsonDocument::parse(events[0].body)->root()["email"].text_or(), "ada@example.com");
}

TEST_P(SignUpTest, IsNotConfirmedByAnotherCode) {
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    const std::string wrong = mall.mailed_code() == "000000" ? "000001" : "000000";
    expect_refused("invalid_code", [&] {
        return call("confirm_sign_up", Mall::code_body("ada@example.com", wrong));
    });
    expect_refused("invalid_code", [&] {
        return call("confirm_sign_up", Mall::code_body("nobody@example.com", wrong));
    });
}

TEST_P(SignUpTest, AnswersEveryResendAlikeAndMailsOnlyTheUnconfirmed) {
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("bob@example.com")));
    confirm_ada();
    mall.setting.clock.advance(std::chrono::minutes(10));
    const auto waiting = call("resend_confirmation", Mall::email_body("bob@example.com"));
    EXPECT_EQ(events_of(mall.ledger, users::signed_up_event).size(), 3U);
    const auto done = call("resend_confirmation", Mall::email_body("ada@example.com"));
    const auto unknown = call("resend_confirmation", Mall::email_body("no@example.com"));
    ASSERT_TRUE(waiting && done && unknown);
    EXPECT_EQ(waiting->status, 202);
    EXPECT_EQ(done->text(), waiting->text());
    EXPECT_EQ(unknown->text(), waiting->text());
    EXPECT_EQ(unknown->status, waiting->status);
    EXPECT_EQ(events_of(mall.ledger, users::signed_up_event).size(), 3U);
}

TEST_P(SignUpTest, AnswersEveryForgottenPasswordAlikeAndMailsOnlyTheKnown) {
    confirm_ada();
    mall.setting.clock.advance(std::chrono::minutes(10));
    const auto known = call("forgot_password", Mall::email_body("Ada@example.com"));
    const auto unknown = call("forgot_password", Mall::email_body("no@example.com"));
    ASSERT_TRUE(known && unknown);
    EXPECT_EQ(known->status, 202);
    EXPECT_EQ(known->status, unknown->status);
    EXPECT_EQ(known->text(), unknown->text());
    const auto events = events_of(mall.ledger, users::password_reset_event);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_FALSE(JsonDocument::parse(events[0].body)->root()["known"].present());
}

TEST_P(SignUpTest, CommitsAsOftenForAnUnknownEmailAsForAKnownOne) {
    struct Counter final : CommitObserver {
        int commits = 0;
        void committed(const Transaction&) noexcept override { ++commits; }
    };
    confirm_ada();
    mall.setting.clock.advance(std::chrono::minutes(10));
    Counter counter;
    mall.ledger.observe(counter);
    EXPECT_TRUE(call("forgot_password", Mall::email_body("ada@example.com")));
    EXPECT_EQ(counter.commits, 1);
    EXPECT_TRUE(call("forgot_password", Mall::email_body("no@example.com")));
    EXPECT_EQ(counter.commits, 2);
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    EXPECT_EQ(counter.commits, 3);
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("no@example.com")));
    EXPECT_EQ(counter.commits, 4);
    mall.ledger.forget(counter);
}

TEST_P(SignUpTest, SetsAForgottenPasswordByItsCode) {
    confirm_ada();
    mall.setting.clock.advance(std::chrono::minutes(10));
    EXPECT_TRUE(call("forgot_password", Mall::email_body("ada@example.com")));
    const std::string code = mall.mailed_code(users::password_reset_event);
    const auto with_code = [&](std::string_view digits) {
        return cat(R"({"email":"ADA@example.com","code":")", digits,
                   R"(","new_password":"battery staple"})");
    };
    expect_refused("invalid_code", [&] {
        return call("confirm_forgot_password", with_code(code == "000000" ? "000001" : "000000"));
    });
    EXPECT_TRUE(call("confirm_forgot_password", with_code(code)));
    EXPECT_EQ(code_of(call("sign_in", Mall::sign_in_body("ada@example.com"))),
              "invalid_credentials");
    EXPECT_TRUE(call("sign_in", Mall::sign_in_body("ada@example.com", "battery staple")));
}

TEST_P(SignUpTest, ConfirmsAtSignInWhatACrashLeftUnannounced) {
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    const std::string code = mall.mailed_code();
    ASSERT_TRUE(mall.identity.confirm_sign_up(place.realm(mall), "ada@example.com", code));
    ASSERT_TRUE(events_of(mall.ledger, users::confirmed_event).empty());
    EXPECT_TRUE(call("sign_in", Mall::sign_in_body("ada@example.com")));
    EXPECT_TRUE(call("sign_in", Mall::sign_in_body("ada@example.com")));
    EXPECT_EQ(events_of(mall.ledger, users::confirmed_event).size(), 1U);
}

TEST_P(SignUpTest, SaysWhenTheLedgerFailed) {
    mall.ledger.refuse(1, errors::ledger_unavailable);
    EXPECT_EQ(code_of(call("sign_up", Mall::sign_up_body("ada@example.com"))),
              "ledger_unavailable");
    mall.setting.clock.advance(std::chrono::minutes(10));
    // The person asks again and gets the mail.
    EXPECT_TRUE(call("sign_up", Mall::sign_up_body("ada@example.com")));
    EXPECT_EQ(mall.mailed_code().size(), 6U);
}

TEST(SignUpInTwoStores, MakesTwoAccountsOfOneEmail) {
    Mall mall;
    const UserId here = mall.customer(mall.store, "ada@example.com");
    const UserId there = mall.customer(mall.other, "ada@example.com");
    EXPECT_NE(here, there);
    const auto events = events_of(mall.ledger, users::signed_up_event);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(JsonDocument::parse(events[1].body)->root()["known"].boolean(), false);
}

}  // namespace
}  // namespace souk::testing
