#pragma once

#include <string>
#include <vector>

#include "domain/base/json.h"
#include "domain/ports/store_ledger.h"
#include "domain/stores/contract.h"
#include "domain/stores/member.h"

/// The codecs of the stores service's rows: JSON with its format under "v". Versions are the
/// ledger's. Errors: corrupt_row.
namespace souk::stores {

inline constexpr int row_format = 1;

[[nodiscard]] std::string encode_store(const Store& store);
[[nodiscard]] Result<Store> decode_store(const StoreRow& row);
[[nodiscard]] std::string encode_member(const Member& member);
[[nodiscard]] Result<Member> decode_member(const StoreRow& row);
[[nodiscard]] std::string encode_roster(const Roster& roster);
[[nodiscard]] Result<Roster> decode_roster(const StoreRow& row);
/// Without the secret, of which no row has more than a digest.
[[nodiscard]] std::string encode_api_key(const ApiKey& key);
[[nodiscard]] Result<ApiKey> decode_api_key(const StoreRow& row);

[[nodiscard]] std::string encode_scopes(const std::vector<Permission>& scopes);
[[nodiscard]] Result<std::vector<Permission>> decode_scopes(JsonView scopes);
[[nodiscard]] Result<Role> decode_role(JsonView role);
/// The row's document, once its format is known to be ours.
[[nodiscard]] Result<JsonDocument> opened(const StoreRow& row);

}  // namespace souk::stores
