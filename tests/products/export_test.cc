#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "domain/products/export_products.h"
#include "products/shop.h"

namespace souk::products {

class ExportProducts : public Shop {
protected:
    std::string exported(const Caller& caller) {
        const auto route = std::ranges::find(table, "export_products", &Route::name);
        const Response response = *route->handle(caller, Request{});
        std::string file;
        for (;;) {
            const std::string piece = *response.stream();
            if (piece.empty()) {
                return file;
            }
            file += piece;
        }
    }
    Import import(const Caller& caller, const std::string& csv) {
        StringReader file(csv);
        int slices = 0;
        const auto import =
            products->imports().run(caller, file, [&](const Import&) -> Result<void> {
                ++slices;
                environment.clock.advance(
                    std::chrono::minutes(11));  // The ledger forgets its tokens.
                return {};
            });
        EXPECT_TRUE(import) << import.error().detail;
        EXPECT_GT(slices, 0);
        return *import;
    }
    /// Products that were made in the same millisecond stand in any order.
    static std::vector<std::string> lines_of(const std::string& file) {
        std::vector<std::string> lines;
        for (const auto line : split(file, '\n')) {
            lines.emplace_back(line);
        }
        std::ranges::sort(lines);
        return lines;
    }
    Caller elsewhere() {
        directory.all.at(other_store).currency = *Currency::parse("EUR");
        Caller caller = staff();
        caller.store = other_store;
        return caller;
    }
    static std::string read(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return (std::ostringstream() << file.rdbuf()).str();
    }
    struct Catalogue {
        std::string csv;
        std::int64_t products;
        std::int64_t rows;
    };
    /// The real catalogue beside the checkout where it is, else a demo one of the repository.
    static Catalogue catalogue(const std::string& name, Catalogue real, Catalogue demo) {
        const std::filesystem::path root = SOUK_SOURCE_DIR;
        const char* folder = std::getenv("SOUK_SHARED_DATA");
        const std::filesystem::path shared =
            folder == nullptr ? root / "../shared/data" : std::filesystem::path(folder);
        if (std::filesystem::exists(shared / name)) {
            real.csv = read(shared / name);
            return real;
        }
        demo.csv = read(root / "src/apps/souk/catalogues" / demo.csv);
        return demo;
    }
    void expect_full_circle(const std::string& csv, std::int64_t products_expected,
                            std::int64_t rows_expected) {
        const Import first = import(staff(), csv);
        EXPECT_EQ(first.products_created, products_expected);
        EXPECT_EQ(first.rows, rows_expected);
        EXPECT_EQ(first.errors_total, 0) << first.errors.front().detail;
        const std::size_t announced = memory.events().size();
        const Import second = import(staff(), csv);
        EXPECT_EQ(second.products_unchanged, products_expected);
        EXPECT_EQ(memory.events().size(), announced);
        const std::string file = exported(staff());
        const Import copy = import(elsewhere(), file);
        EXPECT_EQ(copy.products_created, products_expected);
        EXPECT_EQ(copy.errors_total, 0);
        EXPECT_TRUE(lines_of(exported(elsewhere())) == lines_of(file));
        EXPECT_EQ(import(elsewhere(), csv).products_unchanged, products_expected);
    }
};

TEST_F(ExportProducts, ComesBackAsTheSameCatalogue) {
    create(
        R"({"title":"Globe, \"round\"","handle":"globe","description":" <p>Two\nlines</p> ","vendor":"A, B",
        "product_type":"T","tags":["Gift","Über"],"status":"published","seo":{"title":"s","description":"d"},
        "variants":[{"sku":"G-R","price":{"amount":1999,"currency":"EUR"},"option_values":{"Colour":"Red","Size":"S"},
                     "stock_on_hand":7,"barcode":"0123","weight_grams":250,"compare_at_price":{"amount":2500,"currency":"EUR"}},
                    {"sku":"G-B","price":{"amount":5,"currency":"EUR"},"option_values":{"Size":"L","Colour":"Blue"},
                     "stock":"untracked"}]})");
    create(R"({"title":"Draft","variants":[{"sku":"D","price":{"amount":0,"currency":"EUR"}}]})");
    const std::string archived =
        create(R"({"title":"Old","variants":[{"sku":"O","price":{"amount":1,"currency":"EUR"}}]})");
    call(staff(), "archive_product", {{"product", archived}});
    import(staff(),
           "Handle,Image Src,Image Position,Image Alt Text\nglobe,https://x.example/2,2,two\n"
           "globe,https://x.example/1,1,one\nglobe,https://x.example/3,3,\n");
    const std::string file = exported(staff());
    const Import same = import(staff(), file);
    EXPECT_EQ(same.products_unchanged, 3) << (same.errors.empty() ? "" : same.errors[0].detail);
    const Import copy = import(elsewhere(), file);
    EXPECT_EQ(copy.products_created, 3);
    EXPECT_EQ(copy.errors_total, 0);
    EXPECT_TRUE(lines_of(exported(elsewhere())) == lines_of(file));
    EXPECT_EQ(get(elsewhere(), "globe").json()["media"].at(0)["alt"].text_or(), "one");
}

TEST_F(ExportProducts, BringsADraftWithoutVariantsBackAsOne) {
    create(R"({"title":"Idea"})");
    const std::string file = exported(staff());
    EXPECT_EQ(import(staff(), file).products_unchanged, 1);
    const Import copy = import(elsewhere(), file);
    EXPECT_EQ(copy.products_created, 1) << (copy.errors.empty() ? "" : copy.errors[0].detail);
    EXPECT_EQ(get(elsewhere(), "idea").json()["variants"].size(), 0u);
    EXPECT_TRUE(exported(elsewhere()) == file);
}

// The bug: Shopify's words for "no options" were taken for that where the product has such an
// option.
TEST_F(ExportProducts, BringsAnOptionCalledTitleBack) {
    create(R"({"title":"Rug","options":[{"name":"Title","values":["Default Title"]}],
        "variants":[{"sku":"R","price":{"amount":1,"currency":"EUR"},"option_values":{"Title":"Default Title"}}]})");
    const Import again = import(staff(), exported(staff()));
    EXPECT_EQ(again.products_unchanged, 1) << (again.errors.empty() ? "" : again.errors[0].detail);
}

TEST_F(ExportProducts, OfAnEmptyStoreIsAHeader) {
    EXPECT_EQ(std::ranges::count(exported(staff()), '\n'), 1);
}

TEST_F(ExportProducts, GoesFullCircleWithTheGiftShop) {
    const auto [csv, products_made, rows_read] =
        catalogue("gift-shop.csv", {{}, 3303, 3812}, {"medina.csv", 12, 18});
    expect_full_circle(csv, products_made, rows_read);
}

TEST_F(ExportProducts, GoesFullCircleWithTheNewerHeaders) {
    const auto [csv, products_made, rows_read] =
        catalogue("gift-shop-2026-headers.csv", {{}, 200, 232}, {"kumo.csv", 10, 16});
    expect_full_circle(csv, products_made, rows_read);
}

}  // namespace souk::products
