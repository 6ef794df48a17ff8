#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "domain/base/text.h"
#include "domain/ports/crypto.h"

/// What every Crypto must do. Instantiate it with
/// INSTANTIATE_TEST_SUITE_P(Name, CryptoContract, testing::Values([] { return …; })).
namespace souk::contract {

using MakeCrypto = std::function<std::unique_ptr<Crypto>()>;

class CryptoContract : public testing::TestWithParam<MakeCrypto> {
protected:
    std::unique_ptr<Crypto> crypto_ = GetParam()();
    const std::string key_ = std::string(32, 'k');
};

// FIPS 180-4; the messages and digests are those of NIST's examples and of the CAVP short messages.
TEST_P(CryptoContract, HashesThePublishedMessages) {
    const std::pair<std::string, std::string_view> cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {std::string(1'000'000, 'a'),
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
    for (const auto& [message, digest] : cases) {
        EXPECT_EQ(to_hex(crypto_->sha256(message)), digest) << message.size() << " bytes";
    }
}

// RFC 4231, sections 4.2 to 4.8, without the truncated case 5.
TEST_P(CryptoContract, AuthenticatesThePublishedMessages) {
    struct Case {
        std::string key;
        std::string message;
        std::string_view mac;
    };
    std::string counting;
    for (int i = 1; i <= 25; ++i) {
        counting.push_back(static_cast<char>(i));
    }
    const Case cases[] = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counting, std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
    for (const Case& one : cases) {
        EXPECT_EQ(to_hex(crypto_->hmac_sha256(one.key, one.message)), one.mac) << one.message;
    }
}

TEST_P(CryptoContract, AuthenticatesWithAnEmptyKeyAndAnEmptyMessage) {
    EXPECT_EQ(to_hex(crypto_->hmac_sha256("", "")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_P(CryptoContract, GivesAsManyRandomBytesAsAskedFor) {
    for (const std::size_t bytes : {0U, 1U, 10U, 16U, 32U, 33U, 4096U}) {
        EXPECT_EQ(crypto_->random(bytes).size(), bytes);
    }
}

TEST_P(CryptoContract, NeverGivesTheSameRandomBytesTwice) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(seen.insert(crypto_->random(16)).second);
    }
}

TEST_P(CryptoContract, OpensWhatItSealed) {
    for (const std::string& plain :
         {std::string(), std::string("a"), std::string("\0\xff", 2), std::string(100'000, 'p')}) {
        EXPECT_EQ(crypto_->open(key_, crypto_->seal(key_, plain)), plain);
    }
}

TEST_P(CryptoContract, SealsWithANonceOfTwelveAndATagOfSixteenBytes) {
    EXPECT_EQ(crypto_->seal(key_, "12345").size(), 12U + 5U + 16U);
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 and 14.
TEST_P(CryptoContract, OpensThePublishedAes256GcmMessages) {
    const std::string zero_key(32, '\0');
    const std::string nonce(12, '\0');
    const auto bytes = [](std::string_view hex) {
        std::string out;
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
        }
        return out;
    };
    EXPECT_EQ(crypto_->open(zero_key, nonce + bytes("530f8afbc74536b9a963b4f1c4cb738b")), "");
    EXPECT_EQ(crypto_->open(zero_key, nonce + bytes("cea7403d4d606b6e074ec5d3baf39d18"
                                                    "d0d1c8a799996bf0265b98b5d48ab919")),
              std::string(16, '\0'));
}

TEST_P(CryptoContract, SealsTheSameTextDifferentlyEachTime) {
    EXPECT_NE(crypto_->seal(key_, "same"), crypto_->seal(key_, "same"));
}

TEST_P(CryptoContract, RefusesEveryChangedBit) {
    const std::string sealed = crypto_->seal(key_, "a secret");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(crypto_->open(key_, changed), std::nullopt) << "bit " << bit;
    }
}

TEST_P(CryptoContract, RefusesEveryTruncation) {
    const std::string sealed = crypto_->seal(key_, "a secret");
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        EXPECT_EQ(crypto_->open(key_, sealed.substr(0, length)), std::nullopt) << length;
    }
    EXPECT_EQ(crypto_->open(key_, sealed + "x"), std::nullopt);
}

TEST_P(CryptoContract, RefusesAnotherKey) {
    std::string other = key_;
    other.back() = 'x';
    EXPECT_EQ(crypto_->open(other, crypto_->seal(key_, "a secret")), std::nullopt);
}

}  // namespace souk::contract
