#include "stores/town.h"

namespace souk::testing {
namespace {

struct Suspension : ::testing::Test {
    Town town;
    UserId ada = town.staff("ada@example.com");
    StoreId store = town.open(ada, "gifts");

    Result<Response> call(std::string_view verb, const std::string& id) const {
        return town.desk.call(verb, account(ada), {}, {{"id", id}});
    }
};

TEST_F(Suspension, ShowsInTheDirectory) {
    EXPECT_EQ(member_of(call("suspend_store", store.text()), "status"), "suspended");
    EXPECT_EQ(town.stores.store(store)->status, stores::Status::suspended);
    EXPECT_EQ(member_of(call("resume_store", store.text()), "status"), "open");
    EXPECT_EQ(town.stores.store(store)->status, stores::Status::open);
}

TEST_F(Suspension, IsAnnouncedOnce) {
    EXPECT_TRUE(call("suspend_store", store.text()));
    EXPECT_TRUE(call("suspend_store", store.text()));
    const auto events = events_of(town.ledger, "souk.store.suspended.v1");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].body, cat(R"({"store_id":")", store.text(), "\"}"));
}

TEST_F(Suspension, LeavesTheStoreDescribed) {
    EXPECT_TRUE(call("suspend_store", store.text()));
    EXPECT_EQ(member_of(town.desk.call("show_store", guest_of(store)), "status"), "suspended");
}

TEST_F(Suspension, OfNoStoreIsNotFound) {
    const auto before = snapshot(town.ledger);
    EXPECT_EQ(code_of(call("suspend_store", "store_00000000000000000000000009")), "not_found");
    EXPECT_EQ(code_of(call("suspend_store", "no such/store")), "not_found");
    EXPECT_EQ(snapshot(town.ledger), before);
}

TEST_F(Suspension, IsForThePlatformAlone) {
    for (const auto* name : {"suspend_store", "resume_store", "list_all_stores"}) {
        const Audiences audiences = town.desk.route(name).audiences;
        EXPECT_TRUE(audiences.platform);
        EXPECT_FALSE(audiences.anyone || audiences.customer || audiences.staff ||
                     audiences.account);
    }
}

TEST_F(Suspension, IsRepeatedByKeyWithoutAnotherEffect) {
    const Caller admin = with_key(account(ada), town.setting.crypto, "k", "");
    EXPECT_TRUE(town.desk.call("suspend_store", admin, {}, {{"id", store.text()}}));
    EXPECT_TRUE(call("resume_store", store.text()));
    const auto again = town.desk.call("suspend_store", admin, {}, {{"id", store.text()}});
    EXPECT_TRUE(is_replay(again));
    EXPECT_EQ(town.stores.store(store)->status, stores::Status::open);
}

}  // namespace
}  // namespace souk::testing
