#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/jwt/rs256.h"
#include "domain/base/json.h"
#include "domain/ports/clock.h"

namespace souk::contract {

/// Whether a refresh gives another refresh token, and the old one ends after a grace.
enum class Rotation { off, on };

/// A Cognito user pool in memory, as the AwsClient that talks to it: what Souk asks of one,
/// answered as AWS's documentation says. Thread-safe.
class FakePool final : public aws::AwsClient {
public:
    static constexpr const char* pool_id = "eu-west-1_Fake00001";
    static constexpr const char* client_id = "1fakeclient0000000000000001";
    static constexpr const char* issuer =
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Fake00001";

    explicit FakePool(const Clock& clock, Rotation rotation = Rotation::off);

    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) override;
    [[nodiscard]] Result<std::string> presign(const aws::Presigned& presigned) override;
    [[nodiscard]] std::string endpoint(std::string_view service) const override;
    [[nodiscard]] std::string_view region() const override { return "eu-west-1"; }

    /// The next call of `action` is answered so, without effect.
    void refuse_next(std::string_view action, std::string_view code, std::string_view message = {});
    /// From now on (until told otherwise) no call gets through.
    void cut(ErrorCode code) { cut_ = code; }
    void mend() { cut_.reset(); }
    /// Run once, before the next call of `action` has its effect.
    void before_next(std::string_view action, std::function<void()> run);

    /// Actions since the last call, "JWKS" among them.
    std::vector<std::string> actions();
    [[nodiscard]] std::set<std::string> names() const;
    [[nodiscard]] std::vector<aws::Call> calls() const;
    void set_key_id(std::string key_id) { key_id_ = std::move(key_id); }
    /// The pool's password policy from now on. Units: characters.
    void set_password_length_min(std::size_t length) { password_length_min_ = length; }

    /// An access token of this user, with members replaced ("name": raw JSON; empty: left out).
    [[nodiscard]] std::string token(const std::string& name,
                                    const std::map<std::string, std::string>& members = {}) const;
    /// Signed by the pool's key.
    [[nodiscard]] std::string signed_token(std::string_view header, std::string_view payload) const;

private:
    struct User {
        std::string password;  // Empty: cannot sign in.
        std::set<std::string> groups;
    };
    struct RefreshToken {
        std::string name;
        std::optional<Instant> dead_at;
    };
    using Answer = Result<aws::Answer>;

    [[nodiscard]] Answer admin(std::string_view action, const JsonView& body);
    [[nodiscard]] Answer initiate_auth(const JsonView& body);
    [[nodiscard]] Answer renew(const std::string& refresh_token, Rotation rotation);
    [[nodiscard]] Answer tokens_of(const std::string& name, const std::string& refresh_token);
    [[nodiscard]] std::string new_refresh_token(const std::string& name);
    [[nodiscard]] std::string key_set() const;
    [[nodiscard]] std::string plain_token(const std::string& name,
                                          const std::map<std::string, std::string>& members) const;

    const Clock& clock_;
    const Rotation rotation_;
    rs256::Key key_;
    std::string key_id_ = "first";
    std::size_t password_length_min_ = 8;
    std::optional<ErrorCode> cut_;
    mutable std::mutex mutex_;
    std::map<std::string, User> users_;
    std::set<std::string> groups_;
    std::map<std::string, RefreshToken> refresh_tokens_;
    std::map<std::string, aws::Answer, std::less<>> refusals_;
    std::map<std::string, std::function<void()>, std::less<>> hooks_;
    std::vector<std::string> actions_;
    std::vector<aws::Call> calls_;
    mutable int made_ = 0;
};

}  // namespace souk::contract
