#include "stores/town.h"

namespace souk::testing {
namespace {

struct ApiKeys : ::testing::Test {
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
    Result<Response> show(const Caller& caller, const std::string& id) const {
        return town.desk.call("show_api_key", caller, {}, {{"key", id}});
    }
    Result<Response> revoke(const Caller& caller, const std::string& id) const {
        return town.desk.call("revoke_api_key", caller, {}, {{"key", id}});
    }
};

TEST_F(ApiKeys, OpenWhatTheyWereMadeFor) {
    const auto made = json_of(town.make_key(owner, R"(["catalog:write","orders:read"])"));
    const std::string secret = made.root()["secret"].text_or();
    EXPECT_EQ(secret.size(), 55U);
    const auto grant = town.stores.api_key(secret).value();
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->store, store);
    EXPECT_EQ(grant->key.text(), made.root()["id"].text_or());
    EXPECT_EQ(grant->scopes,
              (std::vector<Permission>{Permission::catalog_write, Permission::orders_read}));
}

TEST_F(ApiKeys, HoldEachScopeOnce) {
    const auto made =
        json_of(town.make_key(owner, R"(["orders:read","orders:read","catalog:read"])"));
    EXPECT_EQ(made.root()["scopes"].render(), R"(["catalog:read","orders:read"])");
}

TEST_F(ApiKeys, AreUnknownWhenOneDigitDiffers) {
    std::string secret = member_of(town.make_key(owner, R"(["orders:read"])"), "secret");
    secret.back() = secret.back() == '0' ? 'G' : '0';
    EXPECT_EQ(town.stores.api_key(secret).value(), std::nullopt);
    EXPECT_EQ(town.stores.api_key("sk_").value(), std::nullopt);
    EXPECT_EQ(town.stores.api_key(std::string(5000, 'a')).value(), std::nullopt);
}

TEST_F(ApiKeys, AreListedWithoutTheirSecrets) {
    const std::string secret = member_of(town.make_key(owner, R"(["orders:read"])"), "secret");
    const auto list = town.desk.call("list_api_keys", owner);
    EXPECT_EQ(list->text().find(secret), std::string_view::npos);
    const auto page = json_of(list);
    const JsonView key = page.root()["items"].at(0);
    EXPECT_FALSE(key["secret"].present());
    EXPECT_EQ(key["prefix"].text_or(), secret.substr(0, 7));
    EXPECT_EQ(key["last_four"].text_or(), secret.substr(51));
    EXPECT_EQ(key["created_by"].text_or(), ada.text());
}

TEST_F(ApiKeys, AreShownOneByOneWithoutTheirSecrets) {
    const auto answer = town.make_key(owner, R"(["orders:read"])");
    const auto made = json_of(answer);
    const std::string id = made.root()["id"].text_or();
    EXPECT_EQ(answer->headers[1],
              Parameter("Location", cat("/v1/stores/", store.text(), "/api-keys/", id)));
    const auto shown = show(owner, id);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->text().find(made.root()["secret"].text_or()), std::string_view::npos);
    const auto listed = json_of(town.desk.call("list_api_keys", owner));
    EXPECT_EQ(shown->text(), listed.root()["items"].at(0).render());
    expect_refused("not_found", [&] { return show(owner, "../ada"); });
}

TEST_F(ApiKeys, AreNowhereStoredInClear) {
    const Caller once = with_key(owner, town.setting.crypto, "k", "body");
    const std::string secret = member_of(town.make_key(once, R"(["orders:read"])"), "secret");
    const auto stored = snapshot(town.ledger);
    EXPECT_FALSE(mentions(stored, secret));
    EXPECT_FALSE(mentions(stored, secret.substr(3)));
    EXPECT_FALSE(mentions(stored, secret.substr(10, 20)));
    EXPECT_FALSE(mentions(stored, to_hex(town.setting.crypto.sha256(secret))));
}

