#include "domain/products/limits.h"
#include "domain/products/listing.h"
#include "products/shop.h"

namespace souk::products {

using LargeProduct = Shop;

std::string large(const std::string& handle, const std::string& sku_prefix, int variants,
                  int tags) {
    std::string list;
    for (int i = 0; i < variants; ++i) {
        list +=
            cat(list.empty() ? "" : ",", R"({"sku":")", sku_prefix, i, R"(","stock_on_hand":)", i,
                R"(,"price":{"amount":100,"currency":"EUR"},"option_values":{"N":")", i, "\"}}");
    }
    std::string words;
    for (int i = 0; i < tags; ++i) {
        words += cat(words.empty() ? "" : ",", "\"tag", i, "\"");
    }
    return cat(R"({"title":"Large thing","handle":")", handle, R"(","status":"published","tags":[)",
               words, R"(],"variants":[)", list, "]}");
}

TEST_F(LargeProduct, IsMadeWholeAlthoughNoCommitHoldsIt) {
    create(large("big", "b", variants_max, tags_max));
    EXPECT_GT(ledger.commits, 3);
    EXPECT_EQ(get(guest(), "big").json()["variants"].size(), 100u);
    EXPECT_EQ(stock_of("b99").available, 99);
    const auto product = *ProductRepository(rows.store(store_id)).find_by_handle("big");
    EXPECT_EQ(rows_with("list#"), list_keys(*product).size());
    EXPECT_EQ(rows_with(cat("product#", product->id.text())), 1u) << "no surplus row is left";
    EXPECT_EQ(memory.events().size(), 1u);
}

TEST_F(LargeProduct, IsDeletedWithoutARest) {
    const std::string id = create(large("big", "b", variants_max, tags_max));
    EXPECT_EQ(call(staff(), "delete_product", {{"product", id}}).status, 204);
    EXPECT_TRUE(only_words_left()) << everything();
}

TEST_F(LargeProduct, CanBeRenamedInEveryRow) {
    const std::string id = create(large("big", "b", 3, tags_max));
    ASSERT_EQ(
        call(staff(), "change_product", {{"product", id}}, R"({"title":"Another name"})").status,
        200);
    const auto product = *ProductRepository(rows.store(store_id)).find_by_handle("big");
    EXPECT_EQ(rows_with("list#"), list_keys(*product).size());
}

TEST_F(LargeProduct, CutShortAnywhereLeavesTheCatalogueRightAndIsSweptAway) {
    for (int commits = 0; commits < 20; ++commits) {
        restart();
        ledger.commits_left = commits;
        const Answer made = call(staff(), "create_product", {}, large("big", "b", 60, tags_max));
        restart();
        if (made.status == 201) {
            EXPECT_EQ(get(guest(), "big").json()["variants"].size(), 60u);
            environment.clock.advance(surplus_due);
            ASSERT_TRUE(products->sweep(environment.clock.now()));
            const auto product = *ProductRepository(rows.store(store_id)).find_by_handle("big");
            EXPECT_EQ(rows_with("list#"), list_keys(*product).size());
            EXPECT_EQ(rows_with("sku#"), 60u);
            return;
        }
        EXPECT_EQ(get(guest(), "big").code, "not_found");
        EXPECT_EQ(call(guest(), "list_products").json()["items"].size(), 0u);
        EXPECT_FALSE((*products->offers(store_id, {"b0"}))[0]);
        environment.clock.advance(surplus_due);
        ASSERT_TRUE(products->sweep(environment.clock.now()));
        EXPECT_TRUE(only_words_left()) << commits << "\n" << everything();
    }
    FAIL() << "it never came to an end";
}

TEST_F(LargeProduct, TakesOverSkusThatAnotherOneClaimedAndNeverGot) {
    // The words, the surplus row and a first chunk, which holds the SKUs.
    ledger.commits_left = 3;
    ASSERT_NE(call(staff(), "create_product", {}, large("first", "b", 60, tags_max)).status, 201);
    restart();
    ASSERT_GT(rows_with("sku#"), 0u);
    create(large("second", "b", 60, tags_max));
    EXPECT_TRUE((*products->offers(store_id, {"b0"}))[0]);
    EXPECT_EQ(rows_with("sku#"), 60u);
}

