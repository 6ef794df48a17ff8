#include "domain/products/limits.h"
#include "domain/products/product.h"
#include "products/shop.h"

namespace souk::products {

TEST(Terms, AreWordsOfAnyScript) {
    EXPECT_EQ(terms_of("Grün, RED-globe 10124A!"),
              (std::vector<std::string>{"grun", "red", "globe", "10124a"}));
    EXPECT_TRUE(terms_of("—!?").empty());
}

TEST(Terms, AreCutAtACharactersEnd) {
    const std::string most(term_bytes_max, 'x');
    EXPECT_EQ(terms_of(most), std::vector<std::string>{most});
    EXPECT_EQ(terms_of(most + "y"), std::vector<std::string>{most});
    EXPECT_EQ(terms_of(most.substr(1) + "ж"), std::vector<std::string>{most.substr(1)});
}

TEST(Terms, OfAProductAreTheFirstDifferentOnes) {
    Product product{.id = ProductId::trusted("prod_1")};
    product.vendor = "Acme";
    for (std::size_t i = 1; i < terms_max; ++i) {
        product.title += cat("Word", i, " Word1 ");
    }
    EXPECT_EQ(search_terms(product).size(), terms_max);
    EXPECT_TRUE(search_terms(product).contains("acme"));
    product.title += "last";
    EXPECT_EQ(search_terms(product).size(), terms_max);
    EXPECT_TRUE(search_terms(product).contains("last"));
    EXPECT_FALSE(search_terms(product).contains("acme"));
}

}  // namespace souk::products
