#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/store_ledger.h"
#include "domain/ports/unit_of_work.h"
#include "domain/stores/contract.h"
#include "domain/stores/member.h"
#include "domain/stores/store.h"
#include "domain/stores/store_repository.h"
#include "domain/users/contract.h"

namespace souk::stores {

/// Stores, who runs them, and the keys to them. Changing verbs decide; whoever called commits.
/// Thread-safe: it holds nothing but references.
class Stores : public StoreDirectory {
public:
    /// Shape: a ledger of the table "stores". `people` outlives this.
    Stores(ServiceLedger ledger, AllStores all, const users::People& people);

    /// A new store of the caller's, who becomes its owner.
    /// Errors: validation_failed; slug_taken, domain_taken; unauthenticated.  Effects:
    /// store.created.
    [[nodiscard]] Result<Change<Store>> create(const Caller& caller,
                                               const CreateStore& command) const;
    /// The caller's store with the changes made; nothing is written when none differ.
    /// Errors: validation_failed (also currency_fixed); version_mismatch; slug_taken, domain_taken.
    [[nodiscard]] Result<Change<Store>> update(const Caller& caller,
                                               const StoreChanges& wanted) const;
    /// Suspends or reopens a store. Errors: not_found.
    /// Effects: store.suspended.  Repeat: a store that has the status already stays as it is.
    [[nodiscard]] Result<Change<Store>> set_status(const Caller& caller,
                                                   std::string_view id_or_slug,
                                                   Status status) const;
    /// The stores that the caller is a member of, oldest first.
    [[nodiscard]] Result<Listing<Membership>> mine(const Caller& caller, int limit,
                                                   const std::string& cursor) const;
    /// Every store, oldest first.
    [[nodiscard]] Result<Listing<Store>> all(int limit, const std::string& cursor) const;

    [[nodiscard]] Result<Listing<Member>> members(const Caller& caller, int limit,
                                                  const std::string& cursor) const;
    /// Errors: not_found.
    [[nodiscard]] Result<Member> member(const Caller& caller, std::string_view user) const;
    /// Errors: forbidden (see check_rank); unknown_account; already_member; too_many_members.
    [[nodiscard]] Result<Change<Member>> add_member(const Caller& caller, std::string_view email,
                                                    Role role) const;
    /// Errors: not_found; version_mismatch; forbidden (see check_rank, of both roles); last_owner.
    [[nodiscard]] Result<Change<Member>> set_role(const Caller& caller, std::string_view user,
                                                  Role role) const;
    /// Takes a member out; everyone may take out themselves.
    /// Errors: not_found; version_mismatch; forbidden; last_owner.
    [[nodiscard]] Result<Change<Done>> remove_member(const Caller& caller,
                                                     std::string_view user) const;

    [[nodiscard]] Result<Listing<ApiKey>> api_keys(const Caller& caller, int limit,
                                                   const std::string& cursor) const;
    /// A key as their list shows it. Errors: not_found.
    [[nodiscard]] Result<ApiKey> api_key(const Caller& caller, std::string_view id) const;
    /// A new key with its secret, which is shown here and never again. Errors: forbidden;
    /// too_many_api_keys.
    [[nodiscard]] Result<Change<IssuedApiKey>> create_api_key(const Caller& caller,
                                                              std::string_view name,
                                                              std::vector<Permission> scopes) const;
    /// The key opens nothing from the commit on. Errors: not_found.
    [[nodiscard]] Result<Change<Done>> revoke_api_key(const Caller& caller,
                                                      std::string_view id) const;

    // StoreDirectory: each costs one read.
    [[nodiscard]] Result<Store> store(const StoreId& id) const override;
    [[nodiscard]] Result<std::optional<StoreId>> resolve(
        std::string_view id_or_slug) const override;
    [[nodiscard]] Result<std::optional<Role>> role_of(const StoreId& store,
                                                      const UserId& user) const override;
    [[nodiscard]] Result<std::optional<ApiKeyGrant>> api_key(
        std::string_view secret) const override;

    /// What routes commit with.
    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }
    [[nodiscard]] const PlatformLedger& platform() const { return platform_; }

private:
    [[nodiscard]] StoreRepository repository(const StoreId& store) const {
        return {ledger_.store(store), index_};
    }
    [[nodiscard]] const Environment& environment() const { return ledger_.environment(); }
    /// Errors: slug_taken, domain_taken, when another store holds what `store` wants.
    [[nodiscard]] Result<void> check_free(const Store& store) const;

    ServiceLedger ledger_;
    PlatformLedger platform_;
    StoreIndex index_;
    const users::People& people_;
};

}  // namespace souk::stores
