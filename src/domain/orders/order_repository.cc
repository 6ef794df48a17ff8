#include "domain/orders/order_repository.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/orders/order_rows.h"
#include "domain/ports/unit_of_work.h"

namespace souk::orders {

namespace {

// Sort keys within an order's partition.
constexpr std::string_view capture_sort = "capture";
constexpr std::string_view fulfilment_prefix = "fulfilment#";
constexpr std::string_view head_sort = "head";
constexpr std::string_view lines_prefix = "lines#";
constexpr std::string_view refund_prefix = "refund#";
constexpr std::string_view hold_sort = "order";
constexpr std::string_view all_partition = "orders";
constexpr std::string_view numbers_partition = "numbers";
constexpr std::string_view numbers_sort = "next";
constexpr std::int64_t first_number = 1001;
constexpr int time_digits = 15;
constexpr int reads_max = 5;
/// A customer's orders that are looked at for one page of those with one status, however few of
/// them match; and how many of them at a time.
constexpr std::size_t sifted_max = 500;
constexpr int sifted_at_once = 100;

std::string partition_of(const OrderId& id) { return cat("order#", id.text()); }
std::string timeline_of(const OrderId& id) { return cat("timeline#", id.text()); }
std::string hold_of(std::string_view cart_key) { return cat("cart#", cart_key); }
std::string status_partition(Status status) { return cat("status#", name_of(status)); }
std::string customer_partition(const UserId& customer) { return cat("customer#", customer.text()); }

std::string time_sort(Instant at) {
    return zero_padded(static_cast<std::uint64_t>(std::max<std::int64_t>(at.unix_ms(), 0)),
                       time_digits);
}
std::string list_sort(const Order& order) {
    return cat(time_sort(order.placed_at), '#', order.id.text());
}

/// Who holds a cart, if anybody, and how many orders of it there have been.
StoreRow hold_row(std::string_view cart_key, const std::optional<std::string>& order,
                  std::int64_t attempt) {
    JsonWriter out;
    out.begin_object().member("order", order).member("attempt", attempt).end_object();
    return {.partition = hold_of(cart_key), .sort = std::string(hold_sort), .body = out.take()};
}

/// The id behind a list row's sort key.
OrderId listed(std::string_view sort) {
    return OrderId::trusted(std::string(sort.substr(sort.find('#') + 1)));
}

std::optional<Instant> due_of(const Order& order) {
    if (is_settled(order.status)) {
        return order.money_due;
    }
    return std::min(order.deadline, order.money_due.value_or(order.deadline));
}

bool matches(const Order& order, const OrderFilter& filter) {
    return (!filter.status || order.status == *filter.status) &&
           (!filter.customer || order.customer == filter.customer);
}

}  // namespace

Result<std::optional<Order>> OrderRepository::read(const OrderId& id) const {
    std::optional<Order> order;
    std::vector<StoreRow> parts;
    StoreQuery query{.partition = partition_of(id), .limit = query_limit_max};
    do {
        auto page = TRY(ledger_.query(query));
        for (auto& row : page.rows) {
            if (row.sort == head_sort) {
                order = TRY(rows::decode_head(id, row.body, row.version));
            } else {
                parts.push_back(std::move(row));
            }
        }
        query.cursor = page.cursor.value_or("");
    } while (!query.cursor.empty());
    if (!order) {
        return std::nullopt;
    }
    for (const auto& row : parts) {
        if (row.sort.starts_with(lines_prefix)) {
            TRY(rows::decode_lines(*order, row.body));
        } else if (row.sort.starts_with(fulfilment_prefix)) {
            order->fulfilments.push_back(TRY(rows::decode_fulfilment(row.body)));
        } else if (row.sort.starts_with(refund_prefix)) {
            order->refunds.push_back(TRY(rows::decode_refund(row.body, row.version)));
        }
    }
    return order;
}

Result<std::optional<Order>> OrderRepository::find(const OrderId& id) const {
    // A query reads its rows one after the other, and a commit may come in between. What sorts
    // behind the head may be newer than it, which its version guards; fulfilments sort before it
    // and may be older, which nothing would notice but their number.
    for (int i = 0; i < reads_max; ++i) {
        auto order = TRY(read(id));
        if (!order || std::ssize(order->fulfilments) >= order->fulfilments_counted) {
            return order;
        }
    }
    return fail(souk::errors::ledger_busy, "The order is changing too fast to be read.");
}

Result<std::optional<Status>> OrderRepository::status_of(const OrderId& id) const {
    const auto head = TRY(ledger_.find(partition_of(id), head_sort));
    if (!head) {
        return std::nullopt;
    }
    return TRY(rows::decode_head(id, head->body, head->version)).status;
}

Result<CartHold> OrderRepository::hold_on(std::string_view cart_key) const {
    const auto row = TRY(ledger_.find(hold_of(cart_key), hold_sort));
    if (!row) {
        return CartHold{};
    }
    const JsonDocument document = TRY(JsonDocument::parse(row->body));
    const JsonView json = document.root();
    CartHold hold{.attempts = json["attempt"].integer_or(0), .version = row->version};
    if (json["order"].is_string()) {
        hold.order = OrderId::trusted(json["order"].text_or());
    }
    return hold;
}

void OrderRepository::bind(Changes& changes, std::string_view cart_key,
                           const CartHold& hold) const {
    ledger_.check(changes, hold_of(cart_key), hold_sort, hold.unchanged());
}

Result<OrderPage> OrderRepository::list(const OrderFilter& filter, int limit,
                                        std::string cursor) const {
    StoreQuery query{.from = filter.from ? time_sort(*filter.from) : "",
                     .before = filter.to ? time_sort(*filter.to) : "",
                     .direction = Direction::backward,
                     .limit = limit,
                     .cursor = std::move(cursor)};
    if (filter.customer) {
        query.partition = customer_partition(*filter.customer);
        if (filter.status) {
            return sift(std::move(query), filter, limit);
        }
    } else if (filter.status) {
        query.partition = status_partition(*filter.status);
        query.on_index = true;
    } else {
        query.partition = all_partition;
    }
    OrderPage found;
    do {
        query.limit = limit - static_cast<int>(found.orders.size());
        const auto page = TRY(ledger_.query(query));
        for (const auto& row : page.rows) {
            const OrderId id =
                query.on_index ? OrderId::trusted(row.partition.substr(6)) : listed(row.sort);
            auto order = TRY(find(id));
            if (order && matches(*order, filter)) {
                found.orders.push_back(*std::move(order));
            }
        }
        found.cursor = page.cursor;
        query.cursor = page.cursor.value_or("");
    } while (found.cursor && std::ssize(found.orders) < limit);
    return found;
}

Result<OrderPage> OrderRepository::sift(StoreQuery query, const OrderFilter& filter,
                                        int limit) const {
    OrderPage found;
    query.limit = sifted_at_once;
    for (std::size_t looked_at = 0; looked_at < sifted_max;) {
        const auto page = TRY(ledger_.query(query));
        for (std::size_t i = 0; i < page.rows.size(); ++i) {
            const OrderId id = listed(page.rows[i].sort);
            if (TRY(status_of(id)) != filter.status) {
                continue;
            }
            if (std::ssize(found.orders) == limit) {
                // One more there is: the next page begins with it.
                query.limit = static_cast<int>(i);
                found.cursor = i == 0 ? query.cursor : TRY(ledger_.query(query)).cursor;
                return found;
            }
            auto order = TRY(find(id));
            if (order && matches(*order, filter)) {
                found.orders.push_back(*std::move(order));
            }
        }
        looked_at += page.rows.size();
        found.cursor = page.cursor;
        if (!found.cursor) {
            break;
        }
        query.cursor = *page.cursor;
    }
    return found;
}

Result<std::vector<TimelineEntry>> OrderRepository::timeline(const OrderId& id) const {
    std::vector<TimelineEntry> entries;
    StoreQuery query{.partition = timeline_of(id), .limit = query_limit_max};
    do {
        const auto page = TRY(ledger_.query(query));
        for (const auto& row : page.rows) {
            const JsonDocument document = TRY(JsonDocument::parse(row.body));
            const JsonView json = document.root();
            entries.push_back({Instant::from_unix_ms(json["at"].integer_or(0)),
                               json["type"].text_or(), json["detail"].text_or(),
                               json["actor"].text_or()});
        }
        query.cursor = page.cursor.value_or("");
    } while (!query.cursor.empty());
    return entries;
}

void OrderRepository::add(Changes& changes, Order& order, const CartHold& hold) const {
    const std::string partition = partition_of(order.id);
    for (std::size_t first = 0; first < order.lines.size(); first += rows::chunk_lines) {
        const std::size_t count = std::min(rows::chunk_lines, order.lines.size() - first);
        ledger_.put(changes,
                    {.partition = partition,
                     .sort = cat(lines_prefix, zero_padded(first / rows::chunk_lines, 3)),
                     .body = rows::encode_lines(order, first, count)},
                    Expect::absent());
    }
    // Two orders of one cart cannot both be: this row names one, and changes by its version.
    ledger_.put(changes, hold_row(order.cart_key, order.id.text(), order.cart_attempt),
                hold.unchanged());
    ledger_.put(changes,
                {.partition = std::string(all_partition), .sort = list_sort(order), .body = "{}"},
                Expect::absent());
    if (order.customer) {
        ledger_.put(changes,
                    {.partition = customer_partition(*order.customer),
                     .sort = list_sort(order),
                     .body = "{}"},
                    Expect::absent());
    }
    put_head(changes, order);
}

void OrderRepository::put_head(Changes& changes, Order& order) const {
    ledger_.put(changes,
                {.partition = partition_of(order.id),
                 .sort = std::string(head_sort),
                 .body = rows::encode_head(order),
                 .index = IndexKey{status_partition(order.status), list_sort(order)},
                 .due = due_of(order)},
                Expect::as_read(order.version));
    ++order.version;
    // By version and place: a clock tells too little of two commits within a millisecond.
    for (std::size_t i = 0; i < order.news.size(); ++i) {
        const TimelineEntry& entry = order.news[i];
        JsonWriter body;
        body.begin_object()
            .member("at", entry.at.unix_ms())
            .member("type", entry.type)
            .member("detail", entry.detail)
            .member("actor", entry.actor)
            .end_object();
        ledger_.put(changes,
                    {.partition = timeline_of(order.id),
                     .sort = cat(zero_padded(order.version, 10), '#', zero_padded(i, 2)),
                     .body = body.take()},
                    Expect::absent());
    }
    order.news.clear();
}

void OrderRepository::expect_unchanged(Changes& changes, const Order& order) const {
    ledger_.check(changes, partition_of(order.id), head_sort, Expect::at(order.version));
}

void OrderRepository::add_fulfilment(Changes& changes, const Order& order,
                                     const Fulfilment& fulfilment) const {
    ledger_.put(changes,
                {.partition = partition_of(order.id),
                 .sort = cat(fulfilment_prefix, fulfilment.id.text()),
                 .body = rows::encode_fulfilment(fulfilment)},
                Expect::absent());
}

void OrderRepository::watch_capture(Changes& changes, const OrderId& id, Instant due,
                                    Expect expect) const {
    ledger_.put(changes,
                {.partition = partition_of(id),
                 .sort = std::string(capture_sort),
                 .body = "{}",
                 .due = due},
                expect);
}

Result<std::optional<StoreRow>> OrderRepository::watched_capture(const OrderId& id) const {
    return ledger_.find(partition_of(id), capture_sort);
}

void OrderRepository::forget_capture(Changes& changes, const OrderId& id, Expect expect) const {
    ledger_.erase(changes, partition_of(id), capture_sort, expect);
}

void OrderRepository::expect_no_capture(Changes& changes, const OrderId& id) const {
    ledger_.check(changes, partition_of(id), capture_sort, Expect::absent());
}

void OrderRepository::put_refund(Changes& changes, const Order& order, const Refund& refund) const {
    ledger_.put(changes,
                {.partition = partition_of(order.id),
                 .sort = cat(refund_prefix, refund.id.text()),
                 .body = rows::encode_refund(refund)},
                Expect::as_read(refund.row_version));
}

void OrderRepository::release_cart(Changes& changes, const Order& order, Instant now) const {
    StoreRow row = hold_row(order.cart_key, std::nullopt, order.cart_attempt);
    // A cart that could miss it is gone by then: it was there when the order was placed.
    row.expires = now + carts::cart_life_max + std::chrono::hours(24);
    // It names this order until this commit, which the order's own version guards.
    ledger_.put(changes, std::move(row), Expect::any());
}

Result<std::int64_t> OrderRepository::reserve_numbers(const ServiceLedger& service,
                                                      std::int64_t count) const {
    return perform(service, [&]() -> Result<Change<std::int64_t>> {
        const auto row = TRY(ledger_.find(numbers_partition, numbers_sort));
        std::int64_t next = first_number;
        if (row) {
            const JsonDocument document = TRY(JsonDocument::parse(row->body));
            next = document.root()["next"].integer_or(first_number);
        }
        JsonWriter body;
        body.begin_object().member("next", next + count).end_object();
        Change<std::int64_t> change{next, {}};
        ledger_.put(change.changes,
                    {.partition = std::string(numbers_partition),
                     .sort = std::string(numbers_sort),
                     .body = body.take()},
                    row ? Expect::at(row->version) : Expect::absent());
        return change;
    });
}

std::string OrderRepository::watched(const OrderId& id) const {
    return ledger_.watched(partition_of(id));
}

}  // namespace souk::orders
