#pragma once

#include <memory>

#include "adapters/identity_cognito/cognito_identity.h"
#include "adapters/identity_cognito/fake_pool.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "contracts/identity_fixture.h"

namespace souk::contract {

/// A CognitoIdentity on a pool and a ledger in memory.
class CognitoHome final : public IdentityHome {
public:
    explicit CognitoHome(Rotation rotation = Rotation::off) : pool(environment.clock, rotation) {
        restart();
    }

    CognitoIdentity& identity() override { return *identity_; }
    [[nodiscard]] Instant now() const override { return environment.clock.now(); }
    void advance(std::chrono::milliseconds by) override { environment.clock.advance(by); }

    /// As another process on the same ledger and pool.
    std::unique_ptr<CognitoIdentity> another() {
        return std::make_unique<CognitoIdentity>(CognitoIdentityOptions{
            .client = pool,
            .ledger = ledger,
            .environment = environment.environment(),
            .all_stores = AllStores::granted_by_composition_root(),
            .pool = {.pool_id = FakePool::pool_id, .client_id = FakePool::client_id}});
    }
    void restart() { identity_ = another(); }

    TestEnvironment environment;
    MemoryLedger ledger{environment.clock};
    FakePool pool;

private:
    std::unique_ptr<CognitoIdentity> identity_;
};

}  // namespace souk::contract
