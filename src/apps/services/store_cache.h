#pragma once

#include "domain/stores/contract.h"
#include "gateway/watched_cache.h"

namespace souk::app {

/// A directory that keeps what stores are called and how they are set, each until a commit touches
/// a row that it was made from: every request asks. Thread-safe.
class StoreCache final : public stores::StoreDirectory {
public:
    /// The directory reads through a TrackedLedger of the same epochs. Both outlive this.
    StoreCache(const stores::StoreDirectory& directory, const gateway::CommitEpochs& epochs,
               std::size_t bytes_max)
        : directory_(directory), settings_(epochs, bytes_max / 2), ids_(epochs, bytes_max / 2) {}

    [[nodiscard]] Result<stores::Store> store(const StoreId& id) const override;
    [[nodiscard]] Result<std::optional<StoreId>> resolve(
        std::string_view id_or_slug) const override;
    [[nodiscard]] Result<std::optional<Role>> role_of(const StoreId& store,
                                                      const UserId& user) const override {
        return directory_.role_of(store, user);
    }
    [[nodiscard]] Result<std::optional<stores::ApiKeyGrant>> api_key(
        std::string_view secret) const override {
        return directory_.api_key(secret);
    }

private:
    const stores::StoreDirectory& directory_;
    mutable gateway::WatchedCache<stores::Store> settings_;
    mutable gateway::WatchedCache<StoreId> ids_;
};

}  // namespace souk::app
