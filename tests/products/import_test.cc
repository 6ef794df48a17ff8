#include "products/import_shop.h"

namespace souk::products {

TEST_F(ImportProducts, MakesProductsWithVariantsStockAndImages) {
    const Import import = run(
        cat(header,
            "globe,Globe,<p>Round</p>,Acme,Toys,\"Gift, Map\",TRUE,Colour,Red,G-R,shopify,4,deny,"
            "19.99,https://x.example/1.png,active\n"
            "globe,,,,,,,Colour,Blue,G-B,shopify,0,deny,20.00,https://x.example/2.png,\n"
            "song,Song,,,,,TRUE,Title,Default Title,MP3,,,continue,0.99,,active\n"));
    EXPECT_EQ(counts(import), "2/0/0/0") << errors_of(import);
    EXPECT_EQ(import.rows, 3);
    const Answer globe = get(guest(), "globe");
    ASSERT_EQ(globe.status, 200);
    EXPECT_EQ(globe.json()["variants"].at(0)["price"]["amount"].integer_or(0), 1999);
    EXPECT_EQ(globe.json()["variants"].at(0)["available"].integer_or(0), 4);
    EXPECT_EQ(globe.json()["options"].render(), R"([{"name":"Colour","values":["Red","Blue"]}])");
    EXPECT_EQ(globe.json()["tags"].render(), R"(["Gift","Map"])");
    EXPECT_EQ(globe.json()["media"].at(1)["url"].text_or(), "https://x.example/2.png");
    EXPECT_EQ(get(guest(), "song").json()["variants"].at(0)["stock"].text_or(), "untracked");
    EXPECT_EQ(get(guest(), "song").json()["options"].size(), 0u);
}

TEST_F(ImportProducts, ReadsTheNewerHeadersInAnyCase) {
    const Import import = run(
        "TITLE,url HANDLE,Description,Published on online store,Status,SKU,Option1 name,Option1 "
        "value,Price,"
        "Compare-at price,Inventory tracker,Inventory quantity,Continue selling when out of stock,"
        "Weight value (grams),Product image URL,Colour of the box\n"
        "Globe,globe,Round,TRUE,Active,G,Title,Default Title,5.00,6.50,shopify,3,DENY,12.5,,red\n");
    EXPECT_EQ(counts(import), "1/0/0/0") << errors_of(import);
    EXPECT_EQ(import.warnings,
              std::vector<std::string>{"The column Colour of the box is not read."});
    const Answer globe = get(guest(), "globe");
    EXPECT_EQ(globe.json()["variants"].at(0)["compare_at_price"]["amount"].integer_or(0), 650);
    EXPECT_EQ(globe.json()["variants"].at(0)["weight_grams"].integer_or(0), 13);
}

TEST_F(ImportProducts, ASecondTimeChangesNothing) {
    const std::string csv =
        cat(header,
            "globe,Globe,x,Acme,Toys,\"Gift, Map\",TRUE,Colour,Red,G-R,shopify,4,deny,19.99,"
            "https://x.example/1.png,active\n"
            "globe,,,,,,,Colour,Blue,,shopify,2,deny,20.00,,\n"
            "cup,Cup,,,,,TRUE,Title,Default Title,,shopify,1,deny,2,,draft\n");
    run(csv);
    const std::string before = catalogue();
    const std::size_t announced = memory.events().size();
    environment.clock.advance(std::chrono::hours(1));
    EXPECT_EQ(counts(run(csv)), "0/0/2/0");
    EXPECT_EQ(catalogue(), before);
    EXPECT_EQ(memory.events().size(), announced);
}

TEST_F(ImportProducts, UpdatesWhatIsThereAndRemovesNothing) {
    run(cat(header,
            "globe,Globe,,,,,TRUE,Colour,Red,G-R,shopify,4,deny,1,,active\n"
            "globe,,,,,,,Colour,Blue,G-B,shopify,4,deny,1,,\n"));
    const Import import =
        run(cat(header, "globe,Planet,,,,,TRUE,Colour,Red,G-R,shopify,9,deny,2,,active\n"));
    EXPECT_EQ(counts(import), "0/1/0/0") << errors_of(import);
    const Answer globe = get(staff(), "globe");
    EXPECT_EQ(globe.json()["title"].text_or(), "Planet");
    EXPECT_EQ(globe.json()["variants"].size(), 2u);
    EXPECT_EQ(stock_of("G-R").on_hand, 9);
    EXPECT_EQ(stock_of("G-B").on_hand, 4);
}

// The bug: a file that archives products, without their titles, was "completed" and did nothing.
TEST_F(ImportProducts, TakesCellsOfTheProductWithoutItsTitle) {
    run(one_product);
    EXPECT_EQ(counts(run("Handle,Status,Vendor,Tags\np,archived,W,\"x, y\"\n")), "0/1/0/0");
    const Answer archived = get(staff(), "p");
    EXPECT_EQ(archived.json()["title"].text_or(), "P");
    EXPECT_EQ(archived.json()["status"].text_or(), "archived");
    EXPECT_EQ(archived.json()["vendor"].text_or(), "W");
    EXPECT_EQ(archived.json()["tags"].size(), 2U);
    EXPECT_EQ(counts(run("Handle,Title,Published\np,,TRUE\n")), "0/1/0/0");
    EXPECT_EQ(get(staff(), "p").json()["status"].text_or(), "published");
    EXPECT_EQ(counts(run("Handle,Published\np,FALSE\n")), "0/1/0/0");
    EXPECT_EQ(get(staff(), "p").json()["status"].text_or(), "draft");
    // A further row of a product leaves these empty: that clears nothing.
    EXPECT_EQ(counts(run("Handle,Title,Vendor,Tags,Status\np,,,,\n")), "0/0/1/0");
    EXPECT_EQ(counts(run("Handle,Status\np,lost\n")), "0/0/0/1");
}

// The bug: a price list by SKU was refused for want of the options' values.
TEST_F(ImportProducts, KeepsTheOptionValuesOfAVariantThatItsSkuNames) {
    run(many_variants(3, 1));
    EXPECT_EQ(counts(run("Handle,Variant SKU,Variant Price,Variant Inventory Qty\n"
                         "p,s0,9.99,7\np,s2,8,6\n")),
              "0/1/0/0");
    const Answer shown = get(staff(), "p");
    const JsonView variants = shown.json()["variants"];
    ASSERT_EQ(variants.size(), 3U);
    EXPECT_EQ(variants.at(0)["price"]["amount"].integer_or(0), 999);
    EXPECT_EQ(variants.at(1)["price"]["amount"].integer_or(0), 100);
    EXPECT_EQ(variants.at(2)["price"]["amount"].integer_or(0), 800);
    EXPECT_EQ(stock_of("s0").on_hand, 7);
    EXPECT_EQ(stock_of("s2").on_hand, 6);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(variants.at(i)["option_values"]["N"].text_or(), cat("v", i));
    }
    // A SKU that is new has no values to keep.
    const Import unknown = run("Handle,Variant SKU,Variant Price\np,new,1\n");
    EXPECT_EQ(errors_of(unknown), "2:Option1 Value ");
}

