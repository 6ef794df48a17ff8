#include "domain/base/text.h"
#include "domain/orders/orders.h"

namespace souk::orders {

namespace {

bool may_see(const Caller& caller, const Order& order, std::string_view token,
             const Crypto& crypto) {
    // Who may change it sees it as well: every change answers with the order.
    if (caller.principal.is_staff() &&
        (caller.may(Permission::orders_read) || caller.may(Permission::orders_write))) {
        return true;
    }
    if (order.customer) {
        return caller.principal.kind == Principal::Kind::customer &&
               caller.principal.id == order.customer->text();
    }
    return !token.empty() && equal_in_constant_time(to_hex(crypto.sha256(token)), order.token_hash);
}

}  // namespace

Result<Order> Orders::order(const Caller& caller, const OrderId& id, std::string_view token) const {
    auto order = TRY(repository(caller.in_store()).find(id));
    if (!order || !may_see(caller, *order, token, ledger_.environment().crypto)) {
        return fail(souk::errors::not_found, "There is no such order.");
    }
    return *std::move(order);
}

Result<OrderPage> Orders::list(const Caller& caller, const OrderFilter& filter, int limit,
                               std::string cursor) const {
    return repository(caller.in_store()).list(filter, limit, std::move(cursor));
}

Result<std::vector<TimelineEntry>> Orders::timeline(const Caller& caller, const OrderId& id) const {
    TRY(order(caller, id, {}));
    return repository(caller.in_store()).timeline(id);
}

}  // namespace souk::orders
