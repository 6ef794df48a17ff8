#include <algorithm>
#include <tuple>

#include "carts/basket.h"

namespace souk::testing {
namespace {

using carts::CartOrder;
using carts::Status;
using Fate = carts::OrderFate;

struct News {
    Fate fate = Fate::placed;
    CartOrder order;
    friend bool operator<(const News& one, const News& other) {
        return std::tie(one.order.id, one.fate) < std::tie(other.order.id, other.fate);
    }
};

class FollowOrder : public Basket {
protected:
    CartId cart = open(guest());
    CartOrder first{"order_1", 1};
    CartOrder second{"order_2", 2};

    [[nodiscard]] std::string key() { return to_hex(test.crypto.sha256(cart.text())); }
    [[nodiscard]] Status status() {
        const ServiceLedger service(ledger, "carts", test.environment());
        return (*carts::CartRepository(service.store(shop), test.crypto).find_head(key()))->status;
    }
    void hear(Fate fate, const CartOrder& order) {
        ASSERT_TRUE(commit([&]() -> Result<Change<Done>> {
            return Change<Done>{{}, TRY(carts.follow_order(shop, key(), order, fate))};
        }));
    }
    /// Replaces the cart's head, as the version before orders were numbered would have written it.
    void write_old_head(std::string_view status, std::string_view order, std::string_view settled) {
        const std::int64_t now = test.clock.now().unix_ms();
        std::string body =
            cat(R"({"v":1,"status":")", status, R"(","email":"","method":"","order":")", order,
                R"(","settled":")", settled, R"(","merged_into":"","announced":false,"created":)",
                now, R"(,"touched":)", now, "}");
        const ServiceLedger service(ledger, "carts", test.environment());
        ASSERT_TRUE(perform(service, [&]() -> Result<Change<Done>> {
            Change<Done> change;
            const StoreLedger rows = service.store(shop);
            auto row = *TRY(rows.find(cat("cart#", key()), "cart"));
            row.body = std::move(body);
            rows.put(change.changes, std::move(row), Expect::any());
            return change;
        }));
    }
};

TEST_F(FollowOrder, IsHeldClosedAndReopened) {
    unheard.held_keys.insert(key());
    hear(Fate::placed, first);
    EXPECT_EQ(status(), Status::ordering);
    refused(carts::errors::cart_not_open, [&] { return add(guest(), cart, "TEA", 1); });
    unheard.held_keys.clear();
    hear(Fate::cancelled, first);
    EXPECT_EQ(status(), Status::open);
    hear(Fate::placed, second);
    hear(Fate::confirmed, second);
    EXPECT_EQ(status(), Status::ordered);
}

TEST_F(FollowOrder, APlacementThatIsHeardOfAfterItsCancellationChangesNothing) {
    hear(Fate::cancelled, first);
    hear(Fate::placed, first);
    EXPECT_EQ(status(), Status::open);
}

TEST_F(FollowOrder, APlacementOfAnOlderOrderThatIsHeardOfLastHoldsNothing) {
    hear(Fate::cancelled, first);
    hear(Fate::placed, second);
    hear(Fate::cancelled, second);
    hear(Fate::placed, first);
    EXPECT_EQ(status(), Status::open);
}

TEST_F(FollowOrder, AConfirmationThatIsHeardOfAfterTheCancellationClosesNothing) {
    hear(Fate::placed, first);
    hear(Fate::cancelled, first);
    hear(Fate::confirmed, first);
    EXPECT_EQ(status(), Status::open);
}

TEST_F(FollowOrder, AnOlderOrdersCancellationDoesNotReopenIt) {
    hear(Fate::placed, second);
    hear(Fate::cancelled, first);
    EXPECT_EQ(status(), Status::ordering);
}

TEST_F(FollowOrder, AMergedCartStaysMerged) {
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    (void)open(customer(ada));
    ASSERT_TRUE(commit([&] { return carts.merge(customer(ada), cart); }));
    for (const Fate fate : {Fate::placed, Fate::confirmed, Fate::cancelled}) {
        hear(fate, first);
        EXPECT_EQ(status(), Status::merged);
    }
}

/// What three orders of one cart have to say, in every order, each word twice, and the shopper
/// edits whenever the cart is open.
TEST_F(FollowOrder, EndsAsTheLastOrderDoesWhateverIsHeardFirst) {
    const CartOrder third{"order_3", 3};
    const std::map<Status, std::vector<News>> endings{
        {Status::ordering, {{Fate::placed, third}}},
        {Status::ordered, {{Fate::placed, third}, {Fate::confirmed, third}}},
        {Status::open, {{Fate::placed, third}, {Fate::cancelled, third}}}};
    for (const auto& [end, last] : endings) {
        std::vector<News> news{{Fate::placed, first},
                               {Fate::cancelled, first},
                               {Fate::confirmed, second},
                               {Fate::cancelled, second}};
        news.insert(news.end(), last.begin(), last.end());
        std::sort(news.begin(), news.end());
        do {
            test.clock.advance(std::chrono::minutes(11));  // The ledger forgets its tokens.
            cart = open(guest());
            for (const auto& [fate, order] : news) {
                hear(fate, order);
                if (status() == Status::open) {
                    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
                }
                hear(fate, order);
            }
            ASSERT_EQ(status(), end);
        } while (std::next_permutation(news.begin(), news.end()));
    }
}

TEST_F(FollowOrder, TellsWhoeverOrdersItOfTheOrdersItKnows) {
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    EXPECT_EQ(carts.checkout(guest(), cart)->attempts, 0);
    hear(Fate::cancelled, second);
    EXPECT_EQ(carts.checkout(guest(), cart)->attempts, 2);
}

TEST_F(FollowOrder, ACartThatAnOlderVersionHeldFollowsItsOrder) {
    const CartOrder old{"order_0", 0};
    write_old_head("ordering", "order_0", "");
    hear(Fate::placed, old);
    EXPECT_EQ(status(), Status::ordering);
    hear(Fate::cancelled, {"order_00", 0});
    EXPECT_EQ(status(), Status::ordering);
    hear(Fate::confirmed, old);
    EXPECT_EQ(status(), Status::ordered);
    write_old_head("ordering", "order_0", "");
    hear(Fate::cancelled, old);
    hear(Fate::placed, old);
    EXPECT_EQ(status(), Status::open);
    hear(Fate::placed, first);
    EXPECT_EQ(status(), Status::ordering);
    hear(Fate::cancelled, old);
    EXPECT_EQ(status(), Status::ordering);
}

TEST_F(FollowOrder, ACartThatAnOlderVersionReopenedIsHeldByItsNextOrderOnly) {
    write_old_head("open", "", "order_0");
    hear(Fate::placed, {"order_0", 0});
    hear(Fate::confirmed, {"order_0", 0});
    EXPECT_EQ(status(), Status::open);
    hear(Fate::placed, {"order_00", 0});
    EXPECT_EQ(status(), Status::ordering);
}

}  // namespace
}  // namespace souk::testing
