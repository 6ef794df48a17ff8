#include "adapters/identity_cognito/pool_names.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view platform = "platform";
constexpr std::size_t tag_bytes = 5;
constexpr std::size_t tag_characters = 8;

/// The id whose text this is in lower case.
template <class IdType, std::size_t PrefixBytes>
std::optional<IdType> id_of(std::string_view text, const char (&prefix)[PrefixBytes]) {
    std::string upper(text);
    if (upper != ascii_lower(upper) || !upper.starts_with(prefix)) {
        return std::nullopt;
    }
    for (std::size_t i = PrefixBytes - 1; i < upper.size(); ++i) {
        if (upper[i] >= 'a' && upper[i] <= 'z') {
            upper[i] = static_cast<char>(upper[i] - 'a' + 'A');
        }
    }
    auto id = IdType::parse(upper);
    return id ? std::optional(*std::move(id)) : std::nullopt;
}

}  // namespace

std::string pool_name(const Realm& realm, const UserId& user, std::string_view tag) {
    CHECK(tag.size() == tag_bytes);
    return ascii_lower(cat(realm.store ? std::string_view(realm.store->text()) : platform, '.',
                           user.text(), '.', to_base32(tag)));
}

std::optional<PoolName> parse_pool_name(std::string_view name) {
    const auto parts = split(name, '.');
    if (parts.size() != 3 || parts[2].size() != tag_characters) {
        return std::nullopt;
    }
    auto user = id_of<UserId>(parts[1], "user_");
    if (!user) {
        return std::nullopt;
    }
    if (parts[0] == platform) {
        return PoolName{{}, *std::move(user)};
    }
    auto store = id_of<StoreId>(parts[0], "store_");
    return store ? std::optional(PoolName{{*std::move(store)}, *std::move(user)}) : std::nullopt;
}

}  // namespace souk
