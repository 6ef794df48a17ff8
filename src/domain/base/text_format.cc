#include "domain/base/text_format.h"

#include <algorithm>

#include "domain/base/instant.h"
#include "domain/base/money.h"
#include "domain/base/text.h"

namespace souk {

namespace {

bool all_between(std::string_view text, char least, char most) {
    return std::ranges::all_of(text, [=](char c) { return c >= least && c <= most; });
}

/// A language, and after it a script, a region or both. Source: BCP 47 (RFC 5646), 2.1, in the case
/// of its 2.1.1.
bool is_locale(std::string_view text) {
    auto subtags = split(text, '-');
    const std::string_view language = subtags.front();
    if (language.size() < 2 || language.size() > 3 || !all_between(language, 'a', 'z')) {
        return false;
    }
    auto next = subtags.begin() + 1;
    if (next != subtags.end() && next->size() == 4 && all_between(next->substr(0, 1), 'A', 'Z') &&
        all_between(next->substr(1), 'a', 'z')) {
        ++next;
    }
    if (next != subtags.end() && ((next->size() == 2 && all_between(*next, 'A', 'Z')) ||
                                  (next->size() == 3 && all_between(*next, '0', '9')))) {
        ++next;
    }
    return next == subtags.end();
}

bool is_url(std::string_view text) {
    const bool schemed = text.starts_with("https://") || text.starts_with("http://");
    const auto host = text.substr(std::min(text.size(), text.find("//") + 2));
    return schemed && !host.empty() && host.front() != '/' && text.size() <= 2048 &&
           std::ranges::all_of(text, [](char c) {
               return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '"' && c != '<' &&
                      c != '>' && c != '\\';
           });
}

/// Source: ISO 3166-1 alpha-2, and XK, which carriers use for Kosovo.
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA "
    "ZM ZW ";
static_assert(countries.size() == 3 * 250);

constexpr FormatRow format_table[] = {
    {TextFormat::email, is_email, R"("format":"email","maxLength":254)", "an e-mail address"},
    {TextFormat::slug, [](std::string_view t) { return is_slug(t, slug_max); },
     R"("pattern":"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")", "lower-case letters, digits and hyphens"},
    {TextFormat::instant, [](std::string_view t) { return from_rfc3339(t).has_value(); },
     R"("format":"date-time")", "an RFC 3339 date and time"},
    {TextFormat::url, is_url, R"("format":"uri","maxLength":2048)", "an http or https URL"},
    {TextFormat::currency, [](std::string_view t) { return Currency::parse(t).has_value(); },
     R"("pattern":"^[A-Z]{3}$")", "the ISO 4217 code of a currency in circulation"},
    {TextFormat::locale, is_locale,
     R"("pattern":"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")",
     "a language tag such as en, en-GB or zh-Hant-TW"},
    {TextFormat::country,
     [](std::string_view t) {
         return t.size() == 2 && all_between(t, 'A', 'Z') && countries.contains(t);
     },
     R"("pattern":"^[A-Z]{2}$")", "an ISO 3166 country code of two letters"},
};

}  // namespace

const FormatRow& row_of(TextFormat format) {
    const auto* row = std::ranges::find(format_table, format, &FormatRow::format);
    CHECK(row != std::end(format_table));
    return *row;
}

}  // namespace souk
