#pragma once

#include <string>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/ports/caller.h"

/// Who runs a store: staff accounts with a role, and API keys with scopes. Pure.
namespace souk::stores {

/// Units: counts, per store.
inline constexpr std::int64_t members_max = 200;
inline constexpr std::int64_t api_keys_max = 50;
/// What a key's secret begins with, its bits, and the digits that stay readable at either end.
inline constexpr std::string_view secret_prefix = "sk_";
inline constexpr std::size_t secret_bits = 256;
inline constexpr std::size_t readable_digits = 4;

/// A staff account's place in a store.
struct Member {
    UserId user;
    std::string email;
    std::string name;
    Role role = Role::support;
    Instant since;
    std::uint64_t version = 0;
};

/// How many of each a store has, so that limits and the last owner hold against every race.
struct Roster {
    std::int64_t members = 0;
    std::int64_t owners = 0;
    std::int64_t api_keys = 0;
    std::uint64_t version = 0;
};

/// The roster once `role` has come, gone, or given way to another.
/// Errors: too_many_members; last_owner.
[[nodiscard]] Result<Roster> joined(Roster roster, Role role);
[[nodiscard]] Result<Roster> left(Roster roster, Role role);
[[nodiscard]] Result<Roster> exchanged(Roster roster, Role before, Role after);

/// Only owners make, change and remove owners, and nobody gives or takes a role that allows what
/// they may not do themselves. Errors: forbidden, naming the permissions that the caller lacks.
[[nodiscard]] Result<void> check_rank(const Caller& caller, Role affected);

/// A key is made and revoked, never changed.
inline constexpr std::uint64_t api_key_version = 1;

/// A store's secret key as its list shows it: without the secret.
struct ApiKey {
    KeyId id;
    std::string name;
    std::vector<Permission> scopes;
    std::string prefix;     // "sk_1F7B"
    std::string last_four;  // of the secret
    std::string lookup;     // Names the row that its secret is found by.
    std::string created_by;
    Instant created_at;
};

/// An API key with the secret that is shown once.
struct IssuedApiKey {
    ApiKey key;
    std::string secret;
};

/// The caller grants no more than it has. Errors: forbidden, naming the scopes that it lacks.
[[nodiscard]] Result<void> check_scopes(const Caller& caller,
                                        const std::vector<Permission>& scopes);

/// The secret that these random bytes make: "sk_" and 52 digits. Shape: secret_bits / 8 bytes.
[[nodiscard]] std::string secret_of(std::string_view random);
/// Whether the text has a secret's length and beginning.
[[nodiscard]] bool is_secret(std::string_view text);

[[nodiscard]] std::string render_member(const Member& member);
[[nodiscard]] std::string render_api_key(const ApiKey& key);
[[nodiscard]] std::string render_issued_api_key(const IssuedApiKey& issued);

}  // namespace souk::stores
