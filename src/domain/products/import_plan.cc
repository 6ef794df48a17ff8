#include "domain/products/import_plan.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/products/import_cells.h"
#include "domain/products/import_images.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

constexpr std::array option_names{Column::option1_name, Column::option2_name, Column::option3_name};
constexpr std::array option_values{Column::option1_value, Column::option2_value,
                                   Column::option3_value};
constexpr std::array variant_columns{Column::option1_value, Column::sku,   Column::grams,
                                     Column::quantity,      Column::price, Column::compare_at_price,
                                     Column::barcode};

class Planner {
public:
    Planner(const RowGroup& group, const ImportContext& context)
        : group_(group), context_(context), existing_(context.existing) {}

    ImportPlan plan() {
        const ImportRow& first = group_.rows.front();
        for (const auto& row : group_.rows) {
            named_.insert(row[Column::sku]);
        }
        if (is_said()) {
            // Of the rows of a product, the first counts.
        } else if (existing_ || !first[Column::title].empty()) {
            product_cells(first);
        } else {
            mistake(first, Column::title, "A new product needs a title.");
            plan_.possible = false;
        }
        if (!plan_.possible) {
            return std::move(plan_);
        }
        plan_.patch.handle = group_.handle;
        option_columns();
        if (!plan_.possible) {
            return std::move(plan_);
        }
        for (const auto& row : group_.rows) {
            if (is_variant(row)) {
                variant_row(row);
            }
        }
        settle_combinations();
        variants();
        leave_out_cells_of_a_bad_row();
        plan_images(group_, context_, plan_);
        return std::move(plan_);
    }

private:
    struct PlannedVariant {
        const ImportRow* row;
        const Variant* known;  // Null: a new one.
        VariantPatch patch;
        std::optional<std::int64_t> on_hand = {};  // Of a known one, where it is to be another.
    };

    [[nodiscard]] bool is_said() const { return existing_ && context_.said.product; }

    void mistake(const ImportRow& row, Column column, std::string detail) {
        plan_.errors.push_back({row.number, context_.columns.name(column), std::move(detail)});
    }

    std::optional<std::string> text(const ImportRow& row, Column column, const Schema& schema) {
        return fitting(row, column, schema, context_.columns, plan_.errors);
    }

    /// Whether the row says something of the product in this column. An empty cell does where the
    /// row has a title; without one it may be a further row of its product, which leaves them
    /// empty.
    [[nodiscard]] bool says(const ImportRow& row, Column column) const {
        return context_.columns.has(column) && !(row[Column::title].empty() && row[column].empty());
    }

    void product_text(const ImportRow& row, Column column, const Schema& schema,
                      std::optional<std::string>& target) {
        if (says(row, column)) {
            target = text(row, column, schema);
            plan_.possible = plan_.possible && target;
        }
    }

    void product_cells(const ImportRow& row) {
        product_text(row, Column::title, schema::line(0, title_max), plan_.patch.title);
        product_text(row, Column::description, schema::text(0, description_max),
                     plan_.patch.description);
        product_text(row, Column::vendor, schema::line(0, vendor_max), plan_.patch.vendor);
        product_text(row, Column::product_type, schema::line(0, product_type_max),
                     plan_.patch.product_type);
        product_text(row, Column::seo_title, schema::text(0, seo_title_max), plan_.patch.seo_title);
        product_text(row, Column::seo_description, schema::text(0, seo_description_max),
                     plan_.patch.seo_description);
        tags(row);
        status(row);
    }

    void tags(const ImportRow& row) {
        if (!says(row, Column::tags)) {
            return;
        }
        std::vector<std::string> tags;
        std::set<std::string> seen;
        for (const auto part : split(row[Column::tags], ',')) {
            const std::string_view tag = trimmed(part);
            if (tag.empty() || !seen.insert(ascii_lower(tag)).second) {
                continue;
            }
            std::string wrong = std::ssize(tags) == tags_max
                                    ? cat("At most ", tags_max, " tags.")
                                    : misfit(schema::line(1, tag_max), tag);
            if (!wrong.empty()) {
                mistake(row, Column::tags, std::move(wrong));
                plan_.possible = false;
                return;
            }
            tags.emplace_back(tag);
        }
        plan_.patch.tags = std::move(tags);
    }

