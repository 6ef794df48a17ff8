#include "domain/notifications/money_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "domain/base/text.h"

namespace souk::notifications {

namespace {

constexpr std::string_view no_break_space = "\u00A0";
constexpr std::string_view narrow_space = "\u202F";

enum class Place { before, before_spaced, after_spaced };

struct Convention {
    std::string_view locale;  // Lower case: "de" or "de-ch".
    std::string_view decimal;
    std::string_view group;
    Place place;
};

constexpr Convention english{"en", ".", ",", Place::before};

constexpr std::array conventions = std::to_array<Convention>({
    english,
    {"cs", ",", no_break_space, Place::after_spaced},
    {"da", ",", ".", Place::after_spaced},
    {"de", ",", ".", Place::after_spaced},
    {"de-at", ",", no_break_space, Place::before_spaced},
    {"de-ch", ".", "\u2019", Place::before_spaced},
    {"el", ",", ".", Place::after_spaced},
    {"es", ",", ".", Place::after_spaced},
    {"es-mx", ".", ",", Place::before},
    {"fi", ",", no_break_space, Place::after_spaced},
    {"fr", ",", narrow_space, Place::after_spaced},
    {"it", ",", ".", Place::after_spaced},
    {"ja", ".", ",", Place::before},
    {"ko", ".", ",", Place::before},
    {"nb", ",", no_break_space, Place::after_spaced},
    {"nl", ",", ".", Place::before_spaced},
    {"pl", ",", no_break_space, Place::after_spaced},
    {"pt", ",", ".", Place::before_spaced},
    {"pt-pt", ",", no_break_space, Place::after_spaced},
    {"sv", ",", no_break_space, Place::after_spaced},
    {"tr", ",", ".", Place::before},
    {"zh", ".", ",", Place::before},
});

// Only symbols that leave no doubt: the bare "$" is the US dollar's, other dollars are qualified.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> symbols{{
    {"AUD", "A$"},
    {"BRL", "R$"},
    {"CAD", "CA$"},
    {"EUR", "€"},
    {"GBP", "£"},
    {"ILS", "₪"},
    {"INR", "₹"},
    {"JPY", "¥"},
    {"KRW", "₩"},
    {"NZD", "NZ$"},
    {"USD", "$"},
    {"VND", "₫"},
}};

const Convention& convention_of(std::string_view locale) {
    std::string wanted = ascii_lower(locale);
    std::ranges::replace(wanted, '_', '-');
    const auto* exact = std::ranges::find(conventions, wanted, &Convention::locale);
    if (exact != conventions.end()) {
        return *exact;
    }
    const std::string language = wanted.substr(0, wanted.find('-'));
    const auto* near = std::ranges::find(conventions, language, &Convention::locale);
    return near == conventions.end() ? english : *near;
}

std::string number(const Money& money, const Convention& convention) {
    const std::string plain =
        to_decimal({money.currency, money.amount < 0 ? -money.amount : money.amount});
    const std::size_t point = std::min(plain.find('.'), plain.size());
    std::string out;
    for (std::size_t i = 0; i < point; ++i) {
        if (i > 0 && (point - i) % 3 == 0) {
            out += convention.group;
        }
        out += plain[i];
    }
    if (point < plain.size()) {
        out += cat(convention.decimal, std::string_view(plain).substr(point + 1));
    }
    return out;
}

}  // namespace

std::string format_money(const Money& money, std::string_view locale) {
    const Convention& convention = convention_of(locale);
    const std::string_view code = money.currency.code();
    const auto* known =
        std::ranges::find(symbols, code, &std::pair<std::string_view, std::string_view>::first);
    const bool has_symbol = known != symbols.end();
    const std::string_view symbol = has_symbol ? known->second : code;
    const std::string_view sign = money.amount < 0 ? "-" : "";
    switch (convention.place) {
        case Place::before:
            return cat(sign, symbol, has_symbol ? std::string_view{} : no_break_space,
                       number(money, convention));
        case Place::before_spaced:
            return cat(sign, symbol, no_break_space, number(money, convention));
        case Place::after_spaced:
            return cat(sign, number(money, convention), no_break_space, symbol);
    }
    return {};
}

}  // namespace souk::notifications
