#include "products/import_shop.h"
#include "support/overtaken_ledger.h"

/// An import beside which somebody acts between what it has read and what it commits.
namespace souk::products {

class ImportRaces : public ImportProducts {
protected:
    testing::OvertakenLedger overtaken{ledger};
    Products elsewhere{ServiceLedger{overtaken, "products", environment.environment()},
                       AllStores::granted_by_composition_root(), directory, media};

    static std::string globes(int stock) {
        return cat(header, "globe,Globe,,,,,TRUE,Title,Default Title,G,shopify,", stock,
                   ",deny,1,,active\n");
    }
    Import run_elsewhere(const std::string& csv) {
        StringReader file(csv);
        const auto import = elsewhere.imports().run(
            staff(), file, [](const Import&) -> Result<void> { return {}; });
        EXPECT_TRUE(import) << import.error().detail;
        return import ? *import : Import{.id = ImportId::trusted("none")};
    }
    /// An import of two slices and a product, of which nothing is done yet.
    ImportId of_three_slices() {
        std::string csv = "Handle,Title,Variant SKU,Variant Price\n";
        for (std::size_t i = 0; i < 2 * import_slice_products + 1; ++i) {
            csv += cat("p", i, ",P,S", i, ",1\n");
        }
        const Answer started = call(staff(), "start_import", {}, csv);
        EXPECT_EQ(started.status, 202);
        return ImportId::trusted(started.json()["id"].text_or());
    }
};

TEST_F(ImportRaces, AStockThatChangesMeanwhileEndsAsTheFileSays) {
    run(globes(1));
    overtaken.before_commit = [&] {
        call(staff(), "adjust_stock", {{"sku", "G"}}, R"({"delta":5,"reason":"found"})");
    };
    EXPECT_EQ(counts(run_elsewhere(globes(9))), "0/1/0/0");
    EXPECT_EQ(stock_of("G"), (Stock{9, 0, 9, true}));
}

TEST_F(ImportRaces, WhatIsReservedMeanwhileStaysReserved) {
    run(globes(4));
    overtaken.before_commit = [&] {
        ASSERT_TRUE(
            deliver(order_event("souk.order.placed.v1", environment.environment().fresh<OrderId>(),
                                R"({"stock":[{"sku":"G","quantity":3}]})")));
    };
    EXPECT_EQ(errors_of(run_elsewhere(globes(2))), "2:Variant Inventory Qty ");
    EXPECT_EQ(stock_of("G"), (Stock{1, 3, 4, true}));
}

TEST_F(ImportRaces, ASliceThatIsAskedForOnceMoreAfterItWasDoneTakesNoOther) {
    const ImportId id = of_three_slices();
    ASSERT_TRUE(products->imports().proceed(store_id, id, 0, ""));
    const Import after_one = *products->imports().find(store_id, id);
    ASSERT_TRUE(products->imports().proceed(store_id, id, 0, ""));
    EXPECT_EQ(products->imports().find(store_id, id)->version, after_one.version);
    EXPECT_EQ(events("souk.import.requested.v1").size(), 2u);
}

TEST_F(ImportRaces, ASliceThatIsTakenTwiceAtOnceAsksForTheNextOnce) {
    const ImportId id = of_three_slices();
    overtaken.before_commit = [&] {
        ASSERT_TRUE(products->imports().proceed(store_id, id, 0, ""));
    };
    ASSERT_TRUE(elsewhere.imports().proceed(store_id, id, 0, ""));
    EXPECT_EQ(events("souk.import.requested.v1").size(), 2u);
    work_off();
    EXPECT_EQ(counts(the_import()), cat(2 * import_slice_products + 1, "/0/0/0"));
}

TEST_F(ImportRaces, ASliceThatIsDoneWhileTheSweepLooksIsNotTakenBack) {
    const ImportId id = of_three_slices();
    environment.clock.advance(2 * import_patience);
    overtaken.before_commit = [&] {
        ASSERT_TRUE(products->imports().proceed(store_id, id, 0, ""));
    };
    ASSERT_TRUE(elsewhere.sweep(environment.clock.now()));
    EXPECT_GT(products->imports().find(store_id, id)->offset, 0u);
    EXPECT_EQ(events("souk.import.requested.v1").size(), 2u) << "nobody asks for it again";
}

TEST_F(ImportRaces, WhoFindsNoFileDoesNotSayThatItFailedOnceItIsDone) {
    const Answer started = call(staff(), "start_import", {}, one_product);
    const ImportId id = ImportId::trusted(started.json()["id"].text_or());
    const std::string key = the_import().key;
    ASSERT_TRUE(media.erase(key));
    overtaken.before_commit = [&] {
        StringReader file(one_product);
        ASSERT_TRUE(media.store(key, file));
        ASSERT_TRUE(products->imports().proceed(store_id, id, 0, ""));
    };
    EXPECT_FALSE(elsewhere.imports().proceed(store_id, id, 0, ""));
    EXPECT_EQ(the_import().status, ImportStatus::completed);
    EXPECT_EQ(counts(the_import()), "1/0/0/0");
}

}  // namespace souk::products
