#include "products/import_shop.h"

/// That every import ends, and tells how.
namespace souk::products {

TEST_F(ImportProducts, KeepsAThousandErrorsAndCountsTheRest) {
    std::string csv = header;
    for (std::size_t i = 0; i < import_errors_kept + 50; ++i) {
        csv += cat("p", i, ",,,,,,,,,,,,,1,,\n");
    }
    const Import import = run(csv);
    EXPECT_EQ(import.errors.size(), import_errors_kept);
    EXPECT_EQ(import.errors_total, static_cast<std::int64_t>(import_errors_kept) + 50);
    EXPECT_EQ(call(staff(), "show_import", {{"import", import.id.text()}}).json()["errors"].size(),
              1000u);
}

TEST_F(ImportProducts, CutShortAnywhereCountsAndChangesNothingTwice) {
    std::string csv = header;
    for (int i = 0; i < 12; ++i) {
        csv +=
            cat("p", i % 9, ",P", i, ",,,,,TRUE,Size,", i, ",S", i == 11 ? 0 : i,
                ",shopify,1,deny,", i == 5 ? "x" : "1", ",,active\n", i % 3 == 2 ? "\n,,\n" : "");
    }
    const Answer started = call(staff(), "start_import", {}, csv);
    const ImportId id = ImportId::trusted(started.json()["id"].text_or());
    for (int deaths = 0;; ++deaths) {
        ASSERT_LT(deaths, 50);
        ledger.commits_left = 1;
        (void)products->imports().proceed(store_id, id, 0, "");
        restart();
        if (products->imports().find(store_id, id)->status == ImportStatus::completed) {
            break;
        }
    }
    const Import import = *products->imports().find(store_id, id);
    EXPECT_EQ(counts(import), "8/0/0/2") << errors_of(import);
    EXPECT_EQ(import.rows, 12) << "Blank lines are none.";
    EXPECT_EQ(errors_of(import), "9:Variant Price 19:Variant SKU ");
    for (int i = 0; i < 9; ++i) {
        if (i != 5) {
            EXPECT_EQ(get(staff(), cat("p", i)).json()["version"].integer_or(0), i < 2 ? 2 : 1)
                << i;
        }
    }
}

TEST_F(ImportProducts, CutShortAmongManyStocksDoesNotTakeBackASaleMadeMeanwhile) {
    constexpr int variants = 70;
    run(many_variants(variants, 1));
    const Answer started = call(staff(), "start_import", {}, many_variants(variants, 9));
    const ImportId id = ImportId::trusted(started.json()["id"].text_or());
    ledger.commits_left = 1;
    (void)products->imports().proceed(store_id, id, 0, "");
    restart();
    int sold = 0;
    for (int i = 0; i < variants; ++i) {
        if (stock_of(cat("s", i)).on_hand == 9) {
            call(staff(), "adjust_stock", {{"sku", cat("s", i)}},
                 R"({"delta":-1,"reason":"sold"})");
            ++sold;
        }
    }
    ASSERT_GT(sold, 0);
    ASSERT_LT(sold, variants);
    for (int deaths = 0; products->imports().find(store_id, id)->status != ImportStatus::completed;
         ++deaths) {
        ASSERT_LT(deaths, 50);
        ledger.commits_left = 1;
        (void)products->imports().proceed(store_id, id, 0, "");
        restart();
    }
    int left = 0;
    for (int i = 0; i < variants; ++i) {
        left += static_cast<int>(stock_of(cat("s", i)).on_hand);
    }
    EXPECT_EQ(left, variants * 9 - sold);
    EXPECT_EQ(counts(*products->imports().find(store_id, id)), "0/1/0/0");
}

// One row for every import that ever was: they only ever grew.
TEST_F(ImportProducts, CanBeAskedForUntilTheyAreForgotten) {
    const Answer started = call(staff(), "start_import", {}, one_product);
    const ImportId id = ImportId::trusted(started.json()["id"].text_or());
    environment.clock.advance(2 * imports_kept);
    EXPECT_TRUE(products->imports().find(store_id, id)) << "it is not over";
    work_off();
    environment.clock.advance(imports_kept - std::chrono::seconds(1));
    EXPECT_TRUE(products->imports().find(store_id, id));
    environment.clock.advance(std::chrono::seconds(1));
    const auto forgotten = products->imports().find(store_id, id);
    ASSERT_FALSE(forgotten);
    EXPECT_EQ(forgotten.error().code, souk::errors::not_found);
}

TEST_F(ImportProducts, WhoseFileIsGoneHasFailed) {
    const Answer started = call(staff(), "start_import", {},
                                cat(header, "p,P,,,,,TRUE,,,S,shopify,1,deny,1,,active\n"));
    for (const auto& key : media.keys()) {
        ASSERT_TRUE(media.erase(key));
    }
    work_off();
    EXPECT_EQ(call(staff(), "show_import", {{"import", started.json()["id"].text_or()}})
                  .json()["status"]
                  .text_or(),
              "failed");
}

TEST_F(ImportProducts, ThatWasAcceptedKeepsItsFileWhenTheAnswerIsLost) {
    memory.lose_answers(1);
    ledger.commits_left = 1;  // It happens; asking what became of it is in vain.
    EXPECT_EQ(call(staff(), "start_import", {}, one_product).code, "unknown_outcome");
    restart();
    work_off();
    EXPECT_EQ(the_import().status, ImportStatus::completed);
    EXPECT_EQ(get(guest(), "p").status, 200);
}

TEST_F(ImportProducts, ThatWasNotAcceptedKeepsNothing) {
    memory.refuse(1, souk::errors::ledger_unavailable);
    EXPECT_EQ(call(staff(), "start_import", {}, one_product).code, "ledger_unavailable");
    EXPECT_TRUE(memory.rows().empty());
    EXPECT_TRUE(media.keys().empty());
}

TEST_F(ImportProducts, WithMoreMistakesOfOneProductThanItsTraceCouldHoldComesToItsEnd) {
    std::string sku;
    for (int i = 0; i < sku_max; ++i) {
        sku += "\xF0\x9F\x98\x80";  // A character of four bytes.
    }
    std::string csv =
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory "
        "Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Variant Image\n";
    for (int i = 0; i < group_rows_max; ++i) {
        csv += cat("p,", i == 0 ? "P" : "", ",N,v,", sku, ",x,perhaps,x,x,",
                   std::string(barcode_max + 1, '1'), ",x,x\n");
    }
    ASSERT_EQ(call(staff(), "start_import", {}, csv).status, 202);
    ledger.commits_left = 1;  // The second time, its trace tells of the mistakes.
    EXPECT_FALSE(deliver(memory.events().front()));
    restart();
    work_off();
    const Import import = the_import();
    EXPECT_EQ(import.status, ImportStatus::completed);
    EXPECT_EQ(import.rows, group_rows_max);
    EXPECT_EQ(import.errors_total, 8 * group_rows_max - 1) << "the first has a SKU of its own";
    ASSERT_EQ(import.errors.size(), import_group_errors_kept + 1);
    EXPECT_EQ(import.errors.back().detail,
              cat("From here on the product's rows have ",
                  import.errors_total - std::ssize(import.errors) + 1, " more mistakes."));
}

TEST_F(ImportProducts, TellsAHundredMistakesOfOneProductAndHowManyMoreThereAre) {
    const auto mistaken = [&](std::size_t count) {
        std::string csv = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n";
        for (std::size_t i = 0; i < count; ++i) {
            csv += cat("p,P,N,v", i, ",x\n");
        }
        return run(csv);
    };
    const Import most = mistaken(import_group_errors_kept);
    EXPECT_EQ(most.errors_total, 100);
    EXPECT_EQ(most.errors.size(), 100u);
    EXPECT_EQ(most.errors.back().column, "Variant Price");
    const Import more = mistaken(import_group_errors_kept + 1);
    EXPECT_EQ(more.errors_total, 101);
    EXPECT_EQ(more.errors.size(), 101u);
    EXPECT_EQ(more.errors.back().row, 102);
    EXPECT_EQ(more.errors.back().detail, "From here on the product's rows have 1 more mistakes.");
}

TEST_F(ImportProducts, ThatCanNeverGoOnHasFailedAndTellsHowFarItCame) {
    const std::string id = sell("Globe", "G", 100, 5, R"(,"handle":"globe")");
    ASSERT_EQ(call(staff(), "start_import", {},
                   cat(one_product, "globe,Globe,,,,,TRUE,,,G,shopify,4,deny,1,,active\n"))
                  .status,
              202);
    spoil(cat("#product#", id));
    const Event message = memory.events().back();
    EXPECT_TRUE(deliver(message)) << "it would be buried, and nobody told";
    const Import import = the_import();
    ASSERT_EQ(import.status, ImportStatus::failed);
    EXPECT_EQ(counts(import), "1/0/0/1");
    EXPECT_EQ(import.rows, 1);
    EXPECT_EQ(import.errors.back().detail,
              "It cannot go on after 1 rows: Something went wrong on our side.");
    EXPECT_TRUE(media.keys().empty());
    EXPECT_TRUE(std::ranges::any_of(environment.telemetry.lines(), [](const auto& line) {
        return line.level == LogLevel::error && line.labels.at("code") == "corrupt_row";
    })) << "the operator is told what it was";
    const std::string before = everything();
    EXPECT_TRUE(deliver(message));
    environment.clock.advance(3 * import_patience);
    EXPECT_EQ(products->sweep(environment.clock.now()), 0);
    EXPECT_EQ(everything(), before);
}

TEST_F(ImportProducts, WhoseMistakesDoNotFitIntoItsRowHasFailed) {
    const std::string name(40, '\x01');  // Six times as long in JSON.
    std::string csv = "Handle,Title";
    for (int i = 0; i < 100; ++i) {
        csv += cat(",", name);
    }
    for (std::size_t i = 0; i < import_errors_kept; ++i) {
        csv += "\np,P,a\"b";
    }
    StringReader file(csv);
    const auto change =
        products->imports().start(staff(), *products->imports().receive(staff(), file));
    ASSERT_TRUE(rows.commit(change->changes));
    work_off();
    const Import import = the_import();
    ASSERT_EQ(import.status, ImportStatus::failed);
    EXPECT_EQ(import.errors_total, static_cast<std::int64_t>(import_errors_kept) + 1);
    ASSERT_EQ(import.errors.size(), 1u);
    EXPECT_TRUE(import.errors.front().detail.starts_with("It cannot go on after 1000 rows: "));
}

TEST_F(ImportProducts, WhoseMessageDiedIsTakenUpAgainByTheSweep) {
    ASSERT_EQ(call(staff(), "start_import", {}, one_product).status, 202);
    media.become(MemoryMedia::Health::unavailable);
    EXPECT_FALSE(deliver(memory.events().back()));
    media.become(MemoryMedia::Health::well);
    environment.clock.advance(import_patience);
    EXPECT_EQ(products->sweep(environment.clock.now()), 0) << "its message may be tried still";
    environment.clock.advance(import_patience);
    EXPECT_EQ(products->sweep(environment.clock.now()), 1);
    EXPECT_EQ(products->sweep(environment.clock.now()), 0) << "once is enough for a while";
    ASSERT_EQ(events("souk.import.requested.v1").size(), 2u);
    EXPECT_TRUE(deliver(memory.events().back()));
    EXPECT_EQ(the_import().status, ImportStatus::completed);
    EXPECT_EQ(counts(the_import()), "1/0/0/0");
    work_off(2);
    EXPECT_EQ(get(staff(), "p").json()["version"].integer_or(0), 1);
    environment.clock.advance(3 * import_patience);
    EXPECT_EQ(products->sweep(environment.clock.now()), 0);
}

TEST_F(ImportProducts, ThatGetsFurtherIsLeftAloneByTheSweep) {
    std::string csv = "Handle,Title\n";
    for (std::size_t i = 0; i < import_slice_products * 3; ++i) {
        csv += cat("p", i, ",\n");
    }
    ASSERT_EQ(call(staff(), "start_import", {}, csv).status, 202);
    for (int slice = 0; slice < 3; ++slice) {
        environment.clock.advance(import_patience);
        EXPECT_TRUE(deliver(memory.events().back()));
        EXPECT_EQ(products->sweep(environment.clock.now()), 0) << slice;
    }
    EXPECT_EQ(events("souk.import.requested.v1").size(), 4u) << "one a slice, and the end";
}

TEST_F(ImportProducts, TellsOfStockBelowZeroOnceHoweverManySlicesItHas) {
    std::string csv = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n";
    for (std::size_t i = 0; i < import_slice_products * 2; ++i) {
        csv += cat("p", i, ",P,S", i, ",1,-3\n");
    }
    ASSERT_EQ(call(staff(), "start_import", {}, csv).status, 202);
    work_off(2);
    EXPECT_EQ(the_import().status, ImportStatus::completed);
    EXPECT_EQ(the_import().errors_total, 0);
    EXPECT_EQ(the_import().warnings,
              std::vector<std::string>{
                  "Stock below 0 is taken as 0: Variant Inventory Qty, first in row 2."});
}

TEST_F(ImportProducts, KeepsItsEntryOfTheIndexForMoreThanOneSlice) {
    std::string csv = "Handle,Title\n";
    for (std::size_t i = 0; i < import_slice_products * 2; ++i) {
        csv += cat("p", i, ",\n");
    }
    ASSERT_EQ(call(staff(), "start_import", {}, csv).status, 202);
    const auto entry = [&] {
        for (const auto& row : memory.rows()) {
            if (row.key.sort == "import") {
                return row.index[1];
            }
        }
        return std::optional<IndexKey>{};
    };
    const auto before = entry();
    ASSERT_TRUE(before);
    environment.clock.advance(std::chrono::seconds(10));
    EXPECT_TRUE(deliver(memory.events().back()));
    EXPECT_EQ(the_import().status, ImportStatus::running);
    EXPECT_EQ(entry(), before);
}

TEST_F(ImportProducts, ThatGotNoFurtherInManyTriesHasFailed) {
    ASSERT_EQ(call(staff(), "start_import", {}, one_product).status, 202);
    for (std::int64_t i = 0; i < import_resumptions_max; ++i) {
        environment.clock.advance(2 * import_patience);
        EXPECT_EQ(products->sweep(environment.clock.now()), 1);
    }
    media.become(MemoryMedia::Health::unavailable);
    EXPECT_FALSE(deliver(memory.events().back()));
    EXPECT_EQ(the_import().status, ImportStatus::queued) << "this is the last try, not the end";
    media.become(MemoryMedia::Health::well);
    environment.clock.advance(2 * import_patience);
    EXPECT_EQ(products->sweep(environment.clock.now()), 1);
    EXPECT_TRUE(deliver(memory.events().back()));
    EXPECT_EQ(the_import().status, ImportStatus::failed);
    EXPECT_EQ(the_import().errors_total, 1);
    EXPECT_TRUE(media.keys().empty());
}

std::string two_slices() {
    std::string csv = "Handle,Title\n";
    for (std::size_t i = 0; i < import_slice_products * 2; ++i) {
        csv += cat("p", i, ",\n");
    }
    return csv;
}

TEST_F(ImportProducts, OfTheCommandLineEndsAfterASliceWhenToldTo) {
    StringReader file(two_slices());
    std::int64_t rows_done = 0;
    const auto ended =
        products->imports().run(staff(), file, [&](const Import& import) -> Result<void> {
            rows_done = import.rows;
            return fail(errors::unavailable, "stopped");
        });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().detail, "stopped");
    EXPECT_EQ(rows_done, static_cast<std::int64_t>(import_slice_products));
}

TEST_F(ImportProducts, OfTheCommandLineIsNotTheSweepsAffair) {
    StringReader file(two_slices());
    const auto cut_short =
        products->imports().run(staff(), file, [&](const Import&) -> Result<void> {
            ledger.commits_left = 0;
            return {};
        });
    EXPECT_FALSE(cut_short);
    restart();
    environment.clock.advance(3 * import_patience);
    EXPECT_EQ(products->sweep(environment.clock.now()), 0);
    EXPECT_TRUE(events("souk.import.requested.v1").empty());
}

}  // namespace souk::products
