#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/carts/cart.h"
#include "domain/ports/store_ledger.h"

namespace souk::carts {

/// The cart that a customer last took, and what its row must still be for that to be so.
struct CurrentCart {
    std::optional<CartId> id;
    Expect as_read = Expect::absent();
};

/// The carts of one store. A cart is one partition: its head, and a row a line. Its public id is a
/// secret and is kept only as its SHA-256 (the key), until a customer owns the cart and the id
/// alone opens nothing.
class CartRepository {
public:
    CartRepository(StoreLedger ledger, const Crypto& crypto)
        : ledger_(std::move(ledger)), crypto_(crypto) {}

    [[nodiscard]] std::string key_of(const CartId& id) const;
    /// With its lines, or nothing.
    [[nodiscard]] Result<std::optional<Cart>> find(std::string_view key) const;
    /// Without its lines; for changes that concern the head alone.
    [[nodiscard]] Result<std::optional<Cart>> find_head(std::string_view key) const;
    [[nodiscard]] Result<CurrentCart> current_of(const UserId& customer) const;

    /// The head, at the row's version that the cart was read with (0: new). Raises cart.version.
    void put_head(Changes& changes, Cart& cart) const;
    /// The same where nobody edited it, of its orders' doing: its version, which shoppers name when
    /// they order, stays.
    void put_state(Changes& changes, Cart& cart) const;
    /// Binds `changes` to the head's row having this version; every change of a line raises it.
    void check_head(Changes& changes, std::string_view key, std::uint64_t row_version) const;
    void put_line(Changes& changes, const Cart& cart, const Line& line) const;
    void erase_line(Changes& changes, const Cart& cart, const Line& line) const;
    void set_current(Changes& changes, const UserId& customer, const CartId& cart,
                     Expect expect) const;
    [[nodiscard]] const StoreLedger& ledger() const { return ledger_; }

private:
    StoreLedger ledger_;
    const Crypto& crypto_;
};

}  // namespace souk::carts
