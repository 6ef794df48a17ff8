#include <algorithm>

#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/order_schemas.h"
#include "domain/orders/orders.h"
#include "domain/orders/preferred_wait.h"
#include "domain/ports/cursor.h"

namespace souk::orders {

namespace {

/// How long the answer to a refund waits for the provider before it says "pending".
constexpr std::chrono::seconds refund_wait{5};
/// How long the answer to a cancellation waits for the provider to let the money go.
constexpr std::chrono::seconds release_wait{5};

Result<OrderId> order_in_path(const Request& request) {
    const auto id = OrderId::parse(request.parameter("order"));
    if (!id) {
        return fail(souk::errors::not_found, "There is no such order.");
    }
    return *id;
}

Response show(int status, const Order& order, std::string_view token) {
    return json_response(status, render_order(order, token), order.version);
}

/// The answer to whoever added to the order, or made it: 201 and where it is.
Response show_made(const StoreId& store, int status, const Order& order, std::string_view token) {
    Response response = show(status, order, token);
    response.headers.emplace_back("Location",
                                  cat("/v1/stores/", store.text(), "/orders/", order.id.text()));
    return response;
}

/// What an answer waits for: an order of which `settled` is true, which it then shows under
/// `status`. When the time is up, it shows the order as it is by then, under `status_till_then`.
template <class Settled>
std::shared_ptr<const Deferred> wait_until(const Orders& orders, const StoreId& store,
                                           const OrderId& id, std::string token,
                                           std::chrono::seconds longest, int status_till_then,
                                           int status, Settled settled) {
    auto later = std::make_shared<Deferred>();
    later->watch_table = orders.ledger().table();
    later->watch_partition = orders.repository(store).watched(id);
    later->until = orders.ledger().environment().now() + longest;
    later->poll = [&orders, store, id, token = std::move(token), until = later->until,
                   status_till_then, status, settled]() -> std::optional<Response> {
        const bool last = orders.ledger().environment().now() >= until;
        const auto order = orders.repository(store).find(id);
        if (!order || !*order) {
            return std::nullopt;
        }
        if (settled(**order)) {
            return show(status, **order, token);
        }
        return last ? std::optional(show(status_till_then, **order, token)) : std::nullopt;
    };
    return later;
}

PlaceOrder parse_place(JsonView json) {
    const JsonView payment = json["payment"];
    PlaceOrder command{.cart = CartId::trusted(json["cart_id"].text_or()),
                       .provider = "manual",
                       .payment_method = payment["method"].text_or(payment["provider"].text_or())};
    if (const auto version = json["cart_version"].integer()) {
        command.cart_version = static_cast<std::uint64_t>(*version);
    }
    return command;
}

/// Id and token of the order that an answer shows; it may be a replayed one.
std::pair<std::string, std::string> order_in_answer(const Response& response) {
    const auto document = JsonDocument::parse(response.text());
    return document
               ? std::pair{document->root()["id"].text_or(), document->root()["token"].text_or()}
               : std::pair<std::string, std::string>{};
}

Result<Response> place(Orders& orders, const Caller& caller, const Request& request) {
    const PlaceOrder command = parse_place(request.json());
    const StoreId& store = caller.in_store();
    const auto wait = preferred_wait(request.header("prefer"));
    Waiting waiting;
    if (wait) {
        waiting = [&orders, store, wait](const Response& accepted) {
            const auto [id, token] = order_in_answer(accepted);
            return wait_until(orders, store, OrderId::trusted(id), token, *wait, 202, 201,
                              [](const Order& order) { return is_settled(order.status); });
        };
    }
    const auto accepted = [&](const PlacedOrder& placed) {
        Response answer = show_made(store, 202, placed.order, placed.token);
        if (wait) {
            answer.headers.emplace_back("Preference-Applied", cat("wait=", wait->count()));
        }
        return answer;
    };
    return respond(
        caller, orders.ledger(), [&] { return orders.place(caller, command); }, accepted, waiting);
}

Result<Response> refund(const Orders& orders, const Caller& caller, const Request& request) {
    const OrderId id = TRY(order_in_path(request));
    const JsonView json = request.json();
    const bool restock = json["restock"].bool_or(false);
    AskRefund command{.lines = {}, .restock_all = restock, .reason = json["reason"].text_or()};
    for (std::size_t i = 0; i < json["lines"].size(); ++i) {
        const JsonView line = json["lines"].at(i);
        command.lines.push_back({LineId::trusted(line["line_id"].text_or()),
                                 line["quantity"].integer_or(1), line["restock"].bool_or(restock)});
    }
    if (json["amount"].present()) {
        const auto currency = Currency::parse(json["amount"]["currency"].text_or());
        CHECK(currency.has_value());
        command.amount = Money{*currency, json["amount"]["amount"].integer_or(0)};
    }
    const StoreId& store = caller.in_store();
    return respond(
        caller, orders.ledger(), [&] { return orders.ask_refund(caller, id, command); },
        [&store](const Order& order) { return show_made(store, 201, order, {}); },
        [&orders, store, id](const Response&) {
            return wait_until(orders, store, id, {}, refund_wait, 201, 201, [](const Order& order) {
                return std::ranges::none_of(order.refunds, [](const Refund& r) {
                    return r.status == RefundStatus::pending;
                });
            });
        });
}

Result<Response> fulfil(const Orders& orders, const Caller& caller, const Request& request) {
    const OrderId id = TRY(order_in_path(request));
    const JsonView json = request.json();
    Fulfil command{.lines = {},
                   .carrier = json["tracking"]["carrier"].text_or(),
                   .tracking_number = json["tracking"]["number"].text_or(),
                   .tracking_url = json["tracking"]["url"].text_or()};
    for (std::size_t i = 0; i < json["lines"].size(); ++i) {
        const JsonView line = json["lines"].at(i);
        command.lines.push_back(
            {LineId::trusted(line["line_id"].text_or()), line["quantity"].integer_or(1)});
    }
    return respond(
        caller, orders.ledger(),
        [&] { return rerun([&] { return orders.fulfil(caller, id, command); }); },
        [&](const Order& order) { return show_made(caller.in_store(), 201, order, {}); });
}

Result<Response> cancel(const Orders& orders, const Caller& caller, const Request& request) {
    const OrderId id = TRY(order_in_path(request));
    const std::string reason = request.json()["reason"].text_or();
    return respond(
        caller, orders.ledger(), [&] { return orders.cancel(caller, id, reason); },
        [](const Order& order) { return show(200, order, {}); },
        [&orders, &store = caller.in_store(), id](const Response&) {
            return wait_until(orders, store, id, {}, release_wait, 200, 200,
                              [](const Order& order) { return !owes_money(order); });
        });
}

Result<Response> list_orders(const Orders& orders, const Caller& caller, const Request& request,
                             OrderFilter filter) {
    if (const auto status = request.query_parameter("status")) {
        filter.status = status_named(*status);
    }
    if (const auto customer = request.query_parameter("customer")) {
        filter.customer = TRY(UserId::parse(*customer));
    }
    if (const auto from = request.query_parameter("from")) {
        filter.from = from_rfc3339(*from);
    }
    if (const auto to = request.query_parameter("to")) {
        filter.to = from_rfc3339(*to);
    }
    const auto text_of = [&](std::string_view name) {
        return request.query_parameter(name).value_or("");
    };
    const std::string scope = cat("orders\n", caller.in_store().text(), '\n',
                                  filter.customer ? filter.customer->text() : "", '\n',
                                  text_of("status"), '\n', text_of("from"), '\n', text_of("to"));
    return answer_page(
        orders.ledger().environment(), request, scope,
        [&](int limit, const std::string& from) {
            return orders.list(caller, filter, limit, from);
        },
        [](const Order& order) { return render_order(order, {}); });
}

Result<Response> show_timeline(const Orders& orders, const Caller& caller, const Request& request) {
    std::vector<ListItem> items;
    for (const auto& entry : TRY(orders.timeline(caller, TRY(order_in_path(request))))) {
        JsonWriter out;
        out.begin_object()
            .member("at", to_rfc3339(entry.at))
            .member("type", entry.type)
            .member("detail", entry.detail.empty() ? std::nullopt : std::optional(entry.detail))
            .member("actor", entry.actor.empty() ? std::nullopt : std::optional(entry.actor))
            .end_object();
        items.push_back({cat(items.size()), out.take()});
    }
    const std::string scope =
        cat("timeline\n", caller.in_store().text(), '\n', request.parameter("order"));
    return list_page(orders.ledger().environment(), scope, request, items);
}

Route order_route(std::string name, Method method, std::string_view below, std::string summary,
                  Audiences audiences, Permission permission) {
    Route route;
    route.name = std::move(name);
    route.method = method;
    route.pattern = cat("/v1/stores/{store}", below);
    route.summary = std::move(summary);
    route.service = "orders";
    route.audiences = audiences;
    route.permission = permission;
    route.work = method == Method::get ? Admission::Work::quick : Admission::Work::blocking;
    route.answers = {{200, "The order", order_schema}};
    return route;
}

std::vector<Route> reading_routes(const Orders& orders) {
    Route one = order_route("get_order", Method::get, "/orders/{order}", "An order",
                            audience::anyone, Permission::orders_read);
    one.headers = {"X-Order-Token"};
    one.handle = [&orders](const Caller& caller, const Request& request) -> Result<Response> {
        return show(
            200,
            TRY(orders.order(caller, TRY(order_in_path(request)), request.header("x-order-token"))),
            {});
    };
    Route all =
        order_route("list_orders", Method::get, "/orders", "The store's orders, newest first",
                    audience::staff, Permission::orders_read);
    all.paged = true;
    all.query = {{"status", schema::one_of({"pending", "awaiting_payment", "confirmed", "completed",
                                            "cancelled"})},
                 {"customer", schema::id("user_")},
                 {"from", schema::text(TextFormat::instant), "Placed at or after."},
                 {"to", schema::text(TextFormat::instant), "Placed before."}};
    all.answers = {{200, "A page of orders", schema::page_of(order_schema)}};
    all.handle = [&orders](const Caller& caller, const Request& request) {
        return list_orders(orders, caller, request, {});
    };
    Route mine =
        order_route("list_my_orders", Method::get, "/me/orders",
                    "The customer's orders, newest first", audience::customer, Permission::none);
    mine.paged = true;
    mine.answers = all.answers;
    mine.handle = [&orders](const Caller& caller, const Request& request) {
        return list_orders(orders, caller, request,
                           {.customer = UserId::trusted(caller.principal.id)});
    };
    Route timeline =
        order_route("get_order_timeline", Method::get, "/orders/{order}/timeline",
                    "What happened to an order", audience::staff, Permission::orders_read);
    timeline.paged = true;
    timeline.answers = {{200, "The timeline, oldest first", timeline_schema}};
    timeline.handle = [&orders](const Caller& caller, const Request& request) {
        return show_timeline(orders, caller, request);
    };
    return {one, all, mine, timeline};
}

std::vector<Route> writing_routes(Orders& orders) {
    Route placing = order_route("place_order", Method::post, "/orders", "Orders a cart",
                                audience::anyone, Permission::none);
    placing.body = place_order_schema();
    placing.idempotency = IdempotencyKey::required;
    placing.headers = {"Prefer"};
    placing.answers = {{202, "Placed; it settles soon", order_schema},
                       {201, "Settled within the wait", order_schema}};
    placing.handle = [&orders](const Caller& caller, const Request& request) {
        return place(orders, caller, request);
    };
    Route cancelling =
        order_route("cancel_order", Method::post, "/orders/{order}/cancel", "Cancels an order",
                    audience::customer_or_staff, Permission::orders_write);
    cancelling.body = cancel_schema();
    cancelling.body_optional = true;
    cancelling.idempotency = IdempotencyKey::honoured;
    cancelling.if_match = true;
    cancelling.handle = [&orders](const Caller& caller, const Request& request) {
        return cancel(orders, caller, request);
    };
    Route fulfilling =
        order_route("create_fulfilment", Method::post, "/orders/{order}/fulfilments",
                    "Records what was sent", audience::staff, Permission::orders_write);
    fulfilling.body = fulfil_schema();
    fulfilling.body_optional = true;
    fulfilling.idempotency = IdempotencyKey::required;
    fulfilling.if_match = true;
    fulfilling.answers = {{201, "The order", order_schema}};
    fulfilling.handle = [&orders](const Caller& caller, const Request& request) {
        return fulfil(orders, caller, request);
    };
    Route refunding = order_route("create_refund", Method::post, "/orders/{order}/refunds",
                                  "Gives money back, and goods into stock where asked",
                                  audience::staff, Permission::orders_write);
    refunding.body = refund_request_schema();
    refunding.body_optional = true;
    refunding.idempotency = IdempotencyKey::required;
    refunding.if_match = true;
    refunding.answers = {{201, "The order", order_schema}};
    refunding.handle = [&orders](const Caller& caller, const Request& request) {
        return refund(orders, caller, request);
    };
    return {placing, cancelling, fulfilling, refunding};
}

}  // namespace

std::vector<Route> routes(Orders& orders) {
    std::vector<Route> all = reading_routes(orders);
    for (auto& route : writing_routes(orders)) {
        all.push_back(std::move(route));
    }
    return all;
}

}  // namespace souk::orders
