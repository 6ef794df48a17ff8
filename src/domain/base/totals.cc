#include "domain/base/totals.h"

namespace souk {

namespace {

void write(JsonWriter& out, const Money& money) {
    out.begin_object()
        .member("amount", money.amount)
        .member("currency", money.currency.code())
        .end_object();
}

}  // namespace

std::string render_money(const Money& money) {
    JsonWriter out;
    write(out, money);
    return out.take();
}

void write_money(JsonWriter& out, std::string_view name, const Money& money) {
    write(out.key(name), money);
}

std::string render_totals(const Totals& totals) {
    JsonWriter out;
    out.begin_object();
    write_money(out, "subtotal", totals.subtotal);
    write_money(out, "discount", totals.discount);
    write_money(out, "shipping", totals.shipping);
    write_money(out, "tax", totals.tax);
    write_money(out, "total", totals.total);
    return out.end_object().take();
}

Schema totals_schema() {
    using namespace schema;
    return object({required("subtotal", money()), required("discount", money()),
                   required("shipping", money()), required("tax", money()),
                   required("total", money())})
        .named("Totals");
}

}  // namespace souk
