#include "adapters/memory/test_environment.h"
#include "adapters/memory_identity/memory_identity.h"
#include "contracts/identity_contract.h"
#include "contracts/identity_sessions_contract.h"

namespace souk::contract {

class MemoryIdentityHome final : public IdentityHome {
public:
    Identity& identity() override { return identity_; }
    [[nodiscard]] Instant now() const override { return environment_.clock.now(); }
    void advance(std::chrono::milliseconds by) override { environment_.clock.advance(by); }

private:
    TestEnvironment environment_;
    MemoryIdentity identity_{environment_.environment()};
};

const MakeIdentityHome make_memory_home = [] { return std::make_unique<MemoryIdentityHome>(); };
INSTANTIATE_TEST_SUITE_P(Memory, IdentityContract, testing::Values(make_memory_home));
INSTANTIATE_TEST_SUITE_P(Memory, IdentitySessions, testing::Values(make_memory_home));

}  // namespace souk::contract
