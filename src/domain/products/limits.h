#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the catalogue in one place. The routes' schemas, the import and the model use
/// these.
namespace souk::products {

// Units: code points for texts, pieces for counts.
inline constexpr std::int64_t title_max = 255;
inline constexpr std::int64_t handle_max = 200;
inline constexpr std::int64_t description_max = 50'000;
inline constexpr std::int64_t vendor_max = 255;
inline constexpr std::int64_t product_type_max = 255;
inline constexpr std::int64_t tag_max = 64;
inline constexpr std::int64_t tags_max = 30;
inline constexpr std::int64_t categories_per_product_max = 10;
inline constexpr std::int64_t seo_title_max = 255;
inline constexpr std::int64_t seo_description_max = 1000;
inline constexpr std::int64_t metadata_members_max = 50;
inline constexpr std::int64_t metadata_text_max = 500;
inline constexpr std::int64_t media_per_product_max = 50;
inline constexpr std::int64_t alt_max = 512;
inline constexpr std::int64_t filename_max = 255;

inline constexpr std::int64_t variants_max = 100;
/// All that a product ever had, those it has lost included: what the three characters can number
/// that tell its variants' ids apart.
inline constexpr std::int64_t variants_ever_max = 32 * 32 * 32 - 1;
inline constexpr std::int64_t sku_max = 64;
inline constexpr std::int64_t variant_title_max = 255;
inline constexpr std::int64_t barcode_max = 64;
inline constexpr std::int64_t weight_grams_max = 1'000'000'000;
/// Source: Shopify's format has three option columns.
inline constexpr std::int64_t options_max = 3;
inline constexpr std::int64_t option_name_max = 64;
inline constexpr std::int64_t option_value_max = 255;
/// A product lives in one row; the ledger's row body limit less room for its envelope. Unit: bytes.
inline constexpr std::size_t product_bytes_max = 340 * 1024;

/// Units of stock that one variant can have.
inline constexpr std::int64_t stock_max = 1'000'000'000;
inline constexpr std::int64_t low_stock_threshold_default = 5;
inline constexpr std::int64_t reason_max = 255;

inline constexpr std::int64_t category_name_max = 255;
inline constexpr std::int64_t categories_max = 1000;
/// Ancestors of a category, itself included.
inline constexpr std::size_t category_depth_max = 8;
inline constexpr std::int64_t category_position_max = 1'000'000;

/// Words by which a product is found with `?q=`; further words of a long title or many SKUs are not
/// searched.
inline constexpr std::size_t terms_max = 30;
/// What counts of a word, on both sides. Unit: bytes.
inline constexpr std::size_t term_bytes_max = 40;
/// Words of one `?q=`.
inline constexpr std::size_t query_terms_max = 10;
/// Lists that are read as one: of the words with one beginning, or of a category with those below
/// it. Where there are more, all products are looked at instead.
inline constexpr std::size_t lists_merged_max = 40;
/// List rows that one page looks at before it is handed out as it is, with a cursor.
inline constexpr std::size_t page_rows_max = 500;
/// Product and stock rows that one page reads before it is handed out as it is.
inline constexpr std::size_t page_reads_max = 2000;

/// Unit: bytes.
inline constexpr std::size_t csv_cell_max = 64 * 1024;
inline constexpr std::size_t csv_row_max = 1024 * 1024;
inline constexpr std::uint64_t import_bytes_max = 100ULL * 1024 * 1024;
/// Mistakes of an import that are kept word for word; the rest is counted.
inline constexpr std::size_t import_errors_kept = 1000;
/// Those of one group of rows that are kept so, with a last one that tells how many more it has:
/// the group's trace is one row.
inline constexpr std::size_t import_group_errors_kept = 100;
/// What the words of one may take, here and in the import's row. Unit: bytes.
inline constexpr std::size_t import_error_detail_max = 160;
/// Products that one message of the import queue takes on.
inline constexpr std::size_t import_slice_products = 200;
/// Rows after which a message's work ends even within fewer products.
inline constexpr std::int64_t import_slice_rows = 4000;
/// How long at least an import may get no further before the sweep announces its slice anew: longer
/// than its message is tried. Coarse: the slices of so long a time share one entry of the index.
inline constexpr std::chrono::minutes import_patience{10};
/// How often in a row that is done before the import has failed: some twelve hours.
inline constexpr std::int64_t import_resumptions_max = 50;
/// How long an import remembers which products it has seen, for its own resumption.
inline constexpr std::chrono::hours import_trace_kept{24 * 7};
/// How long an import can be asked for once it is over.
inline constexpr std::chrono::hours imports_kept{24 * 90};

}  // namespace souk::products
