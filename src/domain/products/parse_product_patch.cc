#include "domain/base/text.h"
#include "domain/products/product_patch.h"

namespace souk::products {

namespace {

/// Without outer white space, which no import or export could keep apart.
std::string tidy_text(JsonView view) { return std::string(trimmed(view.text_or())); }

std::optional<std::string> text_member(JsonView body, std::string_view name) {
    const JsonView member = body[name];
    return member.present() ? std::optional(tidy_text(member)) : std::nullopt;
}

std::optional<std::int64_t> integer_member(JsonView body, std::string_view name) {
    return body[name].integer();
}

std::optional<Money> money_member(JsonView body, std::string_view name) {
    const JsonView member = body[name];
    const auto currency = Currency::parse(member["currency"].text_or());
    const auto amount = member["amount"].integer();
    return currency && amount ? std::optional(Money{*currency, *amount}) : std::nullopt;
}

std::vector<NamedText> named_texts(JsonView dictionary) {
    std::vector<NamedText> pairs;
    for (std::size_t i = 0; i < dictionary.size(); ++i) {
        const auto [name, value] = dictionary.member(i);
        pairs.emplace_back(trimmed(name), tidy_text(value));
    }
    return pairs;
}

/// A list's elements; null is an empty list, absence is none.
template <class Make>
auto list_member(JsonView body, std::string_view name, Make make)
    -> std::optional<std::vector<decltype(make(body))>> {
    const JsonView list = body[name];
    if (!list.present()) {
        return std::nullopt;
    }
    std::vector<decltype(make(body))> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
        items.push_back(make(list.at(i)));
    }
    return items;
}

MetadataPatch metadata_of(JsonView member) {
    MetadataPatch patch{.clear = member.is_null()};
    for (std::size_t i = 0; i < member.size(); ++i) {
        const auto [name, value] = member.member(i);
        const auto text = value.string();
        patch.members.emplace_back(name, text ? std::optional(std::string(*text)) : std::nullopt);
    }
    return patch;
}

Option option_of(JsonView view) {
    Option option{tidy_text(view["name"]), {}};
    for (std::size_t i = 0; i < view["values"].size(); ++i) {
        option.values.push_back(tidy_text(view["values"].at(i)));
    }
    return option;
}

PicturePatch picture_of(JsonView view) {
    return {MediaId::trusted(view["id"].text_or()), text_member(view, "alt")};
}

}  // namespace

VariantPatch parse_variant_patch(JsonView body) {
    VariantPatch patch;
    if (const auto id = text_member(body, "id")) {
        patch.id = VariantId::trusted(*id);
    }
    patch.sku = text_member(body, "sku");
    patch.title = text_member(body, "title");
    if (body["option_values"].present()) {
        patch.option_values = named_texts(body["option_values"]);
    }
    patch.price = money_member(body, "price");
    if (body["compare_at_price"].present()) {
        patch.compare_at_price = money_member(body, "compare_at_price");
    }
    patch.barcode = text_member(body, "barcode");
    patch.weight_grams = integer_member(body, "weight_grams");
    if (const auto stock = text_member(body, "stock")) {
        patch.stock = stock_policy_named(*stock);
    }
    patch.low_stock_threshold = integer_member(body, "low_stock_threshold");
    patch.stock_on_hand = integer_member(body, "stock_on_hand");
    return patch;
}

ProductPatch parse_product_patch(JsonView body) {
    ProductPatch patch;
    patch.handle = text_member(body, "handle");
    patch.title = text_member(body, "title");
    if (body["description"].present()) {
        patch.description = body["description"].text_or();
    }
    patch.vendor = text_member(body, "vendor");
    patch.product_type = text_member(body, "product_type");
    patch.tags = list_member(body, "tags", tidy_text);
    patch.categories = list_member(body, "category_ids",
                                   [](JsonView id) { return CategoryId::trusted(id.text_or()); });
    if (const auto status = text_member(body, "status")) {
        patch.status = status_named(*status);
    }
    patch.options = list_member(body, "options", option_of);
    patch.variants = list_member(body, "variants", parse_variant_patch);
    patch.media = list_member(body, "media", picture_of);
    const JsonView seo = body["seo"];
    if (seo.is_null()) {
        patch.seo_title = patch.seo_description = std::string();
    } else {
        patch.seo_title = text_member(seo, "title");
        patch.seo_description = text_member(seo, "description");
    }
    if (body["metadata"].present()) {
        patch.metadata = metadata_of(body["metadata"]);
    }
    return patch;
}

}  // namespace souk::products
