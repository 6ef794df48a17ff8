#include "adapters/identity_local/local_home.h"
#include "support/overtaken_ledger.h"

/// A password that two set at once.
namespace souk::contract {
namespace {

TEST(PasswordRaces, AChangeThatWasProvenWithThePasswordBeforeAResetIsRefused) {
    LocalHome home;
    constexpr std::string_view ann = "ann@example.com";
    constexpr std::string_view old = "correct horse battery";
    constexpr std::string_view reset = "staple of the owner";
    constexpr std::string_view stolen = "words of who knew the old one";
    const Realm store{StoreId::trusted("store_01J0000000000000000000000A")};
    const SignUp made = must(home.identity().sign_up(store, ann, old, "Ann"));
    const UserId user = must(home.identity().confirm_sign_up(store, ann, made.code.code)).user;
    const auto code = must(home.identity().forgot_password(store, ann));

    souk::testing::OvertakenLedger overtaken(home.ledger);
    const auto elsewhere =
        must(LocalIdentity::open({.ledger = overtaken,
                                  .environment = home.environment.environment(),
                                  .all_stores = AllStores::granted_by_composition_root(),
                                  .issuer = LocalHome::issuer,
                                  .key_directory = home.keys.path()}));
    // The change has read the account by then, and counts its try.
    overtaken.before_commit = [&] {
        must(home.identity().confirm_forgot_password(store, ann, code->code, reset));
    };
    EXPECT_EQ(outcome(elsewhere->change_password(store, user, old, stolen)), "invalid_credentials");
    EXPECT_EQ(outcome(home.identity().sign_in(store, ann, stolen, "")), "invalid_credentials");
    EXPECT_EQ(outcome(home.identity().sign_in(store, ann, reset, "")), "ok");
}

}  // namespace
}  // namespace souk::contract
