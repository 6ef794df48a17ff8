#include "domain/products/product_render.h"

#include "domain/base/json.h"
#include "domain/base/totals.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

void write_maybe(JsonWriter& out, std::string_view name, const std::optional<Money>& money) {
    if (money) {
        write_money(out, name, *money);
    } else {
        out.key(name).null();
    }
}

void write_named(JsonWriter& out, std::string_view name, const std::vector<NamedText>& pairs) {
    out.key(name).begin_object();
    for (const auto& [key, value] : pairs) {
        out.member(key, value);
    }
    out.end_object();
}

void write_variant(JsonWriter& out, const ProductView& view, std::size_t at, Viewer viewer) {
    const Variant& variant = view.product.variants[at];
    const Stock stock = at < view.stocks.size() ? view.stocks[at] : Stock{};
    const bool tracked = variant.stock == StockPolicy::tracked;
    out.begin_object()
        .member("id", variant.id.text())
        .member("sku", variant.sku)
        .member("title", shown_title(variant));
    write_named(out, "option_values", variant.option_values);
    write_money(out, "price", variant.price);
    write_maybe(out, "compare_at_price", variant.compare_at_price);
    out.member("barcode", variant.barcode)
        .member("weight_grams", variant.weight_grams)
        .member("available", tracked ? std::optional(stock.available) : std::nullopt)
        .member("stock", name_of(variant.stock));
    if (viewer == Viewer::staff) {
        out.member("stock_on_hand", stock.on_hand)
            .member("stock_reserved", stock.reserved)
            .member("low_stock_threshold", variant.low_stock_threshold);
    }
    out.end_object();
}

void write_lists(JsonWriter& out, const Product& product) {
    out.key("tags").begin_array();
    for (const auto& tag : product.tags) {
        out.value(tag);
    }
    out.end_array().key("category_ids").begin_array();
    for (const auto& category : product.categories) {
        out.value(category.text());
    }
    out.end_array();
}

void write_options(JsonWriter& out, const Product& product) {
    out.key("options").begin_array();
    for (const auto& option : product.options) {
        out.begin_object().member("name", option.name).key("values").begin_array();
        for (const auto& value : option.values) {
            out.value(value);
        }
        out.end_array().end_object();
    }
    out.end_array();
}

void write_media(JsonWriter& out, const Product& product, const Media& media) {
    out.key("media").begin_array();
    for (const auto& picture : product.media) {
        out.begin_object()
            .member("id", picture.id.text())
            .member("url",
                    picture.key.empty() ? picture.external_url : media.public_url(picture.key))
            .member("alt", picture.alt)
            .end_object();
    }
    out.end_array();
}

}  // namespace

std::vector<std::string> render_variants(const ProductView& view, Viewer viewer) {
    std::vector<std::string> variants;
    for (std::size_t i = 0; i < view.product.variants.size(); ++i) {
        JsonWriter out;
        write_variant(out, view, i, viewer);
        variants.push_back(out.take());
    }
    return variants;
}

std::string render_product(const ProductView& view, Viewer viewer, const Media& media) {
    const Product& product = view.product;
    JsonWriter out;
    out.begin_object()
        .member("id", product.id.text())
        .member("handle", product.handle)
        .member("title", product.title)
        .member("description", product.description)
        .member("vendor", product.vendor)
        .member("product_type", product.product_type);
    write_lists(out, product);
    out.member("status", name_of(product.status)).member("approved", product.approved);
    write_options(out, product);
    out.key("variants").begin_array();
    for (std::size_t i = 0; i < product.variants.size(); ++i) {
        write_variant(out, view, i, viewer);
    }
    out.end_array();
    write_media(out, product, media);
    out.key("seo")
        .begin_object()
        .member("title", product.seo_title)
        .member("description", product.seo_description)
        .end_object();
    write_named(out, "metadata", product.metadata);
    out.member("created_at", to_rfc3339(product.created_at))
        .member("updated_at", to_rfc3339(product.updated_at))
        .member("version", product.version)
        .end_object();
    return out.take();
}

}  // namespace souk::products
