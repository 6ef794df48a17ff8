#include "adapters/identity_cognito/user_pool.h"

#include <utility>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view service = "cognito-idp";

std::unexpected<Error> wrong_credentials() {
    return fail(errors::invalid_credentials, "The e-mail address or the password is wrong.");
}

/// The tokens of an AuthenticationResult.
Result<PoolTokens> tokens_in(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    const JsonView result = document ? document->root()["AuthenticationResult"] : JsonView{};
    const auto access = result["AccessToken"].string();
    if (!access) {
        return fail(errors::identity_unavailable, "The user pool's answer holds no access token.");
    }
    return PoolTokens{std::string(*access), result["RefreshToken"].text_or()};
}

/// The challenge that the pool sets instead of giving tokens, if any.
std::string challenge_in(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    return document ? document->root()["ChallengeName"].text_or() : std::string();
}

}  // namespace

UserPool::UserPool(aws::AwsClient& client, const Environment& environment, UserPoolOptions options)
    : client_(client), environment_(environment), options_(std::move(options)) {}

Result<void> UserPool::create_user(std::string_view name, std::string_view email) {
    JsonWriter body;
    body.begin_object()
        .member("UserPoolId", options_.pool_id)
        .member("Username", name)
        .member("MessageAction", "SUPPRESS");
    body.key("UserAttributes").begin_array();
    body.begin_object().member("Name", "email").member("Value", email).end_object();
    body.end_array().end_object();
    const aws::Answer answer = TRY(call("AdminCreateUser", body.take()));
    // A name is made once: who has it already is what a first try, whose answer was lost, made.
    return answer.ok() || answer.error_code == "UsernameExistsException"
               ? Result<void>()
               : unavailable("AdminCreateUser", answer);
}

Result<void> UserPool::set_password(std::string_view name, std::string_view password) {
    JsonWriter body;
    body.begin_object()
        .member("UserPoolId", options_.pool_id)
        .member("Username", name)
        .member("Password", password)
        .member("Permanent", true)
        .end_object();
    const aws::Answer answer = TRY(call("AdminSetUserPassword", body.take()));
    if (answer.ok()) {
        return {};
    }
    if (answer.error_code == "InvalidPasswordException" ||
        answer.error_code == "PasswordHistoryPolicyViolationException") {
        return fail(errors::weak_password, "The password does not meet the user pool's policy.");
    }
    if (answer.error_code == "UserNotFoundException") {
        return fail(errors::not_found, "The user pool has no such user.");
    }
    return unavailable("AdminSetUserPassword", answer);
}

Result<PoolTokens> UserPool::sign_in(std::string_view name, std::string_view password) {
    JsonWriter body;
    body.begin_object()
        .member("UserPoolId", options_.pool_id)
        .member("ClientId", options_.client_id)
        .member("AuthFlow", "ADMIN_USER_PASSWORD_AUTH");
    body.key("AuthParameters").begin_object();
    body.member("USERNAME", name).member("PASSWORD", password).end_object().end_object();
    const aws::Answer answer = TRY(call("AdminInitiateAuth", body.take()));
    if (answer.ok()) {
        if (const std::string challenge = challenge_in(answer.body); !challenge.empty()) {
            environment_.telemetry.log(LogLevel::error,
                                       "identity: the user pool sets a challenge; its MFA must be "
                                       "off (Souk asks for one-time codes itself)",
                                       {{"challenge", challenge}});
            return fail(errors::identity_unavailable, "The user pool sets a challenge.");
        }
        return tokens_in(answer.body);
    }
    // A lockout ("Password attempts exceeded") is not told apart: only accounts that exist have it.
    for (const char* refusal :
         {"NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException",
          "PasswordResetRequiredException", "InvalidPasswordException"}) {
        if (answer.error_code == refusal) {
            environment_.telemetry.count("souk_identity_wrong_passwords_total");
            return wrong_credentials();
        }
    }
    return unavailable("AdminInitiateAuth", answer);
}

