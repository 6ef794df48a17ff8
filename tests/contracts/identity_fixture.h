#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "domain/base/text.h"
#include "domain/ports/identity.h"

/// What the two halves of the Identity contract stand on.
namespace souk::contract {

/// An Identity with a clock of its own that a test can move.
class IdentityHome {
public:
    virtual ~IdentityHome() = default;
    virtual Identity& identity() = 0;
    [[nodiscard]] virtual Instant now() const = 0;
    virtual void advance(std::chrono::milliseconds by) = 0;
};
using MakeIdentityHome = std::function<std::unique_ptr<IdentityHome>()>;

/// The value, or the end of the test program with the error's name.
template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().code.name << ": " << result.error().detail;
    }
    CHECK(result.has_value());
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

/// The name of the error, or "ok".
template <class T>
std::string_view outcome(const Result<T>& result) {
    return result ? "ok" : result.error().code.name;
}

/// What an authenticator app shows for the secret of an otpauth address. Source: RFC 6238.
inline std::string app_code(std::string_view address, Instant now) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const auto start = address.find("secret=") + 7;
    std::string secret;
    unsigned buffer = 0;
    int held = 0;
    for (const char c : address.substr(start, address.find('&', start) - start)) {
        buffer = (buffer << 5) | static_cast<unsigned>(alphabet.find(c));
        if ((held += 5) >= 8) {
            held -= 8;
            secret.push_back(static_cast<char>((buffer >> held) & 0xFFU));
        }
    }
    const auto step = static_cast<std::uint64_t>(now.unix_seconds() / 30);
    std::array<unsigned char, 8> counter{};
    for (std::size_t i = 0; i < 8; ++i) {
        counter[i] = static_cast<unsigned char>(step >> (56 - 8 * i));
    }
    std::array<unsigned char, 20> mac{};
    HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), 8, mac.data(),
         nullptr);
    const std::size_t at = mac[19] & 0x0FU;
    const unsigned number = ((mac[at] & 0x7FU) << 24) | (static_cast<unsigned>(mac[at + 1]) << 16) |
                            (static_cast<unsigned>(mac[at + 2]) << 8) | mac[at + 3];
    return zero_padded(number % 1'000'000, 6);
}

/// Six digits that are not `code`.
inline std::string wrong(const std::string& code) { return code == "000000" ? "000001" : "000000"; }

class IdentitySuite : public testing::TestWithParam<MakeIdentityHome> {
protected:
    Identity& identity() { return home_->identity(); }
    [[nodiscard]] Instant now() const { return home_->now(); }
    void advance(std::chrono::milliseconds by) { home_->advance(by); }

    static Realm store_a() { return {StoreId::trusted("store_01J0000000000000000000000A")}; }
    static Realm store_b() { return {StoreId::trusted("store_01J0000000000000000000000B")}; }
    static Realm staff() { return {}; }

    IssuedCode signed_up(const Realm& realm = store_a(), std::string_view email = ann,
                         std::string_view password = secret) {
        return must(identity().sign_up(realm, email, password, "Ann")).code;
    }
    Account confirmed(const Realm& realm = store_a(), std::string_view email = ann,
                      std::string_view password = secret) {
        const IssuedCode code = signed_up(realm, email, password);
        return must(identity().confirm_sign_up(realm, email, code.code));
    }
    Result<Tokens> sign_in(std::string_view password = secret, std::string_view totp = "",
                           const Realm& realm = store_a()) {
        return identity().sign_in(realm, ann, password, totp);
    }
    /// An account with TOTP in force, and its otpauth address.
    std::pair<Account, std::string> with_totp() {
        Account account = confirmed();
        std::string address = must(identity().enroll_totp(store_a(), account.user));
        must(identity().confirm_totp(store_a(), account.user, app_code(address, now())));
        advance(std::chrono::seconds(30));
        return {std::move(account), std::move(address)};
    }

    static constexpr std::string_view ann = "ann@example.com";
    static constexpr std::string_view secret = "correct horse battery";
    static constexpr std::string_view other_secret = "staple of another kind";

    std::unique_ptr<IdentityHome> home_ = GetParam()();
};

}  // namespace souk::contract
