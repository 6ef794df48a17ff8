#include "adapters/crypto_openssl/openssl_crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <climits>
#include <memory>

#include "domain/base/error.h"

namespace souk {

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t digest_bytes = 32;

struct Freed {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

int length_of(std::string_view text) {
    CHECK(text.size() <= INT_MAX);
    return static_cast<int>(text.size());
}

// OpenSSL 3 looks an algorithm up by name at each use unless it is fetched beforehand; the look-up
// costs more than the hash of a short message.
const EVP_MD* sha256_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    CHECK(algorithm != nullptr);
    return algorithm;
}
EVP_MAC* hmac_algorithm() {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    CHECK(algorithm != nullptr);
    return algorithm;
}
const EVP_CIPHER* gcm_algorithm() {
    static EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    CHECK(algorithm != nullptr);
    return algorithm;
}

}  // namespace

void OpensslCrypto::ignore_machine_configuration() {
    CHECK(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
}

std::string OpensslCrypto::random(std::size_t bytes) const {
    std::string out(bytes, '\0');
    CHECK(RAND_bytes(bytes_of(out), length_of(out)) == 1);
    return out;
}

std::string OpensslCrypto::sha256(std::string_view message) const {
    std::string out(digest_bytes, '\0');
    CHECK(EVP_Digest(message.data(), message.size(), bytes_of(out), nullptr, sha256_algorithm(),
                     nullptr) == 1);
    return out;
}

std::string OpensslCrypto::hmac_sha256(std::string_view key, std::string_view message) const {
    const MacContext context(EVP_MAC_CTX_new(hmac_algorithm()));
    CHECK(context != nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    // A null key would mean "as before"; an empty one is a key like any other.
    static constexpr unsigned char no_key = 0;
    const unsigned char* key_start = key.empty() ? &no_key : bytes_of(key);
    CHECK(EVP_MAC_init(context.get(), key_start, key.size(), parameters) == 1);
    CHECK(EVP_MAC_update(context.get(), bytes_of(message), message.size()) == 1);
    std::string out(digest_bytes, '\0');
    std::size_t written = 0;
    CHECK(EVP_MAC_final(context.get(), bytes_of(out), &written, out.size()) == 1);
    CHECK(written == digest_bytes);
    return out;
}

std::string OpensslCrypto::seal(std::string_view key, std::string_view plain) const {
    CHECK(key.size() == key_bytes);
    std::string sealed = random(nonce_bytes);
    sealed.resize(nonce_bytes + plain.size() + tag_bytes);
    const CipherContext context(EVP_CIPHER_CTX_new());
    CHECK(context != nullptr);
    CHECK(EVP_EncryptInit_ex2(context.get(), gcm_algorithm(), bytes_of(key), bytes_of(sealed),
                              nullptr) == 1);
    unsigned char* const body = bytes_of(sealed) + nonce_bytes;
    int written = 0;
    if (!plain.empty()) {
        CHECK(EVP_EncryptUpdate(context.get(), body, &written, bytes_of(plain), length_of(plain)) ==
              1);
    }
    int rest = 0;
    CHECK(EVP_EncryptFinal_ex(context.get(), body + written, &rest) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes),
                              body + plain.size()) == 1);
    return sealed;
}

std::optional<std::string> OpensslCrypto::open(std::string_view key,
                                               std::string_view sealed) const {
    CHECK(key.size() == key_bytes);
    if (sealed.size() < nonce_bytes + tag_bytes) {
        return std::nullopt;
    }
    const std::string_view body =
        sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
    std::string tag(sealed.substr(sealed.size() - tag_bytes));
    const CipherContext context(EVP_CIPHER_CTX_new());
    CHECK(context != nullptr);
    CHECK(EVP_DecryptInit_ex2(context.get(), gcm_algorithm(), bytes_of(key), bytes_of(sealed),
                              nullptr) == 1);
    std::string plain(body.size(), '\0');
    int written = 0;
    if (!body.empty()) {
        CHECK(EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(body),
                                length_of(body)) == 1);
    }
    CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes),
                              tag.data()) == 1);
    int rest = 0;
    if (EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + written, &rest) != 1) {
        return std::nullopt;
    }
    return plain;
}

}  // namespace souk
