#include <algorithm>
#include <array>
#include <optional>

#include "domain/base/json.h"
#include "domain/base/money.h"
#include "domain/base/text.h"
#include "domain/notifications/letter.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/money_format.h"

namespace souk::notifications {

namespace {

std::optional<std::string> amount_text(JsonView json, std::string_view locale) {
    const auto currency = Currency::parse(json["currency"].text_or());
    const auto amount = json["amount"].integer();
    if (!currency || !amount) {
        return std::nullopt;
    }
    return format_money({*currency, *amount}, locale);
}

/// A member is written only if there is something to say, so that templates can ask for it.
void write_text(JsonWriter& out, std::string_view name, std::string_view text) {
    if (!text.empty()) {
        out.member(name, text);
    }
}

void write_amount(JsonWriter& out, std::string_view name, JsonView json, std::string_view locale) {
    if (const auto text = amount_text(json, locale)) {
        out.member(name, *text);
    }
}

/// Discounts, shipping and tax of nothing are not worth a line.
void write_amount_unless_zero(JsonWriter& out, std::string_view name, JsonView json,
                              std::string_view locale) {
    if (json["amount"].integer_or(0) != 0) {
        write_amount(out, name, json, locale);
    }
}

/// Only a web address may become a link.
std::string web_link(JsonView json) {
    std::string url = json.text_or();
    const bool web = url.starts_with("https://") || url.starts_with("http://");
    return web ? url : std::string();
}

void write_lines(JsonWriter& out, JsonView order, std::string_view locale) {
    const JsonView lines = order["lines"];
    out.key("lines").begin_array();
    for (std::size_t i = 0; i < std::min(lines.size(), mail_lines_max); ++i) {
        const JsonView line = lines.at(i);
        out.begin_object()
            .member("title", line["title"].text_or())
            .member("sku", line["sku"].text_or())
            .member("quantity", line["quantity"].integer_or(0));
        write_amount(out, "unit_price", line["unit_price"], locale);
        write_amount(out, "total", line["total"], locale);
        out.end_object();
    }
    out.end_array();
    // An event may carry the first lines of a long order only, but says how many there are.
    const auto named = static_cast<std::int64_t>(std::min(lines.size(), mail_lines_max));
    const auto count = order["line_count"].integer_or(static_cast<std::int64_t>(lines.size()));
    if (count > named) {
        out.member("more_lines", count - named);
    }
}

void write_totals(JsonWriter& out, JsonView order, std::string_view locale) {
    const JsonView totals = order["totals"];
    write_amount(out, "subtotal", totals["subtotal"], locale);
    write_amount_unless_zero(out, "discount", totals["discount"], locale);
    write_amount_unless_zero(out, "shipping", totals["shipping"], locale);
    write_amount_unless_zero(out, "tax", totals["tax"], locale);
    write_amount(out, "total", totals["total"], locale);
    out.member("tax_included", order["tax_included"].bool_or(false));
}

void write_address(JsonWriter& out, JsonView address) {
    constexpr std::array members{"name", "company", "line1",       "line2",
                                 "city", "region",  "postal_code", "country"};
    if (!address.is_object()) {
        return;
    }
    out.member("has_address", true).key("address").begin_array();
    for (const auto* member : members) {
        if (const std::string line = address[member].text_or(); !line.empty()) {
            out.value(line);
        }
    }
    out.end_array();
}

void write_shipment(JsonWriter& out, JsonView fulfilment, JsonView sent) {
    if (!fulfilment.is_object()) {
        return;
    }
    const std::size_t named = std::min(sent.size(), mail_lines_max);
    out.key("shipment").begin_object().key("lines").begin_array();
    for (std::size_t i = 0; i < named; ++i) {
        out.begin_object()
            .member("title", sent.at(i)["title"].text_or())
            .member("quantity", sent.at(i)["quantity"].integer_or(0))
            .end_object();
    }
    out.end_array();
    const std::size_t all = fulfilment["lines"].size();
    if (named > 0 && all > named) {
        out.member("more_lines", all - named);
    } else {
        // Said, or the template would find the order's own: what is not here is looked for outside.
        out.member("more_lines", false);
    }
    const JsonView tracking = fulfilment["tracking"];
    write_text(out, "carrier", tracking["carrier"].text_or());
    write_text(out, "tracking_number", tracking["number"].text_or());
    write_text(out, "tracking_url", web_link(tracking["url"]));
    out.end_object();
}

void write_refund(JsonWriter& out, JsonView refund, std::string_view locale) {
    if (!refund.is_object()) {
        return;
    }
    out.key("refund").begin_object();
    write_amount(out, "amount", refund["amount"], locale);
    // Our own word, for staff; the mail about the cancellation has told why.
    if (const std::string reason = refund["reason"].text_or(); reason != "order_cancelled") {
        write_text(out, "reason", reason);
    }
    out.end_object();
}

/// Money is taken by a capture alone: until then an amount was only set aside.
bool was_charged(JsonView payment) {
    constexpr std::array charged{"captured", "partially_refunded", "refunded"};
    return std::ranges::find(charged, payment["status"].text_or()) != charged.end();
}

std::string number_text(JsonView number) {
    return number.is_integer() ? cat(number.integer_or(0)) : number.text_or();
}

}  // namespace

std::string order_view(JsonView event_data, const Sender& sender) {
    const JsonView order = event_data["order"];
    JsonWriter out;
    out.begin_object().member("store", sender.name);
    write_text(out, "website", sender.website);
    out.member("number", number_text(order["number"]));
    write_text(out, "name", order["shipping_address"]["name"].text_or());
    out.member("not_charged", !was_charged(order["payment"]));
    write_lines(out, order, sender.locale);
    write_totals(out, order, sender.locale);
    write_address(out, order["shipping_address"]);
    if (const std::string reason = event_data["reason"].text_or(); !reason.empty()) {
        // Templates can ask for a name, not compare a value.
        out.key("because").begin_object().member(reason, true).end_object();
    }
    write_shipment(out, event_data["fulfilment"], event_data["sent"]);
    write_refund(out, event_data["refund"], sender.locale);
    out.end_object();
    return out.take();
}

}  // namespace souk::notifications
