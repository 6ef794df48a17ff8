#include "domain/products/product_editor.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/categories.h"
#include "domain/products/errors.h"
#include "domain/products/uploads.h"

namespace souk::products {

namespace {

/// How many numbered handles are tried for a title that is taken.
constexpr int handle_tries = 20;

/// Published is what shoppers see from now on: where a store moderates, what was approved.
Event product_event(const ServiceLedger& ledger, const Caller& caller, const stores::Store& store,
                    const std::optional<Product>& before, const Product& after) {
    const bool published = is_public(after, store) && !(before && is_public(*before, store));
    JsonWriter body;
    body.begin_object().member("product_id", after.id.text()).member("handle", after.handle);
    if (published) {
        body.member("title", after.title);
    } else {
        body.member("status", name_of(after.status));
    }
    body.end_object();
    return ledger.event(caller.in_store(),
                        published ? "souk.product.published.v1" : "souk.product.changed.v1",
                        after.id.text(), body.take(), caller.traceparent);
}

bool shows_otherwise(const Product& before, const Product& after) {
    return before.title != after.title || before.description != after.description ||
           before.media != after.media;
}

}  // namespace

bool is_public(const Product& product, const stores::Store& store) {
    return product.status == Status::published &&
           (product.approved || store.moderation == stores::Moderation::none);
}

Result<Change<ProductView>> ProductEditor::create(const Caller& caller, ProductPatch patch,
                                                  EditContext context) const {
    const auto store = TRY(stores_.store(caller.in_store()));
    const StoreLedger rows = ledger_.store(caller.in_store());
    const Environment& environment = ledger_.environment();
    Product base{.id = make_product_id(environment.now(), environment.crypto.random(10))};
    base.created_at = context.created_at.value_or(environment.now());
    base.approved = store.moderation == stores::Moderation::none;
    if (!patch.handle) {
        patch.handle = TRY(free_handle(rows, patch.title.value_or(""), base.id));
    }
    std::vector<FieldError> mistakes;
    TRY(find_pictures(rows, base, patch, context.pictures, mistakes));
    TRY(check_categories(rows, base, patch, context.with, mistakes));
    Patched after = patched(std::move(base), patch, context.pictures, store.currency, mistakes);
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    return replace(caller, store, std::nullopt, std::move(after), std::move(context.with));
}

Result<Change<ProductView>> ProductEditor::change(const Caller& caller, const Product& before,
                                                  const ProductPatch& patch,
                                                  EditContext context) const {
    const auto store = TRY(stores_.store(caller.in_store()));
    const StoreLedger rows = ledger_.store(caller.in_store());
    std::vector<FieldError> mistakes;
    TRY(find_pictures(rows, before, patch, context.pictures, mistakes));
    TRY(check_categories(rows, before, patch, context.with, mistakes));
    Patched after = patched(before, patch, context.pictures, store.currency, mistakes);
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    if (store.moderation == stores::Moderation::required &&
        shows_otherwise(before, after.product) && !caller.may(Permission::catalog_approve)) {
        after.product.approved = false;
    }
    return replace(caller, store, before, std::move(after), std::move(context.with));
}

Result<Change<ProductView>> ProductEditor::replace(const Caller& caller,
                                                   const std::optional<Product>& before,
                                                   Patched after, Changes with) const {
    const auto store = TRY(stores_.store(caller.in_store()));
    return replace(caller, store, before, std::move(after), std::move(with));
}

Result<Change<ProductView>> ProductEditor::replace(const Caller& caller, const stores::Store& store,
                                                   const std::optional<Product>& before,
                                                   Patched after, Changes with) const {
    const ProductWriter writer(ledger_, caller.in_store());
    const ProductRepository repository(ledger_.store(caller.in_store()));
    auto stocks = TRY(repository.stocks_of(after.product));
    ProductView view{.product = after.product, .stocks = std::move(stocks)};
    if (before && before->same_content(after.product)) {
        return Change<ProductView>{std::move(view), std::move(with)};
    }
    after.product.updated_at = ledger_.environment().now();
    view.product.updated_at = after.product.updated_at;
    view.product.version = after.product.version + 1;
    for (std::size_t i = 0; i < view.stocks.size(); ++i) {
        const auto opening = after.opening_stock.find(after.product.variants[i].id);
        if (opening != after.opening_stock.end()) {
            view.stocks[i] = stock_from(counters_from(opening->second));
        }
    }
    with.announce(product_event(ledger_, caller, store, before, after.product));
    auto changes = TRY(writer.prepare({.before = before,
                                       .after = std::move(after.product),
                                       .opening_stock = std::move(after.opening_stock),
                                       .with = std::move(with)}));
    view.untidy = changes.untidy;
    return Change<ProductView>{std::move(view), std::move(changes.changes)};
}

Result<Change<ProductView>> ProductEditor::remove(const Caller& caller,
                                                  const Product& product) const {
    Changes with;
    JsonWriter body;
    body.begin_object()
        .member("product_id", product.id.text())
        .member("handle", product.handle)
        .member("status", "deleted")
        .end_object();
    with.announce(ledger_.event(caller.in_store(), "souk.product.changed.v1", product.id.text(),
                                body.take(), caller.traceparent));
    auto changes = TRY(ProductWriter(ledger_, caller.in_store())
                           .prepare({.before = product, .after = {}, .with = std::move(with)}));
    return Change<ProductView>{{.product = product, .stocks = {}, .untidy = changes.untidy},
                               std::move(changes.changes)};
}

/// The title as a handle, numbered when it is taken; one that leaves no letter is named after the
/// id.
Result<std::string> ProductEditor::free_handle(const StoreLedger& rows, std::string_view title,
                                               const ProductId& id) const {
    const std::string stem = handle_from(title, static_cast<std::size_t>(handle_max) - 4);
    std::string by_id = slug_from(id.text());
    if (stem.empty()) {
        return by_id;
    }
    std::vector<std::string> handles{stem};
    std::vector<StoreKey> keys{handle_key(stem)};
    for (int number = 2; number < handle_tries; ++number) {
        handles.push_back(cat(stem, '-', number));
        keys.push_back(handle_key(handles.back()));
    }
    const auto found = TRY(rows.find_many(keys));
    const auto free = std::ranges::find_if(found, [](const auto& row) { return !row; });
    return free == found.end() ? by_id : handles[static_cast<std::size_t>(free - found.begin())];
}

Result<void> ProductEditor::find_pictures(const StoreLedger& rows, const Product& before,
                                          const ProductPatch& patch, Pictures& pictures,
                                          std::vector<FieldError>& mistakes) const {
    if (!patch.media) {
        return {};
    }
    for (std::size_t i = 0; i < patch.media->size(); ++i) {
        const MediaId& id = (*patch.media)[i].id;
        if (pictures.contains(id) ||
            std::ranges::find(before.media, id, &Picture::id) != before.media.end()) {
            continue;
        }
        const auto upload = TRY(find_upload(rows, id));
        if (!upload) {
            continue;  // `patched` reports it.
        }
        if (!TRY(media_.find(upload->key))) {
            mistakes.push_back({cat("/media/", i, "/id"), "media_not_uploaded",
                                "Its file has not been uploaded yet."});
        }
        pictures.emplace(id, *upload);
    }
    return {};
}

Result<void> ProductEditor::check_categories(const StoreLedger& rows, const Product& before,
                                             const ProductPatch& patch, Changes& with,
                                             std::vector<FieldError>& mistakes) const {
    if (!patch.categories) {
        return {};
    }
    std::vector<CategoryId> seen = before.categories;
    for (std::size_t i = 0; i < patch.categories->size(); ++i) {
        const CategoryId& id = (*patch.categories)[i];
        if (std::ranges::find(seen, id) != seen.end()) {
            continue;
        }
        seen.push_back(id);
        const StoreKey key = category_key(id);
        if (!TRY(rows.find(key.partition, key.sort))) {
            mistakes.push_back(
                {cat("/category_ids/", i), "unknown_category", "The store has no such category."});
            continue;
        }
        join(with, rows, id);
    }
    return {};
}

}  // namespace souk::products
