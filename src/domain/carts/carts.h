#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/carts/cart.h"
#include "domain/carts/cart_repository.h"
#include "domain/carts/contract.h"
#include "domain/orders/contract.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/route.h"
#include "domain/ports/unit_of_work.h"
#include "domain/products/contract.h"
#include "domain/stores/contract.h"

namespace souk::carts {

/// What to put in: one of `sku` and `variant`.
struct NewItem {
    std::string sku;
    std::optional<VariantId> variant;
    std::int64_t quantity = 1;
    std::string pointer;  // Where the body named it, for errors.
};
struct CreateCart {
    std::string email;
    std::vector<NewItem> items;
};
struct ChangeCart {
    std::optional<std::string> email;
    std::optional<std::string> shipping_method_id;  // Empty: none.
    std::optional<std::optional<Address>> shipping_address;
    bool accept_prices = false;  // Today's prices become those shown.
};

/// The carts service. Verbs say what to commit; routes.cc and reactions.cc commit it.
/// A guest's cart is held by whoever knows its id, a customer's by that customer alone; to others
/// it is not_found.
class Carts : public CartReader {
public:
    Carts(ServiceLedger ledger, AllStores all_stores, const stores::StoreDirectory& stores,
          const products::Catalog& catalog, const orders::CartHolds& holds)
        : ledger_(std::move(ledger)),
          platform_(ledger_.platform(all_stores)),
          stores_(stores),
          catalog_(catalog),
          holds_(holds) {}

    /// An empty or filled cart; a customer's becomes the customer's current one. Items of one SKU
    /// add up in one line.
    /// Errors: validation_failed (unknown SKU, quantity over quantity_max), cart_full.
    [[nodiscard]] Result<Change<PricedCart>> create(const Caller& caller,
                                                    const CreateCart& command) const;
    [[nodiscard]] Result<PricedCart> cart(const Caller& caller, const CartId& id) const;

    /// Adding a SKU again adds to its line, at today's price. Errors: not_found, cart_not_open,
    /// cart_full, validation_failed (unknown SKU, quantity over quantity_max), version_mismatch.
    [[nodiscard]] Result<Change<PricedCart>> add_item(const Caller& caller, const CartId& id,
                                                      const NewItem& item) const;
    [[nodiscard]] Result<Change<PricedCart>> set_quantity(const Caller& caller, const CartId& id,
                                                          const LineId& line,
                                                          std::int64_t quantity) const;
    [[nodiscard]] Result<Change<PricedCart>> remove_item(const Caller& caller, const CartId& id,
                                                         const LineId& line) const;
    /// Nothing is written, and the version stays, when nothing would be another.
    /// Errors: not_found, cart_not_open, validation_failed (unknown shipping method),
    /// version_mismatch.
    /// Effects: more prices than one commit holds are accepted in several, each a new version.
    /// Repeat: goes on from the prices that were accepted.
    [[nodiscard]] Result<Change<PricedCart>> change(const Caller& caller, const CartId& id,
                                                    const ChangeCart& command) const;
    [[nodiscard]] Result<Change<PricedCart>> set_shipping_address(const Caller& caller,
                                                                  const CartId& id,
                                                                  const Address& address) const;
    /// Moves a guest's lines into the customer's current cart, or makes the guest's cart that.
    /// Repeat: lines move, so a retry finds none left and doubles nothing.
    [[nodiscard]] Result<Change<PricedCart>> merge(const Caller& caller, const CartId& id) const;

    [[nodiscard]] Result<Checkout> checkout(const Caller& caller, const CartId& id) const override;
    void bind(Changes& changes, const StoreId& store, const Checkout& checkout) const override;

    /// What an order's fate does to its cart, in whatever order it is heard of. No-ops: a cart that
    /// has expired or went into another, and whatever comes after news of a later order.
    [[nodiscard]] Result<Changes> follow_order(const StoreId& store, std::string_view key,
                                               const CartOrder& order, OrderFate fate) const;

