#include "domain/orders/order_schemas.h"

#include "domain/base/address.h"
#include "domain/carts/contract.h"
#include "domain/orders/order.h"

namespace souk::orders {

using namespace schema;

namespace {

constexpr std::int64_t word_max = 200;

Schema text_or_null(std::int64_t length_max) { return text(1, length_max).nullable(); }

Schema quantities(std::string_view id_name, std::int64_t count_min = 0) {
    return list(object({required(id_name, id("line_")),
                        required("quantity", integer(1, carts::quantity_max))}),
                carts::lines_max, count_min);
}

Schema line_schema() {
    return object({required("id", id("line_")), required("product_id", id("prod_")),
                   required("variant_id", id("var_")), required("sku", text(1, 64)),
                   required("title", text(0, carts::line_title_max)),
                   required("quantity", integer(1, carts::quantity_max)),
                   required("unit_price", money()), required("total", money()),
                   required("tax", money()),
                   required("fulfilled_quantity", integer(0, carts::quantity_max)),
                   required("refunded_quantity", integer(0, carts::quantity_max))})
        .named("OrderLine");
}

Schema payment_schema() {
    return object(
               {required("id", id("pay_")), required("provider", text(1, 64)),
                required("method", text(1, 64)),
                required("status", one_of({"none", "authorised", "captured", "partially_refunded",
                                           "refunded", "voided", "declined"})),
                required("amount", money()), required("decline_reason", text_or_null(word_max))})
        .named("Payment");
}

Schema fulfilment_schema() {
    return object({required("id", id("ful_")), required("lines", quantities("line_id")),
                   required("tracking", object({required("carrier", text_or_null(word_max)),
                                                required("number", text_or_null(word_max)),
                                                required("url", text_or_null(2048))})),
                   required("created_at", text(TextFormat::instant))})
        .named("Fulfilment");
}

Schema refund_schema() {
    return object({required("id", id("ref_")), required("amount", money()),
                   required("status", one_of({"pending", "done", "failed"})),
                   required("reason", text_or_null(500)), required("lines", quantities("line_id")),
                   required("restock", quantities("line_id")),
                   required("created_at", text(TextFormat::instant))})
        .named("Refund");
}

}  // namespace

Schema order_schema() {
    return object({required("id", id("order_")),
                   required("number", integer(1, INT64_MAX)),
                   required("status", one_of({"pending", "awaiting_payment", "confirmed",
                                              "completed", "cancelled"})),
                   required("cancel_reason", text_or_null(word_max)),
                   required("customer_id", id("user_").nullable()),
                   required("email", text(TextFormat::email)),
                   optional("token", text(1, 64).described(
                                         "A guest's secret, in the answer that places the order; "
                                         "send it as X-Order-Token.")),
                   required("lines", list(line_schema(), carts::lines_max)),
                   required("line_count", integer(1, carts::lines_max)),
                   required("totals", totals_schema()),
                   required("tax_included", boolean()),
                   required("currency", text(TextFormat::currency)),
                   required("shipping_address", address_schema().nullable()),
                   required("shipping_method_id", text_or_null(word_max)),
                   required("shipping_method_name", text_or_null(word_max)),
                   required("payment", payment_schema()),
                   required("fulfilment_status",
                            one_of({"unfulfilled", "partially_fulfilled", "fulfilled"})),
                   required("fulfilments", list(fulfilment_schema(), fulfilments_max)),
                   required("refunds", list(refund_schema(), refunds_max + 1)),
                   required("placed_at", text(TextFormat::instant)),
                   required("version", integer(1, INT64_MAX))})
        .named("Order");
}

Schema timeline_schema() {
    const Schema entry =
        object({required("at", text(TextFormat::instant)), required("type", text(1, 64)),
                required("detail", text_or_null(5000)), required("actor", text_or_null(64))});
    // Each refund makes two, and an order's way to its end some ten.
    constexpr std::int64_t entries_max = 2 * refunds_max + fulfilments_max + 100;
    return object({required("items", list(entry, entries_max)),
                   required("next_cursor", text(1, 2048).nullable())});
}

Schema place_order_schema() {
    const std::vector<std::string> methods{"manual", "manual_decline", "manual_timeout"};
    return object({required("cart_id", id("cart_")),
                   optional("cart_version",
                            integer(1, INT64_MAX).described("The version that the shopper saw.")),
                   required("payment", object({required("provider", one_of(methods)),
                                               optional("method", one_of(methods))}))});
}

Schema fulfil_schema() {
    // Without lines it is all of them; an empty list is more likely a filter gone wrong.
    return object({optional("lines", quantities("line_id", 1)),
                   optional("tracking", object({optional("carrier", line(1, word_max).nullable()),
                                                optional("number", line(1, word_max).nullable()),
                                                optional("url", text(TextFormat::url).nullable())})
                                            .nullable())});
}

Schema refund_request_schema() {
    const Schema line = object({required("line_id", id("line_")),
                                required("quantity", integer(1, carts::quantity_max)),
                                optional("restock", boolean())});
    return object({optional("lines", list(line, carts::lines_max, 1)), optional("amount", money()),
                   optional("restock", boolean()), optional("reason", text(0, 500).nullable())});
}

Schema cancel_schema() { return object({optional("reason", text(0, word_max).nullable())}); }

}  // namespace souk::orders
