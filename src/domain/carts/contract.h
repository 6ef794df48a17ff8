#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/base/address.h"
#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/money.h"
#include "domain/base/totals.h"
#include "domain/ports/caller.h"
#include "domain/ports/store_ledger.h"

/// What orders may ask the carts service. Read-only; carts change by their own verbs and by order
/// events. docs/decisions/0021 says why a commit of orders may depend on a cart.
namespace souk::carts {

/// Units: lines; pieces.
inline constexpr std::int64_t lines_max = 1000;
inline constexpr std::int64_t line_title_max = 1029;  // products::offer_title_max.
inline constexpr std::int64_t quantity_max = 9999;
/// However often it is touched, no cart lives longer.
inline constexpr std::chrono::hours cart_life_max{24 * 365};

/// One line at today's price.
struct PricedLine {
    LineId id;
    ProductId product;
    VariantId variant;
    std::string sku;
    std::string title;
    std::int64_t quantity = 0;
    Money unit_price;            // What the shopper was shown.
    Money total;                 // unit_price x quantity
    Money tax;                   // Contained in or on top of total, as the store's tax mode says.
    bool price_changed = false;  // Today's price is another.
    bool sellable = true;
};

/// A cart that could become an order, or that has.
struct Checkout {
    std::string cart_key;       // Names the cart inside Souk; its public id is a secret.
    std::uint64_t version = 0;  // As people see it.
    std::uint64_t row_version = 0;
    std::string order_id;  // The order that holds the cart or came of it; empty while it is open.
    std::int64_t attempts = 0;  // The highest number of an order that the cart has heard of.
    std::optional<UserId> customer;
    std::string email;
    std::vector<PricedLine> lines;
    std::optional<Address> shipping_address;
    std::string shipping_method_id;  // May be empty.
    std::string shipping_method_name;
    bool shipping_method_gone = false;  // The store no longer ships so.
    Totals totals;
    bool tax_included = false;
    bool terms_changed = false;  // Shipping or tax is another than the cart's last edit showed.
};

class CartReader {
public:
    virtual ~CartReader() = default;
    /// The cart as the caller would order it. Errors: not_found (also another store's or
    /// customer's, and one that went into another).
    [[nodiscard]] virtual Result<Checkout> checkout(const Caller& caller,
                                                    const CartId& cart) const = 0;
    /// Binds `changes` to the cart being as `checkout` has it: if it has changed by then, their
    /// commit is a ledger_conflict.
    virtual void bind(Changes& changes, const StoreId& store, const Checkout& checkout) const = 0;
};

}  // namespace souk::carts
