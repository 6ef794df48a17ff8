#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/contract.h"
#include "domain/products/errors.h"
#include "domain/products/inventory.h"
#include "domain/products/product_editor.h"

namespace souk::products {

/// What the catalogue says to some lines now.
struct Inventory::Attempt {
    std::vector<std::string> not_sellable;
    std::vector<std::string> out_of_stock;
    ReservationChunk chunk;
    std::vector<StockMove> moves;
    std::vector<Event> warnings;

    [[nodiscard]] bool possible() const { return not_sellable.empty() && out_of_stock.empty(); }
};

Event stock_low_event(const ServiceLedger& ledger, const Caller& caller, std::string_view sku,
                      std::int64_t available) {
    JsonWriter body;
    body.begin_object().member("sku", sku).member("available", available).end_object();
    return ledger.event(caller.in_store(), "souk.stock.low.v1", sku, body.take(),
                        caller.traceparent);
}

Result<Changes> Inventory::reserve(const Caller& caller, const OrderId& order,
                                   const std::vector<OrderedSku>& lines) const {
    const auto wanted = merged(lines);
    return rerun([&]() -> Result<Changes> {
        for (;;) {
            if (auto last = TRY(reserve_step(caller, order, wanted))) {
                return *std::move(last);
            }
        }
    });
}

/// The last commit of the story, or nothing after one that was not the last.
Result<std::optional<Changes>> Inventory::reserve_step(const Caller& caller, const OrderId& order,
                                                       const std::vector<OrderedSku>& lines) const {
    const ReservationRepository repository(ledger_.store(caller.in_store()));
    const ReservationHead head = TRY(repository.head(order.text())).value_or(ReservationHead{});
    switch (head.state) {
        case ReservationState::reserving: return reserve_chunk(caller, order, lines, head);
        case ReservationState::rejecting:
            return unwind(caller, order, head, ReservationState::rejected);
        case ReservationState::cancelling:
        case ReservationState::reserved:
        case ReservationState::rejected:
        case ReservationState::cancelled:
        case ReservationState::sold: return Changes{};  // The story went on without this delivery.
    }
    return Changes{};
}

Result<std::optional<Changes>> Inventory::reserve_chunk(const Caller& caller, const OrderId& order,
                                                        const std::vector<OrderedSku>& lines,
                                                        ReservationHead head) const {
    const std::size_t start = std::min(head.chunks * reservation_chunk_lines, lines.size());
    const std::size_t end = std::min(start + reservation_chunk_lines, lines.size());
    const bool is_last = end == lines.size();
    if (start == 0 && !is_last) {
        // What is known to fail is refused before anything is taken.
        const Attempt whole = TRY(attempt(caller, lines));
        if (!whole.possible()) {
            return reject(caller, order, whole, std::move(head));
        }
    }
    Attempt part = TRY(attempt(caller, {lines.begin() + static_cast<std::ptrdiff_t>(start),
                                        lines.begin() + static_cast<std::ptrdiff_t>(end)}));
    if (!part.possible()) {
        return reject(caller, order, part, std::move(head));
    }
    const Instant now = ledger_.environment().now();
    const StoreLedger rows = ledger_.store(caller.in_store());
    const ReservationRepository repository(rows);
    Changes changes;
    if (start < end) {
        repository.put(changes, order.text(), head.chunks, part.chunk, now);
        ++head.chunks;
    }
    for (const auto& [variant, counters] : part.moves) {
        const StoreKey key = stock_key(VariantId::trusted(variant));
        rows.add(changes, key.partition, key.sort, counters, Expect::present());
    }
    for (auto& warning : part.warnings) {
        changes.announce(std::move(warning));
    }
    if (is_last) {
        head.state = ReservationState::reserved;
        changes.announce(ledger_.event(caller.in_store(), "souk.stock.reserved.v1", order.text(),
                                       cat(R"({"order_id":)", json_quoted(order.text()), "}"),
                                       caller.traceparent));
    }
    repository.put(changes, order.text(), head, now);
    if (is_last) {
        return changes;
    }
    TRY(ledger_.commit(changes));
    return std::nullopt;
}

Result<std::optional<Changes>> Inventory::reject(const Caller& caller, const OrderId& order,
                                                 const Attempt& attempt,
                                                 ReservationHead head) const {
    const bool sellable = attempt.not_sellable.empty();
    head.reason = sellable ? "out_of_stock" : "not_sellable";
    head.skus = sellable ? attempt.out_of_stock : attempt.not_sellable;
    head.state = ReservationState::rejecting;
    if (head.chunks <= 1) {
        return unwind(caller, order, std::move(head), ReservationState::rejected);
    }
    // Said first, so that a crash halfway through giving back does not start reserving again.
    Changes changes;
    ReservationRepository(ledger_.store(caller.in_store()))
        .put(changes, order.text(), head, ledger_.environment().now());
    TRY(ledger_.commit(changes));
    return std::nullopt;
}

/// Whether the lines can be had, and what having them changes.
Result<Inventory::Attempt> Inventory::attempt(const Caller& caller,
                                              const std::vector<OrderedSku>& lines) const {
    const auto store = TRY(stores_.store(caller.in_store()));
    const ProductRepository repository(ledger_.store(caller.in_store()));
    std::vector<std::string> skus;
    for (const auto& line : lines) {
        skus.push_back(line.sku);
    }
    const auto holdings = TRY(repository.find_all_by_sku(skus));
    std::vector<VariantId> variants;
    for (const auto& holding : holdings) {
        if (holding) {
            variants.push_back(holding->variant->id);
        }
    }
    const auto stocks = TRY(repository.stocks(variants));
    Attempt attempt;
    std::size_t next_stock = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& [sku, quantity] = lines[i];
        const Stock stock = holdings[i] ? stocks[next_stock++] : Stock{};
        if (!holdings[i] || !is_public(*holdings[i]->product, store)) {
            attempt.not_sellable.push_back(sku);
            continue;
        }
        const Variant& variant = *holdings[i]->variant;
        const bool tracked = variant.stock == StockPolicy::tracked;
        attempt.chunk.lines.push_back({sku, variant.id.text(), quantity, 0, tracked});
        if (!tracked) {
            continue;
        }
        if (stock.available < quantity) {
            attempt.out_of_stock.push_back(sku);
            continue;
        }
        const LowStock low = low_stock(stock.available, quantity, variant.low_stock_threshold);
        if (low.crossed) {
            attempt.warnings.push_back(
                stock_low_event(ledger_, caller, sku, stock.available - quantity));
        }
        attempt.moves.push_back({variant.id.text(), reserved(quantity, low.available_floor)});
    }
    return attempt;
}

}  // namespace souk::products
