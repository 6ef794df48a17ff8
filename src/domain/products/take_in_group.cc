#include <algorithm>
#include <ranges>
#include <span>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/import_plan.h"
#include "domain/products/imports.h"
#include "domain/products/inventory.h"

/// One product of an import: one commit, together with a trace that says it was done and what came
/// of it. A slice that is done again finds the traces, changes nothing and counts the same.
namespace souk::products {

namespace {

constexpr std::string_view trace_sort = "trace";
/// A product whose rows stand in so many places that its trace outgrows this is not taken in
/// further. Unit: bytes.
constexpr std::size_t trace_bytes_max = 150 * 1024;
/// Variants whose stock is set in one commit. More than these go ahead of the product's own commit,
/// which has many other writes.
constexpr std::size_t stock_commit_variants = 20;

/// What one group of rows came to.
struct GroupTrace {
    std::int64_t first_row = 0;
    std::string outcome;  // created, updated, unchanged or none
    std::vector<ImportError> errors;
    std::int64_t errors_total = 0;  // Those left out of `errors` included.
};

/// What an import did to one product so far.
struct Trace {
    std::vector<GroupTrace> groups;
    Said said;
    /// Whose stock the group that is not yet in `groups` has set: not again, after a sale.
    std::set<VariantId> stocked;
    std::uint64_t version = 0;
};

Result<Trace> decode(const std::optional<StoreRow>& row) {
    Trace trace;
    if (!row) {
        return trace;
    }
    trace.version = row->version;
    const JsonDocument document = TRY(JsonDocument::parse(row->body));
    const JsonView root = document.root();
    for (std::size_t i = 0; i < root["skus"].size(); ++i) {
        trace.said.skus.insert(root["skus"].at(i).text_or());
    }
    for (std::size_t i = 0; i < root["stocked"].size(); ++i) {
        trace.stocked.insert(VariantId::trusted(root["stocked"].at(i).text_or()));
    }
    for (std::size_t i = 0; i < root["images"].size(); ++i) {
        const auto [id, place] = root["images"].member(i);
        trace.said.image_places.emplace(MediaId::trusted(std::string(id)), place.integer_or(0));
    }
    for (std::size_t i = 0; i < root["alts"].size(); ++i) {
        trace.said.image_alts.insert(MediaId::trusted(root["alts"].at(i).text_or()));
    }
    const JsonView groups = root["groups"];
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const JsonView group = groups.at(i);
        const JsonView mistakes = group["errors"];
        trace.said.product = trace.said.product || group["outcome"].text_or() != "none";
        trace.groups.push_back(
            {group["row"].integer_or(0),
             group["outcome"].text_or(),
             {},
             group["errors_total"].integer_or(static_cast<std::int64_t>(mistakes.size()))});
        for (std::size_t j = 0; j < mistakes.size(); ++j) {
            const JsonView mistake = mistakes.at(j);
            trace.groups.back().errors.push_back({mistake["row"].integer_or(0),
                                                  mistake["column"].text_or(),
                                                  mistake["detail"].text_or()});
        }
    }
    return trace;
}

std::string encode(const Trace& trace) {
    JsonWriter out;
    out.begin_object().member("v", 1).key("skus").begin_array();
    for (const auto& sku : trace.said.skus) {
        out.value(sku);
    }
    out.end_array();
    if (!trace.stocked.empty()) {
        out.key("stocked").begin_array();
        for (const auto& variant : trace.stocked) {
            out.value(variant.text());
        }
        out.end_array();
    }
    if (!trace.said.image_places.empty()) {
        out.key("images").begin_object();
        for (const auto& [id, place] : trace.said.image_places) {
            out.member(id.text(), place);
        }
        out.end_object();
    }
    if (!trace.said.image_alts.empty()) {
        out.key("alts").begin_array();
        for (const auto& id : trace.said.image_alts) {
            out.value(id.text());
        }
        out.end_array();
    }
    out.key("groups").begin_array();
    for (const auto& group : trace.groups) {
        out.begin_object().member("row", group.first_row).member("outcome", group.outcome);
        out.key("errors").begin_array();
        for (const auto& error : group.errors) {
            out.begin_object()
                .member("row", error.row)
                .member("column", error.column)
                .member("detail", error.detail)
                .end_object();
        }
        out.end_array().member("errors_total", group.errors_total).end_object();
    }
    out.end_array().end_object();
    return out.take();
}

/// What a trace keeps of a group: a bounded number of its mistakes, in bounded words, as they stand
/// in the file. A trace with all of them could outgrow its row, and then the import could not go
/// on.
GroupTrace trace_of(const RowGroup& group, std::string outcome, std::vector<ImportError> errors) {
    const std::size_t total = errors.size();
    std::ranges::stable_sort(errors, {}, &ImportError::row);
    if (total > import_group_errors_kept) {
        const std::int64_t from = errors[import_group_errors_kept].row;
        errors.resize(import_group_errors_kept);
        errors.push_back({from, "",
                          cat("From here on the product's rows have ",
                              total - import_group_errors_kept, " more mistakes.")});
    }
    for (auto& error : errors) {
        error.detail = kept_detail(std::move(error.detail));
    }
    return {group.first_row, std::move(outcome), std::move(errors),
            static_cast<std::int64_t>(total)};
}

void add_errors(Import& import, const std::vector<ImportError>& errors, std::int64_t total) {
    import.errors_total += total;
    for (const auto& error : errors) {
        if (import.errors.size() < import_errors_kept) {
            import.errors.push_back(error);
        }
    }
}

/// A product counts once, however many groups of rows it has: as the most that happened to it.
void count(Import& import, const Trace& trace, const GroupTrace& group) {
    constexpr std::array outcomes{std::string_view("none"), std::string_view("unchanged"),
                                  std::string_view("updated"), std::string_view("created")};
    const auto rank = [&](std::string_view outcome) {
        return std::ranges::find(outcomes, outcome) - outcomes.begin();
    };
    std::int64_t* counters[] = {nullptr, &import.products_unchanged, &import.products_updated,
                                &import.products_created};
    std::ptrdiff_t before = 0;
    for (const auto& earlier : trace.groups) {
        if (earlier.first_row < group.first_row) {
            before = std::max(before, rank(earlier.outcome));
        }
    }
    const std::ptrdiff_t after = std::max(before, rank(group.outcome));
    if (after == before) {
        return;
    }
    if (counters[before] != nullptr) {
        --*counters[before];
    }
    ++*counters[after];
}

/// What was true of the product and its SKUs when the group came.
struct Surroundings {
    std::optional<Product> existing;
    std::vector<Stock> stocks = {};
    std::map<std::string, MediaId> media = {};
    std::set<std::string> taken_skus = {};
};

Result<Surroundings> look_around(const ProductRepository& repository, const Media& media,
                                 const RowGroup& group) {
    Surroundings around{.existing = TRY(repository.find_by_handle(group.handle))};
    if (around.existing) {
        around.stocks = TRY(repository.stocks_of(*around.existing));
        for (const auto& picture : around.existing->media) {
            around.media.emplace(
                picture.key.empty() ? picture.external_url : media.public_url(picture.key),
                picture.id);
        }
    }
    std::vector<std::string> skus;
    for (const auto& row : group.rows) {
        if (!row[Column::sku].empty()) {
            skus.push_back(row[Column::sku].substr(0, 4 * sku_max));
        }
    }
    const auto holdings = TRY(repository.find_all_by_sku(skus));
    for (std::size_t i = 0; i < skus.size(); ++i) {
        if (holdings[i] && (!around.existing || holdings[i]->product->id != around.existing->id)) {
            around.taken_skus.insert(skus[i]);
        }
    }
    return around;
}

/// Sets the stock on hand of so many variants, only while it is what the plan saw.
void set_stock(Changes& changes, const ServiceLedger& ledger, const Caller& caller,
               const Surroundings& around,
               std::span<const std::pair<VariantId, std::int64_t>> wanted) {
    const StoreLedger rows = ledger.store(caller.in_store());
    for (const auto& [variant, on_hand] : wanted) {
        const auto index = static_cast<std::size_t>(around.existing->variant(variant) -
                                                    around.existing->variants.data());
        const std::int64_t seen = around.stocks[index].on_hand;
        const StoreKey key = stock_key(variant);
        rows.add(changes, key.partition, key.sort, received_if(seen, on_hand - seen, 0),
                 Expect::present());
        record_adjustment(changes, ledger, caller, variant,
                          {.delta = on_hand - seen, .on_hand = on_hand, .reason = "import"});
    }
}

/// Failures that are the file's fault become its errors; the others end the slice.
bool is_of_the_file(const Error& error) {
    switch (error.code.kind) {
        case ErrorKind::invalid: return true;
        case ErrorKind::conflict: return error.code != errors::ledger_conflict;
        case ErrorKind::not_found:
        case ErrorKind::denied:
        case ErrorKind::exhausted:
        case ErrorKind::unavailable:
        case ErrorKind::corrupt: return false;
    }
    return false;
}

std::vector<ImportError> errors_from(const Error& error, const RowGroup& group) {
    std::vector<ImportError> errors;
    for (const auto& field : error.fields) {
        errors.push_back({group.first_row, "", cat(field.pointer, ": ", field.detail)});
    }
    if (errors.empty()) {
        errors.push_back({group.first_row, "", error.detail});
    }
    return errors;
}

}  // namespace

