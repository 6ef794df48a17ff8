#include "domain/orders/orders.h"

namespace souk::orders {

namespace {

constexpr std::string_view stock_queue = "orders-stock";
constexpr std::string_view payments_queue = "orders-payments";

/// Runs `verb` (store, order id, the event's data) once for the event.
template <class Verb>
Result<void> once(const Orders& orders, std::string_view queue, const Event& event, Verb verb) {
    const StoreId store = TRY(StoreId::parse(event.store()));
    const OrderId id = TRY(OrderId::parse(event.subject));
    const JsonDocument document = TRY(JsonDocument::parse(event.body));
    return react_once(event, queue, orders.ledger(), orders.ledger().store(store),
                      [&]() -> Result<Changes> { return verb(store, id, document.root()); });
}

std::string listed(JsonView skus) {
    std::string text;
    for (std::size_t i = 0; i < skus.size(); ++i) {
        text += (text.empty() ? "" : ", ") + skus.at(i).text_or();
    }
    return text;
}

Result<void> follow_stock(const Orders& orders, const Event& event) {
    return once(orders, stock_queue, event,
                [&](const StoreId& store, const OrderId& id, JsonView body) -> Result<Changes> {
                    if (event.type == "souk.stock.reserved.v1") {
                        return orders.pay(store, id, event.traceparent);
                    }
                    return orders.reject(store, id, body["reason"].text_or("out_of_stock"),
                                         listed(body["skus"]), event.traceparent);
                });
}

Result<void> move_money(const Orders& orders, const Event& event) {
    return once(orders, payments_queue, event,
                [&](const StoreId& store, const OrderId& id, JsonView body) -> Result<Changes> {
                    if (event.type == "souk.order.cancelled.v1") {
                        return orders.release_payment(store, id, event.traceparent);
                    }
                    const RefundId refund = TRY(RefundId::parse(body["refund_id"].text_or()));
                    return orders.pay_refund(store, id, refund, event.traceparent);
                });
}

}  // namespace

std::vector<Subscription> subscriptions() {
    return {{.queue = std::string(stock_queue),
             .types = {"souk.stock.reserved.v1", "souk.stock.rejected.v1"}},
            {.queue = std::string(payments_queue),
             .types = {"souk.order.cancelled.v1", "souk.order.refund_requested.v1"}}};
}

std::vector<Reaction> reactions(const Orders& orders) {
    const auto queues = subscriptions();
    return {{.queue = queues[0].queue,
             .types = queues[0].types,
             .react = [&orders](const Event& event) { return follow_stock(orders, event); }},
            {.queue = queues[1].queue,
             .types = queues[1].types,
             .react = [&orders](const Event& event) { return move_money(orders, event); }}};
}

}  // namespace souk::orders
