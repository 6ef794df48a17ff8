#include "domain/products/import_rows.h"

#include "products/import_shop.h"

namespace souk::products {

TEST(ImportErrors, KeepNoMoreOfTheirWordsThanTheirBound) {
    const std::string most(import_error_detail_max, 'x');
    EXPECT_EQ(kept_detail(most), most);
    EXPECT_EQ(kept_detail(most + "y"), most);
    // Never half a character.
    const std::string rest(import_error_detail_max - 2, 'x');
    EXPECT_EQ(kept_detail(rest + "ü"), rest + "ü");
    EXPECT_EQ(kept_detail(rest + "€"), rest);
}

Columns columns_of(const std::vector<std::string>& names) {
    auto columns = Columns::parse({.cells = names});
    EXPECT_TRUE(columns);
    return columns ? *std::move(columns) : Columns{};
}

TEST(ImportColumns, AreWarnedOfUpToABound) {
    std::vector<std::string> names{"Handle"};
    for (std::size_t i = 0; i < warnings_max; ++i) {
        names.push_back(cat("Extra ", i));
    }
    EXPECT_EQ(columns_of(names).warnings().size(), warnings_max);
    EXPECT_EQ(columns_of(names).warnings().back(),
              cat("The column Extra ", warnings_max - 1, " is not read."));
    names.emplace_back("One more");
    EXPECT_EQ(columns_of(names).warnings().size(), warnings_max);
    EXPECT_EQ(columns_of(names).names().back(), "One more");
}

TEST_F(ImportProducts, WarnsOfItsRowsHoweverManyColumnsItDoesNotRead) {
    std::string names =
        "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty";
    for (std::size_t i = 0; i < warnings_max + 1; ++i) {
        names += cat(",Extra ", i);
    }
    const Import import = run(cat(names, "\np,P,1,shopify,-1\n"));
    ASSERT_EQ(import.warnings.size(), warnings_max + 1);
    EXPECT_TRUE(import.warnings.back().starts_with("Stock below 0")) << import.warnings.back();
    // Its schema takes them all.
    EXPECT_EQ(call(staff(), "show_import", {{"import", import.id.text()}}).status, 200);
}

/// How many rows the first group has of a product's, with cells of so many bytes a row.
std::int64_t grouped(const std::vector<std::size_t>& row_bytes) {
    std::string text;
    for (const std::size_t bytes : row_bytes) {
        text += cat("p,", std::string(bytes - 1, 'x'), '\n');
    }
    const Columns columns = columns_of({"Handle", "Body (HTML)"});
    StringReader file(text);
    CsvReader csv(file);
    RowReader reader(csv, columns);
    const auto group = reader.next();
    EXPECT_TRUE(group && *group);
    const auto rest = reader.next();
    EXPECT_TRUE(rest);
    EXPECT_EQ((*group)->rows_read + (*rest ? (*rest)->rows_read : 0), std::ssize(row_bytes));
    return (*group)->rows_read;
}

TEST(ImportRows, AreOneGroupUpToABound) {
    constexpr auto most = static_cast<std::size_t>(group_rows_max);
    EXPECT_EQ(grouped(std::vector<std::size_t>(most, 1)), group_rows_max);
    EXPECT_EQ(grouped(std::vector<std::size_t>(most + 1, 1)), group_rows_max);
}

TEST(ImportRows, AreOneGroupUntilTheyTakeSoManyBytes) {
    constexpr std::size_t row = csv_cell_max;
    std::vector<std::size_t> rows(group_bytes_max / row + 1, row);
    EXPECT_EQ(grouped(rows), std::ssize(rows) - 1);
    --rows.front();  // One byte is left, so another row begins.
    EXPECT_EQ(grouped(rows), std::ssize(rows));
}

}  // namespace souk::products