Result<void> Imports::take_in(const Caller& caller, Import& import, const Columns& columns,
                              const RowGroup& group) const {
    if (group.rows.empty()) {
        add_errors(import, group.errors, std::ssize(group.errors));
        return {};
    }
    // Those found while reading and those found while taking in, as they stand in the file.
    const auto report = [&](const GroupTrace& found) {
        std::vector<ImportError> errors = found.errors;
        errors.insert(errors.end(), group.errors.begin(), group.errors.end());
        std::ranges::stable_sort(errors, {}, &ImportError::row);
        add_errors(import, errors, found.errors_total + std::ssize(group.errors));
    };
    const StoreLedger rows = ledger_.store(caller.in_store());
    const std::string partition = cat("import#", import.id.text(), '#', group.handle);
    // A step; false: another has to follow.
    const auto step = [&]() -> Result<bool> {
        const auto row = TRY(rows.find(partition, trace_sort));
        Trace trace = TRY(decode(row));
        const auto done = std::ranges::find(trace.groups, group.first_row, &GroupTrace::first_row);
        if (done != trace.groups.end()) {
            report(*done);
            count(import, trace, *done);
            return true;
        }
        if (row && row->body.size() > trace_bytes_max) {
            report(trace_of(group, "none",
                            {{group.first_row, columns.name(Column::handle),
                              "The rows of this product stand in too many places."}}));
            return true;
        }
        Taken taken = TRY(decide(caller, import, columns, group, {trace.said, trace.stocked}));
        if (taken.stocked.empty()) {
            trace.stocked.clear();
            trace.said.skus.merge(taken.said.skus);
            trace.said.image_places.merge(taken.said.image_places);
            trace.said.image_alts.merge(taken.said.image_alts);
            trace.groups.push_back(
                trace_of(group, std::move(taken.outcome), std::move(taken.errors)));
        }
        trace.stocked.insert(taken.stocked.begin(), taken.stocked.end());
        rows.put(taken.changes,
                 {.partition = partition,
                  .sort = std::string(trace_sort),
                  .body = encode(trace),
                  .expires = ledger_.environment().now() + import_trace_kept},
                 Expect::as_read(trace.version));
        // Not awaited by anyone: the slice's own commit makes it and all before it durable.
        taken.changes.relax();
        TRY(ledger_.commit(taken.changes));
        if (!taken.stocked.empty()) {
            return false;
        }
        if (taken.untidy) {
            TRY(ProductWriter(ledger_, caller.in_store()).tidy(*taken.untidy));
        }
        report(trace.groups.back());
        count(import, trace, trace.groups.back());
        return true;
    };
    while (!TRY(rerun(step))) {
    }
    return {};
}

