#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ports/identity.h"

/// What an Identity keeps, and its text in the ledger (JSON with a format number `v`).
namespace souk {

struct AccountRecord {
    Account account;            // Its `totp` is not kept: see totp_secret.
    std::string password_hash;  // Empty where a provider keeps the passwords.
    std::string provider_name;  // Of this account at such a provider; else empty.
    /// Sessions of an older epoch are over; a new password begins a new epoch.
    std::int64_t session_epoch = 0;
    std::string totp_secret;     // Sealed; empty when not enrolled.
    std::string totp_pending;    // Sealed; enrolled but not yet proven.
    std::int64_t totp_step = 0;  // The last step whose code was accepted.
    std::string once = {};       // Names the request that changed it last; empty: unnamed.
    std::uint64_t version = 0;   // Of the row it was read from.

    /// Whether the request `name` is what changed it last.
    [[nodiscard]] bool changed_by(std::string_view name) const {
        return !name.empty() && once == name;
    }
};

/// One sign-in and the refresh tokens that descend from it.
struct SessionRecord {
    std::string family;  // 32 hex digits.
    UserId user;
    std::int64_t session_epoch = 0;
    std::int64_t generation = 0;  // Of the refresh token that is alive.
    Instant rotated_at;
    Instant expires;
    std::string provider_token = {};  // The provider's own refresh token, sealed; else empty.
    std::string once = {};            // Names the request that refreshed it last; empty: unnamed.
    std::uint64_t version = 0;

    /// Whether the request `name` is what made its present generation of the one before.
    [[nodiscard]] bool refreshed_by(std::string_view name, std::int64_t of_generation) const {
        return !name.empty() && once == name && of_generation + 1 == generation;
    }
};

/// A mailed code, which is itself not kept.
struct CodeRecord {
    std::string mac;  // 64 hex digits.
    int tries = 0;
    Instant expires;
    std::uint64_t version = 0;
};

[[nodiscard]] std::string encode(const AccountRecord& record);
[[nodiscard]] std::string encode(const SessionRecord& record);
[[nodiscard]] std::string encode(const CodeRecord& record);
/// Errors: corrupt_row.
[[nodiscard]] Result<AccountRecord> decode_account(std::string_view json, std::uint64_t version);
[[nodiscard]] Result<SessionRecord> decode_session(std::string_view json, std::uint64_t version);
[[nodiscard]] Result<CodeRecord> decode_code(std::string_view json, std::uint64_t version);

/// The account as the port shows it.
[[nodiscard]] Account shown(const AccountRecord& record);

}  // namespace souk