TEST_F(ApiKeys, ShowTheSameSecretToTheSameIdempotencyKey) {
    const Caller once = with_key(owner, town.setting.crypto, "k", "body");
    const auto first = town.make_key(once, R"(["orders:read"])");
    const auto before = snapshot(town.ledger);
    const auto second = town.make_key(once, R"(["orders:read"])");
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(is_replay(second));
    EXPECT_EQ(second->text(), first->text());
    EXPECT_TRUE(town.stores.api_key(member_of(second, "secret")).value());
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST_F(ApiKeys, OpenNothingOnceRevoked) {
    const auto made = json_of(town.make_key(owner, R"(["orders:read"])"));
    const auto answer = revoke(owner, made.root()["id"].text_or());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 204);
    EXPECT_EQ(town.stores.api_key(made.root()["secret"].text_or()).value(), std::nullopt);
    EXPECT_EQ(json_of(town.desk.call("list_api_keys", owner)).root()["items"].size(), 0U);
    expect_refused("not_found", [&] { return revoke(owner, made.root()["id"].text_or()); });
    expect_refused("not_found", [&] { return show(owner, made.root()["id"].text_or()); });
}

TEST_F(ApiKeys, OfAnotherStoreAreNotFound) {
    const StoreId other = town.open(ada, "other");
    const auto made = json_of(town.make_key(owner, R"(["orders:read"])"));
    const Caller elsewhere = staff_of(other, ada, Role::owner);
    expect_refused("not_found", [&] { return revoke(elsewhere, made.root()["id"].text_or()); });
    expect_refused("not_found", [&] { return show(elsewhere, made.root()["id"].text_or()); });
    EXPECT_EQ(json_of(town.desk.call("list_api_keys", elsewhere)).root()["items"].size(), 0U);
}

TEST_F(ApiKeys, AreMadeByOwnersAndAdminsAlone) {
    for (const Role role : {Role::owner, Role::admin}) {
        EXPECT_TRUE(town.make_key(staff_of(store, ada, role), R"(["orders:read"])"));
        EXPECT_TRUE(town.desk.call("list_api_keys", staff_of(store, ada, role)));
    }
    for (const Role role : {Role::catalog, Role::orders, Role::support}) {
        const Caller caller = staff_of(store, ada, role);
        expect_refused("forbidden", [&] { return town.make_key(caller, R"(["catalog:read"])"); });
        expect_refused("forbidden", [&] { return town.desk.call("list_api_keys", caller); });
        expect_refused("forbidden", [&] { return show(caller, "key_00000000000000000000000001"); });
        expect_refused("forbidden",
                       [&] { return revoke(caller, "key_00000000000000000000000001"); });
    }
}

TEST_F(ApiKeys, GrantNoMoreThanTheirMakerHas) {
    for (const Permission permission : all_permissions()) {
        Caller key = owner;
        key.principal.kind = Principal::Kind::api_key;
        key.principal.role.reset();
        key.principal.permissions = {Permission::api_keys_write};
        const std::string scopes = cat("[\"", name_of(permission), "\"]");
        if (permission == Permission::api_keys_write) {
            EXPECT_TRUE(town.make_key(key, scopes));
        } else {
            expect_refused("forbidden", [&] { return town.make_key(key, scopes); });
        }
    }
}

TEST_F(ApiKeys, NeedScopesThatExist) {
    expect_refused("validation_failed", [&] { return town.make_key(owner, "[]"); });
    expect_refused("validation_failed", [&] { return town.make_key(owner, R"(["root"])"); });
}

TEST_F(ApiKeys, AreLimitedInNumber) {
    std::string last;
    for (int i = 0; i < stores::api_keys_max; ++i) {
        last = member_of(town.make_key(owner, R"(["orders:read"])"), "id");
    }
    expect_refused("too_many_api_keys", [&] { return town.make_key(owner, R"(["orders:read"])"); });
    EXPECT_TRUE(revoke(owner, last));
    EXPECT_TRUE(town.make_key(owner, R"(["orders:read"])"));
}

}  // namespace
}  // namespace souk::testing