TEST_F(ImportProducts, SetsStockOnHandWhateverIsReserved) {
    run(cat(header, "globe,Globe,,,,,TRUE,Title,Default Title,G,shopify,4,deny,1,,active\n"));
    const OrderId order = environment.environment().fresh<OrderId>();
    ASSERT_TRUE(deliver(
        order_event("souk.order.placed.v1", order, R"({"stock":[{"sku":"G","quantity":3}]})")));
    EXPECT_EQ(
        counts(run(
            cat(header, "globe,Globe,,,,,TRUE,Title,Default Title,G,shopify,10,deny,1,,active\n"))),
        "0/1/0/0");
    EXPECT_EQ(stock_of("G"), (Stock{7, 3, 10, true}));
    const Import less =
        run(cat(header, "globe,Globe,,,,,TRUE,Title,Default Title,G,shopify,2,deny,1,,active\n"));
    EXPECT_EQ(errors_of(less), "2:Variant Inventory Qty ");
    EXPECT_EQ(stock_of("G"), (Stock{7, 3, 10, true}));
}

TEST_F(ImportProducts, MergesRowsOfAHandleThatStandApart) {
    const std::string csv = cat(header,
                                "globe,Globe,,,,,TRUE,Colour,Red,G-R,shopify,4,deny,1,,active\n"
                                "cup,Cup,,,,,TRUE,Title,Default Title,C,shopify,1,deny,2,,active\n"
                                "globe,,,,,,,Colour,Blue,G-B,shopify,4,deny,1,,\n");
    EXPECT_EQ(counts(run(csv)), "2/0/0/0");
    EXPECT_EQ(get(guest(), "globe").json()["variants"].size(), 2u);
    EXPECT_EQ(counts(run(csv)), "0/0/2/0");
}

