#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "adapters/accounts/records.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "adapters/payments_manual/manual_payment.h"
#include "domain/base/text.h"
#include "domain/carts/cart_repository.h"
#include "domain/notifications/delivery.h"
#include "domain/notifications/mail_record.h"
#include "domain/notifications/webhook.h"
#include "domain/orders/order_rows.h"
#include "domain/products/product_repository.h"
#include "domain/stores/store_rows.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

StoreRow row_of(std::string_view body) {
    return {.partition = "partition", .sort = "sort", .version = 7, .body = std::string(body)};
}

std::string body_of(const std::string& body) { return body; }
std::string body_of(const StoreRow& row) { return row.body; }

/// Whether the two say the same, as far as rows may say one thing in two ways: moments in any
/// offset, and numbers that no int holds.
bool agree(JsonView read, JsonView written) {
    if (read.is_string() && written.is_string()) {
        return read.string() == written.string() || from_rfc3339(read.text_or()).has_value();
    }
    if (read.is_integer() && written.is_integer()) {
        return read.integer() == written.integer() ||
               read.integer_or(0) > std::numeric_limits<int>::max() ||
               read.integer_or(0) < std::numeric_limits<int>::min();
    }
    return !read.is_bool() || !written.is_bool() || read.boolean() == written.boolean();
}

/// What a row's members said is what they say when it was read and written.
void check_members(std::string_view body, const std::string& written_body) {
    const auto read = JsonDocument::parse(body);
    const auto written = JsonDocument::parse(written_body);
    HOLDS(read.has_value() && written.has_value());
    for (std::size_t i = 0; i < written->root().size(); ++i) {
        const auto [name, value] = written->root().member(i);
        HOLDS(agree(read->root()[name], value));
    }
}

/// What a row says once it was read and written is what it says ever after; what cannot be read is
/// corrupt, and nothing worse.
template <class Decode, class Encode>
void check(std::string_view body, Decode decode, Encode encode) {
    const auto value = decode(body);
    if (!value) {
        HOLDS(value.error().code == errors::corrupt_row ||
              value.error().code == errors::malformed_json);
        return;
    }
    const std::string written = body_of(encode(*value));
    check_members(body, written);
    const auto again = decode(written);
    HOLDS(again.has_value());
    HOLDS(body_of(encode(*again)) == written);
}

template <class Decode, class Encode>
void check_row(std::string_view body, Decode decode, Encode encode) {
    check(body, [&](std::string_view text) { return decode(row_of(text)); }, encode);
}

void check_order_head(std::string_view body) {
    static const OrderId id = OrderId::trusted("order_1");
    check(
        body, [](std::string_view text) { return orders::rows::decode_head(id, text, 7); },
        orders::rows::encode_head);
}

void check_order_lines(std::string_view body) {
    static const orders::Order empty = *orders::rows::decode_head(
        OrderId::trusted("order_1"), R"({"v":1,"currency":"EUR","status":"pending"})", 1);
    check(
        body,
        [](std::string_view text) -> Result<orders::Order> {
            orders::Order order = empty;
            TRY(orders::rows::decode_lines(order, text));
            return order;
        },
        [](const orders::Order& order) {
            return orders::rows::encode_lines(order, 0, order.lines.size());
        });
}

void check_fulfilment(std::string_view body) {
    check(body, orders::rows::decode_fulfilment, orders::rows::encode_fulfilment);
}

void check_refund(std::string_view body) {
    check(
        body, [](std::string_view text) { return orders::rows::decode_refund(text, 7); },
        orders::rows::encode_refund);
}

void check_product(std::string_view body) {
    check_row(body, products::decode_product, products::encode_product);
}

void check_owner(std::string_view body) {
    check_row(body, products::decode_owner, [](const products::SkuOwner& owner) {
        return products::encode_owner(owner.product, owner.variant);
    });
}

