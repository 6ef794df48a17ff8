#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/ports/caller.h"

namespace souk::gateway {

/// What the gateway must know of stores to let callers in. Apps wires it to the stores service.
class Tenants {
public:
    virtual ~Tenants() = default;

    struct Standing {
        StoreId id;
        bool open = true;  // Not suspended.
    };
    /// The store that an id or slug means.
    [[nodiscard]] virtual Result<std::optional<Standing>> store(
        std::string_view id_or_slug) const = 0;
    [[nodiscard]] virtual Result<std::optional<Role>> role_of(const StoreId& store,
                                                              const UserId& user) const = 0;
    struct Key {
        StoreId store;
        KeyId id;
        std::vector<Permission> scopes;
    };
    /// What a secret key opens; nothing if unknown.
    [[nodiscard]] virtual Result<std::optional<Key>> api_key(std::string_view secret) const = 0;
    /// Whether pages of this host ("shop.example") may call the store's API from a browser.
    [[nodiscard]] virtual Result<bool> serves_host(const StoreId& store,
                                                   std::string_view host) const = 0;
};

}  // namespace souk::gateway
