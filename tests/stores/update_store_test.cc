#include "stores/town.h"

namespace souk::testing {
namespace {

struct UpdateStore : ::testing::Test {
    Town town;
    UserId ada = town.staff("ada@example.com");
    StoreId store = town.open(ada, "gifts");
    Caller owner = staff_of(store, ada, Role::owner);

    void expect_refused(const Caller& caller, std::string_view body, std::string_view code) {
        const auto before = snapshot(town.ledger);
        EXPECT_EQ(code_of(town.update(caller, body)), code) << body;
        EXPECT_EQ(snapshot(town.ledger), before);
    }
};

TEST_F(UpdateStore, ChangesWhatItNamesAndNothingElse) {
    const auto answer = json_of(town.update(owner, R"({"name":"Better gifts"})"));
    EXPECT_EQ(answer.root()["name"].text_or(), "Better gifts");
    EXPECT_EQ(answer.root()["slug"].text_or(), "gifts");
    EXPECT_EQ(answer.root()["version"].integer_or(0), 2);
}

TEST_F(UpdateStore, WritesNothingWhenNothingDiffers) {
    const auto before = snapshot(town.ledger);
    const auto answer = json_of(town.update(owner, R"({"name":"A shop","currency":"EUR"})"));
    EXPECT_EQ(answer.root()["version"].integer_or(0), 1);
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST_F(UpdateStore, HonoursIfMatch) {
    EXPECT_TRUE(town.update(if_match(owner, 1), R"({"name":"Two"})"));
    expect_refused(if_match(owner, 1), R"({"name":"Three"})", "version_mismatch");
    EXPECT_TRUE(town.update(if_match(owner, 2), R"({"name":"Three"})"));
}

TEST_F(UpdateStore, RefusesAnotherCurrency) {
    expect_refused(owner, R"({"currency":"USD"})", "validation_failed");
    EXPECT_EQ(mistakes_of(town.update(owner, R"({"currency":"USD"})")),
              std::vector<std::string>{"/currency currency_fixed"});
}

TEST_F(UpdateStore, RefusesAPriceInAnotherCurrency) {
    expect_refused(
        owner,
        R"({"shipping_methods":[{"id":"a","name":"A","price":{"amount":1,"currency":"USD"}}]})",
        "validation_failed");
}

TEST_F(UpdateStore, RefusesAnUnknownMember) {
    expect_refused(owner, R"({"status":"open"})", "unknown_member");
}

TEST_F(UpdateStore, MovesTheSlug) {
    EXPECT_TRUE(town.update(owner, R"({"slug":"presents"})"));
    EXPECT_EQ(town.resolved("presents"), store);
    EXPECT_EQ(town.resolved("gifts"), std::nullopt);
    EXPECT_TRUE(town.create(ada, "gifts"));
}

TEST_F(UpdateStore, RefusesAnothersSlug) {
    town.open(ada, "presents");
    expect_refused(owner, R"({"slug":"presents"})", "slug_taken");
    EXPECT_EQ(town.resolved("gifts"), store);
}

TEST_F(UpdateStore, MovesDomains) {
    EXPECT_TRUE(town.update(owner, R"({"domains":["a.example","b.example"]})"));
    EXPECT_TRUE(town.update(owner, R"({"domains":["b.example","c.example"]})"));
    EXPECT_EQ(town.with_domain("a.example"), std::nullopt);
    EXPECT_EQ(town.with_domain("b.example"), store);
    EXPECT_EQ(town.with_domain("c.example"), store);
}

TEST_F(UpdateStore, TakesDomainsInAnyCase) {
    EXPECT_TRUE(town.update(owner, R"({"domains":["A.Example"]})"));
    EXPECT_EQ(town.with_domain("a.example"), store);
    const auto same = json_of(town.update(owner, R"({"domains":["a.EXAMPLE"]})"));
    EXPECT_EQ(same.root()["version"].integer_or(0), 2);
}

TEST_F(UpdateStore, RefusesAnothersDomain) {
    EXPECT_TRUE(town.update(owner, R"({"domains":["a.example"]})"));
    const StoreId other = town.open(ada, "other");
    expect_refused(staff_of(other, ada, Role::owner), R"({"domains":["a.example"]})",
                   "domain_taken");
}

TEST_F(UpdateStore, IsForOwnersAndAdminsAlone) {
    for (const Role role : {Role::catalog, Role::orders, Role::support}) {
        expect_refused(staff_of(store, ada, role), R"({"name":"No"})", "forbidden");
    }
    EXPECT_TRUE(town.update(staff_of(store, ada, Role::admin), R"({"name":"Yes"})"));
}

TEST_F(UpdateStore, LosesNoChangeToARace) {
    stores::StoreChanges rename;
    rename.name = "By one";
    stores::StoreChanges relocate;
    relocate.locale = "fr";
    const auto first = town.stores.update(owner, rename);
    const auto second = town.stores.update(owner, relocate);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(town.stores.ledger().commit(first->changes));
    EXPECT_FALSE(town.stores.ledger().commit(second->changes));
}

TEST_F(UpdateStore, LetsOneOfTwoThatRaceForADomainWin) {
    const StoreId other = town.open(ada, "other");
    stores::StoreChanges take;
    take.domains = {"a.example"};
    const auto first = town.stores.update(owner, take);
    const auto second = town.stores.update(staff_of(other, ada, Role::owner), take);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(town.stores.ledger().commit(first->changes));
    const auto lost = town.stores.ledger().commit(second->changes);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, errors::ledger_conflict);
}

TEST_F(UpdateStore, ShowsInEveryList) {
    EXPECT_TRUE(town.update(owner, R"({"name":"Better gifts"})"));
    const auto mine = json_of(town.desk.call("list_stores", account(ada)));
    const auto all = json_of(town.desk.call("list_all_stores", account(ada)));
    EXPECT_EQ(mine.root()["items"].at(0)["name"].text_or(), "Better gifts");
    EXPECT_EQ(mine.root()["items"].at(0)["version"].integer_or(0), 2);
    EXPECT_EQ(mine.root()["items"].at(0)["role"].text_or(), "owner");
    EXPECT_EQ(all.root()["items"].at(0)["name"].text_or(), "Better gifts");
}

}  // namespace
}  // namespace souk::testing
