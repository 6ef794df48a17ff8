#include "domain/products/limits.h"
#include "domain/products/product_render.h"

namespace souk::products {

namespace {

using namespace schema;

Schema stock_schema() { return one_of({"tracked", "untracked"}); }
Schema count() { return integer(0, stock_max); }

Schema option_values_schema() {
    return dictionary(line(1, option_value_max), options_max)
        .described("One value for each of the product's options.");
}

std::vector<SchemaMember> variant_members() {
    return {schema::optional("title", line(0, variant_title_max)),
            schema::optional("option_values", option_values_schema()),
            schema::optional("compare_at_price", money().nullable()),
            schema::optional("barcode", line(0, barcode_max).nullable()),
            schema::optional("weight_grams", integer(0, weight_grams_max)),
            schema::optional("stock", stock_schema()),
            schema::optional("low_stock_threshold", count())};
}

std::vector<SchemaMember> new_variant_members() {
    auto members = variant_members();
    members.push_back(required("price", money()));
    members.push_back(schema::optional(
        "sku", line(1, sku_max).described("Made from handle and option values when left out.")));
    members.push_back(schema::optional("stock_on_hand", count().described("What it opens with.")));
    return members;
}

/// One of a changed product's whole list: known by id or SKU, or new.
Schema listed_variant_schema() {
    auto members = variant_members();
    members.push_back(schema::optional("id", id("var_")));
    members.push_back(schema::optional("price", money()));
    members.push_back(schema::optional("sku", line(1, sku_max)));
    members.push_back(
        schema::optional("stock_on_hand", count().described("Of a new variant only.")));
    return object(std::move(members));
}

std::vector<SchemaMember> product_members() {
    const Schema picture =
        object({required("id", id("med_")),
                schema::optional("url", text(1, 2048).described("As it is shown; ignored.")),
                schema::optional("alt", text(0, alt_max).nullable())});
    const Schema option =
        object({required("name", line(1, option_name_max)),
                schema::optional("values", list(line(1, option_value_max), variants_max))});
    const Schema seo =
        object({schema::optional("title", text(0, seo_title_max).nullable()),
                schema::optional("description", text(0, seo_description_max).nullable())});
    return {
        schema::optional("handle", text(TextFormat::slug)),
        schema::optional("description", text(0, description_max).nullable()),
        schema::optional("vendor", line(0, vendor_max).nullable()),
        schema::optional("product_type", line(0, product_type_max).nullable()),
        schema::optional("tags", list(line(1, tag_max), tags_max).nullable()),
        schema::optional("category_ids", list(id("cat_"), categories_per_product_max).nullable()),
        schema::optional("options", list(option, options_max)),
        schema::optional("media", list(picture, media_per_product_max).nullable()),
        schema::optional("seo", seo.nullable()),
        schema::optional(
            "metadata",
            dictionary(text(0, metadata_text_max).nullable(), metadata_members_max).nullable())};
}

}  // namespace

Schema variant_schema() {
    return object({required("id", id("var_")), required("sku", line(1, sku_max)),
                   required("title", text(1, option_value_max * options_max + 6)),
                   required("option_values", option_values_schema()), required("price", money()),
                   required("compare_at_price", money().nullable()),
                   required("barcode", line(0, barcode_max)),
                   required("weight_grams", integer(0, weight_grams_max)),
                   required("available",
                            count().nullable().described("Null when stock is untracked.")),
                   required("stock", stock_schema()),
                   schema::optional("stock_on_hand", count().described("Staff only.")),
                   schema::optional("stock_reserved", count().described("Staff only.")),
                   schema::optional("low_stock_threshold", count().described("Staff only."))})
        .named("Variant");
}

Schema product_schema() {
    const Schema picture = object({required("id", id("med_")), required("url", text(1, 2048)),
                                   required("alt", text(0, alt_max))})
                               .named("Picture");
    const Schema option =
        object({required("name", line(1, option_name_max)),
                required("values", list(line(1, option_value_max), variants_max))});
    return object(
               {required("id", id("prod_")), required("handle", text(TextFormat::slug)),
                required("title", line(1, title_max)),
                required("description", text(0, description_max)),
                required("vendor", line(0, vendor_max)),
                required("product_type", line(0, product_type_max)),
                required("tags", list(line(1, tag_max), tags_max)),
                required("category_ids", list(id("cat_"), categories_per_product_max)),
                required("status", one_of({"draft", "published", "archived"})),
                required("approved", boolean()), required("options", list(option, options_max)),
                required("variants", list(variant_schema(), variants_max)),
                required("media", list(picture, media_per_product_max)),
                required("seo", object({required("title", text(0, seo_title_max)),
                                        required("description", text(0, seo_description_max))})),
                required("metadata", dictionary(text(0, metadata_text_max), metadata_members_max)),
                required("created_at", text(TextFormat::instant)),
                required("updated_at", text(TextFormat::instant)),
                required("version", integer(1, INT64_MAX))})
        .named("Product");
}

Schema create_product_schema() {
    auto members = product_members();
    members.push_back(required("title", line(1, title_max)));
    members.push_back(schema::optional("status", one_of({"draft", "published"})));
    members.push_back(schema::optional("variants", list(create_variant_schema(), variants_max)));
    return object(std::move(members));
}

Schema change_product_schema() {
    auto members = product_members();
    members.push_back(schema::optional("title", line(1, title_max)));
    members.push_back(schema::optional(
        "variants", list(listed_variant_schema(), variants_max, 1)
                        .described("The whole list: a variant that is not in it goes.")));
    return object(std::move(members));
}

Schema create_variant_schema() { return object(new_variant_members()); }

Schema change_variant_schema() {
    auto members = variant_members();
    members.push_back(schema::optional("price", money()));
    members.push_back(schema::optional("sku", line(1, sku_max)));
    return object(std::move(members));
}

}  // namespace souk::products