    /// Published needs both: a status that says so or nothing, and not to be withheld from the
    /// shop.
    void status(const ImportRow& row) {
        const std::string& status = row[Column::status];
        const std::string& published = row[Column::published];
        if (!says(row, Column::status) && !says(row, Column::published)) {
            plan_.patch.status = existing_ ? std::nullopt : std::optional(Status::published);
            return;
        }
        if (!published.empty() && !means_yes(published) && !means_no(published)) {
            mistake(row, Column::published, "It says neither TRUE nor FALSE.");
            plan_.possible = false;
            return;
        }
        if (ascii_equal_ignoring_case(status, "archived")) {
            plan_.patch.status = Status::archived;
        } else if (ascii_equal_ignoring_case(status, "draft") ||
                   ascii_equal_ignoring_case(status, "unlisted")) {
            plan_.patch.status = Status::draft;
        } else if (status.empty() || ascii_equal_ignoring_case(status, "active")) {
            plan_.patch.status = means_no(published) ? Status::draft : Status::published;
        } else {
            mistake(row, Column::status, "It is none of active, draft, archived and unlisted.");
            plan_.possible = false;
        }
    }

    /// Names stand in the first row that has them, or are those that the product has.
    void option_columns() {
        std::vector<std::string> names;
        const bool named = is_said() && !existing_->options.empty();
        for (std::size_t i = 0; i < option_names.size() && !named; ++i) {
            for (const auto& row : group_.rows) {
                if (!row[option_names[i]].empty()) {
                    const auto name = text(row, option_names[i], schema::line(1, option_name_max));
                    plan_.possible = plan_.possible && name;
                    names.push_back(row[option_names[i]]);
                    break;
                }
            }
            if (names.size() != i + 1) {
                break;
            }
        }
        if (names.empty() && existing_) {
            for (const auto& option : existing_->options) {
                names.push_back(option.name);
            }
        }
        names_ = std::move(names);
    }

    [[nodiscard]] bool is_variant(const ImportRow& row) const {
        return std::ranges::any_of(variant_columns,
                                   [&](Column column) { return !row[column].empty(); });
    }

    /// The variant that the row names by its SKU alone: it keeps its option values.
    [[nodiscard]] const Variant* named_by_sku(const ImportRow& row) const {
        const bool has_values =
            std::ranges::any_of(option_values, [&](Column column) { return !row[column].empty(); });
        if (!existing_ || has_values || row[Column::sku].empty() ||
            !std::ranges::equal(names_, existing_->options, {}, {}, &Option::name)) {
            return nullptr;
        }
        return existing_->variant_with_sku(row[Column::sku]);
    }

    std::optional<std::vector<NamedText>> options_of(const ImportRow& row) {
        if (const Variant* named = named_by_sku(row)) {
            return named->option_values;
        }
        // Shopify's words for "no options", unless the product has an option of that name.
        const bool has_title =
            existing_ && std::ranges::find(existing_->options, "Title", &Option::name) !=
                             existing_->options.end();
        const bool is_default =
            names_.size() == 1 && names_.front() == "Title" && !has_title &&
            (row[Column::option1_value].empty() || row[Column::option1_value] == "Default Title");
        std::vector<NamedText> values;
        for (std::size_t i = 0; i < names_.size() && !is_default; ++i) {
            const auto value = text(row, option_values[i], schema::line(0, option_value_max));
            if (!value || value->empty()) {
                if (value) {
                    mistake(row, option_values[i], "The option has no value.");
                }
                return std::nullopt;
            }
            values.emplace_back(names_[i], *value);
        }
        return values;
    }

    const Variant* known_variant(const std::string& sku,
                                 const std::vector<NamedText>& values) const {
        if (!existing_) {
            return nullptr;
        }
        if (const Variant* by_sku = sku.empty() ? nullptr : existing_->variant_with_sku(sku)) {
            return by_sku;
        }
        const auto found = std::ranges::find(existing_->variants, values, &Variant::option_values);
        // One that the file names by its SKU is not renamed by another row.
        const bool is_free = found != existing_->variants.end() &&
                             !context_.said.skus.contains(found->sku) &&
                             !named_.contains(found->sku);
        return is_free ? &*found : nullptr;
    }

