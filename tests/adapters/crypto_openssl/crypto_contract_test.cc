#include "contracts/crypto_contract.h"

#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/memory/seeded_crypto.h"

namespace souk::contract {

INSTANTIATE_TEST_SUITE_P(Openssl, CryptoContract,
                         testing::Values([] { return std::make_unique<OpensslCrypto>(); }));
INSTANTIATE_TEST_SUITE_P(Seeded, CryptoContract,
                         testing::Values([] { return std::make_unique<SeededCrypto>(); }));

TEST(OpensslCrypto, SharesNoRandomnessWithAnother) {
    EXPECT_NE(OpensslCrypto().random(16), OpensslCrypto().random(16));
}

}  // namespace souk::contract
