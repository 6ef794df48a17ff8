#include <algorithm>

#include "domain/base/text.h"
#include "support/memory_aws/dynamo_expression.h"
#include "support/memory_aws/memory_dynamo.h"

namespace souk::testing_support {

namespace {

std::string text_in(const Item& item, std::string_view name) {
    const auto found = item.find(name);
    return found == item.end() ? std::string() : found->second.text;
}

}  // namespace

/// Filters all of a partition: those of the tests are small.
aws::Answer MemoryDynamo::query(JsonView body) {
    const std::lock_guard lock(mutex_);
    const Table* const table = table_of(body);
    if (table == nullptr) {
        return dynamo_refusal("ResourceNotFoundException", "Requested resource not found");
    }
    const std::string index = body["IndexName"].text_or();
    const std::string condition = body["KeyConditionExpression"].text_or();
    const DynamoExpression expression(body);
    const std::string partition = expression.value(":0").text;  // It comes first, always.
    std::vector<std::array<std::string, 4>> found;              // As an index has them.
    if (index.empty()) {
        for (auto at = table->items.lower_bound({partition, ""});
             at != table->items.end() && at->first.first == partition; ++at) {
            found.push_back({partition, at->first.second, at->first.first, at->first.second});
        }
    } else {
        const auto& all = table->indexes[index == "index_1" ? 0 : 1];
        for (auto at = all.lower_bound({partition, "", "", ""});
             at != all.end() && at->front() == partition; ++at) {
            found.push_back(*at);
        }
    }
    std::erase_if(found, [&](const auto& at) {
        return !expression.holds(condition, table->items.at({at[2], at[3]}));
    });
    const bool forward = body["ScanIndexForward"].bool_or(true);
    if (!forward) {
        std::ranges::reverse(found);
    }
    if (const JsonView start = body["ExclusiveStartKey"]; start.is_object()) {
        const Item key = item_from(start);
        const std::array<std::string, 4> last{partition,
                                              text_in(key, index.empty()        ? "sk"
                                                           : index == "index_1" ? "g1sk"
                                                                                : "g2sk"),
                                              text_in(key, "pk"), text_in(key, "sk")};
        std::erase_if(found, [&](const auto& at) { return forward ? at <= last : at >= last; });
    }
    const auto limit = static_cast<std::size_t>(body["Limit"].integer_or(1'000));
    const std::size_t count = std::min(limit, found.size());
    JsonWriter out;
    out.begin_object().key("Items").begin_array();
    for (std::size_t i = 0; i < count; ++i) {
        write_item(out, table->items.at({found[i][2], found[i][3]}));
    }
    out.end_array();
    if (count == limit && count > 0) {
        const Item& last = table->items.at({found[count - 1][2], found[count - 1][3]});
        Item key{{"pk", last.at("pk")}, {"sk", last.at("sk")}};
        if (!index.empty()) {
            const std::string prefix = index == "index_1" ? "g1" : "g2";
            for (const std::string_view part : {"pk", "sk"}) {
                key.emplace(cat(prefix, part), last.find(cat(prefix, part))->second);
            }
        }
        write_item(out.key("LastEvaluatedKey"), key);
    }
    return {200, {}, out.end_object().take(), {}, {}};
}

}  // namespace souk::testing_support
