#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/instant.h"
#include "domain/ports/environment.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY.

namespace souk {

/// One RSA key. A retired one has no private half and verifies only what was signed before.
struct SigningKey {
    std::string id;  // RFC 7638 thumbprint.
    Instant created;
    std::optional<Instant> retired;
    std::string jwk;   // RFC 7517, public.
    std::string file;  // Its name in the directory.
    std::shared_ptr<evp_pkey_st> key;
};

/// The keys that access tokens are signed with, as PEM files in one directory:
/// `signing-<ms>-<id>.pem` (0600) and `retired-<ms>-<id>.pem`. Another process may rotate them
/// meanwhile (`souk keys rotate`): the directory is looked at again before each use and read again
/// when it has changed. Safe from any thread.
class SigningKeys {
public:
    /// Makes the directory (0700) and a first RSA-2048 key when there is none.
    /// Errors: identity_unavailable, saying which file and why.
    [[nodiscard]] static Result<std::unique_ptr<SigningKeys>> open(std::string directory,
                                                                   const Environment& environment);

    /// The key that signs now.
    [[nodiscard]] SigningKey current();
    /// The key of that id, if tokens of it may still be alive.
    [[nodiscard]] std::optional<SigningKey> find(std::string_view id);
    /// Makes a new signing key; the old one's public half stays until its last token has expired.
    /// Errors: identity_unavailable; then the old key stays in force.
    Result<void> rotate();
    /// RFC 7517 key set: the signing key first, then the retired ones.
    [[nodiscard]] std::string jwks();

    /// RS256 (RSASSA-PKCS1-v1_5 with SHA-256).
    [[nodiscard]] static std::string sign(const SigningKey& key, std::string_view message);
    [[nodiscard]] static bool verify(const SigningKey& key, std::string_view message,
                                     std::string_view signature);

private:
    /// What the directory held, and what it looked like then.
    struct Loaded {
        std::vector<SigningKey> keys;  // The newest signing key first, then retired ones.
        long long changed_ns = 0;
        bool settled = false;
    };

    SigningKeys(std::string directory, const Environment& environment)
        : directory_(std::move(directory)), environment_(environment) {}

    [[nodiscard]] Result<Loaded> load() const;
    Result<void> retire(const SigningKey& key, Instant at) const;
    [[nodiscard]] bool alive(const SigningKey& key) const;
    void reload_if_changed();

    const std::string directory_;
    const Environment environment_;
    std::mutex mutex_;
    Loaded loaded_;
};

}  // namespace souk
