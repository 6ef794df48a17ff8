#include "users/mall.h"

namespace souk::testing {
namespace {

constexpr std::string_view home =
    R"({"name":"Ada","line1":"1 High St","city":"Bath","country":"GB"})";

struct Addresses : ::testing::Test {
    Mall mall;
    UserId ada = mall.customer(mall.store, "ada@example.com");
    Caller caller = customer_of(mall.store, ada);

    Result<Response> add(const Caller& who, std::string_view body = home) const {
        return mall.desk.call("add_address", who, body);
    }
    std::string added(std::string_view body = home) const {
        return member_of(add(caller, body), "id");
    }
    Result<Response> show(const Caller& who, const std::string& id) const {
        return mall.desk.call("show_address", who, {}, {{"address", id}});
    }
    Result<Response> change(const Caller& who, const std::string& id, std::string_view body) const {
        return mall.desk.call("change_address", who, body, {{"address", id}});
    }
    Result<Response> remove(const Caller& who, const std::string& id) const {
        return mall.desk.call("remove_address", who, {}, {{"address", id}});
    }
    template <class Call>
    void expect_refused(std::string_view code, Call call) {
        const auto before = snapshot(mall.ledger);
        EXPECT_EQ(code_of(call()), code);
        EXPECT_EQ(snapshot(mall.ledger), before);
    }
    /// The ids of the listed addresses that are the default.
    std::vector<std::string> defaults() const {
        const auto page = json_of(mall.desk.call("list_addresses", caller));
        std::vector<std::string> found;
        for (std::size_t i = 0; i < page.root()["items"].size(); ++i) {
            const JsonView item = page.root()["items"].at(i);
            if (item["default"].bool_or(false)) {
                found.push_back(item["id"].text_or());
            }
        }
        return found;
    }
};

TEST_F(Addresses, KeepEveryMember) {
    const auto answer = add(
        caller,
        R"({"name":"Ada","company":"Engines","line1":"1 High St","line2":"Top","city":"Bath",)"
        R"("region":"Somerset","postal_code":"BA1","country":"GB","phone":"+44","default":true})");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    const auto listed = json_of(mall.desk.call("list_addresses", caller));
    EXPECT_EQ(listed.root()["items"].at(0).render(), answer->text());
    EXPECT_NE(answer->text().find(R"("postal_code":"BA1")"), std::string_view::npos);
}

TEST_F(Addresses, AreFoundWhereTheirMakingSays) {
    const auto made = add(caller);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->headers[1],
              Parameter("Location", cat("/v1/stores/", mall.store.text(), "/me/addresses/",
                                        member_of(made, "id"))));
}

TEST_F(Addresses, AreShownOneByOneWithTheirVersion) {
    const std::string first = added();
    const std::string second = added();
    ASSERT_TRUE(change(caller, second, R"({"default":true})"));
    const auto shown = show(caller, second);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->headers[0].first, "ETag");
    EXPECT_TRUE(shown->headers[0].second.starts_with("\"2-")) << "and what the book says of it";
    const auto listed = json_of(mall.desk.call("list_addresses", caller));
    EXPECT_EQ(shown->text(), listed.root()["items"].at(1).render());
    EXPECT_FALSE(json_of(show(caller, first)).root()["default"].bool_or(true));
}

TEST_F(Addresses, MakeTheFirstTheDefaultAndKeepOneDefault) {
    const std::string first = added();
    const std::string second = added();
    EXPECT_EQ(defaults(), std::vector<std::string>{first});
    EXPECT_TRUE(change(caller, second, R"({"default":true})"));
    EXPECT_EQ(defaults(), std::vector<std::string>{second});
    EXPECT_TRUE(change(caller, second, R"({"default":false})"));
    EXPECT_TRUE(defaults().empty());
}

TEST_F(Addresses, HaveNoDefaultOnceItIsTakenAway) {
    const std::string first = added();
    added();
    EXPECT_TRUE(remove(caller, first));
    EXPECT_TRUE(defaults().empty());
    expect_refused("not_found", [&] { return remove(caller, first); });
}

TEST_F(Addresses, ChangeWhatIsNamedAndNothingElse) {
    const std::string id = added();
    const auto answer = json_of(change(caller, id, R"({"city":"Bristol"})"));
    EXPECT_EQ(answer.root()["city"].text_or(), "Bristol");
    EXPECT_EQ(answer.root()["line1"].text_or(), "1 High St");
    EXPECT_EQ(answer.root()["version"].integer_or(0), 2);
}

