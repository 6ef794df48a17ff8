#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/dynamo_peer.h"

namespace souk {

namespace {

/// Without a peer there is nothing to test here; tests/aws starts one.
class PeerEnvironment : public testing::Environment {
public:
    void SetUp() override {
        if (dynamo_peer::address().empty()) {
            GTEST_SKIP() << "SOUK_PEER_DYNAMODB names no DynamoDB to test against.";
        }
    }
};

// NOLINTNEXTLINE: GoogleTest owns it.
const auto* const environment = testing::AddGlobalTestEnvironment(new PeerEnvironment);

}  // namespace

}  // namespace souk
