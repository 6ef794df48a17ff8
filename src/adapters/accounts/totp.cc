#include "adapters/accounts/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk::totp {

namespace {

constexpr std::int64_t step_seconds = 30;
constexpr int digits_count = 6;
constexpr std::uint32_t digits_modulus = 1'000'000;

/// RFC 4648 base 32 without padding; the one of base/text.h has Crockford's alphabet.
std::string base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t buffer = 0;
    int held = 0;
    for (const char byte : bytes) {
        buffer = (buffer << 8) | static_cast<unsigned char>(byte);
        held += 8;
        while (held >= 5) {
            held -= 5;
            out.push_back(alphabet[(buffer >> held) & 31U]);
        }
    }
    if (held > 0) {
        out.push_back(alphabet[(buffer << (5 - held)) & 31U]);
    }
    return out;
}

}  // namespace

std::int64_t step_at(Instant now) { return now.unix_seconds() / step_seconds; }

std::string code(std::string_view secret, std::int64_t step) {
    std::array<unsigned char, 8> counter{};
    auto rest = static_cast<std::uint64_t>(step);
    for (auto byte = counter.rbegin(); byte != counter.rend(); ++byte) {
        *byte = static_cast<unsigned char>(rest & 0xFFU);
        rest >>= 8;
    }
    std::array<unsigned char, 20> mac{};
    unsigned int mac_bytes = 0;
    CHECK(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
               counter.size(), mac.data(), &mac_bytes) != nullptr);
    CHECK(mac_bytes == mac.size());
    const std::size_t offset = mac.back() & 0x0FU;
    const std::uint32_t number = (static_cast<std::uint32_t>(mac[offset] & 0x7FU) << 24) |
                                 (static_cast<std::uint32_t>(mac[offset + 1]) << 16) |
                                 (static_cast<std::uint32_t>(mac[offset + 2]) << 8) |
                                 mac[offset + 3];
    return zero_padded(number % digits_modulus, digits_count);
}

std::optional<std::int64_t> accepted_step(std::string_view secret, std::string_view digits,
                                          Instant now, std::int64_t last) {
    const std::int64_t middle = step_at(now);
    std::optional<std::int64_t> accepted;
    for (std::int64_t step = std::max(middle - 1, last + 1); step <= middle + 1; ++step) {
        if (equal_in_constant_time(code(secret, step), digits) && !accepted) {
            accepted = step;
        }
    }
    return accepted;
}

std::string address(std::string_view secret, std::string_view email) {
    return cat("otpauth://totp/Souk:", percent_encoded(email), "?secret=", base32(secret),
               "&issuer=Souk&algorithm=SHA1&digits=", digits_count, "&period=", step_seconds);
}

}  // namespace souk::totp
