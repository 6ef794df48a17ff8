#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/json.h"
#include "support/memory_aws/dynamo_item.h"

namespace souk::testing_support {

/// Conditions and updates in DynamoDB's words, as far as the ledger speaks them: AND, OR,
/// parentheses, comparisons, BETWEEN, attribute_exists and attribute_not_exists; SET with sums and
/// if_not_exists, REMOVE. What it does not know is a failed CHECK.
/// Source: Amazon DynamoDB developer guide, "Using expressions in DynamoDB".
class DynamoExpression {
public:
    /// `action` holds ExpressionAttributeNames and -Values; it outlives this.
    explicit DynamoExpression(JsonView action) : action_(action) {}

    /// A missing attribute compares false. An empty condition holds.
    [[nodiscard]] bool holds(std::string_view condition, const Item& item) const;
    void update(std::string_view clauses, Item& item) const;

    [[nodiscard]] std::string name(std::string_view placeholder) const;
    [[nodiscard]] AttributeValue value(std::string_view placeholder) const;

private:
    JsonView action_;
};

}  // namespace souk::testing_support