Result<Imports::Taken> Imports::decide(const Caller& caller, const Import& import,
                                       const Columns& columns, const RowGroup& group,
                                       const Before& before) const {
    const Surroundings around =
        TRY(look_around(ProductRepository(ledger_.store(caller.in_store())), media_, group));
    const auto store = TRY(stores_.store(caller.in_store()));
    const std::function<MediaId()> fresh_media = [this] {
        return ledger_.environment().fresh<MediaId>();
    };
    ImportPlan plan =
        plan_import(group, {columns, store.currency, around.existing, around.stocks, around.media,
                            around.taken_skus, fresh_media, before.said});
    Taken taken{.errors = plan.errors};
    if (!plan.possible) {
        return taken;
    }
    if (!plan.on_hand.empty() && !caller.may(Permission::inventory_write)) {
        plan.on_hand.clear();
        taken.errors.push_back({group.first_row, columns.name(Column::quantity),
                                "The stock stays as it is: to set it takes inventory:write."});
    }
    std::vector<std::pair<VariantId, std::int64_t>> to_stock;
    std::ranges::remove_copy_if(
        plan.on_hand, std::back_inserter(to_stock),
        [&](const auto& wanted) { return before.stocked.contains(wanted.first); });
    if (to_stock.size() > stock_commit_variants) {
        to_stock.erase(to_stock.begin() + stock_commit_variants, to_stock.end());
        set_stock(taken.changes, ledger_, caller, around, to_stock);
        std::ranges::copy(std::views::keys(to_stock), std::back_inserter(taken.stocked));
        return taken;
    }
    // Products keep the order of their file, in lists and exports, also after another import of it.
    EditContext context{
        .with = {},
        .pictures = std::move(plan.pictures),
        .created_at = import.created_at + std::chrono::milliseconds(group.first_row)};
    set_stock(context.with, ledger_, caller, around, to_stock);
    auto change = around.existing
                      ? editor_.change(caller, *around.existing, plan.patch, std::move(context))
                      : editor_.create(caller, plan.patch, std::move(context));
    if (!change) {
        if (!is_of_the_file(change.error())) {
            return fail(std::move(change.error()));
        }
        std::ranges::move(errors_from(change.error(), group), std::back_inserter(taken.errors));
        return taken;
    }
    taken.said = std::move(plan.said);
    const bool changed = !change->changes.empty() || !before.stocked.empty();
    taken.outcome = !around.existing ? "created" : changed ? "updated" : "unchanged";
    taken.changes = std::move(change->changes);
    if (change->value.untidy) {
        taken.untidy = change->value.product.id;
    }
    return taken;
}

}  // namespace souk::products
