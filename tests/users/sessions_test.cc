#include "users/mall.h"

namespace souk::testing {
namespace {

struct Sessions : ::testing::Test {
    Mall mall;
    UserId ada = mall.customer(mall.store, "ada@example.com");
    Caller guest = guest_of(mall.store);
    Caller signed_in = customer_of(mall.store, ada);

    template <class Call>
    void expect_refused(std::string_view code, Call call) {
        const auto before = snapshot(mall.ledger);
        EXPECT_EQ(code_of(call()), code);
        EXPECT_EQ(snapshot(mall.ledger), before);
    }
    Result<Response> refresh(const Caller& caller, std::string_view token) const {
        return mall.desk.call("customer_refresh", caller, Mall::refresh_body(token));
    }
};

TEST_F(Sessions, OpenWithBearerTokens) {
    const auto tokens = json_of(mall.sign_in(mall.store, "Ada@Example.com"));
    EXPECT_EQ(tokens.root()["token_type"].text_or(), "Bearer");
    EXPECT_EQ(tokens.root()["expires_in"].integer_or(0), access_token_life.count());
    const auto claims = mall.identity.verify(tokens.root()["access_token"].text_or());
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->user, ada);
    EXPECT_EQ(claims->realm, Realm{mall.store});
}

TEST_F(Sessions, TellNoDifferenceBetweenUnknownAccountsAndWrongPasswords) {
    const auto wrong = mall.sign_in(mall.store, "ada@example.com", "battery staple");
    const auto unknown = mall.sign_in(mall.store, "no@example.com", "battery staple");
    ASSERT_FALSE(wrong || unknown);
    EXPECT_EQ(wrong.error().code, errors::invalid_credentials);
    EXPECT_EQ(wrong.error().code, unknown.error().code);
    EXPECT_EQ(wrong.error().detail, unknown.error().detail);
}

TEST_F(Sessions, OfOneStoreDoNotOpenInAnother) {
    expect_refused("invalid_credentials",
                   [&] { return mall.sign_in(mall.other, "ada@example.com"); });
    const std::string token =
        member_of(mall.sign_in(mall.store, "ada@example.com"), "refresh_token");
    expect_refused("invalid_token", [&] { return refresh(guest_of(mall.other), token); });
    EXPECT_TRUE(refresh(guest, token));
}

TEST_F(Sessions, OfTheUnconfirmedDoNotOpen) {
    EXPECT_TRUE(mall.desk.call("customer_sign_up", guest, Mall::sign_up_body("bob@example.com")));
    expect_refused("account_unconfirmed",
                   [&] { return mall.sign_in(mall.store, "bob@example.com"); });
}

TEST_F(Sessions, AreRefreshed) {
    const std::string token =
        member_of(mall.sign_in(mall.store, "ada@example.com"), "refresh_token");
    const auto next = json_of(refresh(guest, token));
    EXPECT_NE(next.root()["refresh_token"].text_or(), token);
    EXPECT_TRUE(mall.identity.verify(next.root()["access_token"].text_or()));
}

TEST_F(Sessions, EndWithSignOut) {
    const std::string token =
        member_of(mall.sign_in(mall.store, "ada@example.com"), "refresh_token");
    const auto out = mall.desk.call("customer_sign_out", guest, Mall::refresh_body(token));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->status, 204);
    EXPECT_EQ(code_of(refresh(guest, token)), "invalid_token");
    EXPECT_TRUE(mall.desk.call("customer_sign_out", guest, Mall::refresh_body("unknown")));
}

TEST_F(Sessions, AreGivenAgainToTheSameIdempotencyKeyAndKeptSealed) {
    const std::string body = Mall::sign_in_body("ada@example.com");
    const Caller once = mall.with(guest, "k", body);
    const auto first = mall.desk.call("customer_sign_in", once, body);
    const auto second = mall.desk.call("customer_sign_in", once, body);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(is_replay(second));
    EXPECT_EQ(second->text(), first->text());
    const auto stored = snapshot(mall.ledger);
    EXPECT_FALSE(mentions(stored, member_of(first, "access_token")));
    EXPECT_FALSE(mentions(stored, member_of(first, "refresh_token")));
    EXPECT_FALSE(mentions(stored, password));
}

