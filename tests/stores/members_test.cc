#include "stores/town.h"

namespace souk::testing {
namespace {

constexpr std::array all_roles{Role::owner, Role::admin, Role::catalog, Role::orders,
                               Role::support};

struct Members : ::testing::Test {
    Town town;
    UserId ada = town.staff("ada@example.com");
    StoreId store = town.open(ada, "gifts");
    Caller owner = staff_of(store, ada, Role::owner);

    template <class Call>
    void expect_refused(std::string_view code, Call call) {
        const auto before = snapshot(town.ledger);
        EXPECT_EQ(code_of(call()), code);
        EXPECT_EQ(snapshot(town.ledger), before);
    }
    Result<Response> show(const Caller& caller, const std::string& user) const {
        return town.desk.call("show_member", caller, {}, {{"user", user}});
    }
    Role role_of(const UserId& user) const { return town.stores.role_of(store, user)->value(); }
};

TEST_F(Members, AreAddedByTheEmailOfTheirAccountInAnyCase) {
    const UserId bob = town.staff("bob@example.com");
    const auto answer = town.add(owner, "Bob@Example.COM", Role::catalog);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(member_of(answer, "user_id"), bob.text());
    EXPECT_EQ(member_of(answer, "email"), "bob@example.com");
    EXPECT_EQ(role_of(bob), Role::catalog);
    EXPECT_EQ(answer->headers[1],
              Parameter("Location", cat("/v1/stores/", store.text(), "/members/", bob.text())));
}

TEST_F(Members, AreShownOneByOneWithTheirVersion) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::orders);
    const auto changed = town.set_role(owner, bob, Role::support);
    const auto shown = show(staff_of(store, bob, Role::support), bob.text());
    ASSERT_TRUE(changed && shown);
    EXPECT_EQ(shown->text(), changed->text());
    EXPECT_EQ(shown->headers[0], Parameter("ETag", "\"2\""));
}

TEST_F(Members, SeeTheStoreAmongTheirs) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::orders);
    const auto mine = json_of(town.desk.call("list_stores", account(bob)));
    ASSERT_EQ(mine.root()["items"].size(), 1U);
    EXPECT_EQ(mine.root()["items"].at(0)["id"].text_or(), store.text());
    EXPECT_EQ(mine.root()["items"].at(0)["role"].text_or(), "orders");
}

TEST_F(Members, MustHaveAnAccount) {
    expect_refused("unknown_account",
                   [&] { return town.add(owner, "no@example.com", Role::admin); });
}

TEST_F(Members, MustHaveConfirmedTheirAccount) {
    ASSERT_TRUE(town.identity.sign_up({}, "new@example.com", "correct horse", "New"));
    expect_refused("unknown_account",
                   [&] { return town.add(owner, "new@example.com", Role::admin); });
}

TEST_F(Members, AreNotTakenFromAmongCustomers) {
    const auto made = town.identity.sign_up({store}, "eve@example.com", "correct horse", "Eve");
    ASSERT_TRUE(town.identity.confirm_sign_up({store}, "eve@example.com", made->code.code));
    expect_refused("unknown_account",
                   [&] { return town.add(owner, "eve@example.com", Role::admin); });
}

TEST_F(Members, JoinOnce) {
    town.joined(store, ada, "bob@example.com", Role::orders);
    expect_refused("already_member",
                   [&] { return town.add(owner, "bob@example.com", Role::admin); });
}

TEST_F(Members, AreLimitedInNumber) {
    for (int i = 1; i < stores::members_max; ++i) {
        town.joined(store, ada, cat("m", i, "@example.com"), Role::support);
    }
    town.staff("late@example.com");
    expect_refused("too_many_members",
                   [&] { return town.add(owner, "late@example.com", Role::support); });
}

TEST_F(Members, ChangeTheirRole) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::orders);
    const auto answer = town.set_role(owner, bob, Role::admin);
    EXPECT_EQ(member_of(answer, "role"), "admin");
    EXPECT_EQ(role_of(bob), Role::admin);
    const auto mine = json_of(town.desk.call("list_stores", account(bob)));
    EXPECT_EQ(mine.root()["items"].at(0)["role"].text_or(), "admin");
}

