#include "adapters/ledger_dynamodb/row_expressions.h"

#include "adapters/ledger_dynamodb/item_codec.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

void add(std::string& clauses, std::string_view clause) {
    clauses += cat(clauses.empty() ? "" : ", ", clause);
}

}  // namespace

std::string RowConditions::exists(std::string_view which) {
    return cat(which, "(", placeholders_.name(attribute::partition), ")");
}

std::string RowConditions::not_expired() {
    const std::string expires = placeholders_.name(attribute::expires);
    return cat("attribute_not_exists(", expires, ") OR ", expires, " > ",
               placeholders_.number(expires_us(now_)));
}

std::string RowConditions::not_live() {
    return cat(exists("attribute_not_exists"), " OR ", placeholders_.name(attribute::expires),
               " <= ", placeholders_.number(expires_us(now_)));
}

std::string RowConditions::holds(const Expect& expect) {
    switch (expect.kind) {
        case Expect::Kind::absent: return not_live();
        case Expect::Kind::present: return all_of({exists("attribute_exists"), not_expired()});
        case Expect::Kind::version:
            return all_of({cat(placeholders_.name(attribute::version), " = ",
                               placeholders_.number(static_cast<std::int64_t>(expect.version))),
                           not_expired()});
        case Expect::Kind::any: return {};
    }
    return {};
}

std::string RowConditions::never() {
    return all_of({exists("attribute_exists"), exists("attribute_not_exists")});
}

void UpdateClauses::set(std::string_view attribute, std::string attribute_value) {
    const std::string name = placeholders_.name(attribute);
    add(sets_, cat(name, " = ", placeholders_.value(std::move(attribute_value))));
}

void UpdateClauses::increase(std::string_view attribute, std::int64_t by) {
    const std::string name = placeholders_.name(attribute);
    add(sets_, cat(name, " = ", or_zero(name), " + ", placeholders_.number(by)));
}

void UpdateClauses::set_zero_if_missing(std::string_view attribute) {
    const std::string name = placeholders_.name(attribute);
    add(sets_, cat(name, " = ", or_zero(name)));
}

void UpdateClauses::remove(std::string_view attribute) {
    add(removes_, placeholders_.name(attribute));
}

std::string UpdateClauses::text() const {
    return removes_.empty() ? cat("SET ", sets_) : cat("SET ", sets_, " REMOVE ", removes_);
}

std::string UpdateClauses::or_zero(const std::string& name) {
    if (zero_.empty()) {
        zero_ = placeholders_.number(0);
    }
    return cat("if_not_exists(", name, ", ", zero_, ")");
}

}  // namespace souk::dynamo
