#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/base/error.h"

namespace souk {

/// What enumerators are called in rows and answers: one table, read both ways.
template <class Value, std::size_t size>
using Names = std::array<std::pair<Value, std::string_view>, size>;

/// Shape: the table has every enumerator.
template <class Value, std::size_t size>
[[nodiscard]] std::string_view name_in(const Names<Value, size>& table, Value value) {
    const auto row = std::ranges::find(table, value, &std::pair<Value, std::string_view>::first);
    CHECK(row != table.end());
    return row->second;
}

/// Nothing where no enumerator is called so.
template <class Value, std::size_t size>
[[nodiscard]] std::optional<Value> value_in(const Names<Value, size>& table,
                                            std::string_view name) {
    const auto row = std::ranges::find(table, name, &std::pair<Value, std::string_view>::second);
    return row == table.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace souk
