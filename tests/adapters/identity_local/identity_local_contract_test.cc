#include "adapters/identity_local/local_home.h"
#include "contracts/identity_contract.h"
#include "contracts/identity_sessions_contract.h"

namespace souk::contract {

const MakeIdentityHome make_local_home = [] { return std::make_unique<LocalHome>(); };
INSTANTIATE_TEST_SUITE_P(Local, IdentityContract, testing::Values(make_local_home));
INSTANTIATE_TEST_SUITE_P(Local, IdentitySessions, testing::Values(make_local_home));

}  // namespace souk::contract
