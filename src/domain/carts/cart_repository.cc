#include "domain/carts/cart_repository.h"

#include "domain/base/text.h"

namespace souk::carts {

namespace {

constexpr std::string_view head_sort = "cart";
constexpr std::string_view line_prefix = "line#";
constexpr std::string_view after_lines = "line$";  // '$' follows '#'.
constexpr int row_format = 1;

std::string partition_of(std::string_view key) { return cat("cart#", key); }
std::string customer_partition(const UserId& customer) { return cat("customer#", customer.text()); }

std::string encode_head(const Cart& cart) {
    JsonWriter out;
    out.begin_object().member("v", row_format).member("status", name_of(cart.status));
    if (cart.customer) {
        out.member("customer", cart.customer->text());
        // The customer's token guards it now, so its id may be kept.
        out.member("id", cart.id ? std::optional(cart.id->text()) : std::nullopt);
    }
    out.member("email", cart.email).member("method", cart.shipping_method_id);
    if (cart.shipping_address) {
        out.raw_member("address", render_address(*cart.shipping_address));
    }
    // Two members for one order, as in rows of the time when orders were not numbered: what those
    // versions wrote is read, and they read this.
    out.member("order", cart.order_cancelled ? "" : cart.order.id)
        .member("settled", cart.order_cancelled ? cart.order.id : "")
        .member("attempt", cart.order.attempt)
        .member("merged_into", cart.merged_into)
        .member("announced", cart.abandonment_announced)
        .member("version", cart.version)
        .member("created", cart.created_at.unix_ms())
        .member("touched", cart.touched_at.unix_ms());
    if (cart.terms) {
        out.key("terms")
            .begin_object()
            .member("shipping", cart.terms->shipping)
            .member("tax", cart.terms->tax_basis_points)
            .member("included", cart.terms->tax_included)
            .end_object();
    }
    return out.end_object().take();
}

Result<Cart> decode_head(std::string_view key, const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView json = document.root();
    const auto status = status_named(json["status"].text_or());
    if (json["v"].integer_or(0) != row_format || !status) {
        return fail(souk::errors::corrupt_row, "A cart's row has an unknown format.");
    }
    Cart cart;
    cart.key = key;
    cart.status = *status;
    if (json["customer"].is_string()) {
        cart.customer = UserId::trusted(json["customer"].text_or());
    }
    if (json["id"].is_string()) {
        cart.id = CartId::trusted(json["id"].text_or());
    }
    cart.email = json["email"].text_or();
    cart.shipping_method_id = json["method"].text_or();
    if (json["address"].is_object()) {
        cart.shipping_address = parse_address(json["address"]);
    }
    cart.order = {json["order"].text_or(), json["attempt"].integer_or(0)};
    if (cart.order.id.empty()) {
        cart.order.id = json["settled"].text_or();
        cart.order_cancelled = !cart.order.id.empty();
    }
    cart.merged_into = json["merged_into"].text_or();
    cart.abandonment_announced = json["announced"].bool_or(false);
    if (const JsonView terms = json["terms"]; terms.is_object()) {
        cart.terms = {.shipping = terms["shipping"].integer_or(0),
                      .tax_basis_points = terms["tax"].integer_or(0),
                      .tax_included = terms["included"].bool_or(false)};
    }
    cart.created_at = Instant::from_unix_ms(json["created"].integer_or(0));
    cart.touched_at = Instant::from_unix_ms(json["touched"].integer_or(0));
    cart.row_version = row.version;
    // Until these were told apart, they were the same.
    cart.version = static_cast<std::uint64_t>(
        json["version"].integer_or(static_cast<std::int64_t>(row.version)));
    return cart;
}

std::string encode_line(const Line& line) {
    JsonWriter out;
    out.begin_object()
        .member("v", row_format)
        .member("product", line.product.text())
        .member("variant", line.variant.text())
        .member("sku", line.sku)
        .member("title", line.title)
        .member("quantity", line.quantity)
        .member("amount", line.unit_price.amount)
        .member("currency", line.unit_price.currency.code());
    return out.end_object().take();
}

Result<Line> decode_line(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView json = document.root();
    const auto currency = Currency::parse(json["currency"].text_or());
    if (json["v"].integer_or(0) != row_format || !currency) {
        return fail(souk::errors::corrupt_row, "A cart line's row has an unknown format.");
    }
    return Line{.id = LineId::trusted(row.sort.substr(line_prefix.size())),
                .product = ProductId::trusted(json["product"].text_or()),
                .variant = VariantId::trusted(json["variant"].text_or()),
                .sku = json["sku"].text_or(),
                .title = json["title"].text_or(),
                .quantity = json["quantity"].integer_or(0),
                .unit_price = {*currency, json["amount"].integer_or(0)},
                .row_version = row.version};
}

}  // namespace

std::string CartRepository::key_of(const CartId& id) const {
    return to_hex(crypto_.sha256(id.text()));
}

Result<std::optional<Cart>> CartRepository::find_head(std::string_view key) const {
    const auto row = TRY(ledger_.find(partition_of(key), head_sort));
    return row ? std::optional(TRY(decode_head(key, *row))) : std::nullopt;
}

Result<std::optional<Cart>> CartRepository::find(std::string_view key) const {
    // One query reads head and lines together ("cart" sorts before "line#…"), so they agree.
    std::optional<Cart> cart;
    StoreQuery query{.partition = partition_of(key),
                     .before = std::string(after_lines),
                     .limit = query_limit_max};
    while (true) {
        const auto page = TRY(ledger_.query(query));
        for (const auto& row : page.rows) {
            if (row.sort == head_sort) {
                cart = TRY(decode_head(key, row));
            } else if (cart) {
                cart->lines.push_back(TRY(decode_line(row)));
            }
        }
        if (!page.cursor || !cart) {
            return cart;
        }
        query.cursor = *page.cursor;
    }
}

Result<CurrentCart> CartRepository::current_of(const UserId& customer) const {
    const auto row = TRY(ledger_.find(customer_partition(customer), head_sort));
    if (!row) {
        return CurrentCart{};
    }
    const JsonDocument document = TRY(JsonDocument::parse(row->body));
    return CurrentCart{CartId::trusted(document.root()["id"].text_or()), Expect::at(row->version)};
}

void CartRepository::put_head(Changes& changes, Cart& cart) const {
    ++cart.version;
    put_state(changes, cart);
}

void CartRepository::put_state(Changes& changes, Cart& cart) const {
    const bool waits = cart.status == Status::open && !cart.abandonment_announced;
    ledger_.put(changes,
                {.partition = partition_of(cart.key),
                 .sort = std::string(head_sort),
                 .body = encode_head(cart),
                 .expires = cart.expires_at(),
                 .due = waits ? std::optional(cart.abandoned_at()) : std::nullopt},
                Expect::as_read(cart.row_version));
    ++cart.row_version;
}

void CartRepository::check_head(Changes& changes, std::string_view key,
                                std::uint64_t row_version) const {
    ledger_.check(changes, partition_of(key), head_sort, Expect::at(row_version));
}

void CartRepository::put_line(Changes& changes, const Cart& cart, const Line& line) const {
    // A line outlives its head by a day, so that a head is never read without its lines.
    ledger_.put(changes,
                {.partition = partition_of(cart.key),
                 .sort = cat(line_prefix, line.id.text()),
                 .body = encode_line(line),
                 .expires = cart.created_at + cart_life_max + std::chrono::hours(24)},
                Expect::as_read(line.row_version));
}

void CartRepository::erase_line(Changes& changes, const Cart& cart, const Line& line) const {
    ledger_.erase(changes, partition_of(cart.key), cat(line_prefix, line.id.text()),
                  Expect::at(line.row_version));
}

void CartRepository::set_current(Changes& changes, const UserId& customer, const CartId& cart,
                                 Expect expect) const {
    JsonWriter out;
    out.begin_object().member("v", row_format).member("id", cart.text()).end_object();
    ledger_.put(changes,
                {.partition = customer_partition(customer),
                 .sort = std::string(head_sort),
                 .body = out.take()},
                expect);
}

}  // namespace souk::carts
