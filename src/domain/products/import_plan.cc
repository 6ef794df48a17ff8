#include "domain/products/import_plan.h"

#include <algorithm>

#include "domain/base/schema.h"
#include "domain/base/text.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

constexpr std::array option_names{Column::option1_name, Column::option2_name, Column::option3_name};
constexpr std::array option_values{Column::option1_value, Column::option2_value,
                                   Column::option3_value};
constexpr std::array variant_columns{Column::option1_value, Column::sku,   Column::grams,
                                     Column::quantity,      Column::price, Column::compare_at_price,
                                     Column::barcode};

/// "250", "250.0", "12.5": whole grams, rounded half up.
std::optional<std::int64_t> grams_from(std::string_view text) {
    const auto point = text.find('.');
    const auto whole = to_integer(text.substr(0, point));
    if (!whole || *whole < 0 || *whole > weight_grams_max) {
        return std::nullopt;
    }
    if (point == std::string_view::npos) {
        return whole;
    }
    const auto fraction = text.substr(point + 1);
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    return *whole + (fraction.front() >= '5' ? 1 : 0);
}

bool means_yes(std::string_view text) {
    return ascii_equal_ignoring_case(text, "true") || ascii_equal_ignoring_case(text, "yes");
}
bool means_no(std::string_view text) {
    return ascii_equal_ignoring_case(text, "false") || ascii_equal_ignoring_case(text, "no");
}

class Planner {
public:
    Planner(const RowGroup& group, const ImportContext& context)
        : group_(group), context_(context), existing_(context.existing) {}

    ImportPlan plan() {
        const ImportRow& first = group_.rows.front();
        if (!first[Column::title].empty()) {
            product_cells(first);
        } else if (!existing_) {
            mistake(first, Column::title, "A new product needs a title.");
            plan_.possible = false;
        }
        if (!plan_.possible) {
            return std::move(plan_);
        }
        plan_.patch.handle = group_.handle;
        option_columns();
        for (const auto& row : group_.rows) {
            if (is_variant(row)) {
                variant_row(row);
            }
        }
        variants();
        media();
        return std::move(plan_);
    }

private:
    void mistake(const ImportRow& row, Column column, std::string detail) {
        plan_.errors.push_back({row.number, context_.columns.name(column), std::move(detail)});
    }

    /// The cell if it fits; else the mistake is noted and it is nothing.
    std::optional<std::string> text(const ImportRow& row, Column column, std::int64_t length_max) {
        std::vector<FieldError> mistakes;
        validate_text(schema::text(0, length_max), row[column], "", mistakes);
        if (!mistakes.empty()) {
            mistake(row, column, mistakes.front().detail);
            return std::nullopt;
        }
        return row[column];
    }

    /// A product-level text, unless the file has no such column.
    void product_text(const ImportRow& row, Column column, std::int64_t length_max,
                      std::optional<std::string>& target) {
        if (context_.columns.has(column)) {
            target = text(row, column, length_max);
            plan_.possible = plan_.possible && target;
        }
    }

    void product_cells(const ImportRow& row) {
        product_text(row, Column::title, title_max, plan_.patch.title);
        product_text(row, Column::description, description_max, plan_.patch.description);
        product_text(row, Column::vendor, vendor_max, plan_.patch.vendor);
        product_text(row, Column::product_type, product_type_max, plan_.patch.product_type);
        product_text(row, Column::seo_title, seo_title_max, plan_.patch.seo_title);
        product_text(row, Column::seo_description, seo_description_max,
                     plan_.patch.seo_description);
        tags(row);
        status(row);
    }

