#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode currency_mismatch{"currency_mismatch", ErrorKind::invalid};
inline constexpr ErrorCode amount_too_large{"amount_too_large", ErrorKind::invalid};
}  // namespace errors

/// An ISO 4217 currency that Souk knows; which: the table in money.cc.
class Currency {
public:
    static std::optional<Currency> parse(std::string_view code);
    /// Three upper-case letters.
    [[nodiscard]] std::string_view code() const { return code_; }
    /// Digits after the decimal point of the major unit: 0 (JPY), 2 (EUR), 3 (KWD).
    [[nodiscard]] int decimals() const { return decimals_; }
    friend bool operator==(const Currency& a, const Currency& b) { return a.code_ == b.code_; }

private:
    constexpr Currency(std::string_view code, int decimals) : code_(code), decimals_(decimals) {}
    std::string_view code_;  // Points into the static table.
    int decimals_;
};

/// The largest amount that any price, line or total may have.
/// Units: minor units; the sum of nine such amounts still fits int64.
inline constexpr std::int64_t amount_max = 1'000'000'000'000'000'000;

/// An exact amount. Never a float, never divided but by `split`.
/// Units: minor units of `currency`.
struct Money {
    Currency currency;
    std::int64_t amount = 0;

    friend bool operator==(const Money&, const Money&) = default;
};

/// Errors: currency_mismatch, amount_too_large.
[[nodiscard]] Result<Money> sum(const Money& a, const Money& b);
[[nodiscard]] Result<Money> difference(const Money& a, const Money& b);
[[nodiscard]] Result<Money> product(const Money& unit, std::int64_t quantity);

/// Splits `total` over `weights` (not all zero, none negative) so that the parts add up to it
/// exactly; what rounding leaves over goes to the largest remainders first.
[[nodiscard]] std::vector<Money> split(const Money& total,
                                       const std::vector<std::int64_t>& weights);

/// `amount * rate / 10 000`, rounded half up. Units: rate in basis points, 0..10 000.
[[nodiscard]] std::int64_t tax_added(std::int64_t amount, std::int64_t rate_basis_points);
/// The tax that `amount` already contains, rounded half up.
[[nodiscard]] std::int64_t tax_included(std::int64_t amount, std::int64_t rate_basis_points);

/// `12.34 EUR`-style number without the currency: "12.34", "1200" (JPY).
[[nodiscard]] std::string to_decimal(const Money& money);
/// Reads "12.34" exactly; nothing if malformed, negative, more precise than the currency or too
/// large.
[[nodiscard]] std::optional<Money> from_decimal(std::string_view text, Currency currency);

}  // namespace souk