Result<PoolTokens> UserPool::refresh(std::string_view refresh_token) {
    JsonWriter body;
    body.begin_object().member("ClientId", options_.client_id);
    std::string_view action;
    Access access = Access::open;
    switch (options_.refresh_call) {
        case RefreshCall::get_tokens_from_refresh_token:
            action = "GetTokensFromRefreshToken";
            body.member("RefreshToken", refresh_token);
            break;
        case RefreshCall::initiate_auth:
            action = "AdminInitiateAuth";
            access = Access::admin;
            body.member("UserPoolId", options_.pool_id).member("AuthFlow", "REFRESH_TOKEN_AUTH");
            body.key("AuthParameters").begin_object();
            body.member("REFRESH_TOKEN", refresh_token).end_object();
            break;
    }
    const aws::Answer answer = TRY(call(action, body.end_object().take(), access));
    if (answer.ok()) {
        return tokens_in(answer.body);
    }
    for (const char* refusal :
         {"NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"}) {
        if (answer.error_code == refusal) {
            return fail(errors::invalid_token, "The refresh token is not valid; sign in again.");
        }
    }
    return unavailable(action, answer);
}

Result<aws::Answer> UserPool::join(std::string_view name, std::string_view group) {
    JsonWriter body;
    body.begin_object()
        .member("UserPoolId", options_.pool_id)
        .member("Username", name)
        .member("GroupName", group)
        .end_object();
    return call("AdminAddUserToGroup", body.take());
}

Result<void> UserPool::add_to_group(std::string_view name, std::string_view group) {
    aws::Answer answer = TRY(join(name, group));
    if (answer.error_code == "ResourceNotFoundException") {
        JsonWriter body;
        body.begin_object()
            .member("UserPoolId", options_.pool_id)
            .member("GroupName", group)
            .end_object();
        const aws::Answer made = TRY(call("CreateGroup", body.take()));
        if (!made.ok() && made.error_code != "GroupExistsException") {
            return unavailable("CreateGroup", made);
        }
        answer = TRY(join(name, group));
    }
    return answer.ok() ? Result<void>() : unavailable("AdminAddUserToGroup", answer);
}

void UserPool::revoke(std::string_view refresh_token) {
    JsonWriter body;
    body.begin_object()
        .member("ClientId", options_.client_id)
        .member("Token", refresh_token)
        .end_object();
    tidy_up("RevokeToken", body.take(), Access::open);
}

void UserPool::end_sessions(std::string_view name) { tidy_up_user("AdminUserGlobalSignOut", name); }

void UserPool::delete_user(std::string_view name) { tidy_up_user("AdminDeleteUser", name); }

void UserPool::tidy_up_user(std::string_view action, std::string_view name) {
    JsonWriter body;
    body.begin_object()
        .member("UserPoolId", options_.pool_id)
        .member("Username", name)
        .end_object();
    tidy_up(action, body.take());
}

Result<std::string> UserPool::key_set() {
    auto answer = client_.call({.service = std::string(service),
                                .method = "GET",
                                .path = cat("/", options_.pool_id, "/.well-known/jwks.json"),
                                .signing = aws::Signing::never,
                                .repeat = aws::Repeat::idempotent});
    if (!answer || !answer->ok()) {
        return fail(errors::identity_unavailable, "The user pool's keys cannot be fetched.");
    }
    return std::move(answer->body);
}

Result<aws::Answer> UserPool::call(std::string_view action, std::string body, Access access,
                                   aws::Repeat repeat) {
    auto answer = client_.call(
        {.service = std::string(service),
         .headers = {{"content-type", "application/x-amz-json-1.1"},
                     {"x-amz-target", cat("AWSCognitoIdentityProviderService.", action)}},
         .body = std::move(body),
         .signing = access == Access::open ? aws::Signing::never : aws::Signing::signature_v4,
         .repeat = repeat});
    if (!answer) {
        environment_.telemetry.count("souk_identity_pool_failures_total", 1,
                                     {{"action", action}, {"code", answer.error().code.name}});
        return fail(errors::identity_unavailable,
                    cat("The user pool did not answer: ", answer.error().detail));
    }
    return answer;
}

void UserPool::tidy_up(std::string_view action, std::string body, Access access) {
    const auto answer = call(action, std::move(body), access, aws::Repeat::unsafe);
    if (answer && !answer->ok()) {
        environment_.telemetry.count("souk_identity_pool_failures_total", 1,
                                     {{"action", action}, {"code", answer->error_code}});
    }
}

std::unexpected<Error> UserPool::unavailable(std::string_view action, const aws::Answer& answer) {
    environment_.telemetry.count("souk_identity_pool_failures_total", 1,
                                 {{"action", action}, {"code", answer.error_code}});
    environment_.telemetry.log(
        LogLevel::error, "identity: the user pool refuses a call",
        {{"action", action}, {"code", answer.error_code}, {"message", answer.error_message}});
    return fail(errors::identity_unavailable,
                cat("The user pool refuses ", action, ": ", answer.error_code, "."));
}

}  // namespace souk
