#include "adapters/accounts/code_rows.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/accounts/too_many.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::chrono::milliseconds hour = std::chrono::hours(1);
constexpr std::uint64_t code_modulus = 1'000'000;
constexpr int code_digits = 6;

std::string_view name_of(CodePurpose purpose) {
    switch (purpose) {
        case CodePurpose::confirm_sign_up: return "confirm";
        case CodePurpose::reset_password: return "reset";
    }
    std::unreachable();
}

std::string code_sort(CodePurpose purpose) { return cat("code#", name_of(purpose)); }
std::string asked_partition(std::string_view email) { return cat("email#", email); }
std::string asked_sort(CodePurpose purpose) { return cat("asked#", name_of(purpose)); }

std::string six_digits(const Crypto& crypto) {
    std::uint64_t number = 0;
    for (const char byte : crypto.random(8)) {
        number = (number << 8) | static_cast<unsigned char>(byte);
    }
    return zero_padded(number % code_modulus, code_digits);
}

/// Costs the commit that a try at a known account's code costs, so that time does not tell them
/// apart. Each a row of its own: many at once must not meet where tries at accounts would not.
void spend_equally(Changes& changes, const WalledLedger& wall, Instant now, const Crypto& crypto) {
    wall.put(changes,
             {.partition = cat("nobody#", to_hex(crypto.random(2))),
              .sort = "tries",
              .body = encode(CodeRecord{}),
              .expires = now + hour},
             Expect::any());
}

}  // namespace

CodeRows::CodeRows(const AccountRows& rows, const Environment& environment)
    : rows_(rows), environment_(environment), key_(environment_.key_for("identity codes")) {}

Result<CodeAllowance> CodeRows::allowance(const Realm& realm, std::string_view email,
                                          CodePurpose purpose) const {
    const auto row = TRY(rows_.of(realm).find(asked_partition(email), asked_sort(purpose)));
    if (!row) {
        return CodeAllowance{};
    }
    const auto document = JsonDocument::parse(row->body);
    if (!document || !document->root().is_array()) {
        return fail(errors::corrupt_row, "A stored count of codes cannot be read.");
    }
    const Instant now = environment_.now();
    CodeAllowance allowance{.asked = {}, .version = row->version};
    for (std::size_t i = 0; i < document->root().size(); ++i) {
        const auto at = Instant::from_unix_ms(document->root().at(i).integer_or(0));
        if (is_recent(at, now, hour)) {
            allowance.asked.push_back(at);
        }
    }
    if (allowance.asked.size() < codes_per_hour_max) {
        return allowance;
    }
    return fail(too_many("codes were asked for; try again", codes_per_hour_max, hour,
                         std::ranges::min(allowance.asked) + hour - now));
}

void CodeRows::charge(Changes& changes, const Realm& realm, std::string_view email,
                      CodePurpose purpose, CodeAllowance allowance) const {
    const Instant now = environment_.now();
    allowance.asked.push_back(now);
    JsonWriter body;
    body.begin_array();
    for (const Instant at : allowance.asked) {
        body.value(at.unix_ms());
    }
    body.end_array();
    rows_.of(realm).put(changes,
                        {.partition = asked_partition(email),
                         .sort = asked_sort(purpose),
                         .body = body.take(),
                         .expires = now + hour},
                        Expect::as_read(allowance.version));
}

std::string CodeRows::issue(Changes& changes, const Realm& realm, const UserId& user,
                            CodePurpose purpose) const {
    std::string code = six_digits(environment_.crypto);
    const Instant expires = environment_.now() + code_life;
    rows_.of(realm).put(
        changes,
        {.partition = user.text(),
         .sort = code_sort(purpose),
         .body = encode(CodeRecord{
             .mac = mac(realm, user, purpose, code), .tries = 0, .expires = expires, .version = 0}),
         .expires = expires},
        Expect::any());
    return code;
}

Result<bool> CodeRows::redeem(Changes& changes, const Realm& realm,
                              const std::optional<UserId>& user, CodePurpose purpose,
                              std::string_view code) const {
    const WalledLedger wall = rows_.of(realm);
    const Instant now = environment_.now();
    const auto row = user ? TRY(wall.find(user->text(), code_sort(purpose))) : std::nullopt;
    if (!row) {
        spend_equally(changes, wall, now, environment_.crypto);
        return false;
    }
    CodeRecord record = TRY(decode_code(row->body, row->version));
    if (record.tries >= code_tries_max || record.expires <= now) {
        spend_equally(changes, wall, now, environment_.crypto);
        return false;
    }
    if (equal_in_constant_time(record.mac, mac(realm, *user, purpose, code))) {
        wall.erase(changes, user->text(), code_sort(purpose), Expect::at(record.version));
        return true;
    }
    ++record.tries;
    wall.put(changes,
             {.partition = user->text(),
              .sort = code_sort(purpose),
              .body = encode(record),
              .expires = record.expires},
             Expect::at(record.version));
    return false;
}

std::string CodeRows::mac(const Realm& realm, const UserId& user, CodePurpose purpose,
                          std::string_view code) const {
    return to_hex(environment_.crypto.hmac_sha256(
        key_, cat(realm.store ? realm.store->text() : "platform", '|', user.text(), '|',
                  name_of(purpose), '|', code)));
}

}  // namespace souk
