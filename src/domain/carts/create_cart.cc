#include <algorithm>
#include <iterator>

#include "domain/base/text.h"
#include "domain/carts/carts.h"

namespace souk::carts {

Result<Change<PricedCart>> Carts::create(const Caller& caller, const CreateCart& command) const {
    const Environment& environment = ledger_.environment();
    const CartRepository carts = repository(caller.in_store());
    Cart cart;
    cart.id = environment.fresh_secret<CartId>();
    cart.key = carts.key_of(*cart.id);
    cart.email = command.email;
    cart.created_at = environment.now();
    Changes changes;
    if (caller.principal.kind == Principal::Kind::customer) {
        cart.customer = UserId::trusted(caller.principal.id);
        // Of two at once both succeed; whichever comes last is current.
        carts.set_current(changes, *cart.customer, *cart.id, Expect::any());
        if (cart.email.empty()) {
            cart.email = caller.principal.email;
        }
    }
    std::vector<std::string> skus;
    for (const auto& item : command.items) {
        skus.push_back(TRY(sku_named(caller.in_store(), item)));
    }
    const Offers offers = TRY(catalog_.offers(caller.in_store(), skus));
    // Lines are read by their ids: drawn at once, they keep the order of the items.
    std::vector<LineId> ids;
    std::ranges::generate_n(std::back_inserter(ids), std::ssize(command.items),
                            [&] { return environment.fresh<LineId>(); });
    std::ranges::sort(ids);
    Offers lines_offers;
    std::vector<FieldError> mistakes;
    for (std::size_t i = 0; i < command.items.size(); ++i) {
        const auto put = put_in(cart, command.items[i], offers[i], ids[i]);
        if (lines_offers.size() < cart.lines.size()) {
            lines_offers.push_back(offers[i]);
        }
        if (!put && put.error().code != souk::errors::validation_failed) {
            return fail(put.error());
        }
        if (!put) {
            std::ranges::copy(put.error().fields, std::back_inserter(mistakes));
        }
    }
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    for (const auto& line : cart.lines) {
        carts.put_line(changes, cart, line);
    }
    const auto store = TRY(stores_.store(caller.in_store()));
    return changed(caller, std::move(changes), std::move(cart), std::move(lines_offers), store);
}

}  // namespace souk::carts