TEST_F(LargeProduct, UnderWayLosesAgainstATidyAndBeginsAgain) {
    // The tidy of a claim happens between the first steps and the product's own commit.
    const ProductWriter writer(rows, store_id);
    const std::string body = large("big", "b", 60, tags_max);
    const auto document = JsonDocument::parse(body);
    const ProductEditor editor(rows, directory, media);
    auto slow = editor.create(staff(), parse_product_patch(document->root()));
    ASSERT_TRUE(slow);
    const ProductId id = slow->value.product.id;
    ASSERT_TRUE(writer.tidy(id));
    const auto committed = rows.commit(slow->changes);
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, souk::errors::ledger_conflict);
    EXPECT_TRUE(only_words_left()) << everything();
}

// The product was there without the rows that a half-done tidy had taken.
TEST_F(LargeProduct, UnderWayLosesAgainstATidyThatIsHalfThrough) {
    const ProductWriter writer(rows, store_id);
    const auto document = JsonDocument::parse(large("big", "b", 60, tags_max));
    const ProductEditor editor(rows, directory, media);
    auto slow = editor.create(staff(), parse_product_patch(document->root()));
    ASSERT_TRUE(slow);
    ledger.commits_left = 1;
    EXPECT_FALSE(writer.tidy(slow->value.product.id));
    ledger.commits_left = -1;
    const auto committed = rows.commit(slow->changes);
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, souk::errors::ledger_conflict);
    ASSERT_TRUE(writer.tidy(slow->value.product.id));
    EXPECT_TRUE(only_words_left()) << everything();
}

// A new variant met the stock row of one that never came to be, until the sweep ten minutes later.
TEST_F(LargeProduct, AVariantCanBeAddedAtOnceAfterALargeChangeThatLost) {
    const std::string id = create(large("big", "b", 2, tags_max));
    const Product before = products->product(staff(), id)->product;
    ProductPatch patch;
    std::vector<VariantPatch> variants;
    for (const auto& variant : before.variants) {
        variants.push_back({.id = variant.id});
    }
    for (int i = 2; i < 90; ++i) {
        variants.push_back({.sku = cat("x", i),
                            .option_values = std::vector<NamedText>{{"N", cat("x", i)}},
                            .price = before.variants[0].price,
                            .stock_on_hand = 5});
    }
    patch.variants = std::move(variants);
    const ProductEditor editor(rows, directory, media);
    ASSERT_TRUE(editor.change(staff(), before, std::move(patch)));  // And never committed.
    const Answer added = call(staff(), "add_variant", {{"product", id}},
                              R"({"sku":"y","option_values":{"N":"y"},"price":{"amount":100,)"
                              R"("currency":"EUR"},"stock_on_hand":3})");
    EXPECT_EQ(added.status, 201) << added.code;
    EXPECT_EQ(stock_of("y").on_hand, 3);
    EXPECT_FALSE(stock_of("x2").kept);
}

TEST_F(LargeProduct, ChangesThatRaceOverTheSameVariantsDoNotMixTheirStock) {
    const std::string id = create(large("big", "b", 2, tags_max));
    const Product before = products->product(staff(), id)->product;
    const ProductEditor editor(rows, directory, media);
    const auto grown = [&](const std::string& prefix, std::int64_t stock) {
        ProductPatch patch;
        std::vector<VariantPatch> variants;
        for (const auto& variant : before.variants) {
            variants.push_back({.id = variant.id});
        }
        for (int i = 2; i < 90; ++i) {
            variants.push_back({.sku = cat(prefix, i),
                                .option_values = std::vector<NamedText>{{"N", cat(prefix, i)}},
                                .price = before.variants[0].price,
                                .stock_on_hand = stock});
        }
        patch.variants = std::move(variants);
        return patch;
    };
    auto abandoned = editor.change(staff(), before, grown("x", 5));
    ASSERT_TRUE(abandoned);
    auto second = rerun([&] { return editor.change(staff(), before, grown("y", 8)); });
    ASSERT_TRUE(second);
    ASSERT_TRUE(rows.commit(second->changes));
    EXPECT_FALSE(rows.commit(abandoned->changes));
    EXPECT_EQ(stock_of("y2").on_hand, 8);
    EXPECT_FALSE(stock_of("x2").kept);
}

}  // namespace souk::products
