#include "adapters/memory_identity/memory_identity.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view confirm = "confirm";
constexpr std::string_view reset = "reset";
constexpr std::size_t codes_per_hour_max = 5;
constexpr std::size_t totp_secret_bytes = 20;

std::string name_of(const Realm& realm) { return realm.store ? realm.store->text() : "platform"; }

Result<void> check_password(std::string_view password, std::string_view email) {
    constexpr std::array<std::string_view, 4> common{"12345678", "password", "password123",
                                                     "qwertyuiop"};
    const std::size_t length = code_points(password);
    if (!is_utf8(password) || length < password_length_min || length > password_length_max ||
        ascii_equal_ignoring_case(password, email) ||
        std::ranges::find(common, ascii_lower(password)) != common.end()) {
        return fail(errors::weak_password, "This password is too easy to guess or too long.");
    }
    return {};
}

std::unexpected<Error> wrong_code() {
    return fail(errors::invalid_code, "The code is wrong, expired or used up.");
}
std::unexpected<Error> wrong_password() {
    return fail(errors::invalid_credentials, "The e-mail address or the password is wrong.");
}

}  // namespace

Result<SignUp> MemoryIdentity::sign_up(const Realm& realm, std::string_view email,
                                       std::string_view password, std::string_view name) {
    const std::lock_guard lock(mutex_);
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return invalid_field("/email", "bad_format", "This is not an e-mail address.");
    }
    TRY(check_password(password, address));
    TRY(count(asked_, cat(name_of(realm), '|', address, '|', confirm), codes_per_hour_max,
              std::chrono::hours(1)));
    Stored* stored = by_email(realm, address);
    const bool known = stored != nullptr;
    if (!known) {
        stored = &add(realm, address);
    }
    std::string code;
    if (!stored->account.confirmed) {
        stored->account.name = std::string(name);
        set_password(*stored, password);
        code = issue(*stored, confirm);
    }
    return SignUp{.known = known,
                  .code = {stored->account.user, address, stored->account.name, code}};
}

Result<std::optional<IssuedCode>> MemoryIdentity::resend_confirmation(const Realm& realm,
                                                                      std::string_view email) {
    const std::lock_guard lock(mutex_);
    return ask(realm, email, confirm);
}

Result<Account> MemoryIdentity::confirm_sign_up(const Realm& realm, std::string_view email,
                                                std::string_view code, std::string_view once) {
    const std::lock_guard lock(mutex_);
    Stored* const stored = by_email(realm, email);
    if (is_repeat(stored, once)) {
        return stored->account;
    }
    if (!redeem(stored, confirm, code)) {
        return wrong_code();
    }
    stored->account.confirmed = true;
    stored->once = once;
    return stored->account;
}

Result<std::optional<IssuedCode>> MemoryIdentity::forgot_password(const Realm& realm,
                                                                  std::string_view email) {
    const std::lock_guard lock(mutex_);
    return ask(realm, email, reset);
}

Result<void> MemoryIdentity::confirm_forgot_password(const Realm& realm, std::string_view email,
                                                     std::string_view code,
                                                     std::string_view new_password,
                                                     std::string_view once) {
    const std::lock_guard lock(mutex_);
    TRY(check_password(new_password, email));
    Stored* const stored = by_email(realm, email);
    if (is_repeat(stored, once)) {
        return {};
    }
    if (!redeem(stored, reset, code)) {
        return wrong_code();
    }
    set_password(*stored, new_password);
    stored->once = once;
    return {};
}

Result<void> MemoryIdentity::change_password(const Realm& realm, const UserId& user,
                                             std::string_view password,
                                             std::string_view new_password, std::string_view once) {
    const std::lock_guard lock(mutex_);
    Stored* const stored = by_user(realm, user);
    if (is_repeat(stored, once)) {
        return {};
    }
    const std::string name =
        cat(name_of(realm), '|', stored != nullptr ? stored->account.email : user.text());
    TRY(count(failures_, name, sign_ins_per_minute_max, std::chrono::minutes(1)));
    if (stored == nullptr || stored->password_mac != mac(user, password)) {
        return wrong_password();
    }
    failures_[name].pop_back();
    TRY(check_password(new_password, stored->account.email));
    set_password(*stored, new_password);
    stored->once = once;
    return {};
}

Result<std::string> MemoryIdentity::enroll_totp(const Realm& realm, const UserId& user) {
    const std::lock_guard lock(mutex_);
    Stored* const stored = by_user(realm, user);
    if (stored == nullptr) {
        return fail(errors::not_found, "There is no such account.");
    }
    if (stored->account.totp) {
        return fail(errors::forbidden, "Sign-in with a code is on already.");
    }
    stored->totp_pending = environment_.crypto.random(totp_secret_bytes);
    stored->totp_step = 0;
    return totp_address(stored->totp_pending, stored->account.email);
}

Result<void> MemoryIdentity::confirm_totp(const Realm& realm, const UserId& user,
                                          std::string_view code, std::string_view once) {
    const std::lock_guard lock(mutex_);
    const Stored* const stored = by_user(realm, user);
    return prove_totp(realm, user, code, &Stored::totp_pending,
                      stored != nullptr ? stored->totp_pending : "", once);
}

Result<void> MemoryIdentity::remove_totp(const Realm& realm, const UserId& user,
                                         std::string_view code, std::string_view once) {
    const std::lock_guard lock(mutex_);
    return prove_totp(realm, user, code, &Stored::totp_secret, "", once);
}

