#include "domain/base/totals.h"

#include "domain/base/json.h"

namespace souk {

std::string render_money(const Money& money) {
    JsonWriter out;
    out.begin_object().member("amount", money.amount).member("currency", money.currency.code());
    return out.end_object().take();
}

std::string render_totals(const Totals& totals) {
    JsonWriter out;
    return out.begin_object()
        .raw_member("subtotal", render_money(totals.subtotal))
        .raw_member("discount", render_money(totals.discount))
        .raw_member("shipping", render_money(totals.shipping))
        .raw_member("tax", render_money(totals.tax))
        .raw_member("total", render_money(totals.total))
        .end_object()
        .take();
}

Schema totals_schema() {
    using namespace schema;
    return object({required("subtotal", money()), required("discount", money()),
                   required("shipping", money()), required("tax", money()),
                   required("total", money())})
        .named("Totals");
}

}  // namespace souk