TEST_F(ImportProducts, ALaterRowDoesNotRenameAVariantThatTheFileHasNamed) {
    const std::string file =
        "Handle,Title,Variant SKU,Variant Price\np1,One,P1-A,1\np2,Two,P2-A,1\np1,,P1-B,2\n";
    for (const char* expected : {"2/0/0/1", "0/0/2/1"}) {
        const Import import = run(file);
        EXPECT_EQ(counts(import), expected);
        EXPECT_TRUE(errors_of(import).starts_with("4:")) << errors_of(import);
        EXPECT_NE(catalogue().find("P1-A"), std::string::npos);
        EXPECT_EQ(catalogue().find("P1-B"), std::string::npos);
    }
}

TEST_F(ImportProducts, ReportsBadRowsAndTakesTheGoodOnes) {
    const Import import = run(
        cat(header,
            "a,A,,,,,TRUE,Title,Default Title,A,shopify,1,deny,1.999,,active\n"  // 2: too precise
            "b,,,,,,TRUE,Title,Default Title,B,shopify,1,deny,1,,active\n"       // 3: no title
            "c,C,,,,,TRUE,Size,S,C1,shopify,1,deny,1,,active\n"                  // 4
            "c,,,,,,,Size,M,C1,shopify,1,deny,1,,\n"                             // 5: SKU twice
            "c,,,,,,,Size,S,C3,shopify,1,deny,1,,\n"                             // 6: size twice
            "c,,,,,,,Size,L,C4,shopify,1.5,deny,1,,\n"                           // 7: no number
            "c,,,,,,,Size,XL,C5,shopify,1,deny,1,,\n"                            // 8
            "d,D,,,,,maybe,Title,Default Title,D,shopify,1,deny,1,,active\n"     // 9: published?
            "e,E,,,,,TRUE,Title,Default Title,C1,shopify,1,deny,1,,active\n"     // 10: c's SKU
            "f,F,,,,,TRUE,Title,Default Title,F,shopify,1,deny,1,not a url,active\n"  // 11
            "g,bro\"ken,,,,,TRUE,Title,Default Title,G,shopify,1,deny,1,,active\n"    // 12
            ",,,,,,,,,X,,,,1,,\n"                                                  // 13: no product
            "h,H,,,,,TRUE,Title,Default Title,H,shopify,1,deny,1,,sold out\n"      // 14: status
            "i,\xFF,,,,,TRUE,Title,Default Title,I,shopify,1,deny,1,,active\n"));  // 15
    EXPECT_EQ(
        errors_of(import),
        "2:Variant Price 3:Title 5:Variant SKU 6:Option1 Value 7:Variant Inventory Qty 9:Published "
        "10:Variant SKU 11:Image Src 12:Title 13:Handle 14:Status 15:Title ");
    EXPECT_EQ(counts(import), "2/0/0/12");
    EXPECT_EQ(import.rows, 14);
    EXPECT_EQ(get(guest(), "c").json()["variants"].size(), 2u);
    EXPECT_EQ(get(guest(), "f").status, 200);
    const std::string before = catalogue();
    run(cat(header, "a,A,,,,,TRUE,Title,Default Title,A,shopify,1,deny,free,,active\n"));
    EXPECT_EQ(catalogue(), before);
}

TEST_F(ImportProducts, TakesStockBelowZeroAsZeroAndTellsSoOnce) {
    const auto csv = [](std::string_view red) {
        return cat(header, "globe,Globe,,,,,TRUE,Colour,Red,G-R,shopify,", red,
                   ",deny,1,,active\n"
                   "globe,,,,,,,Colour,Blue,G-B,shopify,-7,deny,1,,\n"
                   "cup,Cup,,,,,TRUE,Title,Default Title,C,shopify,-1,deny,2,,active\n");
    };
    const std::vector<std::string> told{
        "Stock below 0 is taken as 0: Variant Inventory Qty, first in row 3."};
    const Import first = run(csv("4"));
    EXPECT_EQ(counts(first), "2/0/0/0") << errors_of(first);
    EXPECT_EQ(first.warnings, told);
    const auto available = [&](const char* product, std::size_t variant) {
        return get(guest(), product).json()["variants"].at(variant)["available"].integer_or(-1);
    };
    EXPECT_EQ(available("globe", 0), 4);
    EXPECT_EQ(available("globe", 1), 0);
    EXPECT_EQ(available("cup", 0), 0);
    // What is there is lowered to zero; of another file it is told again.
    const Import second = run(csv("-2"));
    EXPECT_EQ(counts(second), "0/1/1/0") << errors_of(second);
    EXPECT_EQ(second.warnings.at(0),
              "Stock below 0 is taken as 0: Variant Inventory Qty, first in row 2.");
    EXPECT_EQ(available("globe", 0), 0);
}

