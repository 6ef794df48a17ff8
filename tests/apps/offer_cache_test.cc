#include "apps/services/offer_cache.h"

#include "domain/ports/unit_of_work.h"
#include "products/shop.h"

namespace souk::products {
namespace {

class KeptOffers : public Shop {
protected:
    gateway::CommitEpochs epochs;
    gateway::TrackedLedger tracked{ledger, epochs};
    Products catalog{ServiceLedger(tracked, "products", environment.environment()),
                     AllStores::granted_by_composition_root(), directory, media};
    app::OfferCache offers{catalog, epochs, 1024 * 1024};

    KeptOffers() { memory.observe(epochs); }

    std::vector<std::optional<Offer>> offered(const std::vector<std::string>& skus) {
        const auto found = offers.offers(store_id, skus);
        EXPECT_TRUE(found);
        return *found;
    }
    std::size_t rows_read_for(const std::vector<std::string>& skus) {
        const std::size_t before = ledger.rows_read;
        offered(skus);
        return ledger.rows_read - before;
    }
};

TEST_F(KeptOffers, AreTheCataloguesInTheOrderAsked) {
    sell("Globe", "G", 100, 5);
    sell("Map", "M", 200, 5);
    for (int round = 0; round < 2; ++round) {
        const auto found = offered({"M", "none", "G", "M"});
        ASSERT_EQ(found.size(), 4U);
        EXPECT_EQ(found[0]->title, "Map");
        EXPECT_FALSE(found[1]);
        EXPECT_EQ(found[2]->unit_price.amount, 100);
        EXPECT_EQ(found[3]->sku, "M");
    }
}

TEST_F(KeptOffers, AreMadeOnce) {
    sell("Globe", "G", 100, 5);
    EXPECT_GT(rows_read_for({"G"}), 0U);
    EXPECT_EQ(rows_read_for({"G", "G"}), 0U);
}

TEST_F(KeptOffers, ChangeWithTheirProductAtOnce) {
    const std::string globe = sell("Globe", "G", 100, 5);
    sell("Map", "M", 200, 5);
    offered({"G", "M"});
    ASSERT_EQ(call(staff(), "archive_product", {{"product", globe}}).status, 200);
    const auto found = offered({"G", "M"});
    EXPECT_FALSE(found[0]->sellable);
    EXPECT_TRUE(found[1]->sellable);
}

TEST_F(KeptOffers, OutliveWhatHappensToOtherRows) {
    sell("Globe", "G", 100, 5);
    offered({"G"});
    sell("Map", "M", 200, 5);
    ASSERT_TRUE(
        deliver(order_event("souk.order.placed.v1", environment.environment().fresh<OrderId>(),
                            R"({"stock":[{"sku":"G","quantity":2}]})")));
    EXPECT_EQ(stock_of("G").available, 3);
    EXPECT_EQ(rows_read_for({"G"}), 0U);
}

TEST_F(KeptOffers, DoNotHideAProductThatComesLater) {
    EXPECT_FALSE(offered({"G"})[0]);
    sell("Globe", "G", 100, 5);
    EXPECT_TRUE(offered({"G"})[0]);
}

TEST_F(KeptOffers, AreOneStoresOwn) {
    sell("Globe", "G", 100, 5);
    offered({"G"});
    EXPECT_FALSE((*offers.offers(other_store, {"G"}))[0]);
}

TEST_F(KeptOffers, AreNotKeptWhenNobodySeesWhatTheyAreMadeFrom) {
    const app::OfferCache blind(*products, epochs, 1024 * 1024);
    const std::string globe = sell("Globe", "G", 100, 5);
    EXPECT_TRUE((*blind.offers(store_id, {"G"}))[0]->sellable);
    ASSERT_EQ(call(staff(), "archive_product", {{"product", globe}}).status, 200);
    EXPECT_FALSE((*blind.offers(store_id, {"G"}))[0]->sellable);
}

}  // namespace
}  // namespace souk::products
