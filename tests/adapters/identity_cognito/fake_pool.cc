#include "adapters/identity_cognito/fake_pool.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <utility>

#include "adapters/identity_local/test_key.h"
#include "domain/base/text.h"
#include "domain/ports/identity.h"

namespace souk::contract {

namespace {

constexpr std::string_view target_prefix = "AWSCognitoIdentityProviderService.";
constexpr std::chrono::milliseconds rotation_grace{60'000};

rs256::Key test_key() {
    BIO* const bio = BIO_new_mem_buf(test_key_pem, -1);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    CHECK(key != nullptr);
    return {key, EVP_PKEY_free};
}

std::string number_in(const rs256::Key& key, const char* name) {
    BIGNUM* number = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key.get(), name, &number) == 1);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return to_base64url(bytes);
}

aws::Answer ok(std::string body = "{}") { return {200, {}, std::move(body), {}, {}}; }
aws::Answer refusal(std::string_view code, std::string_view message = {}) {
    return {400, {}, "{}", std::string(code), std::string(message)};
}
aws::Answer wrong_password() {
    return refusal("NotAuthorizedException", "Incorrect username or password.");
}

}  // namespace

FakePool::FakePool(const Clock& clock, Rotation rotation)
    : clock_(clock), rotation_(rotation), key_(test_key()) {}

Result<aws::Answer> FakePool::call(const aws::Call& call) {
    std::string action = "JWKS";
    for (const auto& [name, value] : call.headers) {
        if (name == "x-amz-target") {
            CHECK(value.starts_with(target_prefix));
            action = value.substr(target_prefix.size());
        }
    }
    std::function<void()> hook;
    {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
        actions_.push_back(action);
        if (cut_) {
            return fail(*cut_, "The wire is cut.");
        }
        if (const auto found = refusals_.find(action); found != refusals_.end()) {
            const aws::Answer refused = found->second;
            refusals_.erase(found);
            return refused;
        }
        if (const auto found = hooks_.find(action); found != hooks_.end()) {
            hook = std::exchange(found->second, {});
            hooks_.erase(found);
        }
    }
    if (hook) {
        hook();
    }
    const std::lock_guard lock(mutex_);
    if (action == "JWKS") {
        CHECK(call.path == cat("/", pool_id, "/.well-known/jwks.json"));
        return ok(key_set());
    }
    const auto body = JsonDocument::parse(call.body);
    CHECK(body.has_value());
    const bool open = action == "GetTokensFromRefreshToken" || action == "RevokeToken";
    CHECK((call.signing == aws::Signing::never) == open);
    return admin(action, body->root());
}

Result<std::string> FakePool::presign(const aws::Presigned&) {
    return fail(aws::errors::aws_misconfigured, "Nothing here is presigned.");
}

std::string FakePool::endpoint(std::string_view service) const {
    return cat("https://", service, ".eu-west-1.amazonaws.com");
}

Result<aws::Answer> FakePool::admin(std::string_view action, const JsonView& body) {
    const std::string name = body["Username"].text_or();
    if (action == "AdminCreateUser") {
        CHECK(body["MessageAction"].string() == "SUPPRESS");
        return users_.emplace(name, User{}).second ? ok() : refusal("UsernameExistsException");
    }
    if (action == "AdminInitiateAuth") {
        return initiate_auth(body);
    }
    if (action == "GetTokensFromRefreshToken") {
        return renew(body["RefreshToken"].text_or(), rotation_);
    }
    if (action == "RevokeToken") {
        refresh_tokens_.erase(body["Token"].text_or());
        return ok();
    }
    if (action == "CreateGroup") {
        groups_.insert(body["GroupName"].text_or());
        return ok();
    }
    const auto user = users_.find(name);
    if (user == users_.end()) {
        return refusal("UserNotFoundException", "User does not exist.");
    }
    if (action == "AdminSetUserPassword") {
        CHECK(body["Permanent"].bool_or(false));
        const std::string password = body["Password"].text_or();
        if (password.size() < password_length_min_) {
            return refusal("InvalidPasswordException");
        }
        user->second.password = password;
    } else if (action == "AdminAddUserToGroup") {
        if (!groups_.contains(body["GroupName"].text_or())) {
            return refusal("ResourceNotFoundException", "Group not found.");
        }
        user->second.groups.insert(body["GroupName"].text_or());
    } else if (action == "AdminDeleteUser") {
        users_.erase(user);
    } else {
        CHECK(action == "AdminUserGlobalSignOut");
        std::erase_if(refresh_tokens_,
                      [&](const auto& entry) { return entry.second.name == name; });
    }
    return ok();
}

Result<aws::Answer> FakePool::initiate_auth(const JsonView& body) {
    CHECK(body["UserPoolId"].string() == pool_id && body["ClientId"].string() == client_id);
    const JsonView parameters = body["AuthParameters"];
    if (body["AuthFlow"].string() == "REFRESH_TOKEN_AUTH") {
        return rotation_ == Rotation::on
                   ? refusal("InvalidParameterException", "Auth flow not enabled for this client")
                   : renew(parameters["REFRESH_TOKEN"].text_or(), Rotation::off);
    }
    CHECK(body["AuthFlow"].string() == "ADMIN_USER_PASSWORD_AUTH");
    const auto user = users_.find(parameters["USERNAME"].text_or());
    if (user == users_.end() || user->second.password.empty() ||
        user->second.password != parameters["PASSWORD"].text_or()) {
        return wrong_password();
    }
    return tokens_of(user->first, new_refresh_token(user->first));
}

