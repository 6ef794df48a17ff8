#include "adapters/identity_local/signing_keys.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/identity_local/key_files.h"
#include "adapters/jwt/rs256.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/identity.h"

namespace souk {

namespace {

constexpr int ms_digits = 15;
constexpr std::string_view signing_prefix = "signing-";
constexpr std::string_view retired_prefix = "retired-";
constexpr std::string_view suffix = ".pem";
/// A directory's time moves in steps of the kernel's tick: what changed longer ago than this is
/// told apart.
constexpr long long tick_ns = 1'000'000'000;
/// Longer than any token that was signed at the moment of retirement lives.
constexpr std::chrono::milliseconds retired_life = access_token_life + std::chrono::seconds(60);

std::string file_name(std::string_view prefix, Instant at, std::string_view id) {
    return cat(prefix, zero_padded(static_cast<std::uint64_t>(at.unix_ms()), ms_digits), "-", id,
               suffix);
}

/// The moment in a key file's name, if it is one with that prefix.
std::optional<Instant> moment_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
        name.size() < prefix.size() + ms_digits + suffix.size()) {
        return std::nullopt;
    }
    const auto ms = to_integer(name.substr(prefix.size(), ms_digits));
    return ms ? std::optional(Instant::from_unix_ms(*ms)) : std::nullopt;
}

SigningKey described(key_files::Key key, const Crypto& crypto) {
    const auto [n, e] = key_files::modulus_and_exponent(key);
    // RFC 7638: the required members in alphabetic order, nothing else.
    JsonWriter canonical;
    canonical.begin_object().member("e", e).member("kty", "RSA").member("n", n).end_object();
    SigningKey out;
    out.id = to_base64url(crypto.sha256(canonical.text()));
    JsonWriter jwk;
    jwk.begin_object().member("kty", "RSA").member("use", "sig").member("alg", "RS256");
    jwk.member("kid", out.id).member("n", n).member("e", e).end_object();
    out.jwk = jwk.take();
    out.key = std::move(key);
    return out;
}

long long machine_now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Result<std::unique_ptr<SigningKeys>> SigningKeys::open(std::string directory,
                                                       const Environment& environment) {
    std::unique_ptr<SigningKeys> keys(new SigningKeys(std::move(directory), environment));
    TRY(key_files::make_directory(keys->directory_));
    keys->loaded_ = TRY(keys->load());
    const auto& loaded = keys->loaded_.keys;
    if (loaded.empty() || loaded.front().retired) {
        TRY(keys->rotate());
    }
    return keys;
}

SigningKey SigningKeys::current() {
    const std::lock_guard lock(mutex_);
    reload_if_changed();
    return loaded_.keys.front();
}

std::optional<SigningKey> SigningKeys::find(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto known = [&] {
        return std::ranges::find(loaded_.keys, id, [](const auto& key) { return key.id; });
    };
    auto found = known();
    if (found == loaded_.keys.end()) {
        reload_if_changed();
        found = known();
    }
    return found != loaded_.keys.end() && alive(*found) ? std::optional(*found) : std::nullopt;
}

Result<void> SigningKeys::rotate() {
    const key_files::Key fresh = key_files::generate();
    const std::lock_guard lock(mutex_);
    reload_if_changed();
    Instant created = environment_.now();
    if (!loaded_.keys.empty()) {
        // The newest signs: two rotations within one millisecond must still have an order.
        created = std::max(created, loaded_.keys.front().created + std::chrono::milliseconds(1));
    }
    const SigningKey key = described(fresh, environment_.crypto);
    TRY(key_files::write(directory_, file_name(signing_prefix, created, key.id),
                         key_files::private_pem(fresh)));
    loaded_ = TRY(load());
    return {};
}

std::string SigningKeys::jwks() {
    const std::lock_guard lock(mutex_);
    reload_if_changed();
    JsonWriter out;
    out.begin_object().key("keys").begin_array();
    for (const SigningKey& key : loaded_.keys) {
        if (alive(key)) {
            out.raw(key.jwk);
        }
    }
    out.end_array().end_object();
    return out.take();
}

std::string SigningKeys::sign(const SigningKey& key, std::string_view message) {
    return rs256::sign(key.key, message);
}

bool SigningKeys::verify(const SigningKey& key, std::string_view message,
                         std::string_view signature) {
    return rs256::verify(key.key, message, signature);
}

Result<SigningKeys::Loaded> SigningKeys::load() const {
    Loaded loaded;
    // The time is taken first: what changes while the files are read is then seen as a change next
    // time.
    loaded.changed_ns = key_files::changed_ns(directory_);
    loaded.settled = machine_now_ns() - loaded.changed_ns > tick_ns;
    std::vector<SigningKey> retired;
    for (const std::string& name : TRY(key_files::names_in(directory_))) {
        const auto created = moment_in(name, signing_prefix);
        const auto ended = moment_in(name, retired_prefix);
        if (!created && !ended) {
            continue;
        }
        const std::string path = cat(directory_, "/", name);
        const std::string pem = TRY(key_files::read(path));
        key_files::Key raw = created ? key_files::read_private(pem) : key_files::read_public(pem);
        if (raw == nullptr) {
            return fail(errors::identity_unavailable, cat(path, " holds no RSA key."));
        }
        SigningKey key = described(std::move(raw), environment_.crypto);
        key.created = created.value_or(Instant{});
        key.retired = ended;
        key.file = name;
        (created ? loaded.keys : retired).push_back(std::move(key));
    }
    std::ranges::sort(loaded.keys, std::greater{}, &SigningKey::created);
    // Only the newest signs. Whoever finds an older one, after a rotation or the crash of one,
    // retires it.
    for (std::size_t i = 1; i < loaded.keys.size(); ++i) {
        const Instant now = environment_.now();
        TRY(retire(loaded.keys[i], now));
        loaded.keys[i].retired = now;
    }
    for (SigningKey& key : retired) {
        if (!alive(key)) {
            TRY(key_files::remove(cat(directory_, "/", key.file)));
        } else if (std::ranges::find(loaded.keys, key.id, &SigningKey::id) == loaded.keys.end()) {
            loaded.keys.push_back(std::move(key));  // Two processes may each have retired it.
        }
    }
    return loaded;
}

Result<void> SigningKeys::retire(const SigningKey& key, Instant at) const {
    TRY(key_files::write(directory_, file_name(retired_prefix, at, key.id),
                         key_files::public_pem(key.key)));
    return key_files::remove(cat(directory_, "/", key.file));
}

bool SigningKeys::alive(const SigningKey& key) const {
    return !key.retired || *key.retired + retired_life > environment_.now();
}

void SigningKeys::reload_if_changed() {
    if (loaded_.settled && key_files::changed_ns(directory_) == loaded_.changed_ns) {
        return;
    }
    auto loaded = load();
    if (loaded && loaded->keys.empty() && loaded_.keys.empty()) {
        return;  // The first start: there are no keys yet.
    }
    // A directory that cannot be read for a moment must not stop a server whose keys are in memory.
    if (!loaded || loaded->keys.empty() || loaded->keys.front().retired) {
        environment_.telemetry.log(LogLevel::warning, "identity: the key directory cannot be read");
        return;
    }
    loaded_ = *std::move(loaded);
}

}  // namespace souk
