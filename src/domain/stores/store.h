#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/json.h"
#include "domain/stores/contract.h"

/// A store's settings and the rules that they obey. Pure.
namespace souk::stores {

/// Units: characters (a DNS label, so that a slug can be a host name's first part); counts.
inline constexpr std::size_t slug_length_max = 63;
inline constexpr std::int64_t domains_max = 10;
inline constexpr std::int64_t shipping_methods_max = 20;
inline constexpr std::int64_t tax_rate_max = 10'000;

/// What a new store is made from.
struct CreateStore {
    std::string slug;
    std::string name;
    Currency currency;
    std::string locale;
    std::vector<std::string> domains;
    Tax tax;
    std::vector<ShippingMethod> shipping_methods;
    Moderation moderation = Moderation::none;
};

/// What to change; an empty member stays as it is.
struct StoreChanges {
    std::optional<std::string> slug;
    std::optional<std::string> name;
    std::optional<Currency> currency;  // Only to be told that it cannot.
    std::optional<std::string> locale;
    std::optional<std::vector<std::string>> domains;
    std::optional<std::int64_t> tax_rate;  // Basis points.
    std::optional<TaxMode> tax_mode;
    std::optional<std::vector<ShippingMethod>> shipping_methods;
    std::optional<Moderation> moderation;
};

/// Reads a body that fits the route's schema. Host names are taken in any case and kept in lower
/// case.
[[nodiscard]] CreateStore parse_create_store(JsonView body);
[[nodiscard]] StoreChanges parse_store_changes(JsonView body);

/// The store that a command makes: open, at version 1.
/// Errors: validation_failed, with every mistake (codes too_long, bad_format, duplicate,
/// currency_mismatch).
[[nodiscard]] Result<Store> store_from(const CreateStore& command, const StoreId& id, Instant now);
/// `before` with the changes made, at the next version; `before` itself if nothing would change.
/// Errors: as store_from; validation_failed with code currency_fixed.
[[nodiscard]] Result<Store> changed(const Store& before, const StoreChanges& changes);

/// A lower-case host name of at least two labels that is no IPv4 address. Source: RFC 1123
/// section 2.1.
[[nodiscard]] bool is_host_name(std::string_view text);

[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] std::string_view name_of(Moderation moderation);

/// The members of a store's public body, into an object that the caller has begun.
void write_store(JsonWriter& out, const Store& store);
/// The public body. Shape: openapi.yaml, Store.
[[nodiscard]] std::string render_store(const Store& store);

}  // namespace souk::stores