Result<aws::Answer> FakePool::renew(const std::string& refresh_token, Rotation rotation) {
    const auto found = refresh_tokens_.find(refresh_token);
    if (found == refresh_tokens_.end() || !users_.contains(found->second.name)) {
        return refusal("NotAuthorizedException", "Refresh Token has been revoked");
    }
    if (found->second.dead_at && *found->second.dead_at <= clock_.now()) {
        return refusal("RefreshTokenReuseException");
    }
    const std::string name = found->second.name;
    if (rotation == Rotation::off) {
        return tokens_of(name, "");
    }
    if (!found->second.dead_at) {
        found->second.dead_at = clock_.now() + rotation_grace;
    }
    return tokens_of(name, new_refresh_token(name));
}

Result<aws::Answer> FakePool::tokens_of(const std::string& name, const std::string& refresh_token) {
    JsonWriter out;
    out.begin_object().key("AuthenticationResult").begin_object();
    out.member("AccessToken", plain_token(name, {}))
        .member("ExpiresIn", access_token_life.count())
        .member("TokenType", "Bearer")
        .member("IdToken", plain_token(name, {{"token_use", "\"id\""}}));
    if (!refresh_token.empty()) {
        out.member("RefreshToken", refresh_token);
    }
    out.end_object().end_object();
    return ok(out.take());
}

std::string FakePool::new_refresh_token(const std::string& name) {
    std::string token = cat("pool-refresh-token-", ++made_);
    refresh_tokens_.emplace(token, RefreshToken{name, {}});
    return token;
}

std::string FakePool::key_set() const {
    JsonWriter out;
    out.begin_object().key("keys").begin_array();
    out.begin_object().member("kty", "EC").member("kid", "another").end_object();
    out.begin_object()
        .member("kty", "RSA")
        .member("kid", key_id_)
        .member("alg", "RS256")
        .member("use", "sig")
        .member("n", number_in(key_, OSSL_PKEY_PARAM_RSA_N))
        .member("e", number_in(key_, OSSL_PKEY_PARAM_RSA_E))
        .end_object();
    out.end_array().end_object();
    return out.take();
}

std::string FakePool::token(const std::string& name,
                            const std::map<std::string, std::string>& members) const {
    const std::lock_guard lock(mutex_);
    return plain_token(name, members);
}

std::string FakePool::plain_token(const std::string& name,
                                  const std::map<std::string, std::string>& members) const {
    const std::int64_t now = clock_.now().unix_seconds();
    std::map<std::string, std::string> claims{
        {"iss", json_quoted(issuer)},
        {"client_id", json_quoted(client_id)},
        {"sub", json_quoted("5f1a6a0c-0000-4000-8000-000000000000")},
        {"token_use", json_quoted("access")},
        {"scope", json_quoted("aws.cognito.signin.user.admin")},
        {"username", json_quoted(name)},
        {"iat", cat(now)},
        {"exp", cat(now + access_token_life.count())},
        {"jti", json_quoted(cat("jti-", ++made_))}};
    const auto user = users_.find(name);
    if (user != users_.end() && !user->second.groups.empty()) {
        std::string groups;
        for (const std::string& group : user->second.groups) {
            groups += cat(groups.empty() ? "" : ",", json_quoted(group));
        }
        claims["cognito:groups"] = cat("[", groups, "]");
    }
    for (const auto& [member, raw] : members) {
        claims[member] = raw;
    }
    std::string payload;
    for (const auto& [member, raw] : claims) {
        if (!raw.empty()) {
            payload += cat(payload.empty() ? "{" : ",", json_quoted(member), ":", raw);
        }
    }
    return signed_token(cat(R"({"kid":")", key_id_, R"(","alg":"RS256"})"), payload + "}");
}

std::string FakePool::signed_token(std::string_view header, std::string_view payload) const {
    const std::string message = cat(to_base64url(header), '.', to_base64url(payload));
    return cat(message, '.', to_base64url(rs256::sign(key_, message)));
}

void FakePool::refuse_next(std::string_view action, std::string_view code,
                           std::string_view message) {
    const std::lock_guard lock(mutex_);
    refusals_.insert_or_assign(std::string(action), refusal(code, message));
}

void FakePool::before_next(std::string_view action, std::function<void()> run) {
    const std::lock_guard lock(mutex_);
    hooks_.insert_or_assign(std::string(action), std::move(run));
}

std::vector<std::string> FakePool::actions() {
    const std::lock_guard lock(mutex_);
    return std::exchange(actions_, {});
}

std::set<std::string> FakePool::names() const {
    const std::lock_guard lock(mutex_);
    std::set<std::string> names;
    for (const auto& [name, user] : users_) {
        names.insert(name);
    }
    return names;
}

std::vector<aws::Call> FakePool::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

}  // namespace souk::contract
