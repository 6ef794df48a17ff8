#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/id.h"
#include "domain/products/csv.h"

/// From a CSV file in either of Shopify's formats to groups of rows that belong to one product.
namespace souk::products {

enum class Column : std::size_t {
    handle,
    title,
    description,
    vendor,
    product_type,
    tags,
    published,
    status,
    option1_name,
    option1_value,
    option2_name,
    option2_value,
    option3_name,
    option3_value,
    sku,
    grams,
    tracker,
    quantity,
    policy,
    price,
    compare_at_price,
    barcode,
    image,
    image_position,
    image_alt,
    variant_image,
    seo_title,
    seo_description,
};
inline constexpr std::size_t column_count = static_cast<std::size_t>(Column::seo_description) + 1;

/// One mistake of a file, as its author can find it.
struct ImportError {
    std::int64_t row = 0;  // As a spreadsheet counts; the header is row 1.
    std::string column;    // As the file calls it; empty for the row as a whole.
    std::string detail;
};

/// A mistake's words, as much of them as is kept (import_error_detail_max).
[[nodiscard]] std::string kept_detail(std::string detail);

/// Of the 100 that an import tells, one is left for what its rows say.
inline constexpr std::size_t warnings_max = 99;

/// Where a file has which column. Names are compared without regard to case.
class Columns {
public:
    /// Errors: invalid_csv when it is not a product file's header.
    static Result<Columns> parse(const CsvRow& header);

    [[nodiscard]] bool has(Column column) const { return at(column).has_value(); }
    /// The column's name in the file, or in the first format.
    [[nodiscard]] std::string name(Column column) const;
    [[nodiscard]] std::optional<std::size_t> at(Column column) const {
        return positions_[static_cast<std::size_t>(column)];
    }
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    /// Columns that are not read, and others that stand there twice; in words, the first
    /// warnings_max.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

private:
    std::array<std::optional<std::size_t>, column_count> positions_;
    std::vector<std::string> names_;
    std::vector<std::string> warnings_;
};

/// The first format's name of a column; what the export calls it.
[[nodiscard]] std::string_view name_of(Column column);

/// A row whose cells are text, without white space around them.
struct ImportRow {
    std::int64_t number = 0;
    std::array<std::string, column_count> cells;
    [[nodiscard]] const std::string& operator[](Column column) const {
        return cells[static_cast<std::size_t>(column)];
    }
};

/// Consecutive rows of one handle; rows that could not be read are among its errors.
struct RowGroup {
    std::string handle;
    std::int64_t first_row = 0;
    std::vector<ImportRow> rows;  // May be empty when none could be read.
    std::vector<ImportError> errors;
    std::int64_t rows_read = 0;
};

/// What rows of a file said of a product, which later ones do not say again: what comes of a file
/// does not hang on whether the rows of a product stand together.
struct Said {
    bool product = false;  // Its own cells: title, tags and the like.
    std::set<std::string> skus = {};
    std::map<MediaId, std::int64_t> image_places = {};  // No two in the same place.
    std::set<MediaId> image_alts = {};
};

/// The number of the first row whose stock is said to be below zero, as shops' exports say of what
/// was sold beyond it. Here no stock is: it counts as zero.
[[nodiscard]] std::optional<std::int64_t> row_below_zero(const RowGroup& group);

/// Rows that are taken for one group at most; further rows of the same handle are the next group.
inline constexpr std::int64_t group_rows_max = 500;
inline constexpr std::size_t group_bytes_max = 4 * 1024 * 1024;

class RowReader {
public:
    RowReader(CsvReader& file, const Columns& columns) : file_(file), columns_(columns) {}

    /// The next group; nothing at the end of the file.
    [[nodiscard]] Result<std::optional<RowGroup>> next();
    /// Where the next group begins: from there another reader can go on.
    [[nodiscard]] std::uint64_t offset() const { return ahead_ ? ahead_->offset : file_.offset(); }
    [[nodiscard]] std::int64_t next_number() const {
        return ahead_ ? ahead_->number : file_.next_number();
    }
    [[nodiscard]] const Columns& columns() const { return columns_; }

private:
    [[nodiscard]] std::optional<ImportRow> read(const CsvRow& row, RowGroup& group) const;

    CsvReader& file_;
    const Columns& columns_;
    std::optional<CsvRow> ahead_;
};

}  // namespace souk::products
