#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "domain/ports/identity.h"

namespace souk {

/// Claims of access tokens whose signature was checked, by the token's SHA-256. Bounded: of the two
/// halves, the older is dropped when the younger is full, and what is still asked for moves to the
/// younger. Thread-safe.
class VerifiedTokens {
public:
    /// Units: entries of each half.
    explicit VerifiedTokens(std::size_t half_max) : half_max_(half_max) {}

    /// Nothing if it is not there, or expired at `now`.
    [[nodiscard]] std::optional<TokenClaims> find(const std::string& digest, Instant now);
    void add(const std::string& digest, const TokenClaims& claims);
    [[nodiscard]] std::size_t size() const;

private:
    using Half = std::unordered_map<std::string, TokenClaims>;

    void add_locked(const std::string& digest, const TokenClaims& claims);

    const std::size_t half_max_;
    mutable std::mutex mutex_;
    Half young_;
    Half old_;
};

}  // namespace souk
