#include "adapters/identity_cognito/user_pool.h"

#include <gtest/gtest.h>

#include "adapters/memory/test_environment.h"
#include "support/scripted_aws_client.h"

namespace souk {

namespace {

constexpr const char* given = R"({"AuthenticationResult":{"AccessToken":"a","RefreshToken":"r"}})";

class UserPoolTest : public testing::Test {
protected:
    UserPool pool(RefreshCall refresh_call = RefreshCall::get_tokens_from_refresh_token) {
        return {client_,
                environment_.environment(),
                {.pool_id = "eu_1", .client_id = "client", .refresh_call = refresh_call}};
    }
    aws::Call only_call() {
        const auto calls = client_.calls();
        EXPECT_EQ(calls.size(), 1U);
        return calls.at(0);
    }
    static std::string target(const aws::Call& call) {
        for (const auto& [name, value] : call.headers) {
            if (name == "x-amz-target") {
                return value.substr(value.find('.') + 1);
            }
        }
        return "";
    }
    template <class T>
    static std::string outcome(const Result<T>& result) {
        return result ? "ok" : std::string(result.error().code.name);
    }

    TestEnvironment environment_;
    testing_support::ScriptedAwsClient client_;
};

}  // namespace

TEST_F(UserPoolTest, MakesUsersToWhomNothingIsMailed) {
    client_.answer("{}");
    EXPECT_TRUE(pool().create_user("name", "ann@example.com"));
    const aws::Call call = only_call();
    EXPECT_EQ(target(call), "AdminCreateUser");
    EXPECT_EQ(call.service, "cognito-idp");
    EXPECT_EQ(call.signing, aws::Signing::signature_v4);
    EXPECT_EQ(call.headers.at(0),
              (std::pair<std::string, std::string>("content-type", "application/x-amz-json-1.1")));
    EXPECT_EQ(call.body, R"({"UserPoolId":"eu_1","Username":"name","MessageAction":"SUPPRESS",)"
                         R"("UserAttributes":[{"Name":"email","Value":"ann@example.com"}]})");
}

TEST_F(UserPoolTest, TakesAUserThatIsThereForOneItMadeBefore) {
    client_.refuse(400, "UsernameExistsException");
    EXPECT_EQ(outcome(pool().create_user("name", "ann@example.com")), "ok");
}

TEST_F(UserPoolTest, SetsPasswordsForGood) {
    client_.answer("{}");
    EXPECT_TRUE(pool().set_password("name", "se\"cret"));
    EXPECT_EQ(target(only_call()), "AdminSetUserPassword");
    EXPECT_EQ(only_call().body,
              R"({"UserPoolId":"eu_1","Username":"name","Password":"se\"cret","Permanent":true})");
}

TEST_F(UserPoolTest, SignsInAsTheAdministratorOfThePool) {
    client_.answer(given);
    const auto tokens = pool().sign_in("name", "secret");
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->access_token, "a");
    EXPECT_EQ(tokens->refresh_token, "r");
    EXPECT_EQ(only_call().signing, aws::Signing::signature_v4);
    EXPECT_EQ(only_call().body,
              R"({"UserPoolId":"eu_1","ClientId":"client","AuthFlow":"ADMIN_USER_PASSWORD_AUTH",)"
              R"("AuthParameters":{"USERNAME":"name","PASSWORD":"secret"}})");
}

TEST_F(UserPoolTest, RefreshesByGetTokensFromRefreshToken) {
    client_.answer(R"({"AuthenticationResult":{"AccessToken":"a2"}})");
    const auto tokens = pool().refresh("r1");
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->refresh_token, "");
    EXPECT_EQ(target(only_call()), "GetTokensFromRefreshToken");
    EXPECT_EQ(only_call().signing, aws::Signing::never);
    EXPECT_EQ(only_call().body, R"({"ClientId":"client","RefreshToken":"r1"})");
}

TEST_F(UserPoolTest, RefreshesByInitiateAuthWhereToldTo) {
    client_.answer(given);
    ASSERT_TRUE(pool(RefreshCall::initiate_auth).refresh("r1"));
    EXPECT_EQ(target(only_call()), "AdminInitiateAuth");
    EXPECT_EQ(only_call().signing, aws::Signing::signature_v4);
    EXPECT_EQ(only_call().body,
              R"({"ClientId":"client","UserPoolId":"eu_1","AuthFlow":"REFRESH_TOKEN_AUTH",)"
              R"("AuthParameters":{"REFRESH_TOKEN":"r1"}})");
}

TEST_F(UserPoolTest, MakesAGroupThatIsMissing) {
    client_.refuse(400, "ResourceNotFoundException");
    client_.answer("{}");
    client_.answer("{}");
    EXPECT_EQ(outcome(pool().add_to_group("name", "admins")), "ok");
    const auto calls = client_.calls();
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(target(calls[1]), "CreateGroup");
    EXPECT_EQ(calls[1].body, R"({"UserPoolId":"eu_1","GroupName":"admins"})");
    EXPECT_EQ(calls[2].body, calls[0].body);
}

