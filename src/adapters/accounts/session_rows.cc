#include "adapters/accounts/session_rows.h"

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view session_sort = "session";
constexpr std::string_view token_prefix = "rt_";
constexpr std::size_t family_digits = 32;

std::string session_partition(std::string_view family) { return cat("session#", family); }

StoreRow row_of(const SessionRecord& session) {
    return {.partition = session_partition(session.family),
            .sort = std::string(session_sort),
            .body = encode(session),
            .expires = session.expires};
}

}  // namespace

SessionRows::SessionRows(const AccountRows& rows, const Environment& environment)
    : rows_(rows), environment_(environment), key_(environment_.key_for("refresh tokens")) {}

SessionRecord SessionRows::begin(const AccountRecord& account) const {
    const Instant now = environment_.now();
    return {.family = to_hex(environment_.crypto.random(family_digits / 2)),
            .user = account.account.user,
            .session_epoch = account.session_epoch,
            .generation = 1,
            .rotated_at = now,
            .expires = now + refresh_token_life};
}

Result<std::optional<SessionRecord>> SessionRows::find(const Realm& realm,
                                                       std::string_view family) const {
    const auto row = TRY(rows_.of(realm).find(session_partition(family), session_sort));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_session(row->body, row->version));
}

void SessionRows::add(Changes& changes, const Realm& realm, const SessionRecord& session) const {
    rows_.of(realm).put(changes, row_of(session), Expect::absent());
}

void SessionRows::update(Changes& changes, const Realm& realm, const SessionRecord& session) const {
    rows_.of(realm).put(changes, row_of(session), Expect::at(session.version));
}

void SessionRows::end(Changes& changes, const Realm& realm, std::string_view family) const {
    rows_.of(realm).erase(changes, session_partition(family), session_sort, Expect::any());
}

std::string SessionRows::token(const Realm& realm, const SessionRecord& session) const {
    return text(realm, session.family, session.generation);
}

std::optional<RefreshToken> SessionRows::parse(const Realm& realm,
                                               std::string_view presented) const {
    if (!presented.starts_with(token_prefix)) {
        return std::nullopt;
    }
    const auto parts = split(presented.substr(token_prefix.size()), '.');
    if (parts.size() != 3 || parts[0].size() != family_digits) {
        return std::nullopt;
    }
    const auto generation = to_integer(parts[1]);
    if (!generation || !equal_in_constant_time(presented, text(realm, parts[0], *generation))) {
        return std::nullopt;
    }
    return RefreshToken{std::string(parts[0]), *generation};
}

std::string SessionRows::text(const Realm& realm, std::string_view family,
                              std::int64_t generation) const {
    const std::string head = cat(token_prefix, family, '.', generation, '.');
    const std::string_view where = realm.store ? std::string_view(realm.store->text()) : "platform";
    return cat(head, to_base64url(environment_.crypto.hmac_sha256(key_, cat(where, '|', head))));
}

}  // namespace souk
