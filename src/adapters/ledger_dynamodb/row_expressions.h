#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/ledger_dynamodb/expression.h"
#include "domain/ports/ledger.h"

/// What expressions say about rows.
namespace souk::dynamo {

/// Conditions on a row at `now`, in DynamoDB's words. There a comparison with a missing attribute
/// is false.
class RowConditions {
public:
    /// `placeholders` outlives this.
    RowConditions(Placeholders& placeholders, Instant now)
        : placeholders_(placeholders), now_(now) {}

    /// Of a live row, and of none.
    [[nodiscard]] std::string not_expired();
    /// Of no row, and of an expired one.
    [[nodiscard]] std::string not_live();
    /// Empty when anything will do.
    [[nodiscard]] std::string holds(const Expect& expect);
    /// Of no item whatever.
    [[nodiscard]] std::string never();

private:
    [[nodiscard]] std::string exists(std::string_view which);

    Placeholders& placeholders_;
    const Instant now_;
};

/// The clauses of an update, gathered.
class UpdateClauses {
public:
    /// `placeholders` outlives this.
    explicit UpdateClauses(Placeholders& placeholders) : placeholders_(placeholders) {}

    void set(std::string_view attribute, std::string attribute_value);
    /// Counts a missing number from 0.
    void increase(std::string_view attribute, std::int64_t by);
    void set_zero_if_missing(std::string_view attribute);
    void remove(std::string_view attribute);
    /// "SET … REMOVE …". Requires that something is set.
    [[nodiscard]] std::string text() const;

private:
    [[nodiscard]] std::string or_zero(const std::string& name);

    Placeholders& placeholders_;
    std::string sets_;
    std::string removes_;
    std::string zero_;
};

}  // namespace souk::dynamo
