#include "stores/town.h"

namespace souk::testing {
namespace {

constexpr std::string_view full_body =
    R"({"slug":"gifts","name":"Gifts","currency":"EUR","locale":"de-DE","domains":["gifts.example"],)"
    R"("tax":{"rate_basis_points":1900,"included":true},"shipping_methods":[{"id":"post",)"
    R"("name":"By post","price":{"amount":490,"currency":"EUR"}}],"moderation":"required"})";

TEST(CreateStore, AnswersTheStoreWithItsAddress) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    const auto answer = town.desk.call("create_store", account(ada), full_body);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    const auto store = json_of(answer);
    EXPECT_EQ(answer->headers[0], Parameter("ETag", "\"1\""));
    EXPECT_EQ(answer->headers[1],
              Parameter("Location", cat("/v1/stores/", store.root()["id"].text_or())));
    EXPECT_EQ(store.root()["tax"].render(), R"({"rate_basis_points":1900,"included":true})");
    EXPECT_EQ(store.root()["status"].text_or(), "open");
}

TEST(CreateStore, HasDefaults) {
    Town town;
    const auto store = json_of(town.create(town.staff("ada@example.com"), "gifts"));
    EXPECT_EQ(store.root()["locale"].text_or(), "en");
    EXPECT_EQ(store.root()["moderation"].text_or(), "none");
    EXPECT_EQ(store.root()["tax"].render(), R"({"rate_basis_points":0,"included":false})");
}

TEST(CreateStore, MakesItsCallerTheOwner) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    const StoreId store = town.open(ada, "gifts");
    EXPECT_EQ(town.stores.role_of(store, ada).value(), Role::owner);
}

TEST(CreateStore, AnnouncesTheStoreAsItIsShown) {
    Town town;
    const auto answer = town.create(town.staff("ada@example.com"), "gifts");
    const auto events = events_of(town.ledger, "souk.store.created.v1");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].body, cat(R"({"store":)", answer->text(), "}"));
    EXPECT_EQ(events[0].source, cat("/stores/", member_of(answer, "id"), "/stores"));
}

TEST(CreateStore, NamesAllMistakesAtOnce) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    const auto before = snapshot(town.ledger);
    const auto answer = town.desk.call(
        "create_store", account(ada),
        R"({"slug":"gifts","name":"Gifts","currency":"EUR","domains":["a.example","a_b.example","A.example"],)"
        R"("shipping_methods":[{"id":"post","name":"x","price":{"amount":1,"currency":"EUR"}},)"
        R"({"id":"post","name":"y","price":{"amount":1,"currency":"USD"}}]})");
    EXPECT_EQ(mistakes_of(answer),
              (std::vector<std::string>{"/domains/1 bad_format", "/domains/2 duplicate",
                                        "/shipping_methods/1/id duplicate",
                                        "/shipping_methods/1/price/currency currency_mismatch"}));
    EXPECT_EQ(snapshot(town.ledger), before);
}

struct BadBody {
    std::string body;
    std::string mistake;
};

