#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/store_ledger.h"
#include "domain/stores/contract.h"
#include "domain/stores/member.h"

namespace souk::stores {

/// One page of a list that a ledger's cursor continues.
template <class T>
struct Listing {
    std::vector<T> items;
    std::optional<std::string> cursor;  // The ledger's own: seal it before it leaves.
};

/// A store, and what its reader is in it.
struct Membership {
    Store store;
    Role role = Role::support;
};

/// What must be found without knowing the store: who holds a slug or a domain, which stores a
/// person is in, what a secret key opens. Platform rows, each written in the commit that changes
/// the store's own row. A look-up costs one read, however many stores there are.
class StoreIndex {
public:
    explicit StoreIndex(PlatformLedger platform) : platform_(std::move(platform)) {}

    [[nodiscard]] Result<std::optional<StoreId>> with_slug(std::string_view slug) const;
    [[nodiscard]] Result<std::optional<StoreId>> with_domain(std::string_view host) const;
    [[nodiscard]] Result<std::optional<ApiKeyGrant>> opened_by(std::string_view secret,
                                                               const Crypto& crypto) const;
    /// In the order of their ids, which is that of their making.
    [[nodiscard]] Result<Listing<Store>> all(int limit, const std::string& cursor) const;
    [[nodiscard]] Result<Listing<Membership>> of_user(const UserId& user, int limit,
                                                      const std::string& cursor) const;

    /// Takes slug and domains for a store; the commit fails when another has one of them.
    void take_slug(Changes& changes, const Store& store) const;
    void free_slug(Changes& changes, const Store& store) const;
    void take_domain(Changes& changes, const StoreId& store, std::string_view host) const;
    void free_domain(Changes& changes, std::string_view host) const;
    /// The copy that lists are made from. Every commit that writes the store's own row writes it
    /// too.
    void describe(Changes& changes, const Store& store) const;
    void put_membership(Changes& changes, const StoreId& store, const Member& member) const;
    void erase_membership(Changes& changes, const StoreId& store, const UserId& user) const;
    /// Makes a secret findable by its SHA-256 alone.
    void put_grant(Changes& changes, const StoreId& store, const IssuedApiKey& issued,
                   const Crypto& crypto) const;
    void erase_grant(Changes& changes, const ApiKey& key) const;

    /// The part of a secret's digest that names its row; the rest proves it.
    [[nodiscard]] static std::string lookup_of(std::string_view secret, const Crypto& crypto);

private:
    PlatformLedger platform_;
};

}  // namespace souk::stores
