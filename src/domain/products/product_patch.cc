#include "domain/products/product_patch.h"

#include <algorithm>
#include <set>

#include "domain/base/text.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

template <class T>
void take(T& target, const std::optional<T>& wanted) {
    if (wanted) {
        target = *wanted;
    }
}

void check_currency(const std::optional<Money>& money, Currency currency,
                    const std::string& pointer, std::vector<FieldError>& mistakes) {
    if (money && money->currency != currency) {
        mistakes.push_back({pointer + "/currency", std::string(errors::currency_mismatch.name),
                            cat("This store sells in ", currency.code(), ".")});
    }
}

void patch_metadata(Product& product, const MetadataPatch& patch,
                    std::vector<FieldError>& mistakes) {
    if (patch.clear) {
        product.metadata.clear();
    }
    for (const auto& [name, value] : patch.members) {
        const auto found = std::ranges::find(product.metadata, name, &NamedText::first);
        if (found != product.metadata.end()) {
            if (value) {
                found->second = *value;
            } else {
                product.metadata.erase(found);
            }
        } else if (value) {
            product.metadata.emplace_back(name, *value);
        }
    }
    if (std::ssize(product.metadata) > metadata_members_max) {
        mistakes.push_back({"/metadata", "too_many", cat("At most ", metadata_members_max, ".")});
    }
}

void patch_media(Product& product, const std::vector<PicturePatch>& wanted,
                 const Pictures& pictures, std::vector<FieldError>& mistakes) {
    std::vector<Picture> media;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto own = std::ranges::find(product.media, wanted[i].id, &Picture::id);
        const auto found = pictures.find(wanted[i].id);
        if (own == product.media.end() && found == pictures.end()) {
            mistakes.push_back(
                {cat("/media/", i, "/id"), "unknown_media", "The store has no such media."});
            continue;
        }
        media.push_back(own != product.media.end() ? *own : found->second);
        take(media.back().alt, wanted[i].alt);
    }
    product.media = std::move(media);
}

/// Whoever lists an option's values means just these, so none that a variant has may be missing.
void check_values_kept(const Product& product, const std::vector<Option>& wanted,
                       std::vector<FieldError>& mistakes) {
    for (const auto& variant : product.variants) {
        for (const auto& [name, value] : variant.option_values) {
            if (wanted.empty()) {
                mistakes.push_back(
                    {"/options", "not_allowed", "Its variants have values of them."});
                return;
            }
            const auto option = std::ranges::find(wanted, name, &Option::name);
            if (option != wanted.end() && !option->values.empty() &&
                std::ranges::find(option->values, value) == option->values.end()) {
                mistakes.push_back(
                    {cat("/options/", option - wanted.begin(), "/values"), "not_allowed",
                     cat("The variant ", variant.sku, " has the value ", value, ".")});
            }
        }
    }
}

void patch_variants(Patched& result, const std::vector<VariantPatch>& wanted, Currency currency,
                    std::vector<FieldError>& mistakes) {
    Product& product = result.product;
    std::vector<Variant> variants;
    std::set<VariantId> taken;
    for (std::size_t i = 0; i < wanted.size() && std::ssize(variants) < variants_max; ++i) {
        const std::string pointer = cat("/variants/", i);
        const Variant* known = wanted[i].id    ? product.variant(*wanted[i].id)
                               : wanted[i].sku ? product.variant_with_sku(*wanted[i].sku)
                                               : nullptr;
        if (wanted[i].id && known == nullptr) {
            mistakes.push_back(
                {pointer + "/id", "unknown_variant", "The product has no such variant."});
            continue;
        }
        if (known != nullptr && !taken.insert(known->id).second) {
            mistakes.push_back({pointer, "duplicate", "The same variant stands there twice."});
            continue;
        }
        Variant variant = known != nullptr ? *known : new_variant(product, currency);
        patch_variant(result, variant, wanted[i],
                      known == nullptr ? VariantOrigin::fresh : VariantOrigin::known, pointer,
                      mistakes);
        variants.push_back(std::move(variant));
    }
    if (!variants.empty()) {
        product.variants = std::move(variants);  // Else each was a mistake, and has been told.
    }
}

}  // namespace

Variant new_variant(Product& product, Currency currency) {
    return {.id = take_variant_id(product), .sku = {}, .price = Money{currency, 0}};
}

void patch_variant(Patched& patched, Variant& variant, const VariantPatch& patch,
                   VariantOrigin origin, const std::string& pointer,
                   std::vector<FieldError>& mistakes) {
    const Currency currency = variant.price.currency;
    check_currency(patch.price, currency, pointer + "/price", mistakes);
    if (patch.compare_at_price) {
        check_currency(*patch.compare_at_price, currency, pointer + "/compare_at_price", mistakes);
    }
    take(variant.title, patch.title);
    take(variant.option_values, patch.option_values);
    take(variant.price, patch.price);
    take(variant.compare_at_price, patch.compare_at_price);
    take(variant.barcode, patch.barcode);
    take(variant.weight_grams, patch.weight_grams);
    take(variant.stock, patch.stock);
    take(variant.low_stock_threshold, patch.low_stock_threshold);
    take(variant.sku, patch.sku);
    if (variant.sku.empty()) {
        variant.sku = sku_from(patched.product.handle, variant.option_values);
    }
    if (origin == VariantOrigin::fresh) {
        if (!patch.price) {
            mistakes.push_back({pointer + "/price", "required", "Missing."});
        }
        patched.opening_stock[variant.id] = patch.stock_on_hand.value_or(0);
    } else if (patch.stock_on_hand) {
        mistakes.push_back({pointer + "/stock_on_hand", "not_allowed",
                            "Stock of a known variant is changed by an adjustment."});
    }
}

Patched patched(Product base, const ProductPatch& patch, const Pictures& pictures,
                Currency currency, std::vector<FieldError>& mistakes) {
    // Whoever lists an option's values means just these.
    const std::vector<Variant> former = patch.options ? std::vector<Variant>() : base.variants;
    const bool had_options = !base.options.empty();
    Patched result{.product = std::move(base)};
    Product& product = result.product;
    take(product.handle, patch.handle);
    take(product.title, patch.title);
    take(product.description, patch.description);
    take(product.vendor, patch.vendor);
    take(product.product_type, patch.product_type);
    take(product.tags, patch.tags);
    take(product.categories, patch.categories);
    take(product.status, patch.status);
    take(product.options, patch.options);
    take(product.seo_title, patch.seo_title);
    take(product.seo_description, patch.seo_description);
    if (patch.metadata) {
        patch_metadata(product, *patch.metadata, mistakes);
    }
    if (patch.media) {
        patch_media(product, *patch.media, pictures, mistakes);
    }
    if (patch.variants) {
        patch_variants(result, *patch.variants, currency, mistakes);
    }
    if (patch.options && had_options) {
        check_values_kept(product, *patch.options, mistakes);
    }
    settle(product, former, mistakes);
    return result;
}

void settle(Product& product, const std::vector<Variant>& former,
            std::vector<FieldError>& mistakes) {
    settle_options(product, former);
    for (auto& mistake : mistakes_of(product)) {
        mistakes.push_back(std::move(mistake));
    }
}

}  // namespace souk::products
