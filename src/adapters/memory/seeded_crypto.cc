#include "adapters/memory/seeded_crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_context() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string SeededCrypto::random(std::size_t bytes) const {
    std::string out;
    const std::lock_guard lock(mutex_);
    while (out.size() < bytes) {
        out += sha256(cat("seeded ", seed_, ' ', blocks_++));
    }
    out.resize(bytes);
    return out;
}

std::string SeededCrypto::sha256(std::string_view message) const {
    std::string digest(digest_bytes, '\0');
    CHECK(EVP_Digest(message.data(), message.size(), bytes_of(digest), nullptr, EVP_sha256(),
                     nullptr) == 1);
    return digest;
}

std::string SeededCrypto::hmac_sha256(std::string_view key, std::string_view message) const {
    std::string digest(digest_bytes, '\0');
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(message),
               message.size(), bytes_of(digest), nullptr) != nullptr);
    return digest;
}

std::string SeededCrypto::seal(std::string_view key, std::string_view plain) const {
    CHECK(key.size() == key_bytes);
    const std::string nonce = random(nonce_bytes);
    std::string cipher(plain.size(), '\0');
    std::string tag(tag_bytes, '\0');
    const CipherContext context = new_context();
    int written = 0;
    CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                             bytes_of(nonce)) == 1);
    CHECK(EVP_EncryptUpdate(context.get(), bytes_of(cipher), &written, bytes_of(plain),
                            static_cast<int>(plain.size())) == 1);
    CHECK(EVP_EncryptFinal_ex(context.get(), bytes_of(tag), &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes),
                              tag.data()) == 1);
    return cat(nonce, cipher, tag);
}

std::optional<std::string> SeededCrypto::open(std::string_view key, std::string_view sealed) const {
    CHECK(key.size() == key_bytes);
    if (sealed.size() < nonce_bytes + tag_bytes) {
        return std::nullopt;
    }
    const std::string_view nonce = sealed.substr(0, nonce_bytes);
    std::string tag(sealed.substr(sealed.size() - tag_bytes));
    const std::string_view cipher =
        sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
    std::string plain(cipher.size(), '\0');
    const CipherContext context = new_context();
    int written = 0;
    CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                             bytes_of(nonce)) == 1);
    CHECK(EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(cipher),
                            static_cast<int>(cipher.size())) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes),
                              tag.data()) == 1);
    if (EVP_DecryptFinal_ex(context.get(), bytes_of(tag), &written) != 1) {
        return std::nullopt;
    }
    return plain;
}

}  // namespace souk
