#include "domain/products/import_rows.h"

#include <algorithm>

#include "domain/base/clipped_text.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/limits.h"
#include "domain/products/product.h"

namespace souk::products {

namespace {

struct ColumnName {
    Column column;
    std::string_view first;   // In the older format.
    std::string_view second;  // In that of 2026.
};

// Source: Shopify's product CSV, both sets of headers.
constexpr std::array<ColumnName, column_count> column_table{{
    {Column::handle, "Handle", "URL handle"},
    {Column::title, "Title", "Title"},
    {Column::description, "Body (HTML)", "Description"},
    {Column::vendor, "Vendor", "Vendor"},
    {Column::product_type, "Type", "Type"},
    {Column::tags, "Tags", "Tags"},
    {Column::published, "Published", "Published on online store"},
    {Column::status, "Status", "Status"},
    {Column::option1_name, "Option1 Name", "Option1 name"},
    {Column::option1_value, "Option1 Value", "Option1 value"},
    {Column::option2_name, "Option2 Name", "Option2 name"},
    {Column::option2_value, "Option2 Value", "Option2 value"},
    {Column::option3_name, "Option3 Name", "Option3 name"},
    {Column::option3_value, "Option3 Value", "Option3 value"},
    {Column::sku, "Variant SKU", "SKU"},
    {Column::grams, "Variant Grams", "Weight value (grams)"},
    {Column::tracker, "Variant Inventory Tracker", "Inventory tracker"},
    {Column::quantity, "Variant Inventory Qty", "Inventory quantity"},
    {Column::policy, "Variant Inventory Policy", "Continue selling when out of stock"},
    {Column::price, "Variant Price", "Price"},
    {Column::compare_at_price, "Variant Compare At Price", "Compare-at price"},
    {Column::barcode, "Variant Barcode", "Barcode"},
    {Column::image, "Image Src", "Product image URL"},
    {Column::image_position, "Image Position", "Image position"},
    {Column::image_alt, "Image Alt Text", "Image alt text"},
    {Column::variant_image, "Variant Image", "Variant image URL"},
    {Column::seo_title, "SEO Title", "SEO title"},
    {Column::seo_description, "SEO Description", "SEO description"},
}};

constexpr std::size_t name_shown_max = 40;

std::string handle_of(const ImportRow& row) {
    const std::string& said = row[Column::handle];
    if (is_slug(said, handle_max)) {
        return said;
    }
    std::string handle = handle_from(said.empty() ? row[Column::title] : said, handle_max);
    // Shops whose language is not written in Latin have such handles; each is a product's.
    return handle.empty() && !said.empty() ? cat("p-", fingerprint(said)) : handle;
}

}  // namespace

std::string kept_detail(std::string detail) {
    detail.resize(clipped(detail, import_error_detail_max).size());
    return detail;
}

std::string_view name_of(Column column) {
    return column_table[static_cast<std::size_t>(column)].first;
}

std::string Columns::name(Column column) const {
    const auto position = at(column);
    return position ? names_[*position] : std::string(name_of(column));
}

Result<Columns> Columns::parse(const CsvRow& header) {
    if (header.fault) {
        return fail(errors::invalid_csv, cat("The header cannot be read: ", header.fault->detail));
    }
    Columns columns;
    for (std::size_t i = 0; i < header.cells.size(); ++i) {
        const std::string_view name = trimmed(header.cells[i]);
        columns.names_.emplace_back(is_utf8(name) ? clipped(name, name_shown_max) : "?");
        const auto* known = std::ranges::find_if(column_table, [name](const ColumnName& row) {
            return ascii_equal_ignoring_case(row.first, name) ||
                   ascii_equal_ignoring_case(row.second, name);
        });
        std::string warning;
        if (known == column_table.end()) {
            warning = cat("The column ", columns.names_.back(), " is not read.");
        } else if (columns.has(known->column)) {
            warning =
                cat("The column ", columns.names_.back(), " stands there twice; the first counts.");
        } else {
            columns.positions_[static_cast<std::size_t>(known->column)] = i;
        }
        if (!warning.empty() && columns.warnings_.size() < warnings_max) {
            columns.warnings_.push_back(std::move(warning));
        }
    }
    if (!columns.has(Column::handle) && !columns.has(Column::title)) {
        return fail(errors::invalid_csv,
                    "The first row is not a product file's: it names neither Handle (URL handle) "
                    "nor Title.");
    }
    return columns;
}

std::optional<std::int64_t> row_below_zero(const RowGroup& group) {
    const auto row = std::ranges::find_if(group.rows, [](const ImportRow& candidate) {
        return to_integer(candidate[Column::quantity]).value_or(0) < 0;
    });
    return row == group.rows.end() ? std::nullopt : std::optional(row->number);
}

std::optional<ImportRow> RowReader::read(const CsvRow& row, RowGroup& group) const {
    if (row.fault) {
        const auto& names = columns_.names();
        const std::size_t column = row.fault->column;
        group.errors.push_back(
            {row.number, column < names.size() ? names[column] : "", row.fault->detail});
        return std::nullopt;
    }
    if (row.cells.size() > columns_.names().size()) {
        group.errors.push_back({row.number, "",
                                cat("The row has ", row.cells.size(), " cells, the header ",
                                    columns_.names().size(), ".")});
        return std::nullopt;
    }
    ImportRow read{.number = row.number, .cells = {}};
    for (std::size_t i = 0; i < column_count; ++i) {
        const auto column = static_cast<Column>(i);
        const auto position = columns_.at(column);
        if (!position || *position >= row.cells.size()) {
            continue;  // Editors leave out empty cells at a row's end.
        }
        const std::string& cell = row.cells[*position];
        if (!is_utf8(cell) || cell.find('\0') != std::string::npos) {
            group.errors.push_back({row.number, columns_.name(column), "Not text in UTF-8."});
            return std::nullopt;
        }
        // A description is the only text whose outer white space is kept, here as in the API.
        read.cells[i] = column == Column::description ? std::string_view(cell) : trimmed(cell);
    }
    return read;
}

Result<std::optional<RowGroup>> RowReader::next() {
    RowGroup group;
    std::size_t bytes = 0;
    while (group.rows_read < group_rows_max && bytes < group_bytes_max) {
        if (!ahead_) {
            ahead_ = TRY(file_.next());
        }
        if (!ahead_) {
            break;
        }
        auto row = read(*ahead_, group);
        if (row) {
            const std::string handle = handle_of(*row);
            if (handle.empty()) {
                group.errors.push_back(
                    {row->number, columns_.name(Column::handle), "The row names no product."});
                row.reset();
            } else if (group.rows.empty()) {
                group.handle = handle;
                group.first_row = row->number;
            } else if (group.handle != handle) {
                break;
            }
        }
        ++group.rows_read;
        for (const auto& cell : ahead_->cells) {
            bytes += cell.size();
        }
        if (row) {
            group.rows.push_back(*std::move(row));
        }
        ahead_.reset();
    }
    return group.rows_read == 0 ? std::nullopt : std::optional(std::move(group));
}

}  // namespace souk::products