void check_store(std::string_view body) {
    check_row(body, stores::decode_store, stores::encode_store);
}
void check_member(std::string_view body) {
    check_row(body, stores::decode_member, stores::encode_member);
}
void check_roster(std::string_view body) {
    check_row(body, stores::decode_roster, stores::encode_roster);
}
void check_api_key(std::string_view body) {
    check_row(body, stores::decode_api_key, stores::encode_api_key);
}
void check_webhook(std::string_view body) {
    check_row(body, notifications::decode_webhook, notifications::encode_webhook);
}
void check_delivery(std::string_view body) {
    check_row(body, notifications::decode_delivery, notifications::encode_delivery);
}
void check_mail(std::string_view body) {
    check_row(body, notifications::decode_mail, notifications::encode_mail);
}
void check_payment(std::string_view body) {
    check(body, decode_manual_payment,
          [](const ManualPayment& payment) { return encode(payment); });
}
void check_account(std::string_view body) {
    check(
        body, [](std::string_view text) { return decode_account(text, 7); },
        [](const AccountRecord& record) { return encode(record); });
}
void check_session(std::string_view body) {
    check(
        body, [](std::string_view text) { return decode_session(text, 7); },
        [](const SessionRecord& record) { return encode(record); });
}
void check_code(std::string_view body) {
    check(
        body, [](std::string_view text) { return decode_code(text, 7); },
        [](const CodeRecord& record) { return encode(record); });
}

/// A cart's partition: its head is the first line of the body, each further line a line of it.
class CartShelf {
public:
    CartShelf() { test_.clock.set(Instant::from_unix_ms(0)); }

    void put(std::string_view sort, std::string_view body) {
        write([&](Changes& changes) {
            wall_.put(
                changes,
                {.partition = "cart#key", .sort = std::string(sort), .body = std::string(body)},
                Expect::any());
        });
    }
    void put(carts::Cart cart) {
        for (auto& line : cart.lines) {
            line.row_version = 0;
            write([&](Changes& changes) { carts_.put_line(changes, cart, line); });
        }
        cart.version = 0;
        cart.row_version = 0;
        write([&](Changes& changes) { carts_.put_head(changes, cart); });
    }
    [[nodiscard]] Result<std::optional<carts::Cart>> find() const { return carts_.find("key"); }
    [[nodiscard]] std::string bodies() const {
        std::string out;
        for (const auto& row : memory_.rows()) {
            out += cat(row.key.sort, ' ', row.body, '\n');
        }
        return out;
    }

private:
    template <class Fill>
    void write(Fill fill) {
        Changes changes;
        fill(changes);
        HOLDS(service_.commit(changes).has_value());
    }

    TestEnvironment test_;
    MemoryLedger memory_{test_.clock};
    ServiceLedger service_{memory_, "carts", test_.environment()};
    StoreLedger wall_ = service_.store(StoreId::trusted("store_1"));
    carts::CartRepository carts_{wall_, test_.crypto};
};

void check_cart(std::string_view body) {
    Bytes bytes(body);
    CartShelf shelf;
    shelf.put("cart", bytes.line());
    for (int number = 1; !bytes.empty() && number <= 3; ++number) {
        shelf.put(cat("line#", number), bytes.line());
    }
    const auto cart = shelf.find();
    if (!cart) {
        HOLDS(cart.error().code == errors::corrupt_row ||
              cart.error().code == errors::malformed_json);
        return;
    }
    HOLDS(cart->has_value());
    carts::Cart fresh = **cart;
    fresh.created_at = Instant::from_unix_ms(1);  // Such that nothing of it has run out.
    fresh.touched_at = Instant::from_unix_ms(1);
    CartShelf second;
    second.put(fresh);
    const auto again = second.find();
    HOLDS(again && *again && (*again)->lines.size() == fresh.lines.size());
    CartShelf third;
    third.put(**again);
    HOLDS(third.bodies() == second.bodies());
}

struct Codec {
    std::string_view name;
    void (*check)(std::string_view body);
};

constexpr std::array codecs = std::to_array<Codec>({
    {"order", check_order_head},
    {"order lines", check_order_lines},
    {"fulfilment", check_fulfilment},
    {"refund", check_refund},
    {"product", check_product},
    {"sku", check_owner},
    {"cart", check_cart},
    {"store", check_store},
    {"member", check_member},
    {"roster", check_roster},
    {"api key", check_api_key},
    {"webhook", check_webhook},
    {"delivery", check_delivery},
    {"mail", check_mail},
    {"payment", check_payment},
    {"account", check_account},
    {"session", check_session},
    {"code", check_code},
});

}  // namespace

FUZZ_TARGET(domain_rows) {
    Bytes bytes(input);
    const std::string_view name = bytes.line();
    const auto* const named = std::ranges::find(codecs, name, &Codec::name);
    const auto* const codec = named != codecs.end() ? named : &codecs[name.size() % codecs.size()];
    codec->check(bytes.rest());
}

}  // namespace souk::fuzz
