#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/money.h"
#include "domain/ports/caller.h"

/// What siblings and the gateway may ask the stores service. Read-only.
namespace souk::stores {

enum class Status { open, suspended };
enum class Moderation { none, required };
/// Whether a price already contains its tax, or tax comes on top.
enum class TaxMode { added, included };

struct Tax {
    std::int64_t rate_basis_points = 0;  // 2 000 is 20 %.
    TaxMode mode = TaxMode::added;
};

struct ShippingMethod {
    std::string id;  // A slug, unique in its store.
    std::string name;
    Money price;
};

/// A store's settings.
struct Store {
    StoreId id;
    std::string slug;
    std::string name;
    Currency currency;
    std::string locale;
    std::vector<std::string> domains;  // Host names, lower case.
    Tax tax;
    std::vector<ShippingMethod> shipping_methods;
    Moderation moderation = Moderation::none;
    Status status = Status::open;
    Instant created_at;
    std::uint64_t version = 0;
};

/// What an API key may do.
struct ApiKeyGrant {
    StoreId store;
    KeyId key;
    std::vector<Permission> scopes;
};

class StoreDirectory {
public:
    virtual ~StoreDirectory() = default;
    /// Errors: not_found.
    [[nodiscard]] virtual Result<Store> store(const StoreId& id) const = 0;
    /// The store that an id or a slug means; nothing if there is none.
    [[nodiscard]] virtual Result<std::optional<StoreId>> resolve(
        std::string_view id_or_slug) const = 0;
    /// The role of a staff account in a store; nothing if it is no member.
    [[nodiscard]] virtual Result<std::optional<Role>> role_of(const StoreId& store,
                                                              const UserId& user) const = 0;
    /// What a secret key ("sk_…") opens; nothing if it is unknown or revoked.
    [[nodiscard]] virtual Result<std::optional<ApiKeyGrant>> api_key(
        std::string_view secret) const = 0;
};

}  // namespace souk::stores
