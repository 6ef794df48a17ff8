#include "products/shop.h"

namespace souk::products {

/// Two requests that decided on the same rows: the commit lets one of them win.
class ProductRaces : public Shop {
protected:
    static ProductPatch thing(std::string handle, std::string sku) {
        ProductPatch patch;
        patch.title = handle;
        patch.handle = std::move(handle);
        patch.variants = {{.sku = std::move(sku), .price = Money{*Currency::parse("EUR"), 100}}};
        return patch;
    }
    void one_is_made(const ProductPatch& one, const ProductPatch& other) {
        const auto first = products->create(staff(), one);
        const auto second = products->create(staff(), other);
        ASSERT_TRUE(first && second);
        ASSERT_TRUE(rows.commit(first->changes));
        const auto lost = rows.commit(second->changes);
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error().code, souk::errors::ledger_conflict);
    }
};

TEST_F(ProductRaces, OneSkuIsOneProducts) { one_is_made(thing("red", "A"), thing("blue", "A")); }

TEST_F(ProductRaces, OneHandleIsOneProducts) { one_is_made(thing("red", "A"), thing("red", "B")); }

}  // namespace souk::products