TEST_F(Members, ChangeAtTheVersionThatWasSeen) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::orders);
    EXPECT_TRUE(town.set_role(if_match(owner, 1), bob, Role::catalog));
    expect_refused("version_mismatch",
                   [&] { return town.set_role(if_match(owner, 1), bob, Role::admin); });
    expect_refused("version_mismatch", [&] { return town.remove(if_match(owner, 1), bob); });
}

TEST_F(Members, AreTakenOutOnBothSides) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::orders);
    EXPECT_TRUE(town.remove(owner, bob));
    EXPECT_EQ(town.stores.role_of(store, bob).value(), std::nullopt);
    EXPECT_EQ(json_of(town.desk.call("list_stores", account(bob))).root()["items"].size(), 0U);
    EXPECT_TRUE(town.add(owner, "bob@example.com", Role::support));
}

TEST_F(Members, OfAnotherStoreAreNotFound) {
    const UserId bob = town.staff("bob@example.com");
    const StoreId other = town.open(bob, "other");
    town.joined(other, bob, "eve@example.com", Role::support);
    const UserId eve = town.identity.account_by_email({}, "eve@example.com")->value().user;
    expect_refused("not_found", [&] { return town.set_role(owner, eve, Role::catalog); });
    expect_refused("not_found", [&] { return town.remove(owner, eve); });
    expect_refused("not_found", [&] { return show(owner, eve.text()); });
    EXPECT_EQ(town.stores.role_of(other, eve).value(), Role::support);
    EXPECT_EQ(json_of(town.desk.call("list_members", owner)).root()["items"].size(), 1U);
}

TEST_F(Members, ByANameThatIsNoIdAreNotFound) {
    expect_refused("not_found", [&] {
        return town.desk.call("remove_member", owner, {}, {{"user", "../ada"}});
    });
    expect_refused("not_found", [&] { return show(owner, "../ada"); });
}

TEST_F(Members, KeepALastOwner) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::admin);
    expect_refused("last_owner", [&] { return town.remove(owner, ada); });
    expect_refused("last_owner", [&] { return town.set_role(owner, ada, Role::admin); });
    EXPECT_TRUE(town.set_role(owner, bob, Role::owner));
    EXPECT_TRUE(town.remove(owner, ada));
    EXPECT_EQ(role_of(bob), Role::owner);
}

TEST_F(Members, KeepALastOwnerWhenTwoDemoteEachOther) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::owner);
    const Caller other = staff_of(store, bob, Role::owner);
    const auto first = town.stores.set_role(owner, bob.text(), Role::support);
    const auto second = town.stores.set_role(other, ada.text(), Role::support);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(town.stores.ledger().commit(first->changes));
    EXPECT_FALSE(town.stores.ledger().commit(second->changes));
    expect_refused("last_owner", [&] { return town.set_role(other, ada, Role::support); });
}

TEST_F(Members, MayAllLeave) {
    for (const Role role : {Role::admin, Role::catalog, Role::orders, Role::support}) {
        const UserId user = town.joined(store, ada, cat(name_of(role), "@example.com"), role);
        EXPECT_TRUE(town.remove(staff_of(store, user, role), user)) << name_of(role);
    }
}

/// What each role may do to the members; the rows are the roles of `all_roles`.
struct MatrixRow {
    Role caller;
    bool lists, adds_support, adds_owner, promotes_to_admin, promotes_to_owner, demotes_owner,
        removes_support, removes_owner;
};
constexpr std::array matrix = std::to_array<MatrixRow>({
    {Role::owner, true, true, true, true, true, true, true, true},
    {Role::admin, true, true, false, true, false, false, true, false},
    {Role::catalog, true, false, false, false, false, false, false, false},
    {Role::orders, true, false, false, false, false, false, false, false},
    {Role::support, true, false, false, false, false, false, false, false},
});

