#include "domain/base/money.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "domain/base/text.h"

namespace souk {

namespace {

struct CurrencyRow {
    std::string_view code;
    int decimals;
};

// Source: ISO 4217 list one (active codes of circulating currencies), and ANG and BGN, which left
// it in 2025 and 2026: stores of their time still have them.
constexpr std::array currency_table = std::to_array<CurrencyRow>({
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2},
    {"AWG", 2}, {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0},
    {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2},
    {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHF", 2}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"CRC", 2},
    {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2},
    {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2},
    {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2},
    {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2},
    {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0},
    {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2},
    {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2},
    {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2},
    {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2},
    {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2},
    {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2},
    {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2},
    {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"UYU", 2}, {"UZS", 2}, {"VED", 2},
    {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
});

Result<Money> checked(Currency currency, __int128 amount) {
    if (amount > amount_max || amount < -amount_max) {
        return fail(errors::amount_too_large, "The amount is beyond what Souk can hold.");
    }
    return Money{currency, static_cast<std::int64_t>(amount)};
}

/// Division of a non-negative numerator, halves up.
std::int64_t divided_half_up(__int128 numerator, __int128 denominator) {
    return static_cast<std::int64_t>((2 * numerator + denominator) / (2 * denominator));
}

}  // namespace

std::optional<Currency> Currency::parse(std::string_view code) {
    const auto row = std::ranges::lower_bound(currency_table, code, {}, &CurrencyRow::code);
    if (row == currency_table.end() || row->code != code) {
        return std::nullopt;
    }
    return Currency(row->code, row->decimals);
}

Result<Money> sum(const Money& a, const Money& b) {
    if (a.currency != b.currency) {
        return fail(errors::currency_mismatch, "Amounts in two currencies cannot be added.");
    }
    return checked(a.currency, static_cast<__int128>(a.amount) + b.amount);
}

Result<Money> difference(const Money& a, const Money& b) {
    if (a.currency != b.currency) {
        return fail(errors::currency_mismatch, "Amounts in two currencies cannot be subtracted.");
    }
    return checked(a.currency, static_cast<__int128>(a.amount) - b.amount);
}

Result<Money> product(const Money& unit, std::int64_t quantity) {
    return checked(unit.currency, static_cast<__int128>(unit.amount) * quantity);
}

std::vector<Money> split(const Money& total, const std::vector<std::int64_t>& weights) {
    __int128 weight_sum = 0;
    for (const auto weight : weights) {
        CHECK(weight >= 0);
        weight_sum += weight;
    }
    CHECK(weight_sum > 0);
    std::vector<Money> parts;
    std::vector<std::pair<__int128, std::size_t>> remainders;
    std::int64_t left = total.amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const __int128 exact = static_cast<__int128>(total.amount) * weights[i];
        const auto part = static_cast<std::int64_t>(exact / weight_sum);
        parts.push_back({total.currency, part});
        const __int128 rest = exact % weight_sum;
        remainders.emplace_back(rest < 0 ? -rest : rest, i);
        left -= part;
    }
    std::ranges::stable_sort(remainders, std::greater<>{}, [](const auto& r) { return r.first; });
    const std::int64_t step = left < 0 ? -1 : 1;
    for (std::size_t i = 0; left != 0; ++i, left -= step) {
        parts[remainders[i].second].amount += step;
    }
    return parts;
}

std::int64_t tax_added(std::int64_t amount, std::int64_t rate_basis_points) {
    return divided_half_up(static_cast<__int128>(amount) * rate_basis_points, 10'000);
}

std::int64_t tax_included(std::int64_t amount, std::int64_t rate_basis_points) {
    return divided_half_up(static_cast<__int128>(amount) * rate_basis_points,
                           10'000 + rate_basis_points);
}

std::string to_decimal(const Money& money) {
    const bool negative = money.amount < 0;
    const auto bits = static_cast<std::uint64_t>(money.amount);
    const std::uint64_t magnitude = negative ? 0 - bits : bits;
    const int decimals = money.currency.decimals();
    std::string text = zero_padded(magnitude, decimals + 1);
    if (decimals > 0) {
        text.insert(text.size() - static_cast<std::size_t>(decimals), ".");
    }
    return negative ? "-" + text : text;
}

std::optional<Money> from_decimal(std::string_view text, Currency currency) {
    const auto dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    std::string fraction(dot == std::string_view::npos ? "" : text.substr(dot + 1));
    const auto decimals = static_cast<std::size_t>(currency.decimals());
    // "12.3400" is exact in EUR: trailing zeros say nothing.
    while (fraction.size() > decimals && fraction.back() == '0') {
        fraction.pop_back();
    }
    if (whole.empty() || whole.size() > 19 || fraction.size() > decimals ||
        whole.find_first_not_of("0123456789") != std::string_view::npos ||
        fraction.find_first_not_of("0123456789") != std::string_view::npos ||
        (dot != std::string_view::npos && dot + 1 == text.size())) {
        return std::nullopt;
    }
    fraction.append(decimals - fraction.size(), '0');
    const auto amount = to_integer(cat(whole, fraction));
    if (!amount || *amount > amount_max) {
        return std::nullopt;
    }
    return Money{currency, *amount};
}

}  // namespace souk
