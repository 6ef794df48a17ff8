#include "products/import_shop.h"

/// Rows of one product that are in each other's way, are bad, or stand apart.
namespace souk::products {

class ImportConflicts : public ImportProducts {
protected:
    static constexpr const char* columns =
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory "
        "Tracker,Variant Inventory Qty,Image Src\n";

    static std::string row(std::string_view title, std::string_view size, std::string_view sku,
                           std::string_view price, int stock, std::string_view image = "") {
        return cat("a,", title, ",Size,", size, ",", sku, ",", price, ",shopify,", stock, ",",
                   image, "\n");
    }
    /// Each variant's size, SKU, price and stock, by size.
    std::string variants() {
        std::set<std::string> all;
        const Answer answer = get(staff(), "a");
        for (std::size_t i = 0; i < answer.json()["variants"].size(); ++i) {
            const auto one = answer.json()["variants"].at(i);
            all.insert(cat(one["option_values"]["Size"].text_or(), ":", one["sku"].text_or(), ":",
                           one["price"]["amount"].integer_or(0), ":",
                           one["stock_on_hand"].integer_or(0)));
        }
        std::string text;
        for (const auto& one : all) {
            text += cat(text.empty() ? "" : " ", one);
        }
        return text;
    }
    std::string title() { return get(staff(), "a").json()["title"].text_or(); }
    /// That the same file another time changes nothing, and says the same.
    void changes_nothing_again(const std::string& csv, const Import& first) {
        const std::string before = catalogue();
        const Import again = run(csv);
        EXPECT_EQ(again.products_updated, 0);
        EXPECT_EQ(errors_of(again), errors_of(first));
        EXPECT_TRUE(catalogue() == before) << csv;
    }
};

// The bug: the new SKU became the variant whose size it took, that variant's own row then overwrote
// it, and its stock was the new one's: a row was lost, 500 pieces were sold that nobody had.
TEST_F(ImportConflicts, ANewSkuMayTakeTheSizeOfAVariantThatMovesOn) {
    const std::vector<std::string> moved{row("A", "M", "W", "4", 500), row("", "L", "X", "1", 1)};
    for (const bool reversed : {false, true}) {
        run(cat(columns, row("A", "M", "X", "1", 1)));
        const std::string csv = cat(columns, moved[reversed ? 1 : 0], moved[reversed ? 0 : 1]);
        const Import import = run(csv);
        EXPECT_EQ(errors_of(import), "");
        EXPECT_EQ(variants(), "L:X:100:1 M:W:400:500") << reversed;
        changes_nothing_again(csv, import);
        EXPECT_EQ(call(staff(), "delete_product", {{"product", "a"}}).status, 204);
    }
}

TEST_F(ImportConflicts, AWholeRunOfSizesMayShift) {
    run(cat(columns, row("A", "S", "X", "1", 1), row("", "M", "Y", "2", 2),
            row("", "L", "Z", "3", 3)));
    const std::string csv = cat(columns, row("A", "S", "W", "4", 4), row("", "M", "X", "1", 1),
                                row("", "L", "Y", "2", 2), row("", "XL", "Z", "3", 3));
    const Import import = run(csv);
    EXPECT_EQ(errors_of(import), "");
    EXPECT_EQ(variants(), "L:Y:200:2 M:X:100:1 S:W:400:4 XL:Z:300:3");
    changes_nothing_again(csv, import);
}

TEST_F(ImportConflicts, ARowWithoutSkuDoesNotTakeTheVariantOfOneThatNamesIt) {
    run(cat(columns, row("A", "S", "X", "1", 1)));
    const Import import = run(cat(columns, row("A", "S", "", "4", 4), row("", "M", "X", "1", 1)));
    EXPECT_EQ(errors_of(import), "");
    EXPECT_EQ(variants(), "M:X:100:1 S:a-s:400:4");
}

// The bug: the product was refused as a whole, and the good row was in no error.
TEST_F(ImportConflicts, ABadRowTakesNoGoodOneOfItsProductWithIt) {
    run(cat(columns, row("A", "S", "X", "1", 1), row("", "M", "Y", "2", 2)));
    const std::string csv = cat(columns, row("A", "M", "X", "3", 1), row("", "L", "Y", "bad", 2),
                                row("", "XL", "Q", "5", 5));
    const Import import = run(csv);
    EXPECT_EQ(errors_of(import), "2:Option1 Value 3:Variant Price ");
    EXPECT_EQ(variants(), "M:Y:200:2 S:X:100:1 XL:Q:500:5");
    changes_nothing_again(csv, import);
}

TEST_F(ImportConflicts, ARowThatIsLeftOutLeavesOutThoseThatNeedIt) {
    run(cat(columns, row("A", "S", "X", "1", 1), row("", "M", "Y", "2", 2),
            row("", "L", "Z", "3", 3)));
    const Import import = run(cat(columns, row("A", "M", "X", "1", 1), row("", "L", "Y", "2", 2),
                                  row("", "XL", "Z", "bad", 3)));
    EXPECT_EQ(errors_of(import), "2:Option1 Value 3:Option1 Value 4:Variant Price ");
    EXPECT_EQ(variants(), "L:Z:300:3 M:Y:200:2 S:X:100:1");
}

// The bug: its title and its image were taken in, though the row was told of as a bad one.
TEST_F(ImportConflicts, ABadRowChangesNothingOfAProductThatIsThere) {
    run(cat(columns, row("A", "S", "X", "1", 1)));
    const std::string before = catalogue();
    const Import import =
        run(cat(columns, row("New", "S", "X", "-5", 1, "https://x.example/1.png")));
    EXPECT_EQ(errors_of(import), "2:Variant Price ");
    EXPECT_TRUE(catalogue() == before);
    const Import two = run(cat(columns, row("New", "S", "X", "-5", 1, "nowhere"),
                               row("", "M", "Y", "2", 2, "https://x.example/2.png")));
    EXPECT_EQ(errors_of(two), "2:Variant Price 2:Image Src ") << "All of its mistakes are told.";
    EXPECT_EQ(title(), "A");
    EXPECT_EQ(variants(), "M:Y:200:2 S:X:100:1");
    EXPECT_EQ(get(staff(), "a").json()["media"].size(), 1u);
}

TEST_F(ImportConflicts, ANewProductIsMadeOfItsGoodRowsUnderTheTitleOfABadOne) {
    const Import import =
        run(cat(columns, row("A", "S", "X", "bad", 1), row("", "M", "Y", "2", 2)));
    EXPECT_EQ(errors_of(import), "2:Variant Price ");
    EXPECT_EQ(title(), "A");
    EXPECT_EQ(variants(), "M:Y:200:2");
}

// The bug: each run of rows was taken for the first, so a product went back and forth on each
// import of the same file, and a draft was for sale meanwhile.
TEST_F(ImportConflicts, RowsThatStandApartComeToWhatTheyComeToTogether) {
    const std::string head =
        "Handle,Title,Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant "
        "Price,Image Src,Image Alt Text\n";
    const std::string image = "https://x.example/1.png";
    const std::vector<std::string> lines{
        cat("a,A1,V,one,FALSE,Size,S,S1,1,", image, ",first\n"),
        cat("a,A2,,two,TRUE,Colour,M,S2,2,", image, ",second\n"),
        cat("A,A3,W,,TRUE,,,,,", image, ",third\n"),
    };
    const auto shown = [&] {
        const Answer answer = get(staff(), "a");
        std::string all = answer.json()["media"].at(0)["alt"].text_or();
        for (const char* name : {"title", "vendor", "status"}) {
            all += cat(" ", answer.json()[name].text_or());
        }
        return cat(all, " ", answer.json()["tags"].render(), answer.json()["options"].render());
    };
    run(cat(head, lines[0], lines[1], lines[2]));
    const std::string together = shown();
    EXPECT_EQ(together, R"(first A1 V draft ["one"][{"name":"Size","values":["S","M"]}])");
    EXPECT_EQ(call(staff(), "delete_product", {{"product", "a"}}).status, 204);
    const std::string apart =
        cat(head, lines[0], "b,B,,,,,,,1,,\n", lines[1], "c,C,,,,,,,1,,\n", lines[2]);
    const Import import = run(apart);
    EXPECT_EQ(errors_of(import), "");
    EXPECT_EQ(shown(), together);
    changes_nothing_again(apart, import);
}

}  // namespace souk::products
