#pragma once

#include <string_view>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/ports/store_ledger.h"

/// What carts may ask the orders service. Everything else is told by events (docs/api/events.yaml).
namespace souk::orders {

/// What orders say of a cart: it can be ordered, an order of it is being made, it was sold.
enum class CartStanding { free, ordering, ordered };

class CartHolds {
public:
    virtual ~CartHolds() = default;
    /// As of now, where the cart may not have heard yet.
    [[nodiscard]] virtual Result<CartStanding> standing(const StoreId& store,
                                                        std::string_view cart_key) const = 0;
    /// Whether an order holds the cart, which its events will tell later. If none does, `changes`
    /// are bound to that: if one is placed in the meantime, their commit is a ledger_conflict.
    [[nodiscard]] virtual Result<bool> held(const StoreId& store, std::string_view cart_key,
                                            Changes& changes) const = 0;
};

}  // namespace souk::orders
