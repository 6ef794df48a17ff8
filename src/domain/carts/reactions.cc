#include "domain/carts/carts.h"

namespace souk::carts {

namespace {

constexpr std::string_view queue = "carts-orders";

OrderFate fate_in(const Event& event) {
    if (event.type == "souk.order.placed.v1") {
        return OrderFate::placed;
    }
    return event.type == "souk.order.confirmed.v1" ? OrderFate::confirmed : OrderFate::cancelled;
}

Result<void> follow(const Carts& carts, const Event& event) {
    const StoreId store = TRY(StoreId::parse(event.store()));
    const JsonDocument document = TRY(JsonDocument::parse(event.body));
    const std::string key = document.root()["cart_key"].text_or();
    const CartOrder order{event.subject, document.root()["cart_attempt"].integer_or(0)};
    return react_once(event, queue, carts.ledger(), carts.ledger().store(store),
                      [&] { return carts.follow_order(store, key, order, fate_in(event)); });
}

}  // namespace

std::vector<Reaction> reactions(const Carts& carts) {
    return {{.queue = std::string(queue),
             .types = subscriptions().front().types,
             .react = [&carts](const Event& event) { return follow(carts, event); }}};
}

std::vector<Subscription> subscriptions() {
    return {
        {.queue = std::string(queue),
         .types = {"souk.order.placed.v1", "souk.order.confirmed.v1", "souk.order.cancelled.v1"}}};
}

}  // namespace souk::carts
