#include "adapters/ledger_dynamodb/expression.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::dynamo {

std::string text_value(std::string_view text) { return cat(R"({"S":)", json_quoted(text), '}'); }
std::string number_value(std::int64_t number) { return cat(R"({"N":")", number, R"("})"); }
std::string binary_value(std::string_view bytes) {
    return cat(R"({"B":")", to_base64(bytes), R"("})");
}

std::string Placeholders::name(std::string_view attribute) {
    const auto known = std::ranges::find(names_, attribute);
    const auto position = known - names_.begin();
    if (known == names_.end()) {
        names_.emplace_back(attribute);
    }
    return cat('#', position);
}

std::string Placeholders::value(std::string attribute_value) {
    values_.push_back(std::move(attribute_value));
    return cat(':', values_.size() - 1);
}

void Placeholders::write(JsonWriter& out) const {
    if (!names_.empty()) {
        out.key("ExpressionAttributeNames").begin_object();
        for (std::size_t i = 0; i < names_.size(); ++i) {
            out.member(cat('#', i), names_[i]);
        }
        out.end_object();
    }
    if (!values_.empty()) {
        out.key("ExpressionAttributeValues").begin_object();
        for (std::size_t i = 0; i < values_.size(); ++i) {
            out.raw_member(cat(':', i), values_[i]);
        }
        out.end_object();
    }
}

std::string all_of(const std::vector<std::string>& conditions) {
    const auto count = std::ranges::count_if(conditions, [](const auto& c) { return !c.empty(); });
    std::string all;
    for (const auto& condition : conditions) {
        if (condition.empty()) {
            continue;
        }
        const bool wrapped = count > 1 && condition.find(" OR ") != std::string::npos;
        all += all.empty() ? "" : " AND ";
        all += wrapped ? cat('(', condition, ')') : condition;
    }
    return all;
}

}  // namespace souk::dynamo
