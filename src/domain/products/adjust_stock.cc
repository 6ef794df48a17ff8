#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/products/errors.h"
#include "domain/products/inventory.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

constexpr std::string_view history_prefix = "adjustment#";

std::string encode(const AdjustmentRecord& record) {
    JsonWriter out;
    out.begin_object()
        .member("v", 1)
        .member("delta", record.delta)
        .member("on_hand", record.on_hand)
        .member("reason", record.reason)
        .member("by", record.by)
        .member("at", record.at.unix_ms())
        .end_object();
    return out.take();
}

Result<AdjustmentRecord> decode(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    return AdjustmentRecord{row.sort.substr(history_prefix.size()),
                            root["delta"].integer_or(0),
                            root["on_hand"].integer_or(0),
                            root["reason"].text_or(),
                            root["by"].text_or(),
                            Instant::from_unix_ms(root["at"].integer_or(0))};
}

Result<Holding> holding(const StoreLedger& rows, std::string_view sku) {
    auto found = TRY(ProductRepository(rows).find_by_sku(sku));
    if (!found) {
        return fail(errors::not_found, "The store has no such SKU.");
    }
    return *std::move(found);
}

Result<StockItem> item_of(const StoreLedger& rows, const Holding& holding) {
    const Variant& variant = *holding.variant;
    const Stock stock = TRY(ProductRepository(rows).stocks({variant.id})).front();
    return StockItem{variant.sku,   holding.product->id,         variant.id,
                     variant.stock, variant.low_stock_threshold, stock};
}

std::unexpected<Error> below_zero(const StockItem& item) {
    return fail(Error{errors::stock_below_zero,
                      cat("Of ", item.stock.on_hand, " on hand ", item.stock.reserved,
                          " are reserved; at most ", item.stock.available, " can be taken away."),
                      {},
                      {{"available", cat(item.stock.available)}}});
}

}  // namespace

void record_adjustment(Changes& changes, const ServiceLedger& ledger, const Caller& caller,
                       const VariantId& variant, AdjustmentRecord record) {
    const Environment& environment = ledger.environment();
    record.id = environment.fresh<EventId>().text();
    record.by = caller.principal.id;
    record.at = environment.now();
    ledger.store(caller.in_store())
        .put(changes,
             {.partition = stock_key(variant).partition,
              .sort = cat(history_prefix, record.id),
              .body = encode(record)},
             Expect::absent());
}

Result<StockItem> Inventory::find(const StoreId& store, std::string_view sku) const {
    const StoreLedger rows = ledger_.store(store);
    return item_of(rows, TRY(holding(rows, sku)));
}

Result<Change<StockItem>> Inventory::adjust(const Caller& caller, std::string_view sku,
                                            const Adjustment& adjustment) const {
    const StoreLedger rows = ledger_.store(caller.in_store());
    StockItem item = TRY(item_of(rows, TRY(holding(rows, sku))));
    if (item.policy == StockPolicy::untracked) {
        return fail(errors::stock_untracked, "This SKU's stock is not tracked.");
    }
    if (!adjustment.delta && item.stock.on_hand != adjustment.expected) {
        return fail(Error{errors::stock_changed,
                          cat("There are ", item.stock.on_hand, " on hand now."),
                          {},
                          {{"current_on_hand", cat(item.stock.on_hand)}}});
    }
    const std::int64_t delta = adjustment.delta.value_or(adjustment.set - adjustment.expected);
    if (delta == 0) {
        return Change<StockItem>{std::move(item), {}};
    }
    if (item.stock.available + delta < 0) {
        return below_zero(item);
    }
    if (item.stock.on_hand + delta > stock_max) {
        return invalid_field(adjustment.delta ? "/delta" : "/set", "too_large",
                             cat("At most ", stock_max, " can be on hand."));
    }
    Changes changes;
    const LowStock low =
        delta < 0 ? low_stock(item.stock.available, -delta, item.low_stock_threshold) : LowStock{};
    const StoreKey key = stock_key(item.variant);
    rows.add(changes, key.partition, key.sort,
             adjustment.delta ? received(delta, low.available_floor)
                              : received_if(adjustment.expected, delta, low.available_floor),
             Expect::present());
    item.stock.available += delta;
    item.stock.on_hand += delta;
    if (low.crossed) {
        changes.announce(stock_low_event(ledger_, caller, item.sku, item.stock.available));
    }
    record_adjustment(changes, ledger_, caller, item.variant,
                      {.delta = delta, .on_hand = item.stock.on_hand, .reason = adjustment.reason});
    return Change<StockItem>{std::move(item), std::move(changes)};
}

Result<AdjustmentPage> Inventory::history(const StoreId& store, std::string_view sku, int limit,
                                          std::string_view cursor) const {
    const StoreLedger rows = ledger_.store(store);
    const VariantId variant = TRY(holding(rows, sku)).variant->id;
    const std::string scope = cat("adjustments#", store.text(), '#', variant.text());
    const std::string before = TRY(open_cursor(ledger_.environment(), scope, cursor));
    const StorePage found =
        TRY(rows.query({.partition = stock_key(variant).partition,
                        .from = std::string(history_prefix),
                        .before = before.empty() ? cat(history_prefix, '~') : before,
                        .direction = Direction::backward,
                        .limit = limit}));
    AdjustmentPage page;
    for (const auto& row : found.rows) {
        page.items.push_back(TRY(decode(row)));
    }
    if (found.cursor && !found.rows.empty()) {
        page.next_cursor = seal_cursor(ledger_.environment(), scope, found.rows.back().sort);
    }
    return page;
}

}  // namespace souk::products