TEST(CreateStore, RefusesWhatIsBeyondItsLimits) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    std::string domains, methods;
    for (int i = 0; i < 11; ++i) {
        domains += cat(i == 0 ? "" : ",", "\"d", i, ".example\"");
    }
    for (int i = 0; i < 21; ++i) {
        methods += cat(i == 0 ? "" : ",", R"({"id":"m)", i,
                       R"(","name":"x","price":{"amount":1,"currency":"EUR"}})");
    }
    const std::string start = R"({"slug":"gifts","name":"Gifts","currency":"EUR",)";
    const std::vector<BadBody> cases{
        {cat(start, R"("domains":[)", domains, "]}"), "/domains too_many"},
        {cat(start, R"("shipping_methods":[)", methods, "]}"), "/shipping_methods too_many"},
        {cat(start, R"("tax":{"rate_basis_points":10001,"included":true}})"),
         "/tax/rate_basis_points too_large"},
        {cat(start, R"("tax":{"rate_basis_points":-1,"included":true}})"),
         "/tax/rate_basis_points too_small"},
        {cat(R"({"name":"Gifts","currency":"EUR","slug":")", std::string(64, 'a'), "\"}"),
         "/slug too_long"},
        {R"({"name":"Gifts","currency":"EUR","slug":"Gifts!"})", "/slug bad_format"},
        {R"({"name":"","currency":"EUR","slug":"gifts"})", "/name too_short"},
        {R"({"name":"Gifts","currency":"EUX","slug":"gifts"})", "/currency bad_format"},
        {cat(start, R"("owner":"me"})"), "/owner unknown_member"},
    };
    const auto before = snapshot(town.ledger);
    for (const auto& bad : cases) {
        const auto answer = town.desk.call("create_store", account(ada), bad.body);
        EXPECT_EQ(mistakes_of(answer), std::vector<std::string>{bad.mistake}) << bad.body;
    }
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST(CreateStore, RefusesASlugThatAnotherHas) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    town.open(ada, "gifts");
    const auto before = snapshot(town.ledger);
    EXPECT_EQ(code_of(town.create(ada, "gifts")), "slug_taken");
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST(CreateStore, RefusesADomainThatAnotherHas) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    EXPECT_TRUE(town.desk.call("create_store", account(ada), full_body));
    const auto before = snapshot(town.ledger);
    const auto answer = town.desk.call(
        "create_store", account(ada),
        R"({"slug":"other","name":"Other","currency":"EUR","domains":["gifts.example"]})");
    EXPECT_EQ(code_of(answer), "domain_taken");
    // The bug: of a slug and a domain that are both taken, the slug alone was told of.
    const auto both = town.desk.call(
        "create_store", account(ada),
        R"({"slug":"gifts","name":"Other","currency":"EUR","domains":["gifts.example"]})");
    ASSERT_FALSE(both);
    EXPECT_EQ(code_of(both), "slug_taken");
    ASSERT_EQ(both.error().fields.size(), 2U);
    EXPECT_EQ(both.error().fields[1].pointer, "/domains/0");
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST(CreateStore, KeepsDomainsInLowerCase) {
    Town town;
    const UserId ada = town.staff("ada@example.com");
    const auto store = json_of(town.desk.call(
        "create_store", account(ada),
        R"({"slug":"gifts","name":"Gifts","currency":"EUR","domains":["Gifts.EXAMPLE"]})"));
    EXPECT_EQ(store.root()["domains"].render(), R"(["gifts.example"])");
    EXPECT_EQ(town.with_domain("gifts.example"), StoreId::trusted(store.root()["id"].text_or()));
}

TEST(CreateStore, RefusesAnAccountThatIsNoMore) {
    Town town;
    const auto before = snapshot(town.ledger);
    const auto nobody = UserId::trusted("user_00000000000000000000000009");
    EXPECT_EQ(code_of(town.create(nobody, "gifts")), "unauthenticated");
    EXPECT_EQ(snapshot(town.ledger), before);
}

stores::CreateStore gifts() {
    return {.slug = "gifts",
            .name = "Gifts",
            .currency = *Currency::parse("EUR"),
            .locale = "en",
            .domains = {},
            .tax = {},
            .shipping_methods = {}};
}

TEST(CreateStore, LetsOneOfTwoThatRaceForASlugWin) {
    Town town;
    const Caller ada = account(town.staff("ada@example.com"));
    const auto first = town.stores.create(ada, gifts());
    const auto second = town.stores.create(ada, gifts());
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(town.stores.ledger().commit(first->changes));
    const auto before = snapshot(town.ledger);
    const auto lost = town.stores.ledger().commit(second->changes);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, errors::ledger_conflict);
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST(CreateStore, TellsTheLoserOfARaceThatTheSlugIsTaken) {
    Town town;
    const Caller ada = account(town.staff("ada@example.com"));
    int runs = 0;
    const auto answer = respond(
        ada, town.stores.ledger(), town.stores.platform(),
        [&] {
            auto change = town.stores.create(ada, gifts());
            if (++runs == 1) {  // Another comes between the reads and the commit.
                EXPECT_TRUE(town.stores.ledger().commit(town.stores.create(ada, gifts())->changes));
            }
            return change;
        },
        [](const stores::Store&) { return empty_response(201); });
    EXPECT_EQ(code_of(answer), "slug_taken");
    EXPECT_EQ(runs, 2);
}

TEST(CreateStore, AnswersARepeatedKeyWithTheFirstStore) {
    Town town;
    const std::string body(full_body);
    const Caller ada =
        with_key(account(town.staff("ada@example.com")), town.setting.crypto, "k", body);
    const auto first = town.desk.call("create_store", ada, body);
    const auto before = snapshot(town.ledger);
    const auto second = town.desk.call("create_store", ada, body);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(is_replay(second));
    EXPECT_EQ(second->text(), first->text());
    EXPECT_EQ(snapshot(town.ledger), before);
}

}  // namespace
}  // namespace souk::testing
