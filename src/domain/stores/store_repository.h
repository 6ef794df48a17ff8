#pragma once

#include <optional>
#include <string>

#include "domain/stores/store_index.h"

namespace souk::stores {

/// One store's own rows. What it writes into the store it also writes into the index.
class StoreRepository {
public:
    StoreRepository(StoreLedger wall, StoreIndex index)
        : wall_(std::move(wall)), index_(std::move(index)) {}

    /// Errors: not_found.
    [[nodiscard]] Result<Store> settings() const;
    /// Whether the store exists; reads its row alone.
    [[nodiscard]] Result<bool> exists() const;
    /// Errors: not_found.
    [[nodiscard]] Result<Member> member(const UserId& user) const;
    [[nodiscard]] Result<std::optional<Member>> find_member(const UserId& user) const;
    [[nodiscard]] Result<Listing<Member>> members(int limit, const std::string& cursor) const;
    [[nodiscard]] Result<Roster> roster() const;
    /// Errors: not_found.
    [[nodiscard]] Result<ApiKey> api_key(const KeyId& id) const;
    [[nodiscard]] Result<Listing<ApiKey>> api_keys(int limit, const std::string& cursor) const;

    /// A new store with its first owner, its slug and its domains.
    void add(Changes& changes, const Store& store, const Member& owner) const;
    /// `after` in place of `before`, moving slug and domains; fails on any change in between.
    void save(Changes& changes, const Store& before, const Store& after) const;
    void add_member(Changes& changes, const Member& member, const Roster& roster) const;
    /// In place of the row at `member.version`.
    void save_member(Changes& changes, const Member& member, const Roster& roster) const;
    void erase_member(Changes& changes, const Member& member, const Roster& roster) const;
    void add_api_key(Changes& changes, const IssuedApiKey& issued, const Roster& roster,
                     const Crypto& crypto) const;
    void erase_api_key(Changes& changes, const ApiKey& key, const Roster& roster) const;

private:
    void put_roster(Changes& changes, const Roster& roster) const;

    StoreLedger wall_;
    StoreIndex index_;
};

}  // namespace souk::stores