TEST_F(ImportProducts, ReportsSkusThatStandTwiceInDistantRows) {
    const std::string csv = cat(header,
                                "globe,Globe,,,,,TRUE,Colour,Red,G,shopify,4,deny,1,,active\n"
                                "cup,Cup,,,,,TRUE,Title,Default Title,C,shopify,1,deny,2,,active\n"
                                "globe,,,,,,,Colour,Red,G,shopify,4,deny,9,,\n");
    EXPECT_EQ(errors_of(run(csv)), "4:Variant SKU ");
    EXPECT_EQ(errors_of(run(csv)), "4:Variant SKU ");
    EXPECT_EQ(get(guest(), "globe").json()["variants"].at(0)["price"]["amount"].integer_or(0), 100);
}

TEST_F(ImportProducts, LimitsVariantsOfOneProduct) {
    std::string csv = cat(header, "p,P,,,,,TRUE,N,v0,s0,shopify,1,deny,1,,active\n");
    for (int i = 1; i < variants_max + 3; ++i) {
        csv += cat("p,,,,,,,N,v", i, ",s", i, ",shopify,1,deny,1,,\n");
    }
    const Import import = run(csv);
    EXPECT_EQ(counts(import), "1/0/0/3");
    EXPECT_EQ(get(guest(), "p").json()["variants"].size(), 100u);
    EXPECT_EQ(counts(run(csv)), "0/0/1/3");
}

TEST_F(ImportProducts, ReportsVariantsThatAProductHasNoNumbersFor) {
    const std::string one = cat(header, "p,P,,,,,TRUE,N,v0,s0,shopify,1,deny,1,,active\n");
    run(one);
    had_variants(variants_ever_max - 1);
    const Import import = run(cat(one,
                                  "p,,,,,,,N,v1,s1,shopify,1,deny,1,,\n"  // 3: the last one
                                  "p,,,,,,,N,v2,s2,shopify,1,deny,1,,\n"  // 4
                                  "q,Q,,,,,TRUE,N,v0,t0,shopify,1,deny,1,,active\n"));
    EXPECT_EQ(errors_of(import), "4:Handle ");
    EXPECT_EQ(counts(import), "1/1/0/1");
}

TEST_F(ImportProducts, UpdatesTheStockOfManyVariants) {
    run(many_variants(variants_max, 1));
    EXPECT_EQ(counts(run(many_variants(variants_max, 7))), "0/1/0/0");
    EXPECT_EQ(stock_of("s0").on_hand, 7);
    EXPECT_EQ(stock_of("s99").on_hand, 7);
}

TEST_F(ImportProducts, RefusesWhatIsNoProductFile) {
    for (const std::string csv : {"", "a,b\n1,2\n", "\"Handle\n"}) {
        EXPECT_EQ(call(staff(), "start_import", {}, csv).code, "invalid_csv") << csv;
    }
    EXPECT_TRUE(memory.rows().empty());
    EXPECT_TRUE(media.keys().empty());
}

TEST_F(ImportProducts, ComesInAFileOfABoundedSizeThatIsNotHeldInMemory) {
    const auto route = std::ranges::find(table, "start_import", &Route::name);
    ASSERT_NE(route, table.end());
    EXPECT_EQ(route->body_max, import_bytes_max);
    EXPECT_TRUE(route->spool);
}

TEST_F(ImportProducts, IsQueuedAndWorkedOffInSlices) {
    std::string csv = header;
    const int count = static_cast<int>(import_slice_products) * 2 + 50;
    for (int i = 0; i < count; ++i) {
        csv += cat("p", i, ",P", i, ",,,,,TRUE,Title,Default Title,S", i,
                   ",shopify,1,deny,1,,active\n");
    }
    const Answer started = call(staff(), "start_import", {}, csv);
    ASSERT_EQ(started.status, 202);
    EXPECT_EQ(started.json()["status"].text_or(), "queued");
    work_off(2);
    const Answer done = call(staff(), "show_import", {{"import", started.json()["id"].text_or()}});
    EXPECT_EQ(done.json()["status"].text_or(), "completed");
    EXPECT_EQ(done.json()["products_created"].integer_or(0), count);
    EXPECT_EQ(done.json()["rows"].integer_or(0), count);
    EXPECT_EQ(events("souk.import.requested.v1").size(), 3u);
    EXPECT_TRUE(media.keys().empty());
}

