#pragma once

#include <string>
#include <string_view>

#include "domain/base/json.h"
#include "domain/base/money.h"
#include "domain/base/schema.h"

namespace souk {

/// `{"amount":1234,"currency":"EUR"}`.
[[nodiscard]] std::string render_money(const Money& money);
/// The same as a member of the object that `out` is writing.
void write_money(JsonWriter& out, std::string_view name, const Money& money);

/// What a cart or an order costs. All of one currency; total = subtotal - discount + shipping, and
/// + tax where the store's prices do not contain it.
struct Totals {
    Money subtotal;
    Money discount;
    Money shipping;
    Money tax;
    Money total;
};

/// The public representation: an object of five monies.
[[nodiscard]] std::string render_totals(const Totals& totals);
[[nodiscard]] Schema totals_schema();

}  // namespace souk
