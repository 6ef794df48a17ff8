#include <functional>

#include "domain/products/limits.h"
#include "domain/products/listing.h"
#include "products/shop.h"
#include "support/overtaken_ledger.h"

/// A change that no commit holds, and somebody who acts between its steps.
namespace souk::products {

class LargeProductRaces : public Shop {
protected:
    testing::OvertakenLedger overtaken{ledger};
    ServiceLedger overtaken_rows{overtaken, "products", environment.environment()};
    ProductEditor editor{rows, directory, media};
    ProductEditor slow{overtaken_rows, directory, media};

    Product with_skus(const std::string& handle, const std::vector<std::string>& skus) {
        std::string variants;
        for (const auto& sku : skus) {
            variants += cat(variants.empty() ? "" : ",", R"({"sku":")", sku,
                            R"(","price":{"amount":100,"currency":"EUR"},"option_values":{"N":")",
                            sku, "\"}}");
        }
        const std::string id =
            create(cat(R"({"title":"Thing","handle":")", handle,
                       R"(","status":"published","variants":[)", variants, "]}"));
        return products->product(staff(), id)->product;
    }
    /// The product with so many variants more, each with this stock, and so many tags.
    static ProductPatch grown(const Product& before, std::string_view prefix, int more,
                              std::int64_t stock, int tags = 0) {
        std::vector<VariantPatch> variants;
        for (const auto& variant : before.variants) {
            variants.push_back({.id = variant.id});
        }
        for (int i = 0; i < more; ++i) {
            variants.push_back({.sku = cat(prefix, i),
                                .option_values = std::vector<NamedText>{{"N", cat(prefix, i)}},
                                .price = before.variants[0].price,
                                .stock_on_hand = stock});
        }
        ProductPatch patch;
        patch.variants = std::move(variants);
        if (tags > 0) {
            patch.tags.emplace();
        }
        for (int i = 0; i < tags; ++i) {
            patch.tags->push_back(cat("tag", i));
        }
        return patch;
    }
    /// Fails to change the product to this, since somebody acts once the rows that it is about to
    /// add have been announced.
    void loses(const Product& before, ProductPatch patch, const std::function<void()>& act) {
        const std::function<void()> once_announced = [&] {
            if (surplus_rows(before) == 0) {
                overtaken.after_commit = once_announced;  // Those were its words.
            } else {
                act();
            }
        };
        overtaken.after_commit = once_announced;
        const auto changed = slow.change(staff(), before, std::move(patch));
        ASSERT_FALSE(changed);
        EXPECT_EQ(changed.error().code, souk::errors::ledger_conflict);
    }
    void tidy(const Product& product) {
        ASSERT_TRUE(ProductWriter(rows, store_id).tidy(product.id));
    }
    std::size_t surplus_rows(const Product& product) {
        return rows_with(cat("product#", product.id.text())) - 1;
    }
};

TEST_F(LargeProductRaces, ATidyBeforeTheFirstRowsAreAddedLeavesNoneBehind) {
    const Product before = with_skus("thing", {"a", "b"});
    const std::size_t stocked = rows_with("stock#");
    loses(before, grown(before, "x", 60, 5), [&] { tidy(before); });
    EXPECT_EQ(rows_with("sku#"), 2u);
    EXPECT_EQ(rows_with("stock#"), stocked);
}

TEST_F(LargeProductRaces, ASmallChangeThatIsFasterKeepsTheStockOfItsVariant) {
    const Product before = with_skus("thing", {"a", "b"});
    const auto small = editor.change(staff(), before, grown(before, "y", 1, 3));
    ASSERT_TRUE(small);
    loses(before, grown(before, "x", 60, 5), [&] { ASSERT_TRUE(rows.commit(small->changes)); });
    tidy(before);
    EXPECT_EQ(stock_of("y0").on_hand, 3);
    EXPECT_EQ(rows_with("sku#"), 3u);
}

TEST_F(LargeProductRaces, ASkuThatAnotherProductIsFasterToTakeStaysIts) {
    const Product before = with_skus("thing", {"a", "b"});
    loses(before, grown(before, "x", 60, 5), [&] { with_skus("other", {"x0"}); });
    tidy(before);
    EXPECT_EQ(rows_with("sku#"), 3u);
    EXPECT_TRUE((*products->offers(store_id, {"x0"}))[0]);
}

TEST_F(LargeProductRaces, WhatAProductComesToHaveWhileItIsTidiedIsNotSurplus) {
    const Product before = with_skus("thing", {"a", "b"});
    ASSERT_TRUE(editor.change(staff(), before, grown(before, "x", 1, 5, tags_max)))
        << "and its changes are never committed";
    ASSERT_GT(surplus_rows(before), 0u);
    overtaken.before_commit = [&] {
        ASSERT_EQ(call(staff(), "change_product", {{"product", before.id.text()}},
                       R"({"tags":["tag0","tag1","tag10","tag11"]})")
                      .status,
                  200);
    };
    ASSERT_TRUE(ProductWriter(overtaken_rows, store_id).tidy(before.id));
    EXPECT_EQ(surplus_rows(before), 0u);
    const auto product = *ProductRepository(rows.store(store_id)).find_by_handle("thing");
    EXPECT_EQ(product->tags.size(), 4u);
    EXPECT_EQ(rows_with("list#"), list_keys(*product).size());
}

}  // namespace souk::products
