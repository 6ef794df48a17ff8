#pragma once

#include <utility>

#include "domain/orders/contract.h"

namespace souk::orders {

/// Which orders hold which carts, out of the rows of orders. Apart from Orders, which asks carts.
class HoldsOfOrders : public CartHolds {
public:
    explicit HoldsOfOrders(ServiceLedger ledger) : ledger_(std::move(ledger)) {}

    [[nodiscard]] Result<CartStanding> standing(const StoreId& store,
                                                std::string_view cart_key) const override;
    [[nodiscard]] Result<bool> held(const StoreId& store, std::string_view cart_key,
                                    Changes& changes) const override;

private:
    ServiceLedger ledger_;
};

}  // namespace souk::orders
