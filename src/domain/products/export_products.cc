#include "domain/products/export_products.h"

#include <array>
#include <memory>

#include "domain/base/text.h"
#include "domain/products/csv.h"
#include "domain/products/import_rows.h"

namespace souk::products {

namespace {

using Line = std::array<std::string, column_count>;

std::string& cell(Line& line, Column column) { return line[static_cast<std::size_t>(column)]; }

/// The variant's image has no column of its own: pictures are the product's.
std::string rendered(const Line& line) {
    std::vector<std::string> cells(line.begin(), line.end());
    cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(Column::variant_image));
    return csv_line(cells);
}

std::string header_line() {
    Line line;
    for (std::size_t i = 0; i < column_count; ++i) {
        line[i] = name_of(static_cast<Column>(i));
    }
    return rendered(line);
}

void product_cells(Line& line, const Product& product) {
    cell(line, Column::title) = product.title;
    cell(line, Column::description) = product.description;
    cell(line, Column::vendor) = product.vendor;
    cell(line, Column::product_type) = product.product_type;
    std::string& tags = cell(line, Column::tags);
    for (const auto& tag : product.tags) {
        tags += cat(tags.empty() ? "" : ", ", tag);
    }
    const bool published = product.status == Status::published;
    cell(line, Column::published) = published ? "TRUE" : "FALSE";
    cell(line, Column::status) = published ? "active" : name_of(product.status);
    cell(line, Column::seo_title) = product.seo_title;
    cell(line, Column::seo_description) = product.seo_description;
}

void variant_cells(Line& line, const Variant& variant, const Stock& stock) {
    constexpr std::array names{Column::option1_name, Column::option2_name, Column::option3_name};
    constexpr std::array values{Column::option1_value, Column::option2_value,
                                Column::option3_value};
    for (std::size_t i = 0; i < variant.option_values.size(); ++i) {
        cell(line, names[i]) = variant.option_values[i].first;
        cell(line, values[i]) = variant.option_values[i].second;
    }
    if (variant.option_values.empty()) {
        cell(line, Column::option1_name) = "Title";
        cell(line, Column::option1_value) = "Default Title";
    }
    const bool tracked = variant.stock == StockPolicy::tracked;
    cell(line, Column::sku) = variant.sku;
    cell(line, Column::grams) = cat(variant.weight_grams);
    cell(line, Column::tracker) = tracked ? "souk" : "";
    cell(line, Column::quantity) = tracked ? cat(stock.on_hand) : "";
    cell(line, Column::policy) = tracked ? "deny" : "continue";
    cell(line, Column::price) = to_decimal(variant.price);
    cell(line, Column::compare_at_price) =
        variant.compare_at_price ? to_decimal(*variant.compare_at_price) : "";
    cell(line, Column::barcode) = variant.barcode;
}

std::string product_lines(const ProductView& view, const Media& media) {
    const Product& product = view.product;
    std::string lines;
    const std::size_t count =
        std::max({std::size_t{1}, product.variants.size(), product.media.size()});
    for (std::size_t i = 0; i < count; ++i) {
        Line line;
        cell(line, Column::handle) = product.handle;
        if (i == 0) {
            product_cells(line, product);
        }
        if (i < product.variants.size()) {
            variant_cells(line, product.variants[i], view.stocks[i]);
        }
        if (i < product.media.size()) {
            const Picture& picture = product.media[i];
            cell(line, Column::image) =
                picture.key.empty() ? picture.external_url : media.public_url(picture.key);
            cell(line, Column::image_position) = cat(i + 1);
            cell(line, Column::image_alt) = picture.alt;
        }
        lines += rendered(line);
    }
    return lines;
}

struct Progress {
    ListQuery query{.sort = SortBy::created, .direction = Direction::forward, .limit = 100};
    bool begun = false;
    bool ended = false;
};

}  // namespace

std::function<Result<std::string>()> export_csv(const Products& products, Caller caller) {
    auto progress = std::make_shared<Progress>();
    return [&products, caller = std::move(caller), progress]() -> Result<std::string> {
        std::string piece;
        if (!progress->begun) {
            progress->begun = true;
            piece = header_line();
        }
        // A page can be empty and not the last; an empty piece would end the file.
        while (piece.empty() && !progress->ended) {
            const ListPage page = TRY(products.list(caller, progress->query));
            for (const auto& view : page.items) {
                piece += product_lines(view, products.media());
            }
            progress->ended = !page.next_cursor;
            progress->query.cursor = page.next_cursor.value_or("");
        }
        return piece;
    };
}

}  // namespace souk::products
