#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/identity_cognito/cognito_identity.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "contracts/identity_fixture.h"

namespace souk::contract {

/// A test of the contract that an emulator cannot pass, and why.
struct PeerGap {
    std::string_view test;
    std::string_view reason;
};

/// An emulator of Cognito, and what it lacks.
struct CognitoPeer {
    const char* variable;               // Of the environment: its address.
    std::string_view issuer_of_region;  // Before the pool's id; empty: the emulator's own address.
    std::string_view username_attributes;  // Of the pool, as JSON: plain user names.
    std::vector<PeerGap> gaps;
};

/// A CognitoIdentity on a fresh pool of an emulator and a ledger in memory. Its clock starts at the
/// machine's, which is the emulator's, and then stands still.
class PeerHome final : public IdentityHome {
public:
    PeerHome(const CognitoPeer& peer, const std::string& address);

    CognitoIdentity& identity() override { return *identity_; }
    [[nodiscard]] Instant now() const override { return clock_.now(); }
    void advance(std::chrono::milliseconds by) override { clock_.advance(by); }

private:
    /// Errors end the test program: nothing can be tested without a pool.
    [[nodiscard]] std::string made(std::string_view action, std::string body, std::string_view kind,
                                   std::string_view id);

    SettableClock clock_;
    OpensslCrypto crypto_;
    SilentTelemetry telemetry_;
    MemoryLedger ledger_{clock_};
    std::unique_ptr<aws::HttpAwsClient> client_;
    std::unique_ptr<CognitoIdentity> identity_;
};

/// Makes homes on `peer`; skips the test that runs when there is no such emulator, or when it is
/// one of its gaps.
[[nodiscard]] MakeIdentityHome homes_on(const CognitoPeer& peer);

}  // namespace souk::contract
