#pragma once

#include <cstdint>
#include <mutex>

#include "domain/ports/crypto.h"

namespace souk {

/// Real hashes and sealing; `random` gives the same bytes for the same seed and the same sequence
/// of calls. For tests only: nothing made with it is a secret. Thread-safe.
class SeededCrypto final : public Crypto {
public:
    explicit SeededCrypto(std::uint64_t seed = 1) : seed_(seed) {}

    [[nodiscard]] std::string random(std::size_t bytes) const override;
    [[nodiscard]] std::string sha256(std::string_view message) const override;
    [[nodiscard]] std::string hmac_sha256(std::string_view key,
                                          std::string_view message) const override;
    [[nodiscard]] std::string seal(std::string_view key, std::string_view plain) const override;
    [[nodiscard]] std::optional<std::string> open(std::string_view key,
                                                  std::string_view sealed) const override;

private:
    std::uint64_t seed_;
    mutable std::mutex mutex_;
    mutable std::uint64_t blocks_ = 0;  // Blocks of randomness given out so far.
};

}  // namespace souk
