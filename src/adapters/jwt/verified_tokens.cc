#include "adapters/jwt/verified_tokens.h"

#include <utility>

namespace souk {

std::optional<TokenClaims> VerifiedTokens::find(const std::string& digest, Instant now) {
    const std::lock_guard lock(mutex_);
    if (const auto found = young_.find(digest); found != young_.end()) {
        if (found->second.expires > now) {
            return found->second;
        }
        young_.erase(found);
        return std::nullopt;
    }
    const auto found = old_.find(digest);
    if (found == old_.end()) {
        return std::nullopt;
    }
    TokenClaims claims = std::move(found->second);
    old_.erase(found);
    if (claims.expires <= now) {
        return std::nullopt;
    }
    add_locked(digest, claims);
    return claims;
}

void VerifiedTokens::add(const std::string& digest, const TokenClaims& claims) {
    const std::lock_guard lock(mutex_);
    add_locked(digest, claims);
}

std::size_t VerifiedTokens::size() const {
    const std::lock_guard lock(mutex_);
    return young_.size() + old_.size();
}

void VerifiedTokens::add_locked(const std::string& digest, const TokenClaims& claims) {
    if (young_.size() >= half_max_) {
        old_ = std::exchange(young_, {});
    }
    young_.insert_or_assign(digest, claims);
}

}  // namespace souk
