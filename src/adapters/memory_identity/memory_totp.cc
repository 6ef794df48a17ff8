#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "adapters/memory_identity/memory_identity.h"
#include "domain/base/text.h"

namespace souk {

namespace {

std::string code_at(std::string_view secret, std::int64_t step) {
    std::array<unsigned char, 8> counter{};
    for (std::size_t i = 0; i < counter.size(); ++i) {
        counter[7 - i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (8 * i));
    }
    std::array<unsigned char, 20> mac{};
    CHECK(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
               counter.size(), mac.data(), nullptr) != nullptr);
    const std::size_t at = mac.back() & 0x0FU;
    std::uint32_t number = mac[at] & 0x7FU;
    for (std::size_t i = 1; i < 4; ++i) {
        number = (number << 8) | mac[at + i];
    }
    return zero_padded(number % 1'000'000, 6);
}

}  // namespace

std::optional<std::int64_t> totp_step_of(std::string_view secret, std::string_view digits,
                                         Instant now, std::int64_t last) {
    const std::int64_t middle = now.unix_seconds() / 30;
    for (std::int64_t step = middle - 1; step <= middle + 1; ++step) {
        if (step > last && equal_in_constant_time(code_at(secret, step), digits)) {
            return step;
        }
    }
    return std::nullopt;
}

std::string totp_address(std::string_view secret, std::string_view email) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string base32;
    std::uint32_t buffer = 0;
    int held = 0;
    for (const char byte : secret) {
        buffer = (buffer << 8) | static_cast<unsigned char>(byte);
        for (held += 8; held >= 5;) {
            held -= 5;
            base32.push_back(alphabet[(buffer >> held) & 31U]);
        }
    }
    return cat("otpauth://totp/Souk:", percent_encoded(email), "?secret=", base32,
               "&issuer=Souk&algorithm=SHA1&digits=6&period=30");
}

}  // namespace souk
