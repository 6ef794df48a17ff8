#include "domain/base/text.h"

#include <algorithm>
#include <string>

#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/base/money.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

void check_base64(std::string_view text) {
    HOLDS(from_base64(to_base64(text)) == text);
    HOLDS(from_base64url(to_base64url(text)) == text);
    // One text a value: what is accepted is what would have been written.
    if (const auto bytes = from_base64(text)) {
        HOLDS(to_base64(*bytes) == text);
    }
    if (const auto bytes = from_base64url(text)) {
        HOLDS(to_base64url(*bytes) == text);
    }
}

void check_percent(std::string_view text) {
    for (const auto style : {PercentStyle::path, PercentStyle::form}) {
        HOLDS(percent_decoded(percent_encoded(text), style) == text);
        const auto decoded = percent_decoded(text, style);
        HOLDS(!decoded || decoded->size() <= text.size());
    }
}

void check_instant(std::string_view text) {
    const auto instant = from_rfc3339(text);
    if (instant) {
        HOLDS(to_rfc3339(*instant).size() == 24);
        HOLDS(from_rfc3339(to_rfc3339(*instant)) == instant);
        HOLDS(to_http_date(*instant).size() == 29);
    }
}

void check_money(std::string_view text) {
    for (const std::string_view code : {"EUR", "JPY", "KWD"}) {
        const auto money = from_decimal(text, *Currency::parse(code));
        if (money) {
            HOLDS(money->amount >= 0 && money->amount <= amount_max);
            HOLDS(from_decimal(to_decimal(*money), money->currency) == money);
        }
    }
    const auto currency = Currency::parse(text);
    HOLDS(!currency || (currency->code() == text && text.size() == 3));
}

void check_shares(std::string_view text) {
    Bytes bytes(text);
    const Money total{*Currency::parse("EUR"), bytes.integer() % (amount_max + 1)};
    std::vector<std::int64_t> weights;
    for (std::size_t left = 1 + bytes.below(8); left > 0; --left) {
        weights.push_back(static_cast<std::int64_t>(bytes.number() % (1U << 20U)));
    }
    if (total.amount < 0 || std::ranges::all_of(weights, [](auto w) { return w == 0; })) {
        return;
    }
    std::int64_t sum = 0;
    for (const Money& part : souk::split(total, weights)) {
        HOLDS(part.amount >= 0);
        sum += part.amount;
    }
    HOLDS(sum == total.amount);
    const auto rate = static_cast<std::int64_t>(bytes.number() % 10'001);
    const std::int64_t inside = tax_included(total.amount, rate);
    HOLDS(inside >= 0 && inside <= total.amount);
    const std::int64_t on_top = tax_added(total.amount, rate);
    HOLDS(on_top >= 0 && on_top <= total.amount);
}

void check_words(std::string_view text) {
    const std::string slug = slug_from(text);
    HOLDS(slug.empty() || is_slug(slug, slug.size()));
    HOLDS(slug_from(slug) == slug);
    HOLDS(trimmed(trimmed(text)) == trimmed(text));
    HOLDS(ascii_equal_ignoring_case(ascii_lower(text), text));
    if (is_utf8(text)) {
        HOLDS(is_utf8(ascii_lower(text)));
        HOLDS(code_points(text) <= text.size());
    }
    std::string joined;
    for (const auto piece : souk::split(text, ',')) {
        HOLDS(!piece.contains(','));
        joined += cat(joined.empty() && piece.data() == text.data() ? "" : ",", piece);
    }
    HOLDS(joined == text);
    if (const auto number = to_integer(text)) {
        HOLDS(to_integer(cat(*number)) == number);
    }
    if (const auto id = OrderId::parse(text)) {
        HOLDS(id->text() == text && text.size() == 6 + 26 && text.starts_with("order_"));
    }
    if (is_email(text)) {
        HOLDS(std::ranges::count(text, '@') == 1 && text.size() <= 254);
        HOLDS(text.find_first_of(std::string_view(" \t\r\n\0,;<>", 9)) == std::string_view::npos);
    }
}

}  // namespace

FUZZ_TARGET(text) {
    check_base64(input);
    check_percent(input);
    check_instant(input);
    check_money(input);
    check_shares(input);
    check_words(input);
}

}  // namespace souk::fuzz
