#include "domain/products/product_changes.h"

#include <algorithm>
#include <functional>
#include <set>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/listing.h"

namespace souk::products {

namespace {

/// Additions of one early commit; the check of the surplus row takes a place too.
constexpr std::size_t chunk_writes = transaction_writes_max - 2;
/// What a surplus row is at until a tidy has taken its first keys: its name is used once.
constexpr Expect untouched{Expect::Kind::version, 1};
constexpr std::size_t room = transaction_writes_max - boundary_writes;

std::string encode_surplus(const std::vector<StoreKey>& keys) {
    JsonWriter out;
    out.begin_object().member("v", 1).key("keys").begin_array();
    for (const auto& key : keys) {
        out.begin_array().value(key.partition).value(key.sort).end_array();
    }
    out.end_array().end_object();
    return out.take();
}

Result<std::vector<StoreKey>> decode_surplus(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView list = document.root()["keys"];
    std::vector<StoreKey> keys;
    for (std::size_t i = 0; i < list.size(); ++i) {
        keys.push_back({list.at(i).at(0).text_or(), list.at(i).at(1).text_or()});
    }
    return keys;
}

/// Every row besides its own and its handle's that the product derives.
std::set<StoreKey> derived_keys(const std::optional<Product>& product) {
    if (!product) {
        return {};
    }
    std::set<StoreKey> keys = list_keys(*product);
    for (const auto& variant : product->variants) {
        keys.insert(sku_key(variant.sku));
        keys.insert(stock_key(variant.id));
    }
    return keys;
}

std::map<std::string, VariantId> skus_of(const std::optional<Product>& product) {
    std::map<std::string, VariantId> skus;
    if (product) {
        for (const auto& variant : product->variants) {
            skus.emplace(variant.sku, variant.id);
        }
    }
    return skus;
}

const ProductId& id_of(const ProductDecision& decision) {
    return decision.after ? decision.after->id : decision.before->id;
}

Error sku_taken(const Product& product, const std::vector<std::string>& taken) {
    Error error{errors::sku_taken, "Another product of the store has this SKU."};
    for (std::size_t i = 0; i < product.variants.size(); ++i) {
        if (std::ranges::find(taken, product.variants[i].sku) != taken.end()) {
            error.fields.push_back({cat("/variants/", i, "/sku"), "sku_taken",
                                    cat("The SKU ", product.variants[i].sku, " is taken.")});
        }
    }
    return error;
}

}  // namespace

struct ProductWriter::Plan {
    struct Addition {
        StoreKey key;
        std::function<void(Changes&)> write;
    };
    Changes core;                     // The product and its handle.
    std::vector<Addition> additions;  // May come before the core.
    std::vector<StoreKey> drops;      // May come after it.
    std::vector<StoreKey> words;      // May come before it, and stay without it.
    bool adds_stock = false;
};

Result<ProductChanges> ProductWriter::prepare(ProductDecision decision) const {
    CHECK(decision.before || decision.after);
    Plan plan = TRY(this->plan(decision));
    ProductChanges result;
    result.changes = std::move(plan.core);
    result.changes.append(std::move(decision.with));
    const auto put_words = [&](Changes& changes) {
        for (const auto& key : plan.words) {
            rows_.put(changes, {.partition = key.partition, .sort = key.sort, .body = "{}"},
                      Expect::any());
        }
    };
    if (result.changes.size() + plan.additions.size() + plan.drops.size() + plan.words.size() <=
        room) {
        if (decision.before && plan.adds_stock) {
            // Rows ahead of a change that lost have the numbers of these variants.
            TRY(tidy(id_of(decision)));
        }
        put_words(result.changes);
        for (const auto& addition : plan.additions) {
            addition.write(result.changes);
        }
        for (const auto& key : plan.drops) {
            rows_.erase(result.changes, key.partition, key.sort, Expect::any());
        }
        return result;
    }
    if (!plan.words.empty()) {
        Changes words;
        put_words(words);
        TRY(ledger_.commit(words));
    }
    // Leftovers of a change that was cut short must not be taken for this one's rows.
    TRY(tidy(id_of(decision)));
    // A name of its own for each change: one that was tidied away cannot be mistaken for its
    // successor.
    const StoreKey surplus =
        surplus_key(id_of(decision), ledger_.environment().fresh<EventId>().text());
    Expect surplus_now = Expect::absent();
    if (result.changes.size() + plan.additions.size() + 1 > room) {
        TRY(add_ahead(surplus, plan));
        surplus_now = untouched;
    }
    for (const auto& addition : plan.additions) {
        addition.write(result.changes);
    }
    if (!plan.drops.empty()) {
        rows_.put(result.changes,
                  {.partition = surplus.partition,
                   .sort = surplus.sort,
                   .body = encode_surplus(plan.drops),
                   .due = ledger_.environment().now()},
                  surplus_now);
        result.untidy = true;
    } else if (surplus_now.kind == untouched.kind) {
        rows_.erase(result.changes, surplus.partition, surplus.sort, surplus_now);
    }
    return result;
}

/// The first step: the surplus row, then all additions; none is left in the plan.
Result<void> ProductWriter::add_ahead(const StoreKey& surplus, Plan& plan) const {
    std::vector<StoreKey> keys;
    for (const auto& addition : plan.additions) {
        keys.push_back(addition.key);
    }
    Changes announced;
    rows_.put(announced,
              {.partition = surplus.partition,
               .sort = surplus.sort,
               .body = encode_surplus(keys),
               .due = ledger_.environment().now() + surplus_due},
              Expect::absent());
    TRY(ledger_.commit(announced));
    for (std::size_t start = 0; start < plan.additions.size(); start += chunk_writes) {
        Changes chunk;
        // A tidy or another change of this product in between takes the row away, or some of its
        // keys: then this one gives up.
        rows_.check(chunk, surplus.partition, surplus.sort, untouched);
        const std::size_t end = std::min(plan.additions.size(), start + chunk_writes);
        for (std::size_t i = start; i < end; ++i) {
            plan.additions[i].write(chunk);
        }
        TRY(ledger_.commit(chunk));
    }
    plan.additions.clear();
    return {};
}

Result<ProductWriter::Plan> ProductWriter::plan(const ProductDecision& decision) const {
    Plan plan;
    const StoreKey key = product_key(id_of(decision));
    const Expect seen = decision.before ? Expect::at(decision.before->version) : Expect::absent();
    if (decision.after) {
        std::string body = encode_product(*decision.after);
        if (body.size() > product_bytes_max) {
            return fail(errors::product_too_large, cat("A product with its variants takes at most ",
                                                       product_bytes_max, " bytes."));
        }
        rows_.put(plan.core,
                  {.partition = key.partition, .sort = key.sort, .body = std::move(body)}, seen);
    } else {
        rows_.erase(plan.core, key.partition, key.sort, seen);
    }
    const auto handle = plan_handle(decision, plan);
    const auto skus = plan_skus(decision, plan);
    if (!handle) {
        Error error = handle.error();
        if (error.code == errors::handle_taken && !skus && skus.error().code == errors::sku_taken) {
            error.fields.insert(error.fields.end(), skus.error().fields.begin(),
                                skus.error().fields.end());
        }
        return fail(std::move(error));
    }
    TRY(skus);
    plan_stock(decision, plan);
    plan_lists(decision, plan);
    TRY(plan_words(decision, plan));
    return plan;
}

Result<void> ProductWriter::plan_handle(const ProductDecision& decision, Plan& plan) const {
    const std::string before = decision.before ? decision.before->handle : "";
    const std::string after = decision.after ? decision.after->handle : "";
    if (before == after) {
        return {};
    }
    if (!after.empty()) {
        const StoreKey key = handle_key(after);
        if (TRY(rows_.find(key.partition, key.sort))) {
            const std::string detail =
                cat("Another product of the store has the handle ", after, ".");
            return fail(Error{errors::handle_taken, detail, {{"/handle", "handle_taken", detail}}});
        }
        rows_.put(plan.core,
                  {.partition = key.partition,
                   .sort = key.sort,
                   .body = encode_owner(decision.after->id)},
                  Expect::absent());
    }
    if (!before.empty()) {
        const StoreKey key = handle_key(before);
        rows_.erase(plan.core, key.partition, key.sort, Expect::any());
    }
    return {};
}

Result<void> ProductWriter::plan_skus(const ProductDecision& decision, Plan& plan) const {
    const auto before = skus_of(decision.before);
    const auto after = skus_of(decision.after);
    std::vector<std::string> wanted;
    for (const auto& [sku, variant] : after) {
        const auto found = before.find(sku);
        if (found == before.end() || found->second != variant) {
            wanted.push_back(sku);
        }
    }
    if (!wanted.empty()) {
        for (const auto& [sku, expect] : TRY(claims(*decision.after, wanted))) {
            const StoreKey key = sku_key(sku);
            plan.additions.push_back(
                {key, [this, key, expected = expect,
                       body = encode_owner(decision.after->id, after.find(sku)->second)](
                          Changes& changes) {
                     rows_.put(changes,
                               {.partition = key.partition, .sort = key.sort, .body = body},
                               expected);
                 }});
        }
    }
    for (const auto& [sku, variant] : before) {
        if (!after.contains(sku)) {
            plan.drops.push_back(sku_key(sku));
        }
    }
    return {};
}

/// What must hold of each SKU's row so that the product may have it.
Result<std::map<std::string, Expect>> ProductWriter::claims(
    const Product& after, const std::vector<std::string>& skus) const {
    auto owners = TRY(repository_.owners(skus));
    const auto holdings = TRY(repository_.find_all_by_sku(skus));
    std::vector<std::string> taken;
    bool stale = false;
    for (std::size_t i = 0; i < skus.size(); ++i) {
        if (!owners[i] || owners[i]->product == after.id) {
            continue;
        }
        if (holdings[i]) {
            taken.push_back(skus[i]);
        } else {
            // A change of that product was cut short, or is under way and now has to see us first.
            TRY(tidy(owners[i]->product));
            stale = true;
        }
    }
    if (!taken.empty()) {
        return fail(sku_taken(after, taken));
    }
    if (stale) {
        owners = TRY(repository_.owners(skus));
    }
    std::map<std::string, Expect> expectations;
    for (std::size_t i = 0; i < skus.size(); ++i) {
        expectations.emplace(skus[i],
                             owners[i] ? Expect::at(owners[i]->row_version) : Expect::absent());
    }
    return expectations;
}

void ProductWriter::plan_stock(const ProductDecision& decision, Plan& plan) const {
    if (decision.after) {
        for (const auto& variant : decision.after->variants) {
            if (decision.before && decision.before->variant(variant.id) != nullptr) {
                continue;
            }
            const auto opening = decision.opening_stock.find(variant.id);
            const std::int64_t on_hand =
                opening == decision.opening_stock.end() ? 0 : opening->second;
            const StoreKey key = stock_key(variant.id);
            plan.adds_stock = true;
            plan.additions.push_back({key, [this, key, on_hand](Changes& changes) {
                                          rows_.put(changes,
                                                    {.partition = key.partition,
                                                     .sort = key.sort,
                                                     .body = R"({"v":1})",
                                                     .counters = counters_from(on_hand)},
                                                    Expect::absent());
                                      }});
        }
    }
    if (decision.before) {
        for (const auto& variant : decision.before->variants) {
            if (!decision.after || decision.after->variant(variant.id) == nullptr) {
                plan.drops.push_back(stock_key(variant.id));
            }
        }
    }
}

void ProductWriter::plan_lists(const ProductDecision& decision, Plan& plan) const {
    const auto before = decision.before ? list_keys(*decision.before) : std::set<StoreKey>{};
    const auto after = decision.after ? list_keys(*decision.after) : std::set<StoreKey>{};
    for (const auto& key : after) {
        if (!before.contains(key)) {
            plan.additions.push_back(
                {key, [this, key](Changes& changes) {
                     rows_.put(changes,
                               {.partition = key.partition, .sort = key.sort, .body = "{}"},
                               Expect::any());
                 }});
        }
    }
    std::ranges::set_difference(before, after, std::back_inserter(plan.drops));
}

/// Words that no product had before. They stay when the product goes: others may have them.
Result<void> ProductWriter::plan_words(const ProductDecision& decision, Plan& plan) const {
    const auto before = decision.before ? search_terms(*decision.before) : std::set<std::string>{};
    const auto after = decision.after ? search_terms(*decision.after) : std::set<std::string>{};
    std::vector<StoreKey> keys;
    for (const auto& word : after) {
        if (!before.contains(word)) {
            keys.push_back(word_key(word));
        }
    }
    const auto known = TRY(rows_.find_many(keys));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!known[i]) {
            plan.words.push_back(keys[i]);
        }
    }
    return {};
}