    void variant_row(const ImportRow& row) {
        const std::size_t errors_before = plan_.errors.size();
        auto values = options_of(row);
        if (!values) {
            return;
        }
        std::string sku = text(row, Column::sku, schema::line(0, sku_max)).value_or("");
        const Variant* known = known_variant(sku, *values);
        if (sku.empty()) {
            sku = known != nullptr ? known->sku : sku_from(group_.handle, *values);
        }
        VariantPatch patch;
        patch.sku = sku;
        patch.option_values = values;
        if (known != nullptr) {
            patch.id = known->id;
        }
        numbers(row, known, patch);
        texts(row, patch);
        if (!skus_.insert(sku).second || context_.said.skus.contains(sku)) {
            mistake(row, Column::sku, cat("The SKU ", sku, " stands in an earlier row."));
        } else if (context_.taken_skus.contains(sku)) {
            mistake(row, Column::sku, cat("The SKU ", sku, " belongs to another product."));
        } else if (!combinations_.insert(*values).second) {
            combination_taken(row);
        }
        const bool fresh = known == nullptr;
        const auto fresh_before = std::ranges::count(planned_, nullptr, &PlannedVariant::known);
        const std::int64_t total = fresh_before + (existing_ ? std::ssize(existing_->variants) : 0);
        if (fresh && total >= variants_max) {
            mistake(row, Column::handle, cat("A product has at most ", variants_max, " variants."));
        }
        if (fresh && existing_ && existing_->next_variant + fresh_before > variants_ever_max) {
            mistake(
                row, Column::handle,
                cat("The product has had ", variants_ever_max, " variants, and can have no more."));
        }
        if (plan_.errors.size() != errors_before) {
            return;
        }
        PlannedVariant planned{.row = &row, .known = known, .patch = std::move(patch)};
        stock(row, planned);
        if (plan_.errors.size() == errors_before) {
            planned_.push_back(std::move(planned));
        }
    }

    void combination_taken(const ImportRow& row) {
        mistake(row, Column::option1_value, "Another variant has the same option values.");
    }

    /// A variant of which no good row speaks keeps its option values, and no row gives them to
    /// another. A row that would is a bad one, after which its own variant keeps what it has.
    void settle_combinations() {
        for (bool settled = !existing_; !settled;) {
            std::set<VariantId> changed;
            for (const auto& one : planned_) {
                if (one.known != nullptr) {
                    changed.insert(one.known->id);
                }
            }
            std::set<std::vector<NamedText>> kept;
            for (const auto& variant : existing_->variants) {
                if (!changed.contains(variant.id)) {
                    kept.insert(variant.option_values);
                }
            }
            settled = std::erase_if(planned_, [&](const PlannedVariant& one) {
                          const bool taken = kept.contains(*one.patch.option_values);
                          if (taken) {
                              combination_taken(*one.row);
                          }
                          return taken;
                      }) == 0;
        }
    }

    void numbers(const ImportRow& row, const Variant* known, VariantPatch& patch) {
        const std::string& price = row[Column::price];
        if (!price.empty()) {
            patch.price = from_decimal(price, context_.currency);
            if (!patch.price) {
                mistake(row, Column::price, cat("Not a price in ", context_.currency.code(), "."));
            }
        } else if (known == nullptr) {
            mistake(row, Column::price, "A new variant needs a price.");
        }
        if (context_.columns.has(Column::compare_at_price)) {
            const std::string& compare_at = row[Column::compare_at_price];
            patch.compare_at_price.emplace();
            if (!compare_at.empty()) {
                *patch.compare_at_price = from_decimal(compare_at, context_.currency);
                if (!*patch.compare_at_price) {
                    mistake(row, Column::compare_at_price,
                            cat("Not a price in ", context_.currency.code(), "."));
                }
            }
        }
        if (!row[Column::grams].empty()) {
            patch.weight_grams = grams_from(row[Column::grams]);
            if (!patch.weight_grams) {
                mistake(row, Column::grams, "Not a weight in grams.");
            }
        }
    }

