#pragma once

#include <string>
#include <string_view>

#include "domain/base/money.h"

namespace souk::notifications {

/// An amount as people in `locale` write it: "€1,234.50" (en), "1.234,50 €" (de), "CHF 1’234.50"
/// (de-CH), "¥1,200" (ja). A currency without a symbol of its own keeps its code. Unknown locales
/// are written as English.
/// Source: the standard patterns of Unicode CLDR 44, with spaces that do not break.
[[nodiscard]] std::string format_money(const Money& money, std::string_view locale);

}  // namespace souk::notifications