TEST_F(Addresses, LoseATextThatIsSetToNull) {
    const std::string id =
        added(R"({"name":"Ada","line1":"1","line2":"Top","city":"Bath","country":"GB"})");
    EXPECT_EQ(member_of(change(caller, id, R"({"line2":null})"), "line2"), "");
    EXPECT_EQ(mistakes_of(change(caller, id, R"({"line1":null})")),
              std::vector<std::string>{"/line1 wrong_type"});
}

TEST_F(Addresses, HonourIfMatch) {
    const std::string id = added();
    EXPECT_TRUE(change(if_match(caller, 1), id, R"({"city":"Bristol"})"));
    expect_refused("version_mismatch",
                   [&] { return change(if_match(caller, 1), id, R"({"city":"York"})"); });
    expect_refused("version_mismatch", [&] { return remove(if_match(caller, 1), id); });
    EXPECT_TRUE(remove(if_match(caller, 2), id));
}

TEST_F(Addresses, OfAnotherCustomerOrStoreAreNotFound) {
    const std::string id = added();
    const UserId bob = mall.customer(mall.store, "bob@example.com");
    for (const Caller& stranger : {customer_of(mall.store, bob), customer_of(mall.other, ada)}) {
        expect_refused("not_found", [&] { return show(stranger, id); });
        expect_refused("not_found", [&] { return change(stranger, id, R"({"city":"York"})"); });
        expect_refused("not_found", [&] { return remove(stranger, id); });
        const auto listed = json_of(mall.desk.call("list_addresses", stranger));
        EXPECT_EQ(listed.root()["items"].size(), 0U);
    }
    expect_refused("not_found", [&] { return remove(caller, "../book"); });
    expect_refused("not_found", [&] { return show(caller, "../book"); });
    expect_refused("not_found", [&] { return show(caller, cat("addr_", zero_padded(0, 26))); });
}

TEST_F(Addresses, RefuseABadBody) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"name":"Ada","line1":"1","city":"Bath"})", "/country required"},
        {R"({"name":"Ada","line1":"1","city":"Bath","country":"gb"})", "/country bad_format"},
        {R"({"name":"","line1":"1","city":"Bath","country":"GB"})", "/name too_short"},
        {R"({"name":"Ada","line1":"1","city":"Bath","country":"GB","id":"x"})",
         "/id unknown_member"},
        {cat(R"({"name":"Ada","line1":"1","country":"GB","city":")", std::string(201, 'x'), "\"}"),
         "/city too_long"},
    };
    const auto before = snapshot(mall.ledger);
    for (const auto& [body, mistake] : cases) {
        EXPECT_EQ(mistakes_of(add(caller, body)), std::vector<std::string>{mistake}) << body;
    }
    EXPECT_EQ(snapshot(mall.ledger), before);
}

TEST_F(Addresses, AreLimitedInNumberAlsoAgainstARace) {
    for (int i = 1; i < users::addresses_max; ++i) {
        EXPECT_TRUE(add(caller));
    }
    const auto body = JsonDocument::parse(home);
    const auto command = users::parse_address_changes(body->root());
    const auto first = mall.users.add_address(caller, command);
    const auto second = mall.users.add_address(caller, command);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(mall.users.ledger().commit(first->changes));
    EXPECT_FALSE(mall.users.ledger().commit(second->changes));
    expect_refused("too_many_addresses", [&] { return add(caller); });
}

TEST_F(Addresses, ComePageByPage) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        mall.setting.clock.advance(std::chrono::seconds(1));
        ids.push_back(added());
    }
    std::vector<std::string> seen;
    std::vector<Parameter> query{{"limit", "2"}};
    for (int page = 0; page < 3; ++page) {
        const auto answer = json_of(mall.desk.call("list_addresses", caller, {}, {}, query));
        for (std::size_t i = 0; i < answer.root()["items"].size(); ++i) {
            seen.push_back(answer.root()["items"].at(i)["id"].text_or());
        }
        query = {{"limit", "2"}, {"cursor", answer.root()["next_cursor"].text_or()}};
    }
    EXPECT_EQ(seen, ids);
}

TEST_F(Addresses, AreAddedOncePerIdempotencyKey) {
    const Caller once = mall.with(caller, "k", home);
    const auto first = add(once);
    const auto second = add(once);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(is_replay(second));
    EXPECT_EQ(second->text(), first->text());
    EXPECT_EQ(json_of(mall.desk.call("list_addresses", caller)).root()["items"].size(), 1U);
}

}  // namespace
}  // namespace souk::testing
