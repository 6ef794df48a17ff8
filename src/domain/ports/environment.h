#pragma once

#include <string>
#include <string_view>

#include "domain/base/id.h"
#include "domain/ports/clock.h"
#include "domain/ports/crypto.h"
#include "domain/ports/telemetry.h"

namespace souk {

/// What every service stands on. The references outlive all services.
struct Environment {
    Clock& clock;
    Crypto& crypto;
    Telemetry& telemetry;
    /// 32 secret bytes of this installation, the same in every process of it. Never used bare: see
    /// `key_for`.
    std::string secret;

    /// The key for one purpose ("cursors", "codes"), so that no two share one.
    [[nodiscard]] std::string key_for(std::string_view purpose) const {
        return crypto.hmac_sha256(secret, purpose);
    }
    [[nodiscard]] Instant now() const { return clock.now(); }
    /// A fresh id, e.g. `env.fresh<OrderId>()`.
    template <class IdType>
    [[nodiscard]] IdType fresh() const {
        return IdType::make(clock.now(), crypto.random(10));
    }
    /// A fresh id of 128 random bits, for ids that are themselves a secret.
    template <class IdType>
    [[nodiscard]] IdType fresh_secret() const {
        return IdType::make_secret(crypto.random(16));
    }
};

}  // namespace souk