    /// Announces carts that were left behind; a bounded batch. Returns how many rows were settled:
    /// what fails is no reason to begin again at once.
    [[nodiscard]] Result<int> sweep(Instant now) const;

    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }

private:
    [[nodiscard]] Result<Change<PricedCart>> merge_once(const Caller& caller,
                                                        const CartId& id) const;
    [[nodiscard]] Result<Change<PricedCart>> change_once(Caller& caller, const CartId& id,
                                                         const ChangeCart& command) const;
    /// Commits what the verb's own commit cannot hold of `lines`, and leaves the rest; `head` is
    /// the cart as it was read. What the caller would change is then the version that this made.
    [[nodiscard]] Result<void> put_early(Caller& caller, Cart& head,
                                         std::vector<Line>& lines) const;
    [[nodiscard]] CartRepository repository(const StoreId& store) const {
        return CartRepository(ledger_.store(store), ledger_.environment().crypto);
    }
    /// The cart, also one that went into another.
    [[nodiscard]] Result<Cart> known_to(const Caller& caller, const CartId& id) const;
    [[nodiscard]] Result<Cart> held_by(const Caller& caller, const CartId& id) const;
    [[nodiscard]] Result<Cart> open_cart(const Caller& caller, const CartId& id) const;
    /// Today's offers of some SKUs, in their order. Asked for once a request: reading them is most
    /// of what a large cart costs.
    using Offers = std::vector<std::optional<products::Offer>>;
    /// In the order of the lines, each of which follows its variant to the SKU that it has now.
    [[nodiscard]] Result<Offers> offers_of(const StoreId& store, Cart& cart) const;
    /// Drops from what was found by the lines' SKUs what is another variant's, and looks for those
    /// of the lines' own.
    [[nodiscard]] Result<void> follow_variants(const StoreId& store, Cart& cart,
                                               Offers& offers) const;
    [[nodiscard]] Result<PricedCart> price(const StoreId& store, Cart cart) const;
    /// Binds `changes` to no order holding the cart; a cart hears of its order a little late. One
    /// that is only being made has none.
    /// Errors: cart_not_open.
    [[nodiscard]] Result<void> keep_unordered(Changes& changes, const StoreId& store,
                                              const Cart& cart) const;
    /// Whether the cart can take another's lines; `changes` are then bound to no order holding it.
    [[nodiscard]] Result<bool> may_take(Changes& changes, const StoreId& store,
                                        const Cart& cart) const;
    /// Empty for a variant that the store does not have.
    [[nodiscard]] Result<std::string> sku_named(const StoreId& store, const NewItem& item) const;
    /// The line that the item is in now; still to be written.
    [[nodiscard]] static Result<Line*> put_in(Cart& cart, const NewItem& item,
                                              const std::optional<products::Offer>& offer,
                                              const LineId& fresh);
    /// What every edit ends with: the head, and the cart as the answer shows it.
    [[nodiscard]] Result<Change<PricedCart>> touched(const StoreId& id, Changes changes, Cart cart,
                                                     Offers offers,
                                                     const stores::Store& store) const;
    /// The cart as touched now; `offers` are those of its lines. Errors: cart_not_open, when an
    /// order holds it by now.
    [[nodiscard]] Result<Change<PricedCart>> changed(const Caller& caller, Changes changes,
                                                     Cart cart, Offers offers,
                                                     const stores::Store& store) const;
    [[nodiscard]] static std::unexpected<Error> being_ordered();
    /// The answer to an edit that changes nothing: no new version. Errors: as `changed`.
    [[nodiscard]] Result<Change<PricedCart>> unchanged(const Caller& caller, Cart cart,
                                                       const Offers& offers,
                                                       const stores::Store& store) const;
    [[nodiscard]] Result<void> announce_abandoned(const DueRow& due, Instant now) const;

    ServiceLedger ledger_;
    PlatformLedger platform_;
    const stores::StoreDirectory& stores_;
    const products::Catalog& catalog_;
    const orders::CartHolds& holds_;
};

[[nodiscard]] std::vector<Route> routes(const Carts& carts);
[[nodiscard]] std::vector<Reaction> reactions(const Carts& carts);
/// The queues of those reactions and the types that they take.
[[nodiscard]] std::vector<Subscription> subscriptions();

}  // namespace souk::carts
