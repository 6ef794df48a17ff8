#pragma once

#include <cstdint>
#include <string_view>

#include "domain/base/schema.h"

namespace souk {

/// What a text format demands, and how openapi.yaml says it.
struct FormatRow {
    TextFormat format;
    bool (*fits)(std::string_view);
    std::string_view json_schema;  // Members of a JSON Schema.
    std::string_view words;        // After "Not ".
};
[[nodiscard]] const FormatRow& row_of(TextFormat format);

/// No slug is longer. Units: characters.
inline constexpr std::int64_t slug_max = 200;

namespace schema {
/// A slug of which less than slug_max is taken. A longer one is too_long.
[[nodiscard]] Schema slug(std::int64_t length_max);
}  // namespace schema

}  // namespace souk
