#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/accounts/account_rows.h"

namespace souk {

/// What a refresh token says, once its secret part proved right.
struct RefreshToken {
    std::string family;
    std::int64_t generation = 0;
};

/// Sessions and their refresh tokens. A token is its family, its generation and 256 bits made from
/// both under the installation's secret: the ledger holds nothing that a token could be made from.
class SessionRows {
public:
    SessionRows(const AccountRows& rows, const Environment& environment);

    /// A session that begins now and lives for refresh_token_life.
    [[nodiscard]] SessionRecord begin(const AccountRecord& account) const;
    [[nodiscard]] Result<std::optional<SessionRecord>> find(const Realm& realm,
                                                            std::string_view family) const;
    void add(Changes& changes, const Realm& realm, const SessionRecord& session) const;
    /// The commit conflicts if the session has changed since it was read.
    void update(Changes& changes, const Realm& realm, const SessionRecord& session) const;
    void end(Changes& changes, const Realm& realm, std::string_view family) const;

    /// The token of the session's present generation; always the same one.
    [[nodiscard]] std::string token(const Realm& realm, const SessionRecord& session) const;
    /// Nothing if the text is not a token that was made here for this realm.
    [[nodiscard]] std::optional<RefreshToken> parse(const Realm& realm,
                                                    std::string_view presented) const;

private:
    [[nodiscard]] std::string text(const Realm& realm, std::string_view family,
                                   std::int64_t generation) const;

    AccountRows rows_;
    Environment environment_;
    std::string key_;
};

}  // namespace souk
