#include "adapters/identity_cognito/peer_homes.h"
#include "contracts/identity_contract.h"
#include "contracts/identity_sessions_contract.h"

namespace souk::contract {

namespace {

constexpr std::string_view second_starts_late =
    "its clock runs on while the test's stands still: a token may begin a second later";

const CognitoPeer moto{
    .variable = "SOUK_PEER_MOTO",
    .issuer_of_region = "https://cognito-idp.eu-west-1.amazonaws.com",
    .username_attributes = "[]",
    .gaps = {{"SignInGivesATokenThatSaysWhoAndWhere",
              "access tokens live an hour whatever the client says"},
             {"AnAccessTokenExpires", "access tokens live an hour whatever the client says"}}};

const CognitoPeer cognito_local{
    .variable = "SOUK_PEER_COGNITO_LOCAL",
    .issuer_of_region = "",
    // Its default (the e-mail address) can be replaced, but not taken away.
    .username_attributes = R"(["none"])",
    .gaps = {{"SignInGivesATokenThatSaysWhoAndWhere", second_starts_late},
             {"AnAccessTokenExpires", second_starts_late}}};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Moto, IdentityContract, testing::Values(homes_on(moto)));
INSTANTIATE_TEST_SUITE_P(Moto, IdentitySessions, testing::Values(homes_on(moto)));
INSTANTIATE_TEST_SUITE_P(CognitoLocal, IdentityContract, testing::Values(homes_on(cognito_local)));
INSTANTIATE_TEST_SUITE_P(CognitoLocal, IdentitySessions, testing::Values(homes_on(cognito_local)));

}  // namespace souk::contract