    void tags(const ImportRow& row) {
        if (!context_.columns.has(Column::tags)) {
            return;
        }
        std::vector<std::string> tags;
        std::set<std::string> seen;
        for (const auto part : split(row[Column::tags], ',')) {
            const std::string_view tag = trimmed(part);
            if (tag.empty() || !seen.insert(ascii_lower(tag)).second) {
                continue;
            }
            if (std::ssize(tags) == tags_max || std::ssize(tag) > 4 * tag_max ||
                code_points(tag) > static_cast<std::size_t>(tag_max)) {
                mistake(row, Column::tags,
                        cat("At most ", tags_max, " tags of at most ", tag_max, " characters."));
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
        if (!context_.columns.has(Column::status) && !context_.columns.has(Column::published)) {
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
        for (std::size_t i = 0; i < option_names.size(); ++i) {
            for (const auto& row : group_.rows) {
                if (!row[option_names[i]].empty()) {
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

    std::optional<std::vector<NamedText>> options_of(const ImportRow& row) {
        // Shopify's words for "no options", unless the product has an option of that name.
        const bool has_title =
            existing_ && std::ranges::find(existing_->options, "Title", &Option::name) !=
                             existing_->options.end();
        const bool is_default =
            names_.size() == 1 && names_.front() == "Title" && !has_title &&
            (row[Column::option1_value].empty() || row[Column::option1_value] == "Default Title");
        std::vector<NamedText> values;
        for (std::size_t i = 0; i < names_.size() && !is_default; ++i) {
            const auto value = text(row, option_values[i], option_value_max);
            if (!value || value->empty() || code_points(names_[i]) > option_name_max) {
                if (value) {
                    mistake(row, option_values[i],
                            value->empty() ? "The option has no value."
                                           : "The option's name is too long.");
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
        // One that this file has named before is not renamed by a later row.
        const bool is_free =
            found != existing_->variants.end() && !context_.seen_skus.contains(found->sku);
        return is_free ? &*found : nullptr;
    }

    void variant_row(const ImportRow& row) {
        const std::size_t errors_before = plan_.errors.size();
        auto values = options_of(row);
        if (!values) {
            return;
        }
        std::string sku = text(row, Column::sku, sku_max).value_or("");
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
        if (!skus_.insert(sku).second || context_.seen_skus.contains(sku)) {
            mistake(row, Column::sku, cat("The SKU ", sku, " stands in an earlier row."));
        } else if (context_.taken_skus.contains(sku)) {
            mistake(row, Column::sku, cat("The SKU ", sku, " belongs to another product."));
        } else if (!combinations_.insert(*values).second || combination_taken(*values, known)) {
            mistake(row, Column::option1_value, "Another variant has the same option values.");
        }
        const bool fresh = known == nullptr;
        const std::int64_t total =
            std::ssize(fresh_) + (existing_ ? std::ssize(existing_->variants) : 0);
        if (fresh && total >= variants_max) {
            mistake(row, Column::handle, cat("A product has at most ", variants_max, " variants."));
        }
        if (fresh && existing_ &&
            existing_->next_variant + std::ssize(fresh_) > variants_ever_max) {
            mistake(
                row, Column::handle,
                cat("The product has had ", variants_ever_max, " variants, and can have no more."));
        }
        if (plan_.errors.size() != errors_before) {
            return;
        }
        plan_.skus.push_back(sku);
        stock(row, known, patch);
        if (plan_.errors.size() != errors_before) {
            return;
        }
        if (fresh) {
            fresh_.push_back(std::move(patch));
        } else {
            changed_.insert_or_assign(known->id, std::move(patch));
        }
    }

    /// Whether a variant that the file does not speak of has these values.
    [[nodiscard]] bool combination_taken(const std::vector<NamedText>& values,
                                         const Variant* known) const {
        if (!existing_) {
            return false;
        }
        return std::ranges::any_of(existing_->variants, [&](const Variant& other) {
            return (known == nullptr || other.id != known->id) && other.option_values == values &&
                   std::ranges::none_of(group_.rows, [&](const ImportRow& row) {
                       return row[Column::sku] == other.sku;
                   });
        });
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
            patch.barcode = text(row, Column::barcode, barcode_max);
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

    void stock(const ImportRow& row, const Variant* known, VariantPatch& patch) {
        const std::string& quantity = row[Column::quantity];
        const StockPolicy policy =
            patch.stock.value_or(known != nullptr ? known->stock : StockPolicy::tracked);
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
            patch.stock_on_hand = count;
            return;
        }
        const auto index = static_cast<std::size_t>(known - existing_->variants.data());
        const Stock& now = context_.stocks[index];
        if (count < now.reserved) {
            mistake(row, Column::quantity, cat(now.reserved, " are reserved for orders."));
        } else if (count != now.on_hand) {
            plan_.on_hand[known->id] = count;
        }
    }

    /// All variants of the product: those it has, changed or not, then the new ones.
    void variants() {
        if (fresh_.empty() && changed_.empty()) {
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
                const auto changed = changed_.find(variant.id);
                all.push_back(changed != changed_.end() ? changed->second
                                                        : VariantPatch{.id = variant.id});
            }
        }
        std::ranges::copy(fresh_, std::back_inserter(all));
        plan_.patch.variants = std::move(all);
        rename_options();
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

    struct Image {
        std::string address;
        std::optional<std::string> alt;  // Nothing where the file says none.
        std::int64_t position;
        const ImportRow* row;
    };

    [[nodiscard]] std::vector<Image> images() {
        std::vector<Image> images;
        for (const auto& row : group_.rows) {
            for (const Column column : {Column::image, Column::variant_image}) {
                const std::string& address = row[column];
                if (address.empty() ||
                    std::ranges::find(images, address, &Image::address) != images.end()) {
                    continue;
                }
                std::vector<FieldError> mistakes;
                validate_text(schema::text(TextFormat::url), address, "", mistakes);
                if (!mistakes.empty()) {
                    mistake(row, column, mistakes.front().detail);
                    continue;
                }
                const bool own = column == Column::image;
                const auto alt = own && context_.columns.has(Column::image_alt)
                                     ? text(row, Column::image_alt, alt_max)
                                     : std::nullopt;
                const auto position = own ? to_integer(row[Column::image_position]) : std::nullopt;
                images.push_back(
                    {address, alt, position.value_or(media_per_product_max + 1), &row});
            }
        }
        std::ranges::stable_sort(images, {}, &Image::position);
        return images;
    }

    void media() {
        const auto found = images();
        if (found.empty()) {
            return;
        }
        std::vector<PicturePatch> media;
        if (existing_) {
            for (const auto& picture : existing_->media) {
                media.push_back({picture.id, picture.alt});
            }
        }
        for (const auto& image : found) {
            const auto known = context_.existing_media.find(image.address);
            if (known != context_.existing_media.end()) {
                const auto own = std::ranges::find(media, known->second, &PicturePatch::id);
                if (image.alt) {
                    own->alt = image.alt;
                }
                continue;
            }
            if (std::ssize(media) >= media_per_product_max) {
                mistake(*image.row, Column::image,
                        cat("A product has at most ", media_per_product_max, " images."));
                break;
            }
            const MediaId id = context_.fresh_media();
            plan_.pictures.emplace(
                id,
                Picture{.id = id, .external_url = image.address, .alt = image.alt.value_or("")});
            media.push_back({id, image.alt});
        }
        plan_.patch.media = std::move(media);
    }

    const RowGroup& group_;
    const ImportContext& context_;
    const std::optional<Product>& existing_;
    ImportPlan plan_;
    std::vector<std::string> names_;
    std::set<std::string> skus_;
    std::set<std::vector<NamedText>> combinations_;
    std::vector<VariantPatch> fresh_;
    std::map<VariantId, VariantPatch> changed_;
};

}  // namespace

ImportPlan plan_import(const RowGroup& group, const ImportContext& context) {
    return Planner(group, context).plan();
}

}  // namespace souk::products
