#include "adapters/aws_client/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstddef>

#include "domain/base/error.h"

namespace souk::aws {

namespace {

constexpr std::size_t digest_bytes = 32;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// OpenSSL 3 looks an algorithm up by name at each use unless it is fetched beforehand, which costs
// more than the hash itself.
const EVP_MD* sha256_algorithm() {
    static EVP_MD* const algorithm = ::EVP_MD_fetch(nullptr, "SHA256", nullptr);
    CHECK(algorithm != nullptr);
    return algorithm;
}

/// A context that is set for HMAC-SHA256 and lacks a key only: copied for each use.
EVP_MAC_CTX* hmac_template() {
    static EVP_MAC_CTX* const context = [] {
        EVP_MAC* algorithm = ::EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        EVP_MAC_CTX* made = ::EVP_MAC_CTX_new(algorithm);
        ::EVP_MAC_free(algorithm);
        char digest[] = "SHA256";
        const std::array parameters{
            ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            ::OSSL_PARAM_construct_end()};
        CHECK(made != nullptr && ::EVP_MAC_CTX_set_params(made, parameters.data()) == 1);
        return made;
    }();
    return context;
}

constexpr std::array<std::uint32_t, 256> crc_table = [] {
    constexpr std::uint32_t polynomial = 0xEDB88320;
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? polynomial ^ (value >> 1U) : value >> 1U;
        }
        table[byte] = value;
    }
    return table;
}();

}  // namespace

std::string sha256(std::string_view bytes) {
    std::string out(digest_bytes, '\0');
    CHECK(::EVP_Digest(bytes.data(), bytes.size(), bytes_of(out), nullptr, sha256_algorithm(),
                       nullptr) == 1);
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    EVP_MAC_CTX* context = ::EVP_MAC_CTX_dup(hmac_template());
    std::string out(digest_bytes, '\0');
    std::size_t written = 0;
    const bool done = context != nullptr &&
                      ::EVP_MAC_init(context, bytes_of(key), key.size(), nullptr) == 1 &&
                      ::EVP_MAC_update(context, bytes_of(bytes), bytes.size()) == 1 &&
                      ::EVP_MAC_final(context, bytes_of(out), &written, out.size()) == 1;
    ::EVP_MAC_CTX_free(context);
    CHECK(done && written == digest_bytes);
    return out;
}

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t sum = 0xFFFFFFFF;
    for (const char c : bytes) {
        sum = crc_table[(sum ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (sum >> 8U);
    }
    return ~sum;
}

}  // namespace souk::aws
