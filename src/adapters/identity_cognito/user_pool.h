#pragma once

#include <string>
#include <string_view>

#include "adapters/aws_client/aws_client.h"
#include "domain/ports/environment.h"
#include "domain/ports/identity.h"

namespace souk {

/// How an access token is renewed.
///   get_tokens_from_refresh_token  the present way; needed where the client rotates its tokens
///   initiate_auth                  REFRESH_TOKEN_AUTH: for emulators that lack the other
enum class RefreshCall { get_tokens_from_refresh_token, initiate_auth };

struct UserPoolOptions {
    std::string pool_id;
    std::string client_id;  // A client without a secret.
    RefreshCall refresh_call = RefreshCall::get_tokens_from_refresh_token;
};

/// What the pool gives who has proven himself.
struct PoolTokens {
    std::string access_token;
    std::string refresh_token;  // Empty when the former one stays.
};

/// One Cognito user pool, as its actions. Thread-safe.
/// Errors, of all: identity_unavailable (no answer, throttled, or set up otherwise than Souk
/// needs).
class UserPool {
public:
    /// What they refer to outlives this.
    UserPool(aws::AwsClient& client, const Environment& environment, UserPoolOptions options);

    /// A user without a usable password, to whom nothing is mailed. Repeat: harmless.
    [[nodiscard]] Result<void> create_user(std::string_view name, std::string_view email);
    /// In force at once. Errors: weak_password (the pool's policy), not_found.
    [[nodiscard]] Result<void> set_password(std::string_view name, std::string_view password);
    /// Errors: invalid_credentials (wrong, unknown, locked out or disabled).
    [[nodiscard]] Result<PoolTokens> sign_in(std::string_view name, std::string_view password);
    /// Errors: invalid_token (expired or revoked).
    [[nodiscard]] Result<PoolTokens> refresh(std::string_view refresh_token);
    /// Makes the group when it is missing.
    [[nodiscard]] Result<void> add_to_group(std::string_view name, std::string_view group);

    // What follows is tidying up: Souk's own rows have made it ineffective already. Each is tried
    // once, and a failure is counted and otherwise of no consequence.
    void revoke(std::string_view refresh_token);
    void end_sessions(std::string_view name);
    void delete_user(std::string_view name);

    /// The keys that its tokens are signed with, RFC 7517. Shape: JSON.
    [[nodiscard]] Result<std::string> key_set();

    [[nodiscard]] const UserPoolOptions& options() const { return options_; }

private:
    enum class Access { admin, open };
    [[nodiscard]] Result<aws::Answer> call(std::string_view action, std::string body,
                                           Access access = Access::admin,
                                           aws::Repeat repeat = aws::Repeat::idempotent);
    void tidy_up(std::string_view action, std::string body, Access access = Access::admin);
    void tidy_up_user(std::string_view action, std::string_view name);
    [[nodiscard]] std::unexpected<Error> unavailable(std::string_view action,
                                                     const aws::Answer& answer);
    [[nodiscard]] Result<aws::Answer> join(std::string_view name, std::string_view group);

    aws::AwsClient& client_;
    Environment environment_;
    UserPoolOptions options_;
};

}  // namespace souk
