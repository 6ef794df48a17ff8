#include "adapters/accounts/account_rows.h"

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view account_sort = "account";
constexpr std::string_view owner_sort = "owner";

std::string email_partition(std::string_view email) { return cat("email#", email); }

}  // namespace

AccountRows::AccountRows(const ServiceLedger& ledger, AllStores all_stores)
    : ledger_(ledger), all_stores_(all_stores) {}

WalledLedger AccountRows::of(const Realm& realm) const {
    // Both add nothing to the wall that is used here, so what the copy leaves out is not missed.
    if (realm.store) {
        const StoreLedger store = ledger_.store(*realm.store);
        return static_cast<const WalledLedger&>(store);
    }
    const PlatformLedger platform = ledger_.platform(all_stores_);
    return static_cast<const WalledLedger&>(platform);
}

Result<std::optional<AccountRecord>> AccountRows::by_user(const Realm& realm,
                                                          const UserId& user) const {
    const auto row = TRY(of(realm).find(user.text(), account_sort));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_account(row->body, row->version));
}

Result<std::optional<AccountRecord>> AccountRows::by_email(const Realm& realm,
                                                           std::string_view email) const {
    const auto marker = TRY(of(realm).find(email_partition(email), owner_sort));
    if (!marker) {
        return std::nullopt;
    }
    const auto user = UserId::parse(marker->body);
    if (!user) {
        return fail(errors::corrupt_row, "The owner of an e-mail address cannot be read.");
    }
    return by_user(realm, *user);
}

void AccountRows::add(Changes& changes, const Realm& realm, const AccountRecord& record) const {
    const WalledLedger wall = of(realm);
    wall.put(changes,
             {.partition = email_partition(record.account.email),
              .sort = std::string(owner_sort),
              .body = record.account.user.text()},
             Expect::absent());
    wall.put(changes,
             {.partition = record.account.user.text(),
              .sort = std::string(account_sort),
              .body = encode(record)},
             Expect::absent());
}

void AccountRows::update(Changes& changes, const Realm& realm, const AccountRecord& record) const {
    of(realm).put(changes,
                  {.partition = record.account.user.text(),
                   .sort = std::string(account_sort),
                   .body = encode(record)},
                  Expect::at(record.version));
}

void AccountRows::check(Changes& changes, const Realm& realm, const AccountRecord& record) const {
    of(realm).check(changes, record.account.user.text(), account_sort, Expect::at(record.version));
}

}  // namespace souk
