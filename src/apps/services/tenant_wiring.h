#pragma once

#include "domain/stores/contract.h"
#include "gateway/tenants.h"

namespace souk::app {

/// Answers the gateway's questions from the stores service.
class StoreTenants final : public gateway::Tenants {
public:
    explicit StoreTenants(const stores::StoreDirectory& directory) : directory_(directory) {}

    [[nodiscard]] Result<std::optional<Standing>> store(std::string_view id_or_slug) const override;
    [[nodiscard]] Result<std::optional<Role>> role_of(const StoreId& store,
                                                      const UserId& user) const override;
    [[nodiscard]] Result<std::optional<Key>> api_key(std::string_view secret) const override;
    [[nodiscard]] Result<bool> serves_host(const StoreId& store,
                                           std::string_view host) const override;

private:
    const stores::StoreDirectory& directory_;
};

}  // namespace souk::app
