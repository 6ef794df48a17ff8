#pragma once

#include "adapters/memory/seeded_crypto.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "domain/ports/environment.h"

namespace souk {

/// A clock, randomness and telemetry of one test. Outlives the services that are given
/// `environment()`.
struct TestEnvironment {
    SettableClock clock;
    SeededCrypto crypto;
    SilentTelemetry telemetry;

    [[nodiscard]] Environment environment() {
        return {clock, crypto, telemetry, std::string(32, 's')};
    }
};

}  // namespace souk
