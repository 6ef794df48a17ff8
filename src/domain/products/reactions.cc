#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/contract.h"
#include "domain/products/errors.h"
#include "domain/products/routes.h"

namespace souk::products {

namespace {

constexpr std::string_view orders_queue = "products-orders";
constexpr std::string_view imports_queue = "products-imports";

std::unexpected<Error> not_understood(const Event& event) {
    return fail(errors::corrupt_row,
                cat("The event ", event.id, " (", event.type, ") is not understood."));
}

Result<std::vector<OrderedSku>> lines_of(const Event& event, JsonView list) {
    if (!list.is_array()) {
        return not_understood(event);
    }
    std::vector<OrderedSku> lines;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto sku = list.at(i)["sku"].string();
        const auto quantity = list.at(i)["quantity"].integer();
        if (!sku || !quantity || *quantity < 1 || *quantity > stock_max) {
            return not_understood(event);
        }
        lines.push_back({std::string(*sku), *quantity});
    }
    return lines;
}

Result<Changes> changes_for(const Products& products, const Event& event, const Caller& caller,
                            const OrderId& order) {
    const Inventory& inventory = products.inventory();
    if (event.type == "souk.order.cancelled.v1") {
        return inventory.release(caller, order);
    }
    if (event.type == "souk.order.confirmed.v1") {
        return inventory.sell(caller, order);
    }
    const JsonDocument document = TRY(JsonDocument::parse(event.body));
    const JsonView body = document.root();
    if (event.type == "souk.order.placed.v1") {
        if (products.ledger().environment().now() - event.time >= reservation_kept) {
            // From the dead letters: the order is over, and what remembered that may be gone.
            return Changes{};
        }
        return inventory.reserve(caller, order, TRY(lines_of(event, body["stock"])));
    }
    if (event.type == "souk.order.refunded.v1") {
        const std::string refund = body["refund"]["id"].text_or(event.id);
        return inventory.restock(caller, order, refund, TRY(lines_of(event, body["restock"])));
    }
    return not_understood(event);
}

Result<void> follow_order(const Products& products, const Event& event) {
    const auto store = StoreId::parse(event.store());
    const auto order = OrderId::parse(event.subject);
    if (!store || !order) {
        return not_understood(event);
    }
    const Caller caller = system_caller(*store, event.traceparent);
    return react_once(event, orders_queue, products.ledger(), products.ledger().store(*store),
                      [&] { return changes_for(products, event, caller, *order); });
}

/// The import's own row says which slices are done, so there is nothing to remember besides.
Result<void> follow_import(const Products& products, const Event& event) {
    const JsonDocument document = TRY(JsonDocument::parse(event.body));
    const auto store = StoreId::parse(event.store());
    const auto import = ImportId::parse(document.root()["import_id"].text_or());
    const auto offset = document.root()["offset"].integer();
    if (!store || !import || !offset || *offset < 0) {
        return not_understood(event);
    }
    return products.imports().proceed(*store, *import, static_cast<std::uint64_t>(*offset),
                                      event.traceparent);
}

}  // namespace

std::vector<Subscription> subscriptions() {
    return {{std::string(orders_queue),
             {"souk.order.placed.v1", "souk.order.cancelled.v1", "souk.order.confirmed.v1",
              "souk.order.refunded.v1"}},
            {std::string(imports_queue), {"souk.import.requested.v1"}}};
}

std::vector<Reaction> reactions(const Products& products) {
    const auto queues = subscriptions();
    return {{queues[0].queue, queues[0].types,
             [&products](const Event& event) { return follow_order(products, event); }},
            {queues[1].queue, queues[1].types,
             [&products](const Event& event) { return follow_import(products, event); }}};
}

}  // namespace souk::products
