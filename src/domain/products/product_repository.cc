#include "domain/products/product_repository.h"

#include <unordered_map>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"

namespace souk::products {

namespace {

constexpr int owner_format = 1;

}  // namespace

Result<SkuOwner> decode_owner(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    if (root["v"].integer_or(0) != owner_format) {
        return fail(errors::corrupt_row, cat("The row ", row.partition, " names no owner."));
    }
    return SkuOwner{ProductId::trusted(root["product"].text_or()),
                    VariantId::trusted(root["variant"].text_or()), row.version};
}

std::string encode_owner(const ProductId& product, const VariantId& variant) {
    JsonWriter out;
    out.begin_object()
        .member("v", owner_format)
        .member("product", product.text())
        .member("variant", variant.text())
        .end_object();
    return out.take();
}

std::string encode_owner(const ProductId& product) {
    return JsonWriter()
        .begin_object()
        .member("v", owner_format)
        .member("product", product.text())
        .end_object()
        .take();
}

StoreKey product_key(const ProductId& id) { return {cat("product#", id.text()), "product"}; }
StoreKey surplus_key(const ProductId& id, std::string_view change) {
    return {cat("product#", id.text()), cat("surplus#", change)};
}
StoreKey handle_key(std::string_view handle) { return {cat("handle#", handle), "owner"}; }
StoreKey sku_key(std::string_view sku) { return {cat("sku#", sku), "owner"}; }
StoreKey stock_key(const VariantId& id) { return {cat("stock#", id.text()), "stock"}; }

Result<std::optional<Product>> ProductRepository::find(const ProductId& id) const {
    const StoreKey key = product_key(id);
    const auto row = TRY(rows_.find(key.partition, key.sort));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_product(*row));
}

Result<std::optional<Product>> ProductRepository::find_by_handle(std::string_view handle) const {
    const StoreKey key = handle_key(handle);
    const auto row = TRY(rows_.find(key.partition, key.sort));
    if (!row) {
        return std::nullopt;
    }
    auto product = TRY(find(TRY(decode_owner(*row)).product));
    return product && product->handle == handle ? std::move(product) : std::nullopt;
}

Result<std::optional<Holding>> ProductRepository::find_by_sku(std::string_view sku) const {
    return std::move(TRY(find_all_by_sku({std::string(sku)})).front());
}

Result<std::vector<std::optional<Product>>> ProductRepository::find_all(
    const std::vector<ProductId>& ids) const {
    std::vector<StoreKey> keys;
    keys.reserve(ids.size());
    for (const auto& id : ids) {
        keys.push_back(product_key(id));
    }
    std::vector<std::optional<Product>> products;
    for (const auto& row : TRY(rows_.find_many(keys))) {
        if (row) {
            products.emplace_back(TRY(decode_product(*row)));
        } else {
            products.emplace_back();
        }
    }
    return products;
}

Result<std::vector<std::optional<SkuOwner>>> ProductRepository::owners(
    const std::vector<std::string>& skus) const {
    std::vector<StoreKey> keys;
    keys.reserve(skus.size());
    for (const auto& sku : skus) {
        keys.push_back(sku_key(sku));
    }
    std::vector<std::optional<SkuOwner>> owners;
    for (const auto& row : TRY(rows_.find_many(keys))) {
        if (row) {
            owners.emplace_back(TRY(decode_owner(*row)));
        } else {
            owners.emplace_back();
        }
    }
    return owners;
}

Result<std::vector<std::optional<Holding>>> ProductRepository::find_all_by_sku(
    const std::vector<std::string>& skus) const {
    const auto owners_found = TRY(owners(skus));
    std::unordered_map<ProductId, std::shared_ptr<const Product>> products;
    std::vector<ProductId> ids;
    for (const auto& owner : owners_found) {
        if (owner && products.try_emplace(owner->product).second) {
            ids.push_back(owner->product);
        }
    }
    auto found = TRY(find_all(ids));
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (found[i]) {
            products.at(ids[i]) = std::make_shared<const Product>(*std::move(found[i]));
        }
    }
    std::vector<std::optional<Holding>> holdings;
    for (std::size_t i = 0; i < skus.size(); ++i) {
        holdings.emplace_back();
        if (!owners_found[i]) {
            continue;
        }
        const auto& product = products.find(owners_found[i]->product)->second;
        const Variant* variant = product ? product->variant_with_sku(skus[i]) : nullptr;
        if (variant != nullptr) {
            holdings.back().emplace(Holding{product, variant});
        }
    }
    return holdings;
}

Result<std::vector<Stock>> ProductRepository::stocks(const std::vector<VariantId>& variants) const {
    std::vector<StoreKey> keys;
    keys.reserve(variants.size());
    for (const auto& variant : variants) {
        keys.push_back(stock_key(variant));
    }
    std::vector<Stock> stocks;
    for (const auto& row : TRY(rows_.find_many(keys))) {
        stocks.push_back(row ? stock_from(row->counters) : Stock{});
    }
    return stocks;
}

Result<std::vector<Stock>> ProductRepository::stocks_of(const Product& product) const {
    std::vector<VariantId> variants;
    for (const auto& variant : product.variants) {
        variants.push_back(variant.id);
    }
    return stocks(variants);
}

}  // namespace souk::products
