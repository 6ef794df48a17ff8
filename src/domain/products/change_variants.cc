#include <algorithm>

#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/products.h"

/// One variant at a time. The whole product is what changes: its version rises.
namespace souk::products {

namespace {

/// A mistake points into a product's body; the caller sent that of one variant. The others were
/// right among themselves, so this one is at fault, whichever of two alike stands later.
std::string seen_from_variant(const std::string& pointer) {
    constexpr std::string_view variants = "/variants";
    if (pointer.starts_with("/options/")) {
        return "/option_values";
    }
    if (pointer == variants || !pointer.starts_with(cat(variants, '/'))) {
        return pointer == variants ? "" : pointer;
    }
    const auto member = pointer.find('/', variants.size() + 1);
    return member == std::string::npos ? "" : pointer.substr(member);
}

Error seen_from_variant(Error error) {
    std::vector<FieldError> fields;
    for (auto& field : error.fields) {
        field.pointer = seen_from_variant(field.pointer);
        const bool told = std::ranges::any_of(fields, [&](const FieldError& other) {
            return other.pointer == field.pointer && other.code == field.code;
        });
        if (!told) {
            fields.push_back(std::move(field));
        }
    }
    error.fields = std::move(fields);
    return error;
}

template <class T>
Result<T> seen_from_variant(Result<T> outcome) {
    if (!outcome) {
        return fail(seen_from_variant(std::move(outcome.error())));
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
            return fail(seen_from_variant(invalid_fields(std::move(mistakes)).error()));
        }
        return seen_from_variant(editor_.replace(caller, before, std::move(after), {}));
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
            return fail(seen_from_variant(invalid_fields(std::move(mistakes)).error()));
        }
        return seen_from_variant(editor_.replace(caller, before, std::move(after), {}));
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
