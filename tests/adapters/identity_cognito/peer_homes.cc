#include "adapters/identity_cognito/peer_homes.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::contract {

namespace {

constexpr const char* region = "eu-west-1";

Instant machine_now() {
    return Instant::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
}

// A void function, which GTEST_SKIP needs.
void skip(std::string_view why) { GTEST_SKIP() << why; }

/// "TheCodeConfirmsTheAccount" of "TheCodeConfirmsTheAccount/0".
std::string_view running_test() {
    const std::string_view name = testing::UnitTest::GetInstance()->current_test_info()->name();
    return name.substr(0, name.find('/'));
}

}  // namespace

PeerHome::PeerHome(const CognitoPeer& peer, const std::string& address) : clock_(machine_now()) {
    aws::AwsOptions options{.region = region};
    options.endpoints.all = address;
    options.credentials.fixed =
        aws::Credentials{.access_key_id = "test", .secret_access_key = "test"};
    client_ = aws::HttpAwsClient::make(std::move(options)).value();
    // MaximumLength is moto's own: it takes no password of 99 characters otherwise.
    const std::string pool =
        made("CreateUserPool",
             cat(R"({"PoolName":"souk","UsernameAttributes":)", peer.username_attributes,
                 R"(,"Policies":{"PasswordPolicy":{"MinimumLength":8,"MaximumLength":1000,)"
                 R"("RequireUppercase":false,"RequireLowercase":false,"RequireNumbers":false,)"
                 R"("RequireSymbols":false}}})"),
             "UserPool", "Id");
    const std::string app = made(
        "CreateUserPoolClient",
        cat(R"({"UserPoolId":")", pool,
            R"(","ClientName":"souk","GenerateSecret":false,)"
            R"("ExplicitAuthFlows":["ALLOW_ADMIN_USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"],)"
            R"("AccessTokenValidity":15,"RefreshTokenValidity":31,)"
            R"("TokenValidityUnits":{"AccessToken":"minutes","RefreshToken":"days"}})"),
        "UserPoolClient", "ClientId");
    // As the platform's stack does; cognito-local answers 500 for a group that is missing.
    static_cast<void>(
        made("CreateGroup",
             cat(R"({"UserPoolId":")", pool, R"(","GroupName":")", platform_admin_group, R"("})"),
             "Group", "GroupName"));
    const std::string issuer =
        cat(peer.issuer_of_region.empty() ? std::string_view(address) : peer.issuer_of_region, "/",
            pool);
    identity_ = std::make_unique<CognitoIdentity>(CognitoIdentityOptions{
        .client = *client_,
        .ledger = ledger_,
        .environment = {clock_, crypto_, telemetry_, std::string(32, 's')},
        .all_stores = AllStores::granted_by_composition_root(),
        .pool = {.pool_id = pool, .client_id = app, .refresh_call = RefreshCall::initiate_auth},
        .issuer = issuer});
}

std::string PeerHome::made(std::string_view action, std::string body, std::string_view kind,
                           std::string_view id) {
    const auto answer = client_->call(
        {.service = "cognito-idp",
         .headers = {{"content-type", "application/x-amz-json-1.1"},
                     {"x-amz-target", cat("AWSCognitoIdentityProviderService.", action)}},
         .body = std::move(body)});
    EXPECT_TRUE(answer && answer->ok()) << (answer ? answer->body : answer.error().detail);
    CHECK(answer && answer->ok());
    return JsonDocument::parse(answer->body)->root()[kind][id].text_or();
}

MakeIdentityHome homes_on(const CognitoPeer& peer) {
    return [peer]() -> std::unique_ptr<IdentityHome> {
        const char* const address = std::getenv(peer.variable);
        if (address == nullptr) {
            skip(cat(peer.variable, " is not set: no emulator to test against."));
            return nullptr;
        }
        const auto gap = std::ranges::find(peer.gaps, running_test(), &PeerGap::test);
        if (gap != peer.gaps.end()) {
            skip(cat("A gap of the emulator: ", gap->reason));
            return nullptr;
        }
        return std::make_unique<PeerHome>(peer, address);
    };
}

}  // namespace souk::contract
