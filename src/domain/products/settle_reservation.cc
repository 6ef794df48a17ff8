#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/message_bus.h"
#include "domain/products/errors.h"
#include "domain/products/inventory.h"
#include "domain/products/product_changes.h"

/// What becomes of a reservation: given back, sold, taken back. Each is a row of steps, one commit
/// a chunk; which steps are left is read from the rows, so that it can be cut short and begun again
/// anywhere.
namespace souk::products {

namespace {

/// Runs steps until one returns the last commit.
template <class Step>
Result<Changes> run(Step step) {
    return rerun([&]() -> Result<Changes> {
        for (;;) {
            if (auto last = TRY(step())) {
                return *std::move(last);
            }
        }
    });
}

Event released_event(const ServiceLedger& ledger, const Caller& caller, const OrderId& order) {
    return ledger.event(caller.in_store(), "souk.stock.released.v1", order.text(),
                        cat(R"({"order_id":)", json_quoted(order.text()), "}"), caller.traceparent);
}

Event rejected_event(const ServiceLedger& ledger, const Caller& caller, const OrderId& order,
                     const ReservationHead& head) {
    JsonWriter body;
    body.begin_object()
        .member("order_id", order.text())
        .member("reason", head.reason)
        .key("skus")
        .begin_array();
    for (const auto& sku : head.skus) {
        body.value(sku);
    }
    body.end_array().end_object();
    return ledger.event(caller.in_store(), "souk.stock.rejected.v1", order.text(), body.take(),
                        caller.traceparent);
}

std::unexpected<Error> too_early(const OrderId& order) {
    return fail(souk::errors::not_yet, cat("Nothing is reserved for ", order.text(), " yet."));
}

}  // namespace

Result<void> Inventory::move(Changes& changes, const StoreLedger& rows,
                             const std::vector<StockMove>& moves) const {
    std::vector<StoreKey> keys;
    for (const auto& move : moves) {
        keys.push_back(stock_key(VariantId::trusted(move.variant)));
    }
    const auto kept = TRY(rows.find_many(keys));
    for (std::size_t i = 0; i < moves.size(); ++i) {
        if (kept[i]) {
            rows.add(changes, keys[i].partition, keys[i].sort, moves[i].changes, Expect::present());
        }
    }
    return {};
}

Result<Changes> Inventory::release(const Caller& caller, const OrderId& order) const {
    return run([&] { return release_step(caller, order); });
}

Result<std::optional<Changes>> Inventory::release_step(const Caller& caller,
                                                       const OrderId& order) const {
    const ReservationRepository repository(ledger_.store(caller.in_store()));
    ReservationHead head = TRY(repository.head(order.text())).value_or(ReservationHead{});
    switch (head.state) {
        case ReservationState::reserving:
        case ReservationState::reserved:
        case ReservationState::sold: break;
        case ReservationState::rejecting:
            return unwind(caller, order, head, ReservationState::rejected);
        case ReservationState::cancelling:
            return unwind(caller, order, head, ReservationState::cancelled);
        case ReservationState::rejected:
        case ReservationState::cancelled: return Changes{};
    }
    if (head.chunks <= 1) {
        return unwind(caller, order, std::move(head), ReservationState::cancelled);
    }
    // Said first, so that nobody reserves or sells further chunks meanwhile.
    head.state = ReservationState::cancelling;
    Changes changes;
    repository.put(changes, order.text(), head, ledger_.environment().now());
    TRY(ledger_.commit(changes));
    return std::nullopt;
}

/// Gives back one chunk; with the last of them the head reaches its end and the event goes out.
Result<std::optional<Changes>> Inventory::unwind(const Caller& caller, const OrderId& order,
                                                 ReservationHead head, ReservationState end) const {
    const Instant now = ledger_.environment().now();
    const StoreLedger rows = ledger_.store(caller.in_store());
    const ReservationRepository repository(rows);
    auto chunks = TRY(repository.chunks(order.text(), head.chunks));
    const auto held = [](const ReservationChunk& chunk) {
        return chunk.state != ChunkState::returned;
    };
    const auto left = std::ranges::count_if(chunks, held);
    Changes changes;
    const auto next = std::ranges::find_if(chunks, held);
    if (next != chunks.end()) {
        TRY(move(changes, rows, give_back(*next)));
        repository.put(changes, order.text(), static_cast<std::size_t>(next - chunks.begin()),
                       *next, now);
    }
    if (left > 1) {
        TRY(ledger_.commit(changes));
        return std::nullopt;
    }
    head.state = end;
    repository.put(changes, order.text(), head, now);
    if (end == ReservationState::rejected) {
        changes.announce(rejected_event(ledger_, caller, order, head));
    } else if (!chunks.empty()) {
        changes.announce(released_event(ledger_, caller, order));
    }
    return changes;
}

Result<Changes> Inventory::sell(const Caller& caller, const OrderId& order) const {
    return run([&] { return sell_step(caller, order); });
}

Result<std::optional<Changes>> Inventory::sell_step(const Caller& caller,
                                                    const OrderId& order) const {
    const Instant now = ledger_.environment().now();
    const StoreLedger rows = ledger_.store(caller.in_store());
    const ReservationRepository repository(rows);
    ReservationHead head = TRY(repository.head(order.text())).value_or(ReservationHead{});
    if (head.state == ReservationState::reserving) {
        return too_early(order);
    }
    if (head.state != ReservationState::reserved) {
        return Changes{};
    }
    auto chunks = TRY(repository.chunks(order.text(), head.chunks));
    const auto held = [](const ReservationChunk& chunk) { return chunk.state == ChunkState::held; };
    const auto left = std::ranges::count_if(chunks, held);
    const auto next = std::ranges::find_if(chunks, held);
    Changes changes;
    if (next != chunks.end()) {
        TRY(move(changes, rows, products::sell(*next)));
        repository.put(changes, order.text(), static_cast<std::size_t>(next - chunks.begin()),
                       *next, now);
    }
    if (left > 1) {
        TRY(ledger_.commit(changes));
        return std::nullopt;
    }
    head.state = ReservationState::sold;
    repository.put(changes, order.text(), head, now);
    return changes;
}

Result<Changes> Inventory::restock(const Caller& caller, const OrderId& order,
                                   std::string_view refund,
                                   const std::vector<OrderedSku>& lines) const {
    const auto wanted = merged(lines);
    return run([&] { return restock_step(caller, order, refund, wanted); });
}

Result<std::optional<Changes>> Inventory::restock_step(const Caller& caller, const OrderId& order,
                                                       std::string_view refund,
                                                       const std::vector<OrderedSku>& lines) const {
    const Instant now = ledger_.environment().now();
    const StoreLedger rows = ledger_.store(caller.in_store());
    const ReservationRepository repository(rows);
    const ReservationHead head = TRY(repository.head(order.text())).value_or(ReservationHead{});
    if (head.state == ReservationState::reserving) {
        return too_early(order);
    }
    if (head.state != ReservationState::reserved && head.state != ReservationState::sold) {
        return Changes{};  // All of it is back already, or about to be.
    }
    auto chunks = TRY(repository.chunks(order.text(), head.chunks));
    std::optional<Changes> found;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const std::size_t refunds_before = chunks[i].refunds.size();
        const auto moves = products::restock(chunks[i], refund, lines);
        if (chunks[i].refunds.size() == refunds_before) {
            continue;
        }
        if (found) {
            TRY(ledger_.commit(*found));  // There is a further one: this was not the last.
        }
        found.emplace();
        TRY(move(*found, rows, moves));
        repository.put(*found, order.text(), i, chunks[i], now);
    }
    return found ? std::move(found) : Changes{};
}

}  // namespace souk::products
