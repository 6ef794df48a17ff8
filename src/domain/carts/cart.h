#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/address.h"
#include "domain/base/id.h"
#include "domain/base/money.h"
#include "domain/carts/contract.h"
#include "domain/products/contract.h"
#include "domain/stores/contract.h"

/// A cart and its arithmetic. Pure.
namespace souk::carts {

enum class Status { open, ordering, ordered, merged };
[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] std::optional<Status> status_named(std::string_view name);

/// A cart that nobody touches is forgotten after this, and in any case cart_life_max after it was
/// made.
inline constexpr std::chrono::hours cart_life{24 * 30};
/// An open cart with lines that nobody has touched for this long is announced as abandoned, once.
inline constexpr std::chrono::hours abandoned_after{24};

struct Line {
    LineId id;
    ProductId product;
    VariantId variant;
    std::string sku;
    std::string title;
    std::int64_t quantity = 0;
    Money unit_price;  // As the shopper was shown it.
    std::uint64_t row_version = 0;
};

/// An order as its events name it to its cart. Orders numbers the orders of a cart, and each is
/// placed after the end of the one before: whatever is said of a lower number is over.
struct CartOrder {
    std::string id;
    std::int64_t attempt = 0;  // From 1; 0: placed before orders were numbered.
};

/// What an order's events tell of it, in the order in which they happen.
enum class OrderFate { placed, confirmed, cancelled };

/// What the store adds to the lines' prices: kept as the cart's last edit showed it, so that nobody
/// pays for shipping or tax what was not shown.
struct Terms {
    std::int64_t shipping = 0;  // Units: minor units of the store's currency.
    std::int64_t tax_basis_points = 0;
    bool tax_included = false;
    bool operator==(const Terms&) const = default;
};

struct Cart {
    std::optional<CartId> id;  // Unknown where only the key is: in events.
    std::string key;
    Status status = Status::open;
    std::optional<UserId> customer;
    std::string email;
    std::optional<Address> shipping_address;
    std::string shipping_method_id;
    CartOrder order;               // The newest that it has heard of; none while its id is empty.
    bool order_cancelled = false;  // That one, so that the cart may be ordered again.
    std::string merged_into;       // The key of the cart that took its lines.
    bool abandonment_announced = false;
    std::optional<Terms> terms;  // None in rows of the time before they were kept.
    Instant created_at;
    Instant touched_at;
    std::uint64_t version = 0;      // As people see it; 0: new.
    std::uint64_t row_version = 0;  // Of its head, which also tells what nobody sees.
    std::vector<Line> lines;

    // Full hours and full ten minutes, never early: an edit that changes no index entry of its row
    // is half as dear, in the ledger's log as in DynamoDB's write units.
    [[nodiscard]] Instant expires_at() const;
    /// From when on it counts as abandoned, unless somebody touches it.
    [[nodiscard]] Instant abandoned_at() const;
};

/// The SKUs of the cart's lines, in their order.
[[nodiscard]] std::vector<std::string> skus_of(const Cart& cart);

/// A cart with what it costs.
struct PricedCart {
    Cart cart;
    std::vector<PricedLine> lines;
    Totals totals;
    std::string shipping_method_name;
    Currency currency;
    bool tax_included = false;
    bool terms_changed = false;         // Since the cart's last edit.
    bool shipping_method_gone = false;  // The store no longer ships as the cart says.
};

/// Nothing if the store does not ship so.
[[nodiscard]] const stores::ShippingMethod* method_in(const stores::Store& store,
                                                      std::string_view id);
/// What the store adds today to the cart.
[[nodiscard]] Terms terms_of(const Cart& cart, const stores::Store& store);
/// Whether that is something else than the cart's last edit showed.
[[nodiscard]] bool terms_changed(const Cart& cart, const stores::Store& store);

/// Prices every line at what the shopper was shown, and marks those whose offer is another by now.
/// `offers` are in the order of the lines. Tax is rounded per line; shipping is not taxed. Errors:
/// amount_too_large.
[[nodiscard]] Result<PricedCart> priced(Cart cart,
                                        const std::vector<std::optional<products::Offer>>& offers,
                                        const stores::Store& store);

/// The public representation.
[[nodiscard]] std::string render_cart(const PricedCart& priced);

}  // namespace souk::carts
