#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/json.h"

/// DynamoDB's expressions: names and values stand in them as placeholders that are listed beside.
namespace souk::dynamo {

/// Attribute values as JSON: {"S":"…"}, {"N":"…"}, {"B":"…"}.
[[nodiscard]] std::string text_value(std::string_view text);
[[nodiscard]] std::string number_value(std::int64_t number);
[[nodiscard]] std::string binary_value(std::string_view bytes);

/// Gives out placeholders for one request. Every placeholder that was given out must be used:
/// DynamoDB refuses a request that lists one too many.
class Placeholders {
public:
    /// "#0" for an attribute's name; the same for the same name.
    [[nodiscard]] std::string name(std::string_view attribute);
    /// ":0" for a value.
    [[nodiscard]] std::string value(std::string attribute_value);
    [[nodiscard]] std::string number(std::int64_t number) { return value(number_value(number)); }
    [[nodiscard]] std::string text(std::string_view text) { return value(text_value(text)); }

    /// Writes the members ExpressionAttributeNames and ExpressionAttributeValues, if any.
    void write(JsonWriter& out) const;

private:
    std::vector<std::string> names_;
    std::vector<std::string> values_;
};

/// "a AND (b OR c)" of the conditions that are not empty. DynamoDB refuses parentheses that it
/// finds redundant.
[[nodiscard]] std::string all_of(const std::vector<std::string>& conditions);

}  // namespace souk::dynamo
