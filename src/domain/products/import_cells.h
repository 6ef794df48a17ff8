#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/schema.h"
#include "domain/products/import_rows.h"

/// What single cells of a product file say.
namespace souk::products {

/// What is wrong with the text, for a person; empty if nothing is.
[[nodiscard]] std::string misfit(const Schema& schema, std::string_view text);

/// The cell if it fits; else the mistake is added to `errors` and it is nothing.
[[nodiscard]] std::optional<std::string> fitting(const ImportRow& row, Column column,
                                                 const Schema& schema, const Columns& columns,
                                                 std::vector<ImportError>& errors);

/// "250", "250.0", "12.5": whole grams, rounded half up.
[[nodiscard]] std::optional<std::int64_t> grams_from(std::string_view text);

/// "TRUE" or "Yes"; "FALSE" or "No", in any case.
[[nodiscard]] bool means_yes(std::string_view text);
[[nodiscard]] bool means_no(std::string_view text);

}  // namespace souk::products
