#pragma once

#include <map>
#include <string>

#include "domain/base/json.h"

namespace souk::testing_support {

/// DynamoDB's attribute value. Of its types those that the ledger writes.
struct AttributeValue {
    std::string type;  // "S", "N" or "B"
    std::string text;
    friend bool operator==(const AttributeValue&, const AttributeValue&) = default;
};
using Item = std::map<std::string, AttributeValue, std::less<>>;

/// Shape: {"S":"…"}.
[[nodiscard]] inline AttributeValue value_from(JsonView json) {
    const auto [type, text] = json.member(0);
    return {std::string(type), text.text_or()};
}

/// Shape: {"pk":{"S":"…"},…}.
[[nodiscard]] inline Item item_from(JsonView json) {
    Item item;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto [name, value] = json.member(i);
        item.emplace(name, value_from(value));
    }
    return item;
}

inline void write_item(JsonWriter& out, const Item& item) {
    out.begin_object();
    for (const auto& [name, value] : item) {
        out.key(name).begin_object().member(value.type, value.text).end_object();
    }
    out.end_object();
}

}  // namespace souk::testing_support