    void texts(const ImportRow& row, VariantPatch& patch) {
        if (context_.columns.has(Column::barcode)) {
            patch.barcode = text(row, Column::barcode, schema::line(0, barcode_max));
        }
        const std::string& policy = row[Column::policy];
        const bool goes_on = means_yes(policy) || ascii_equal_ignoring_case(policy, "continue");
        if (!goes_on && !policy.empty() && !means_no(policy) &&
            !ascii_equal_ignoring_case(policy, "deny")) {
            mistake(row, Column::policy, "It says neither deny nor continue.");
        }
        const bool untracked =
            goes_on || (context_.columns.has(Column::tracker) && row[Column::tracker].empty());
        if (untracked || context_.columns.has(Column::tracker) ||
            context_.columns.has(Column::policy)) {
            patch.stock = untracked ? StockPolicy::untracked : StockPolicy::tracked;
        }
    }

    void stock(const ImportRow& row, PlannedVariant& planned) {
        const Variant* known = planned.known;
        const std::string& quantity = row[Column::quantity];
        const StockPolicy policy =
            planned.patch.stock.value_or(known != nullptr ? known->stock : StockPolicy::tracked);
        if (quantity.empty() || policy == StockPolicy::untracked) {
            return;
        }
        const auto said = to_integer(quantity);
        if (!said || *said > stock_max) {
            mistake(row, Column::quantity, cat("Not a whole number up to ", stock_max, "."));
            return;
        }
        const std::int64_t count = std::max<std::int64_t>(*said, 0);  // See row_below_zero.
        if (known == nullptr) {
            planned.patch.stock_on_hand = count;
            return;
        }
        const auto index = static_cast<std::size_t>(known - existing_->variants.data());
        const Stock& now = context_.stocks[index];
        if (count < now.reserved) {
            mistake(row, Column::quantity, cat(now.reserved, " are reserved for orders."));
        } else if (count != now.on_hand) {
            planned.on_hand = count;
        }
    }

    /// All variants of the product: those it has, changed or not, then the new ones.
    void variants() {
        if (planned_.empty()) {
            if (!existing_) {
                // A draft may come without, as it may be made without.
                plan_.possible = plan_.errors.empty() && plan_.patch.status != Status::published;
                if (plan_.errors.empty() && !plan_.possible) {
                    mistake(group_.rows.front(), Column::price,
                            "A new product needs a variant with a price.");
                }
            }
            return;
        }
        std::vector<VariantPatch> all;
        if (existing_) {
            for (const auto& variant : existing_->variants) {
                all.push_back({.id = variant.id});
            }
        }
        for (auto& one : planned_) {
            plan_.said.skus.insert(*one.patch.sku);
            if (one.on_hand) {
                plan_.on_hand[one.known->id] = *one.on_hand;
            }
            if (one.known == nullptr) {
                all.push_back(std::move(one.patch));
            } else {
                *std::ranges::find(all, one.patch.id, &VariantPatch::id) = std::move(one.patch);
            }
        }
        plan_.patch.variants = std::move(all);
        rename_options();
    }

    void leave_out_cells_of_a_bad_row() {
        const bool is_bad = std::ranges::find(plan_.errors, group_.rows.front().number,
                                              &ImportError::row) != plan_.errors.end();
        if (existing_ && is_bad) {
            plan_.patch = {.handle = std::move(plan_.patch.handle),
                           .options = std::move(plan_.patch.options),
                           .variants = std::move(plan_.patch.variants)};
        }
    }

    void rename_options() {
        const bool plain = names_.size() == 1 && names_.front() == "Title";
        if (!existing_ || existing_->options.empty() || plain) {
            return;
        }
        std::vector<Option> options;
        for (const auto& name : names_) {
            options.push_back({name, {}});
        }
        const auto same_name = [](const Option& a, const Option& b) { return a.name == b.name; };
        if (!std::ranges::equal(options, existing_->options, same_name)) {
            plan_.patch.options = std::move(options);
        }
    }

    const RowGroup& group_;
    const ImportContext& context_;
    const std::optional<Product>& existing_;
    ImportPlan plan_;
    std::vector<std::string> names_;
    std::set<std::string> named_;  // SKUs in any of the rows.
    std::set<std::string> skus_;   // Of the rows so far.
    std::set<std::vector<NamedText>> combinations_;
    std::vector<PlannedVariant> planned_;
};

}  // namespace

ImportPlan plan_import(const RowGroup& group, const ImportContext& context) {
    return Planner(group, context).plan();
}

}  // namespace souk::products