TEST_F(Sessions, AreRefreshedOncePerIdempotencyKey) {
    const std::string token =
        member_of(mall.sign_in(mall.store, "ada@example.com"), "refresh_token");
    const Caller once = mall.with(guest, "k", token);
    const auto first = refresh(once, token);
    mall.setting.clock.advance(std::chrono::hours(1));
    const auto second = refresh(once, token);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second->text(), first->text());
    EXPECT_TRUE(refresh(guest, member_of(first, "refresh_token")));
}

/// The customer's answer got lost, and so did its record: the process died between the two commits.
TEST_F(Sessions, AreNotEndedByARetryWhoseFirstAnswerWasNotKept) {
    const std::string token =
        member_of(mall.sign_in(mall.store, "ada@example.com"), "refresh_token");
    const Caller once = mall.with(guest, "k", token);
    mall.mortal.commits_left = 0;
    const auto first = refresh(once, token);
    mall.mortal.commits_left = -1;
    ASSERT_TRUE(first) << "the session went on, whatever became of the record";
    const auto second = refresh(once, token);
    ASSERT_TRUE(second);
    EXPECT_FALSE(is_replay(second));
    EXPECT_EQ(member_of(second, "refresh_token"), member_of(first, "refresh_token"));
    EXPECT_TRUE(refresh(guest, member_of(second, "refresh_token")));
}

TEST_F(Sessions, AnswerANewPasswordAgainWhoseFirstAnswerWasNotKept) {
    const std::string body =
        cat(R"({"password":")", password, R"(","new_password":"battery staple"})");
    const Caller once = mall.with(signed_in, "k", body);
    mall.mortal.commits_left = 0;
    EXPECT_TRUE(mall.desk.call("customer_change_password", once, body));
    mall.mortal.commits_left = -1;
    EXPECT_TRUE(mall.desk.call("customer_change_password", once, body));
    EXPECT_EQ(code_of(mall.desk.call("customer_change_password", signed_in, body)),
              "invalid_credentials");
}

TEST_F(Sessions, KeepNoRecordOfARefusal) {
    const std::string body = Mall::sign_in_body("ada@example.com", "battery staple");
    const Caller once = mall.with(guest, "k", body);
    expect_refused("invalid_credentials",
                   [&] { return mall.desk.call("customer_sign_in", once, body); });
}

TEST_F(Sessions, NeedTheNewPasswordOnceItIsChanged) {
    const auto change = [&](std::string_view old_one, std::string_view new_one) {
        return mall.desk.call(
            "customer_change_password", signed_in,
            cat(R"({"password":")", old_one, R"(","new_password":")", new_one, "\"}"));
    };
    expect_refused("invalid_credentials", [&] { return change("wrong horse", "battery staple"); });
    expect_refused("validation_failed", [&] { return change(password, "short"); });
    expect_refused("weak_password", [&] { return change(password, "ada@example.com"); });
    EXPECT_TRUE(change(password, "battery staple"));
    EXPECT_EQ(code_of(mall.sign_in(mall.store, "ada@example.com")), "invalid_credentials");
    EXPECT_TRUE(mall.sign_in(mall.store, "ada@example.com", "battery staple"));
}

TEST_F(Sessions, EnrollOneTimeCodes) {
    const auto enrolled = mall.desk.call("customer_enroll_totp", signed_in);
    EXPECT_TRUE(member_of(enrolled, "otpauth_url").starts_with("otpauth://totp/"));
    expect_refused("invalid_code", [&] {
        return mall.desk.call("customer_confirm_totp", signed_in, R"({"code":"12345"})");
    });
    expect_refused("invalid_code", [&] {
        return mall.desk.call("customer_remove_totp", signed_in, R"({"code":"12345"})");
    });
    EXPECT_TRUE(mall.sign_in(mall.store, "ada@example.com"));
}

}  // namespace
}  // namespace souk::testing