TEST_F(UserPoolTest, TellsNoneOfTheWaysApartInWhichASignInFails) {
    std::string detail;
    for (const char* code : {"NotAuthorizedException", "UserNotFoundException",
                             "UserNotConfirmedException", "PasswordResetRequiredException"}) {
        client_.refuse(400, code, "Password attempts exceeded");
        const auto refused = pool().sign_in("name", "secret");
        ASSERT_EQ(outcome(refused), "invalid_credentials") << code;
        EXPECT_EQ(refused.error().detail, "The e-mail address or the password is wrong.");
    }
}

TEST_F(UserPoolTest, GivesEveryRefusalItsMeaning) {
    struct Case {
        const char* code;
        const char* sign_in;
        const char* refresh;
        const char* set_password;
    };
    const Case cases[] = {
        {"TooManyRequestsException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"LimitExceededException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"InternalErrorException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"InvalidParameterException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"ForbiddenException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"UserLambdaValidationException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"ResourceNotFoundException", "identity_unavailable", "identity_unavailable",
         "identity_unavailable"},
        {"NotAuthorizedException", "invalid_credentials", "invalid_token", "identity_unavailable"},
        {"RefreshTokenReuseException", "identity_unavailable", "invalid_token",
         "identity_unavailable"},
        {"UserNotFoundException", "invalid_credentials", "invalid_token", "not_found"},
        {"InvalidPasswordException", "invalid_credentials", "identity_unavailable",
         "weak_password"},
        {"PasswordHistoryPolicyViolationException", "identity_unavailable", "identity_unavailable",
         "weak_password"}};
    for (const Case& one : cases) {
        client_.refuse(400, one.code);
        EXPECT_EQ(outcome(pool().sign_in("name", "secret")), one.sign_in) << one.code;
        client_.refuse(400, one.code);
        EXPECT_EQ(outcome(pool().refresh("token")), one.refresh) << one.code;
        client_.refuse(400, one.code);
        EXPECT_EQ(outcome(pool().set_password("name", "secret")), one.set_password) << one.code;
    }
}

TEST_F(UserPoolTest, IsUnavailableWhenNothingAnswers) {
    for (const ErrorCode code :
         {aws::errors::aws_not_sent, aws::errors::aws_no_answer, aws::errors::aws_no_credentials}) {
        client_.fail_with(code);
        EXPECT_EQ(outcome(pool().sign_in("name", "secret")), "identity_unavailable") << code.name;
    }
}

TEST_F(UserPoolTest, IsUnavailableWhenItSetsAChallenge) {
    client_.answer(R"({"ChallengeName":"SOFTWARE_TOKEN_MFA","Session":"s"})");
    EXPECT_EQ(outcome(pool().sign_in("name", "secret")), "identity_unavailable");
    ASSERT_EQ(environment_.telemetry.lines().size(), 1U);
    EXPECT_EQ(environment_.telemetry.lines()[0].labels.at("challenge"), "SOFTWARE_TOKEN_MFA");
}

TEST_F(UserPoolTest, IsUnavailableWhenItsAnswerHoldsNoToken) {
    for (const char* body : {"", "{}", "[]", "not json", R"({"AuthenticationResult":{}})"}) {
        client_.answer(body);
        EXPECT_EQ(outcome(pool().sign_in("name", "secret")), "identity_unavailable") << body;
    }
}

TEST_F(UserPoolTest, TidyingUpIsTriedOnceAndItsFailureCounted) {
    client_.refuse(500, "Unsupported");
    client_.refuse(500, "Unsupported");
    client_.fail_with(aws::errors::aws_no_answer);
    UserPool made = pool();
    made.revoke("r");
    made.end_sessions("name");
    made.delete_user("name");
    const auto calls = client_.calls();
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(target(calls[0]), "RevokeToken");
    EXPECT_EQ(calls[0].body, R"({"ClientId":"client","Token":"r"})");
    EXPECT_EQ(calls[0].signing, aws::Signing::never);
    EXPECT_EQ(target(calls[1]), "AdminUserGlobalSignOut");
    EXPECT_EQ(target(calls[2]), "AdminDeleteUser");
    for (const aws::Call& call : calls) {
        EXPECT_EQ(call.repeat, aws::Repeat::unsafe);
    }
    EXPECT_EQ(environment_.telemetry.counted("souk_identity_pool_failures_total"), 3);
}

TEST_F(UserPoolTest, NamesNoSecretInWhatItLogs) {
    client_.refuse(400, "InvalidParameterException", "1 validation error");
    static_cast<void>(pool().sign_in("name", "my-secret"));
    client_.refuse(400, "InvalidParameterException", "1 validation error");
    static_cast<void>(pool().refresh("my-token"));
    for (const auto& line : environment_.telemetry.lines()) {
        for (const auto& [name, value] : line.labels) {
            EXPECT_EQ(value.find("my-"), std::string::npos) << name;
        }
    }
    EXPECT_EQ(environment_.telemetry.lines().size(), 2U);
}

}  // namespace souk
