#include "adapters/identity_cognito/cognito_home.h"
#include "contracts/identity_contract.h"
#include "contracts/identity_sessions_contract.h"

namespace souk::contract {

const MakeIdentityHome make_cognito_home = [] { return std::make_unique<CognitoHome>(); };
const MakeIdentityHome make_rotating_home = [] {
    return std::make_unique<CognitoHome>(Rotation::on);
};
INSTANTIATE_TEST_SUITE_P(Cognito, IdentityContract, testing::Values(make_cognito_home));
INSTANTIATE_TEST_SUITE_P(Cognito, IdentitySessions, testing::Values(make_cognito_home));
INSTANTIATE_TEST_SUITE_P(RotatingCognito, IdentitySessions, testing::Values(make_rotating_home));

}  // namespace souk::contract
