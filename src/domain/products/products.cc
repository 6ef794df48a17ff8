#include "domain/products/products.h"

#include "domain/base/text.h"
#include "domain/ports/sweep.h"
#include "domain/products/errors.h"

namespace souk::products {

namespace {
constexpr int sweep_batch = 100;
}

Products::Products(ServiceLedger ledger, AllStores all_stores, const stores::StoreDirectory& stores,
                   Media& media)
    : ledger_(std::move(ledger)),
      platform_(ledger_.platform(all_stores)),
      stores_(stores),
      media_(media),
      editor_(ledger_, stores, media),
      inventory_(ledger_, stores),
      categories_(ledger_),
      uploads_(ledger_, media),
      imports_(ledger_, editor_, stores, media) {}

Result<Product> Products::find(const StoreId& store, std::string_view product) const {
    const auto id = ProductId::parse(product);
    const ProductRepository rows = repository(store);
    auto found = id ? TRY(rows.find(*id)) : TRY(rows.find_by_handle(product));
    if (!found) {
        return fail(errors::not_found, "The store has no such product.");
    }
    return *std::move(found);
}

Result<Product> Products::find_for_change(const Caller& caller, std::string_view product) const {
    Product found = TRY(find(caller.in_store(), product));
    TRY(check_version(caller, found.version));
    return found;
}

Result<ProductView> Products::product(const Caller& caller, std::string_view product) const {
    Product found = TRY(find(caller.in_store(), product));
    if (!caller.may(Permission::catalog_read) &&
        !is_public(found, TRY(stores_.store(caller.in_store())))) {
        return fail(errors::not_found, "The store has no such product.");
    }
    auto stocks = TRY(repository(caller.in_store()).stocks_of(found));
    return ProductView{std::move(found), std::move(stocks)};
}

Result<Change<ProductView>> Products::create(const Caller& caller,
                                             const ProductPatch& command) const {
    return rerun([&] { return editor_.create(caller, command); });
}

Result<Change<ProductView>> Products::change(const Caller& caller, std::string_view product,
                                             const ProductPatch& command) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        return editor_.change(caller, TRY(find_for_change(caller, product)), command);
    });
}

Result<Change<ProductView>> Products::set_status(const Caller& caller, std::string_view product,
                                                 Status status) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        const Product before = TRY(find_for_change(caller, product));
        if (status == Status::published && before.variants.empty()) {
            return fail(Error{errors::no_variants,
                              "It needs a variant before it can be published.",
                              {{"/variants", "too_few", "At least 1."}}});
        }
        Patched after{.product = before};
        after.product.status = status;
        return editor_.replace(caller, before, std::move(after), {});
    });
}

Result<Change<ProductView>> Products::approve(const Caller& caller,
                                              std::string_view product) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        const Product before = TRY(find_for_change(caller, product));
        Patched after{.product = before};
        after.product.approved = true;
        return editor_.replace(caller, before, std::move(after), {});
    });
}

Result<Change<ProductView>> Products::remove(const Caller& caller, std::string_view product) const {
    return rerun([&]() -> Result<Change<ProductView>> {
        return editor_.remove(caller, TRY(find_for_change(caller, product)));
    });
}

Result<void> Products::finish(const StoreId& store, const ProductId& product) const {
    return ProductWriter(ledger_, store).tidy(product);
}

Result<int> Products::sweep(Instant now) const {
    return sweep_due(ledger_, platform_, now, sweep_batch, [&](const DueRow& due) -> Result<Swept> {
        constexpr std::string_view product = "product#";
        constexpr std::string_view import = "import#";
        const std::string& partition = due.row.partition;
        if (partition.starts_with(product)) {
            TRY(finish(due.store, ProductId::trusted(partition.substr(product.size()))));
            return Swept::settled;
        }
        if (partition.starts_with(import)) {
            TRY(imports_.resume(due.store, ImportId::trusted(partition.substr(import.size())),
                                now));
            return Swept::settled;
        }
        return Swept::left;
    });
}

}  // namespace souk::products
