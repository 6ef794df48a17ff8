#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/product_repository.h"

/// The product's row: version 1 of its JSON. Money is amounts alone, in the row's one currency.
namespace souk::products {

namespace {

void write_pairs(JsonWriter& out, std::string_view name, const std::vector<NamedText>& pairs) {
    out.key(name).begin_array();
    for (const auto& [key, value] : pairs) {
        out.begin_array().value(key).value(value).end_array();
    }
    out.end_array();
}

void write_texts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
    out.key(name).begin_array();
    for (const auto& text : texts) {
        out.value(text);
    }
    out.end_array();
}

void write_variant(JsonWriter& out, const Variant& variant) {
    out.begin_object()
        .member("id", variant.id.text())
        .member("sku", variant.sku)
        .member("title", variant.title);
    write_pairs(out, "options", variant.option_values);
    out.member("price", variant.price.amount);
    if (variant.compare_at_price) {
        out.member("compare_at", variant.compare_at_price->amount);
    }
    out.member("barcode", variant.barcode)
        .member("grams", variant.weight_grams)
        .member("stock", name_of(variant.stock))
        .member("low", variant.low_stock_threshold)
        .end_object();
}

void write_lists(JsonWriter& out, const Product& product) {
    write_texts(out, "tags", product.tags);
    out.key("categories").begin_array();
    for (const auto& category : product.categories) {
        out.value(category.text());
    }
    out.end_array().key("options").begin_array();
    for (const auto& option : product.options) {
        out.begin_object().member("name", option.name);
        write_texts(out, "values", option.values);
        out.end_object();
    }
    out.end_array().key("variants").begin_array();
    for (const auto& variant : product.variants) {
        write_variant(out, variant);
    }
    out.end_array().key("media").begin_array();
    for (const auto& picture : product.media) {
        out.begin_object()
            .member("id", picture.id.text())
            .member("key", picture.key)
            .member("url", picture.external_url)
            .member("alt", picture.alt)
            .end_object();
    }
    out.end_array();
}

std::vector<NamedText> read_pairs(JsonView list) {
    std::vector<NamedText> pairs;
    for (std::size_t i = 0; i < list.size(); ++i) {
        pairs.emplace_back(list.at(i).at(0).text_or(), list.at(i).at(1).text_or());
    }
    return pairs;
}

std::vector<std::string> read_texts(JsonView list) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < list.size(); ++i) {
        texts.push_back(list.at(i).text_or());
    }
    return texts;
}

Variant read_variant(JsonView view, Currency currency) {
    Variant variant{.id = VariantId::trusted(view["id"].text_or()),
                    .sku = view["sku"].text_or(),
                    .title = view["title"].text_or(),
                    .option_values = read_pairs(view["options"]),
                    .price = Money{currency, view["price"].integer_or(0)}};
    if (const auto compare_at = view["compare_at"].integer()) {
        variant.compare_at_price = Money{currency, *compare_at};
    }
    variant.barcode = view["barcode"].text_or();
    variant.weight_grams = view["grams"].integer_or(0);
    variant.stock = stock_policy_named(view["stock"].text_or()).value_or(StockPolicy::tracked);
    variant.low_stock_threshold = view["low"].integer_or(low_stock_threshold_default);
    return variant;
}

void read_lists(JsonView root, std::optional<Currency> currency, Product& product) {
    product.tags = read_texts(root["tags"]);
    for (const auto& id : read_texts(root["categories"])) {
        product.categories.push_back(CategoryId::trusted(id));
    }
    const JsonView options = root["options"];
    for (std::size_t i = 0; i < options.size(); ++i) {
        product.options.push_back(
            {options.at(i)["name"].text_or(), read_texts(options.at(i)["values"])});
    }
    const JsonView variants = root["variants"];
    product.variants.reserve(variants.size());
    for (std::size_t i = 0; i < variants.size(); ++i) {
        product.variants.push_back(read_variant(variants.at(i), *currency));
    }
    const JsonView media = root["media"];
    for (std::size_t i = 0; i < media.size(); ++i) {
        const JsonView picture = media.at(i);
        product.media.push_back({MediaId::trusted(picture["id"].text_or()),
                                 picture["key"].text_or(), picture["url"].text_or(),
                                 picture["alt"].text_or()});
    }
}

}  // namespace

std::string encode_product(const Product& product) {
    JsonWriter out;
    out.begin_object().member("v", 1).member("id", product.id.text());
    if (!product.variants.empty()) {
        out.member("currency", product.variants.front().price.currency.code());
    }
    out.member("handle", product.handle)
        .member("title", product.title)
        .member("description", product.description)
        .member("vendor", product.vendor)
        .member("type", product.product_type)
        .member("status", name_of(product.status))
        .member("approved", product.approved)
        .member("seo_title", product.seo_title)
        .member("seo_description", product.seo_description)
        .member("created", product.created_at.unix_ms())
        .member("updated", product.updated_at.unix_ms())
        .member("next_variant", product.next_variant);
    write_pairs(out, "metadata", product.metadata);
    write_lists(out, product);
    out.end_object();
    return out.take();
}

Result<Product> decode_product(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto currency = Currency::parse(root["currency"].text_or());
    const auto status = status_named(root["status"].text_or());
    const bool priced = root["variants"].size() > 0;
    if (root["v"].integer_or(0) != 1 || !status || (priced && !currency)) {
        return fail(errors::corrupt_row, cat("The row ", row.partition, " is not a product."));
    }
    Product product{.id = ProductId::trusted(root["id"].text_or()),
                    .handle = root["handle"].text_or(),
                    .title = root["title"].text_or(),
                    .description = root["description"].text_or(),
                    .vendor = root["vendor"].text_or(),
                    .product_type = root["type"].text_or(),
                    .status = *status,
                    .approved = root["approved"].bool_or(false),
                    .seo_title = root["seo_title"].text_or(),
                    .seo_description = root["seo_description"].text_or(),
                    .metadata = read_pairs(root["metadata"]),
                    .created_at = Instant::from_unix_ms(root["created"].integer_or(0)),
                    .updated_at = Instant::from_unix_ms(root["updated"].integer_or(0)),
                    .next_variant = root["next_variant"].integer_or(1),
                    .version = row.version};
    read_lists(root, currency, product);
    return product;
}

}  // namespace souk::products