Result<void> MemoryIdentity::prove_totp(const Realm& realm, const UserId& user,
                                        std::string_view code, std::string Stored::* secret,
                                        const std::string& in_force_after, std::string_view once) {
    const std::string name = cat("totp|", name_of(realm), '|', user.text());
    TRY(count(failures_, name, sign_ins_per_minute_max, std::chrono::minutes(1)));
    Stored* const stored = by_user(realm, user);
    if (is_repeat(stored, once)) {
        failures_[name].pop_back();
        return {};
    }
    const auto step =
        stored == nullptr || (stored->*secret).empty()
            ? std::nullopt
            : totp_step_of(stored->*secret, code, environment_.now(), stored->totp_step);
    if (!step) {
        return fail(errors::invalid_code, "The code from the authenticator app is wrong.");
    }
    failures_[name].pop_back();
    stored->totp_secret = in_force_after;
    stored->totp_pending.clear();
    stored->totp_step = *step;
    stored->account.totp = !in_force_after.empty();
    stored->once = once;
    return {};
}

Result<std::optional<Account>> MemoryIdentity::account(const Realm& realm, const UserId& user) {
    const std::lock_guard lock(mutex_);
    const Stored* const stored = by_user(realm, user);
    return stored != nullptr ? std::optional(stored->account) : std::nullopt;
}

Result<std::optional<Account>> MemoryIdentity::account_by_email(const Realm& realm,
                                                                std::string_view email) {
    const std::lock_guard lock(mutex_);
    const Stored* const stored = by_email(realm, email);
    return stored != nullptr ? std::optional(stored->account) : std::nullopt;
}

Result<Account> MemoryIdentity::create_platform_admin(std::string_view email,
                                                      std::string_view password,
                                                      std::string_view name) {
    const std::lock_guard lock(mutex_);
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return invalid_field("/email", "bad_format", "This is not an e-mail address.");
    }
    TRY(check_password(password, address));
    Stored* const existing = by_email(Realm{}, address);
    Stored& stored = existing != nullptr ? *existing : add(Realm{}, address);
    stored.account.name = std::string(name);
    stored.account.confirmed = true;
    stored.account.platform_admin = true;
    stored.account.totp = false;
    stored.totp_secret.clear();
    stored.totp_pending.clear();
    set_password(stored, password);
    return stored.account;
}

std::string MemoryIdentity::openid_configuration() const {
    JsonWriter out;
    out.begin_object().member("issuer", "memory").end_object();
    return out.take();
}

MemoryIdentity::Stored* MemoryIdentity::by_user(const Realm& realm, const UserId& user) {
    const auto found = accounts_.find({name_of(realm), user});
    return found != accounts_.end() ? &found->second : nullptr;
}

MemoryIdentity::Stored* MemoryIdentity::by_email(const Realm& realm, std::string_view email) {
    const auto found = emails_.find({name_of(realm), ascii_lower(email)});
    return found != emails_.end() ? by_user(realm, found->second) : nullptr;
}

MemoryIdentity::Stored& MemoryIdentity::add(const Realm& realm, const std::string& email) {
    const auto user = environment_.fresh<UserId>();
    emails_.insert_or_assign({name_of(realm), email}, user);
    Account account{.user = user, .email = email, .name = {}, .created_at = environment_.now()};
    const auto key = std::pair(name_of(realm), user);
    return accounts_.insert_or_assign(key, Stored{account, {}, 0, {}, {}, 0, {}}).first->second;
}

std::string MemoryIdentity::mac(const UserId& user, std::string_view password) const {
    return environment_.crypto.hmac_sha256(user.text(), password);
}

void MemoryIdentity::set_password(Stored& stored, std::string_view password) {
    stored.password_mac = mac(stored.account.user, password);
    ++stored.session_epoch;
}

Result<void> MemoryIdentity::count(Moments& moments, const std::string& name, std::size_t limit,
                                   std::chrono::milliseconds window) {
    const Instant now = environment_.now();
    auto& list = moments[name];
    std::erase_if(list, [&](Instant at) { return at + window <= now; });
    if (list.size() >= limit) {
        const auto left = list.front() + window - now;
        Error error{errors::rate_limited, "Too many tries; try again later."};
        error.members.emplace_back("retry_after", cat((left.count() + 999) / 1000));
        return fail(std::move(error));
    }
    list.push_back(now);
    return {};
}

std::string MemoryIdentity::issue(Stored& stored, std::string_view purpose) {
    std::uint64_t number = 0;
    for (const char byte : environment_.crypto.random(8)) {
        number = (number << 8) | static_cast<unsigned char>(byte);
    }
    std::string digits = zero_padded(number % 1'000'000, 6);
    stored.codes.insert_or_assign(std::string(purpose),
                                  Code{digits, 0, environment_.now() + code_life});
    return digits;
}

bool MemoryIdentity::redeem(Stored* stored, std::string_view purpose, std::string_view digits) {
    const auto code =
        stored != nullptr ? stored->codes.find(purpose) : decltype(stored->codes.end()){};
    if (stored == nullptr || code == stored->codes.end() || code->second.tries >= code_tries_max ||
        code->second.expires <= environment_.now()) {
        return false;
    }
    if (code->second.digits != digits) {
        ++code->second.tries;
        return false;
    }
    stored->codes.erase(code);
    return true;
}

Result<std::optional<IssuedCode>> MemoryIdentity::ask(const Realm& realm, std::string_view email,
                                                      std::string_view purpose) {
    const std::string address = ascii_lower(email);
    TRY(count(asked_, cat(name_of(realm), '|', address, '|', purpose), codes_per_hour_max,
              std::chrono::hours(1)));
    Stored* const stored = by_email(realm, address);
    if (stored == nullptr || (purpose == confirm && stored->account.confirmed)) {
        return std::nullopt;
    }
    return IssuedCode{stored->account.user, address, stored->account.name, issue(*stored, purpose)};
}

}  // namespace souk
