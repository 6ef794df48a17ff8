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
        csv += cat("p", i % 9, ",P", i, ",,,,,TRUE,Size,", i, ",S", i == 11 ? 0 : i,
                   ",shopify,1,deny,", i == 5 ? "x" : "1", ",,active\n");
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
    EXPECT_EQ(import.rows, 12);
    for (int i = 0; i < 9; ++i) {
        if (i != 5) {
            EXPECT_EQ(get(staff(), cat("p", i)).json()["version"].integer_or(0), i < 3 ? 2 : 1)
                << i;
        }
    }
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

}  // namespace souk::products
