#include "stores/town.h"

namespace souk::testing {
namespace {

TEST(StoreDirectory, ResolvesIdsAndSlugs) {
    Town town;
    const StoreId store = town.open(town.staff("ada@example.com"), "gifts");
    EXPECT_EQ(town.resolved("gifts"), store);
    EXPECT_EQ(town.resolved(store.text()), store);
    EXPECT_EQ(town.resolved("presents"), std::nullopt);
    EXPECT_EQ(town.resolved("store_00000000000000000000000009"), std::nullopt);
    EXPECT_EQ(town.resolved(""), std::nullopt);
    EXPECT_EQ(town.resolved(std::string(5000, 'a')), std::nullopt);
    EXPECT_EQ(town.resolved("gifts\n"), std::nullopt);
}

TEST(StoreDirectory, DescribesAStoreOrDoesNotFindIt) {
    Town town;
    const StoreId store = town.open(town.staff("ada@example.com"), "gifts");
    EXPECT_EQ(town.stores.store(store)->slug, "gifts");
    const auto none = town.stores.store(StoreId::trusted("store_00000000000000000000000009"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, errors::not_found);
}

TEST(StoreDirectory, KnowsNoRoleInAnotherStore) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    const UserId bob = town.staff("bob@example.com");
    town.open(ada, "gifts");
    const StoreId other = town.open(bob, "other");
    EXPECT_EQ(town.stores.role_of(other, ada).value(), std::nullopt);
}

/// Counts what a look-up reads.
class CountingLedger final : public Ledger {
public:
    explicit CountingLedger(Ledger& inner) : inner_(inner) {}
    Result<std::optional<Row>> get(const RowKey& key) override {
        ++reads;
        return inner_.get(key);
    }
    Result<std::vector<std::optional<Row>>> get_many(const std::vector<RowKey>& keys) override {
        ++reads;
        return inner_.get_many(keys);
    }
    Result<Page> query(const Query& query) override {
        ++reads;
        rows_read_max = std::max(rows_read_max, query.limit);
        return inner_.query(query);
    }
    Result<void> commit(const Transaction& transaction) override {
        return inner_.commit(transaction);
    }

    int reads = 0;
    int rows_read_max = 0;

private:
    Ledger& inner_;
};

TEST(StoreDirectory, CostsAsManyReadsWithManyStoresAsWithOne) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    StoreId last = town.open(ada, "store-0");
    for (int i = 1; i < 300; ++i) {
        last = town.open(ada, cat("store-", i));
    }
    CountingLedger counting(town.ledger);
    const stores::Stores counted(ServiceLedger(counting, "stores", town.setting.environment()),
                                 AllStores::granted_by_composition_root(), town.users);
    EXPECT_EQ(counted.resolve("store-299").value(), last);
    EXPECT_TRUE(counted.resolve(last.text()));
    EXPECT_TRUE(counted.store(last));
    EXPECT_TRUE(counted.role_of(last, ada));
    EXPECT_TRUE(counted.api_key(cat("sk_", std::string(52, '0'))));
    EXPECT_EQ(counting.reads, 5);
    EXPECT_TRUE(counted.mine(account(ada), 20, ""));
    EXPECT_EQ(counting.reads, 7);
    EXPECT_EQ(counting.rows_read_max, 20);
}

/// Follows next_cursor to the end and counts the items.
std::size_t walk(const Town& town, std::string_view route, const Caller& caller) {
    std::size_t items = 0;
    std::vector<Parameter> query{{"limit", "2"}};
    for (int page = 0; page < 10; ++page) {
        const auto answer = json_of(town.desk.call(route, caller, {}, {}, query));
        EXPECT_LE(answer.root()["items"].size(), 2U);
        items += answer.root()["items"].size();
        if (answer.root()["next_cursor"].is_null()) {
            return items;
        }
        query = {{"limit", "2"}, {"cursor", answer.root()["next_cursor"].text_or()}};
    }
    return items;
}

TEST(StoreLists, GivePageAfterPage) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    const UserId bob = town.staff("bob@example.com");
    for (int i = 0; i < 5; ++i) {
        town.open(ada, cat("ada-", i));
    }
    town.open(bob, "bob");
    EXPECT_EQ(walk(town, "list_stores", account(ada)), 5U);
    EXPECT_EQ(walk(town, "list_stores", account(bob)), 1U);
    EXPECT_EQ(walk(town, "list_all_stores", account(bob)), 6U);
}

TEST(StoreLists, RefuseTheCursorOfAnotherReader) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    town.open(ada, "one");
    town.open(ada, "two");
    const auto page = town.desk.call("list_stores", account(ada), {}, {}, {{"limit", "1"}});
    const std::string cursor = member_of(page, "next_cursor");
    ASSERT_FALSE(cursor.empty());
    const UserId bob = town.staff("bob@example.com");
    EXPECT_EQ(code_of(town.desk.call("list_stores", account(bob), {}, {}, {{"cursor", cursor}})),
              "invalid_cursor");
    EXPECT_EQ(
        code_of(town.desk.call("list_all_stores", account(bob), {}, {}, {{"cursor", cursor}})),
        "invalid_cursor");
}

}  // namespace
}  // namespace souk::testing
