#include "apps/services/store_cache.h"

#include <gtest/gtest.h>

#include "stores/town.h"

namespace souk::testing {
namespace {

class KeptStores : public ::testing::Test {
protected:
    Town town;
    gateway::CommitEpochs epochs;
    gateway::TrackedLedger tracked{town.ledger, epochs};
    stores::Stores directory{ServiceLedger(tracked, "stores", town.setting.environment()),
                             AllStores::granted_by_composition_root(), town.users};
    app::StoreCache kept{directory, epochs, 1024 * 1024};
    UserId owner = town.staff("owner@example.com");
    StoreId shop = town.open(owner, "shop");

    KeptStores() { town.ledger.observe(epochs); }

    /// The partitions that asking reads now, or would have read.
    template <class Ask>
    static std::size_t seen_by(Ask ask) {
        gateway::TrackedLedger::Recording recording;
        EXPECT_TRUE(ask());
        return recording.seen()->size();
    }
};

TEST_F(KeptStores, AnswerAsTheDirectoryDoes) {
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(*kept.resolve("shop"), shop);
        EXPECT_EQ(*kept.resolve(shop.text()), shop);
        EXPECT_EQ(*kept.resolve("none"), std::nullopt);
        EXPECT_EQ(kept.store(shop)->slug, "shop");
        EXPECT_EQ(kept.store(StoreId::trusted("store_none")).error().code, souk::errors::not_found);
    }
}

TEST_F(KeptStores, ChangeWithTheirSettingsAtOnce) {
    EXPECT_EQ(kept.store(shop)->name, "A shop");
    ASSERT_TRUE(town.update(staff_of(shop, owner, Role::owner), R"({"name":"Another"})"));
    EXPECT_EQ(kept.store(shop)->name, "Another");
}

TEST_F(KeptStores, LoseTheirFormerNameAtOnce) {
    EXPECT_EQ(*kept.resolve("shop"), shop);
    ASSERT_TRUE(town.update(staff_of(shop, owner, Role::owner), R"({"slug":"market"})"));
    EXPECT_EQ(*kept.resolve("shop"), std::nullopt);
    EXPECT_EQ(*kept.resolve("market"), shop);
}

TEST_F(KeptStores, AppearAsSoonAsTheyAreOpened) {
    EXPECT_EQ(*kept.resolve("second"), std::nullopt);
    EXPECT_EQ(*kept.resolve("second"), std::nullopt);
    const StoreId second = town.open(owner, "second");
    EXPECT_EQ(*kept.resolve("second"), second);
}

TEST_F(KeptStores, TellAPageThatIsMadeOfThemWhatToWatch) {
    const auto ask = [&] { return kept.resolve("shop"); };
    const std::size_t read = seen_by(ask);
    EXPECT_GT(read, 0U);
    EXPECT_EQ(seen_by(ask), read);
}

}  // namespace
}  // namespace souk::testing
