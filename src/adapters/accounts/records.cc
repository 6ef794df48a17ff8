#include "adapters/accounts/records.h"

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::int64_t format = 1;

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(errors::corrupt_row, cat("A stored ", what, " cannot be read."));
}

/// The document, if it is an object of the format that this code writes.
Result<JsonDocument> opened(std::string_view json, std::string_view what) {
    auto document = JsonDocument::parse(json);
    if (!document || document->root()["v"].integer_or(0) != format) {
        return corrupt(what);
    }
    return document;
}

}  // namespace

std::string encode(const AccountRecord& record) {
    const Account& account = record.account;
    JsonWriter out;
    out.begin_object()
        .member("v", format)
        .member("user", account.user.text())
        .member("email", account.email)
        .member("name", account.name)
        .member("confirmed", account.confirmed)
        .member("platform_admin", account.platform_admin)
        .member("created_at", account.created_at.unix_ms())
        .member("password_hash", record.password_hash)
        .member("session_epoch", record.session_epoch)
        .member("totp_secret", to_base64(record.totp_secret))
        .member("totp_pending", to_base64(record.totp_pending))
        .member("totp_step", record.totp_step);
    if (!record.provider_name.empty()) {
        out.member("provider_name", record.provider_name);
    }
    if (!record.once.empty()) {
        out.member("once", record.once);
    }
    out.end_object();
    return out.take();
}

std::string encode(const SessionRecord& record) {
    JsonWriter out;
    out.begin_object()
        .member("v", format)
        .member("family", record.family)
        .member("user", record.user.text())
        .member("session_epoch", record.session_epoch)
        .member("generation", record.generation)
        .member("rotated_at", record.rotated_at.unix_ms())
        .member("expires", record.expires.unix_ms());
    if (!record.provider_token.empty()) {
        out.member("provider_token", to_base64(record.provider_token));
    }
    if (!record.once.empty()) {
        out.member("once", record.once);
    }
    out.end_object();
    return out.take();
}

std::string encode(const CodeRecord& record) {
    JsonWriter out;
    out.begin_object()
        .member("v", format)
        .member("mac", record.mac)
        .member("tries", record.tries)
        .member("expires", record.expires.unix_ms())
        .end_object();
    return out.take();
}

Result<AccountRecord> decode_account(std::string_view json, std::uint64_t version) {
    const JsonDocument document = TRY(opened(json, "account"));
    const JsonView root = document.root();
    const auto user = UserId::parse(root["user"].text_or());
    const auto secret = from_base64(root["totp_secret"].text_or());
    const auto pending = from_base64(root["totp_pending"].text_or());
    const auto password_hash = root["password_hash"].string();
    if (!user || !secret || !pending || !password_hash || !root["email"].is_string()) {
        return corrupt("account");
    }
    AccountRecord record{
        .account = {.user = *user,
                    .email = root["email"].text_or(),
                    .name = root["name"].text_or(),
                    .confirmed = root["confirmed"].bool_or(false),
                    .totp = !secret->empty(),
                    .platform_admin = root["platform_admin"].bool_or(false),
                    .created_at = Instant::from_unix_ms(root["created_at"].integer_or(0))},
        .password_hash = std::string(*password_hash),
        .provider_name = root["provider_name"].text_or(),
        .session_epoch = root["session_epoch"].integer_or(0),
        .totp_secret = *secret,
        .totp_pending = *pending,
        .totp_step = root["totp_step"].integer_or(0),
        .once = root["once"].text_or(),
        .version = version};
    return record;
}

Result<SessionRecord> decode_session(std::string_view json, std::uint64_t version) {
    const JsonDocument document = TRY(opened(json, "session"));
    const JsonView root = document.root();
    const auto user = UserId::parse(root["user"].text_or());
    const auto generation = root["generation"].integer();
    const auto expires = root["expires"].integer();
    const auto provider_token = from_base64(root["provider_token"].text_or());
    if (!user || !generation || !expires || !provider_token || !root["family"].is_string()) {
        return corrupt("session");
    }
    return SessionRecord{.family = root["family"].text_or(),
                         .user = *user,
                         .session_epoch = root["session_epoch"].integer_or(0),
                         .generation = *generation,
                         .rotated_at = Instant::from_unix_ms(root["rotated_at"].integer_or(0)),
                         .expires = Instant::from_unix_ms(*expires),
                         .provider_token = *provider_token,
                         .once = root["once"].text_or(),
                         .version = version};
}

Result<CodeRecord> decode_code(std::string_view json, std::uint64_t version) {
    const JsonDocument document = TRY(opened(json, "code"));
    const JsonView root = document.root();
    const auto tries = root["tries"].integer();
    const auto expires = root["expires"].integer();
    if (!tries || !expires || !root["mac"].is_string()) {
        return corrupt("code");
    }
    return CodeRecord{.mac = root["mac"].text_or(),
                      .tries = static_cast<int>(*tries),
                      .expires = Instant::from_unix_ms(*expires),
                      .version = version};
}

Account shown(const AccountRecord& record) {
    Account account = record.account;
    account.totp = !record.totp_secret.empty();
    return account;
}

}  // namespace souk
