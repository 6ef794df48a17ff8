#include <algorithm>

#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/products.h"

/// One variant at a time. The whole product is what changes: its version rises.
namespace souk::products {

namespace {

/// Mistakes point into a product's body; the caller sent that of one variant.
Error seen_from_variant(Error error, std::size_t index) {
    const std::string prefix = cat("/variants/", index);
    for (auto& field : error.fields) {
        if (field.pointer == prefix || field.pointer.starts_with(prefix + "/")) {
            field.pointer.erase(0, prefix.size());
        } else if (field.pointer == "/variants") {
            field.pointer.clear();
        }
    }
    return error;
}

template <class T>
Result<T> seen_from_variant(Result<T> outcome, std::size_t index) {
    if (!outcome) {
        return fail(seen_from_variant(std::move(outcome.error()), index));
    }
    return outcome;
}

Result<std::size_t> index_of(const Product& product, const VariantId& variant) {
    const Variant* found = product.variant(variant);
    if (found == nullptr) {
        return fail(errors::not_found, "The product has no such variant.");
    }
    return static_cast<std::size_t>(found - product.variants.data());
}

}  // namespace

Result<Change<ProductView>> Products::add_variant(const Caller& caller, std::string_view product,
                                                  const VariantPatch& command) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        const Product before = TRY(find_for_change(caller, product));
        const auto store = TRY(stores_.store(caller.in_store()));
        Patched after{.product = before};
        const std::size_t index = before.variants.size();
        std::vector<FieldError> mistakes;
        Variant variant = new_variant(after.product, store.currency);
        patch_variant(after, variant, command, VariantOrigin::fresh, cat("/variants/", index),
                      mistakes);
        after.product.variants.push_back(std::move(variant));
        settle(after.product, before.variants, mistakes);
        if (!mistakes.empty()) {
            return fail(seen_from_variant(invalid_fields(std::move(mistakes)).error(), index));
        }
        return seen_from_variant(editor_.replace(caller, before, std::move(after), {}), index);
    });
}

Result<Change<ProductView>> Products::change_variant(const Caller& caller, std::string_view product,
                                                     const VariantId& variant,
                                                     const VariantPatch& command) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        const Product before = TRY(find_for_change(caller, product));
        const std::size_t index = TRY(index_of(before, variant));
        Patched after{.product = before};
        std::vector<FieldError> mistakes;
        Variant changed = before.variants[index];
        patch_variant(after, changed, command, VariantOrigin::known, cat("/variants/", index),
                      mistakes);
        after.product.variants[index] = std::move(changed);
        settle(after.product, before.variants, mistakes);
        if (!mistakes.empty()) {
            return fail(seen_from_variant(invalid_fields(std::move(mistakes)).error(), index));
        }
        return seen_from_variant(editor_.replace(caller, before, std::move(after), {}), index);
    });
}

Result<Change<ProductView>> Products::remove_variant(const Caller& caller, std::string_view product,
                                                     const VariantId& variant) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        const Product before = TRY(find_for_change(caller, product));
        const std::size_t index = TRY(index_of(before, variant));
        if (before.variants.size() == 1 && before.status == Status::published) {
            return fail(errors::last_variant,
                        "What is published keeps at least one variant; unpublish it first.");
        }
        Patched after{.product = before};
        after.product.variants.erase(after.product.variants.begin() +
                                     static_cast<std::ptrdiff_t>(index));
        settle_options(after.product, before.variants);
        return editor_.replace(caller, before, std::move(after), {});
    });
}

}  // namespace souk::products
