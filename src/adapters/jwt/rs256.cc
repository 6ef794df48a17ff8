#include "adapters/jwt/rs256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk::rs256 {

namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view base64url) {
    const auto bytes = from_base64url(base64url);
    return Number(!bytes || bytes->empty()
                      ? nullptr
                      : BN_bin2bn(bytes_of(*bytes), static_cast<int>(bytes->size()), nullptr));
}

}  // namespace

Key public_key(std::string_view modulus, std::string_view exponent) {
    const Number n = number_of(modulus);
    const Number e = number_of(exponent);
    if (n == nullptr || e == nullptr || BN_num_bits(n.get()) < key_bits_min ||
        BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) {
        return nullptr;
    }
    const Builder builder(OSSL_PARAM_BLD_new());
    CHECK(builder != nullptr);
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    CHECK(parameters != nullptr && context != nullptr);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return {key, EVP_PKEY_free};
}

std::string sign(const Key& private_key, std::string_view message) {
    const Digest context(EVP_MD_CTX_new());
    CHECK(context != nullptr);
    CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, private_key.get()) ==
          1);
    std::size_t length = 0;
    CHECK(EVP_DigestSign(context.get(), nullptr, &length, bytes_of(message), message.size()) == 1);
    std::string signature(length, '\0');
    CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                         bytes_of(message), message.size()) == 1);
    signature.resize(length);
    return signature;
}

bool verify(const Key& key, std::string_view message, std::string_view signature) {
    const Digest context(EVP_MD_CTX_new());
    CHECK(context != nullptr);
    CHECK(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1);
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                            message.size()) == 1;
}

}  // namespace souk::rs256