Result<void> ProductWriter::tidy(const ProductId& product) const {
    return rerun([&]() -> Result<void> {
        while (TRY(tidy_once(product))) {
        }
        return {};
    });
}

/// Erases one commit's worth. Returns whether there may be more.
Result<bool> ProductWriter::tidy_once(const ProductId& product) const {
    const StoreKey first = surplus_key(product, "");
    const StorePage page = TRY(rows_.query({.partition = first.partition,
                                            .from = first.sort,
                                            .before = first.sort + "~",
                                            .limit = 1}));
    if (page.rows.empty()) {
        return false;
    }
    const StoreRow& row = page.rows.front();
    const auto now = TRY(repository_.find(product));
    const auto derived = derived_keys(now);
    const auto keys = TRY(decode_surplus(row));
    Changes changes;
    const StoreKey own = product_key(product);
    rows_.check(changes, own.partition, own.sort,
                now ? Expect::at(now->version) : Expect::absent());
    std::size_t done = 0;
    for (; done < keys.size() && changes.size() + 2 < transaction_writes_max; ++done) {
        const StoreKey& key = keys[done];
        if (derived.contains(key)) {
            continue;
        }
        Expect expect = Expect::any();
        if (key.partition.starts_with("sku#")) {
            const auto marker = TRY(rows_.find(key.partition, key.sort));
            if (!marker || TRY(decode_owner(*marker)).product != product) {
                continue;  // Somebody else's by now.
            }
            expect = Expect::at(marker->version);
        }
        rows_.erase(changes, key.partition, key.sort, expect);
    }
    const std::vector<StoreKey> rest(keys.begin() + static_cast<std::ptrdiff_t>(done), keys.end());
    if (rest.empty()) {
        rows_.erase(changes, row.partition, row.sort, Expect::at(row.version));
    } else {
        rows_.put(changes,
                  {.partition = row.partition,
                   .sort = row.sort,
                   .body = encode_surplus(rest),
                   .due = row.due},
                  Expect::at(row.version));
    }
    TRY(ledger_.commit(changes));
    return true;
}

}  // namespace souk::products
