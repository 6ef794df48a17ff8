#include "support/memory_aws/dynamo_expression.h"

#include <algorithm>
#include <cctype>

#include "domain/base/text.h"

namespace souk::testing_support {

namespace {

/// The words and signs of an expression, one after the other.
class Tokens {
public:
    explicit Tokens(std::string_view text) : rest_(text) {}

    [[nodiscard]] std::string_view peek() {
        rest_ = trimmed(rest_);
        return rest_.substr(0, length());
    }
    std::string_view take() {
        const std::string_view token = peek();
        rest_.remove_prefix(token.size());
        return token;
    }
    /// Takes it if it is next.
    bool accept(std::string_view token) {
        if (peek() != token) {
            return false;
        }
        take();
        return true;
    }
    void expect(std::string_view token) { CHECK(accept(token)); }
    [[nodiscard]] bool done() { return peek().empty(); }

private:
    [[nodiscard]] std::size_t length() const {
        const auto is_word = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '#' || c == ':' ||
                   c == '_';
        };
        const auto end = std::ranges::find_if_not(rest_, is_word);
        if (end != rest_.begin() || rest_.empty()) {
            return static_cast<std::size_t>(end - rest_.begin());
        }
        const std::string_view two = rest_.substr(0, 2);
        return two == "<=" || two == ">=" || two == "<>" ? 2 : 1;
    }

    std::string_view rest_;
};

std::int64_t number_of(const AttributeValue& value) {
    const auto number = to_integer(value.text);
    CHECK(value.type == "N" && number);
    return *number;
}

/// Less than 0, 0 or more than 0; nothing if the two cannot be compared.
std::optional<int> order(const std::optional<AttributeValue>& a,
                         const std::optional<AttributeValue>& b) {
    if (!a || !b || a->type != b->type) {
        return std::nullopt;
    }
    if (a->type == "N") {
        const std::int64_t left = number_of(*a);
        const std::int64_t right = number_of(*b);
        return left < right ? -1 : static_cast<int>(left > right);
    }
    return a->text < b->text ? -1 : static_cast<int>(a->text > b->text);
}

/// Reads an expression and says at once what it comes to for one item.
class Evaluation {
public:
    Evaluation(const DynamoExpression& expression, std::string_view text, const Item& item)
        : expression_(expression), tokens_(text), item_(item) {}

    bool condition() {
        bool holds = conjunction();
        while (tokens_.accept("OR")) {
            const bool other = conjunction();
            holds = holds || other;
        }
        return holds;
    }
    /// What the clauses make of the item. All of them see it as it was.
    Item updated() {
        Item next = item_;
        while (!tokens_.done()) {
            const std::string_view clause = tokens_.take();
            CHECK(clause == "SET" || clause == "REMOVE");
            do {
                const std::string name = expression_.name(tokens_.take());
                if (clause == "REMOVE") {
                    next.erase(name);
                } else {
                    tokens_.expect("=");
                    next.insert_or_assign(name, sum());
                }
            } while (tokens_.accept(","));
        }
        return next;
    }
    [[nodiscard]] bool done() { return tokens_.done(); }

private:
    bool conjunction() {
        bool holds = term();
        while (tokens_.accept("AND")) {
            const bool other = term();
            holds = holds && other;
        }
        return holds;
    }
    bool term() {
        if (tokens_.accept("(")) {
            const bool holds = condition();
            tokens_.expect(")");
            return holds;
        }
        for (const std::string_view test : {"attribute_exists", "attribute_not_exists"}) {
            if (tokens_.accept(test)) {
                tokens_.expect("(");
                const bool exists = item_.contains(expression_.name(tokens_.take()));
                tokens_.expect(")");
                return exists == (test == "attribute_exists");
            }
        }
        return comparison();
    }
    bool comparison() {
        const auto left = operand();
        const std::string_view how = tokens_.take();
        const auto right = operand();
        const auto is = order(left, right);
        if (how == "BETWEEN") {
            tokens_.expect("AND");
            const auto upper = order(left, operand());
            return is && upper && *is >= 0 && *upper <= 0;
        }
        CHECK(how == "=" || how == "<" || how == "<=" || how == ">" || how == ">=");
        return is && ((how.contains('=') && *is == 0) || (how.contains('<') && *is < 0) ||
                      (how.contains('>') && *is > 0));
    }
    AttributeValue sum() {
        AttributeValue total = addend();
        while (tokens_.accept("+")) {
            std::int64_t result = 0;
            CHECK(!__builtin_add_overflow(number_of(total), number_of(addend()), &result));
            total = {"N", cat(result)};
        }
        return total;
    }
    AttributeValue addend() {
        if (!tokens_.accept("if_not_exists")) {
            const auto value = operand();
            CHECK(value);
            return *value;
        }
        tokens_.expect("(");
        const auto former = operand();
        tokens_.expect(",");
        const auto otherwise = operand();
        tokens_.expect(")");
        return former ? *former : *otherwise;
    }
    std::optional<AttributeValue> operand() {
        const std::string_view token = tokens_.take();
        if (token.starts_with(':')) {
            return expression_.value(token);
        }
        const auto found = item_.find(expression_.name(token));
        return found == item_.end() ? std::nullopt : std::optional(found->second);
    }

    const DynamoExpression& expression_;
    Tokens tokens_;
    const Item& item_;
};

}  // namespace

bool DynamoExpression::holds(std::string_view condition, const Item& item) const {
    if (condition.empty()) {
        return true;
    }
    Evaluation evaluation(*this, condition, item);
    const bool holds = evaluation.condition();
    CHECK(evaluation.done());
    return holds;
}

void DynamoExpression::update(std::string_view clauses, Item& item) const {
    item = Evaluation(*this, clauses, item).updated();
}

std::string DynamoExpression::name(std::string_view placeholder) const {
    const JsonView name = action_["ExpressionAttributeNames"][placeholder];
    CHECK(placeholder.starts_with('#') && name.is_string());
    return name.text_or();
}

AttributeValue DynamoExpression::value(std::string_view placeholder) const {
    const JsonView value = action_["ExpressionAttributeValues"][placeholder];
    CHECK(value.is_object());
    return value_from(value);
}

}  // namespace souk::testing_support