TEST(MemberMatrix, HoldsForEveryRole) {
    static_assert(matrix.size() == all_roles.size());
    for (const MatrixRow& row : matrix) {
        Town town;
        const UserId ada = town.staff("ada@example.com");
        const StoreId store = town.open(ada, "gifts");
        const Caller caller =
            row.caller == Role::owner
                ? staff_of(store, ada, Role::owner)
                : staff_of(store, town.joined(store, ada, "caller@example.com", row.caller),
                           row.caller);
        const UserId helper = town.joined(store, ada, "helper@example.com", Role::support);
        const UserId second = town.joined(store, ada, "second@example.com", Role::owner);
        town.staff("a@example.com");
        town.staff("b@example.com");
        const auto expect = [&](bool allowed, std::string_view what, auto call) {
            const auto before = snapshot(town.ledger);
            const auto answer = call();
            EXPECT_EQ(code_of(answer), allowed ? "none" : "forbidden")
                << name_of(row.caller) << " " << what;
            EXPECT_TRUE(allowed || snapshot(town.ledger) == before) << what;
        };
        expect(row.lists, "list", [&] { return town.desk.call("list_members", caller); });
        expect(row.adds_support, "add support",
               [&] { return town.add(caller, "a@example.com", Role::support); });
        expect(row.adds_owner, "add owner",
               [&] { return town.add(caller, "b@example.com", Role::owner); });
        expect(row.promotes_to_owner, "promote to owner",
               [&] { return town.set_role(caller, helper, Role::owner); });
        expect(row.promotes_to_admin, "make admin",
               [&] { return town.set_role(caller, helper, Role::admin); });
        expect(row.demotes_owner, "demote owner",
               [&] { return town.set_role(caller, second, Role::catalog); });
        expect(row.removes_support, "remove", [&] { return town.remove(caller, helper); });
        expect(row.removes_owner, "remove owner", [&] {
            if (row.caller == Role::owner) {
                EXPECT_TRUE(town.set_role(caller, second, Role::owner));
            }
            return town.remove(caller, second);
        });
    }
}

TEST_F(Members, CannotBeMadeOwnersByAnApiKey) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::support);
    Caller key = owner;
    key.principal.kind = Principal::Kind::api_key;
    key.principal.id = "key_00000000000000000000000001";
    key.principal.role.reset();
    expect_refused("forbidden", [&] { return town.set_role(key, bob, Role::owner); });
    expect_refused("forbidden", [&] { return town.remove(key, ada); });
    EXPECT_TRUE(town.set_role(key, bob, Role::catalog));
}

// The bug: a key for members alone made another account admin, which then could do all.
TEST_F(Members, AreGivenNoRoleThatAllowsMoreThanWhoGivesItMayDo) {
    const UserId bob = town.joined(store, ada, "bob@example.com", Role::support);
    const UserId eve = town.joined(store, ada, "eve@example.com", Role::admin);
    town.staff("new@example.com");
    Caller key = owner;
    key.principal.kind = Principal::Kind::api_key;
    key.principal.id = "key_00000000000000000000000001";
    key.principal.role.reset();
    key.principal.permissions = {Permission::store_read, Permission::members_write};
    for (const Role role : {Role::admin, Role::catalog, Role::orders, Role::support}) {
        expect_refused("forbidden", [&] { return town.add(key, "new@example.com", role); });
        expect_refused("forbidden", [&] { return town.set_role(key, bob, role); });
    }
    expect_refused("forbidden", [&] { return town.remove(key, bob); });
    expect_refused("forbidden", [&] { return town.set_role(key, eve, Role::support); });
    for (const Permission scope : all_permissions()) {
        if (grants(Role::support, scope)) {
            key.principal.permissions.push_back(scope);
        }
    }
    expect_refused("forbidden", [&] { return town.set_role(key, bob, Role::orders); });
    expect_refused("forbidden", [&] { return town.remove(key, eve); });
    EXPECT_TRUE(town.add(key, "new@example.com", Role::support));
    EXPECT_TRUE(town.remove(key, bob));
}

TEST_F(Members, JoinOnceByARepeatedKey) {
    town.staff("bob@example.com");
    const Caller once = with_key(owner, town.setting.crypto, "k", "bob");
    const auto first = town.add(once, "bob@example.com", Role::support);
    const auto second = town.add(once, "bob@example.com", Role::support);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(is_replay(second));
    EXPECT_EQ(second->text(), first->text());
    const auto reused = with_key(owner, town.setting.crypto, "k", "eve");
    expect_refused("idempotency_key_reused",
                   [&] { return town.add(reused, "eve@example.com", Role::support); });
}

}  // namespace
}  // namespace souk::testing