TEST_F(ImportProducts, WithTheSameKeyIsOneImport) {
    Caller caller = staff();
    caller.idempotency =
        Idempotency{std::string(64, 'a'), std::string(64, 'b'), std::string(32, 'k')};
    const std::string csv = cat(header, "p,P,,,,,TRUE,,,S,shopify,1,deny,1,,active\n");
    const Answer first = call(caller, "start_import", {}, csv);
    const Answer again = call(caller, "start_import", {}, csv);
    EXPECT_EQ(again.response.text(), first.response.text());
    EXPECT_EQ(media.keys().size(), 1u);
    EXPECT_EQ(events("souk.import.requested.v1").size(), 1u);
}

TEST_F(ImportProducts, IsNotSeenByOtherStores) {
    const Answer started = call(staff(), "start_import", {},
                                cat(header, "p,P,,,,,TRUE,,,S,shopify,1,deny,1,,active\n"));
    Caller other = staff();
    other.store = other_store;
    EXPECT_EQ(call(other, "show_import", {{"import", started.json()["id"].text_or()}}).code,
              "not_found");
}

TEST_F(ImportProducts, DoesNotApproveOnBehalfOfSomebodyWhoMayNot) {
    require_moderation();
    const std::string id = sell("Globe", "G", 100, 5, R"(,"handle":"globe")");
    call(staff(), "approve_product", {{"product", id}});
    const auto csv = [&](const std::string& title) {
        return cat(header, "globe,", title,
                   ",,,,,TRUE,Title,Default Title,G,shopify,5,deny,1,,active\n");
    };
    const Answer started = call(as(Role::catalog), "start_import", {}, csv("Changed"));
    work_off();
    ASSERT_EQ(started.status, 202);
    EXPECT_EQ(get(staff(), id).json()["title"].text_or(), "Changed");
    EXPECT_FALSE(get(staff(), id).json()["approved"].bool_or(true));
}

// A key that may only write the catalogue could set any stock, and the history said "system".
TEST_F(ImportProducts, SetsNoStockOnBehalfOfSomebodyWhoMayNot) {
    const std::string id = sell("Globe", "G", 100, 5, R"(,"handle":"globe")");
    const auto csv = [&](std::string_view title, int stock) {
        return cat(header, "globe,", title, ",,,,,TRUE,Title,Default Title,G,shopify,", stock,
                   ",deny,1,,active\n");
    };
    Caller key = staff();
    std::erase(key.principal.permissions, Permission::inventory_write);
    ASSERT_EQ(call(key, "start_import", {}, csv("Changed", 999)).status, 202);
    work_off();
    EXPECT_EQ(stock_of("G").on_hand, 5);
    EXPECT_EQ(get(staff(), id).json()["title"].text_or(), "Changed");
    EXPECT_EQ(errors_of(the_import()), "2:Variant Inventory Qty ");
    ASSERT_EQ(call(key, "start_import", {}, csv("Again", 5)).status, 202);
    work_off();
    EXPECT_EQ(errors_of(the_import()), "") << "nothing was to be set";
    ASSERT_EQ(call(staff(), "start_import", {}, csv("Again", 7)).status, 202);
    work_off();
    EXPECT_EQ(stock_of("G").on_hand, 7);
}

TEST_F(ImportProducts, ReadsTwoHundredThousandRowsHoldingOneGroupAtATime) {
    class Endless final : public BodyReader {
    public:
        Result<std::string> next(std::size_t) override {
            if (row_ == 0) {
                ++row_;
                return std::string("Handle,Title\n");
            }
            std::string piece;
            for (int i = 0; i < 100 && row_ <= 200'000; ++i, ++row_) {
                piece += cat("p", row_ / 50, ",\n");
            }
            return piece;
        }
        std::uint64_t size() const override { return 0; }

    private:
        int row_ = 0;
    } file;
    CsvReader csv(file);
    const auto columns = Columns::parse(**csv.next());
    RowReader rows_of_file(csv, *columns);
    std::int64_t rows_seen = 0;
    for (auto group = *rows_of_file.next(); group; group = *rows_of_file.next()) {
        rows_seen += group->rows_read;
        ASSERT_LE(group->rows.size(), 50u);
    }
    EXPECT_EQ(rows_seen, 200'000);
}

}  // namespace souk::products
