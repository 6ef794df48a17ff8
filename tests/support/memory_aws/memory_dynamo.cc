#include "support/memory_aws/memory_dynamo.h"

#include <algorithm>
#include <functional>
#include <thread>

#include "domain/base/text.h"
#include "support/memory_aws/dynamo_expression.h"

namespace souk::testing_support {

namespace {

constexpr std::size_t actions_max = 100;
constexpr std::chrono::minutes token_kept{10};
constexpr int sequence_digits = 21;
constexpr std::array<std::string_view, 2> index_partition{"g1pk", "g2pk"};
constexpr std::array<std::string_view, 2> index_sort{"g1sk", "g2sk"};
constexpr std::array<std::string_view, 4> kinds{"Put", "Update", "Delete", "ConditionCheck"};

aws::Answer success(std::string body) { return {200, {}, std::move(body), {}, {}}; }

std::string text_in(const Item& item, std::string_view name) {
    const auto found = item.find(name);
    return found == item.end() ? std::string() : found->second.text;
}

bool told(JsonView action) {
    return action["ReturnValuesOnConditionCheckFailure"].text_or() == "ALL_OLD";
}

aws::Answer no_table() {
    return dynamo_refusal("ResourceNotFoundException", "Requested resource not found");
}

}  // namespace

aws::Answer dynamo_refusal(std::string_view code, std::string_view words, std::string body) {
    return {400, {}, std::move(body), std::string(code), std::string(words)};
}

void MemoryDynamo::make_table(std::string_view name) {
    const std::lock_guard lock(mutex_);
    tables_.try_emplace(std::string(name));
}

std::vector<std::string> MemoryDynamo::tables() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, table] : tables_) {
        names.push_back(name);
    }
    return names;
}

std::size_t MemoryDynamo::conflicts() const {
    const std::lock_guard lock(mutex_);
    return conflicts_;
}

std::vector<MemoryDynamo::Change> MemoryDynamo::changes(std::string_view table,
                                                        std::size_t position,
                                                        std::size_t count) const {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.find(table);
    CHECK(found != tables_.end());
    const auto& all = found->second.changes;
    const std::size_t from = std::min(position, all.size());
    const std::size_t to = std::min(from + count, all.size());
    return {all.begin() + static_cast<std::ptrdiff_t>(from),
            all.begin() + static_cast<std::ptrdiff_t>(to)};
}

aws::Answer MemoryDynamo::answer(std::string_view action, std::string_view body) {
    const auto document = JsonDocument::parse(body);
    CHECK(document);
    const JsonView root = document->root();
    if (action == "GetItem") {
        return item(root);
    }
    if (action == "BatchGetItem") {
        return items(root);
    }
    if (action == "Query") {
        return query(root);
    }
    if (action == "TransactWriteItems") {
        return transact(body, root);
    }
    CHECK(action.ends_with("Item"));
    return write_one(action.substr(0, action.size() - std::string_view("Item").size()), root);
}

MemoryDynamo::Table* MemoryDynamo::table_of(JsonView body) {
    const auto found = tables_.find(body["TableName"].text_or());
    return found == tables_.end() ? nullptr : &found->second;
}

MemoryDynamo::Action MemoryDynamo::action_from(std::string_view kind, JsonView json) {
    CHECK(std::ranges::find(kinds, kind) != kinds.end());
    const Item key = item_from(kind == "Put" ? json["Item"] : json["Key"]);
    const Place place{text_in(key, "pk"), text_in(key, "sk")};
    return {std::string(kind), json, table_of(json),
            cat(json["TableName"].text_or(), '\n', place.first, '\n', place.second), place};
}

bool MemoryDynamo::holds(const Action& action) const {
    if ((neglect_ == Neglect::floors && action.kind == "Update") ||
        (neglect_ == Neglect::absence && action.kind == "Put")) {
        return true;
    }
    const auto found = action.table->items.find(action.place);
    return DynamoExpression(action.json)
        .holds(action.json["ConditionExpression"].text_or(),
               found == action.table->items.end() ? Item{} : found->second);
}

void MemoryDynamo::apply(const Action& action) {
    if (action.kind == "Put") {
        put(*action.table, action.place, item_from(action.json["Item"]));
    } else if (action.kind == "Delete") {
        remove(*action.table, action.place);
    } else if (action.kind == "Update") {
        const auto found = action.table->items.find(action.place);
        Item item =
            found == action.table->items.end() ? item_from(action.json["Key"]) : found->second;
        DynamoExpression(action.json).update(action.json["UpdateExpression"].text_or(), item);
        put(*action.table, action.place, std::move(item));
    }
}

void MemoryDynamo::put(Table& table, const Place& place, Item item) {
    remove(table, place);
    for (std::size_t i = 0; i < table.indexes.size(); ++i) {
        if (item.contains(index_partition[i]) && item.contains(index_sort[i])) {
            table.indexes[i].insert({text_in(item, index_partition[i]),
                                     text_in(item, index_sort[i]), place.first, place.second});
        }
    }
    const bool lost = neglect_ == Neglect::events && item.contains("e") && ++events_ % 10 == 0;
    if (!lost) {
        table.changes.push_back({zero_padded(table.changes.size() + 1, sequence_digits), item});
    }
    table.items.insert_or_assign(place, std::move(item));
}

void MemoryDynamo::remove(Table& table, const Place& place) {
    const auto found = table.items.find(place);
    if (found == table.items.end()) {
        return;
    }
    for (std::size_t i = 0; i < table.indexes.size(); ++i) {
        table.indexes[i].erase({text_in(found->second, index_partition[i]),
                                text_in(found->second, index_sort[i]), place.first, place.second});
    }
    table.items.erase(found);
}

void MemoryDynamo::hold(const std::vector<Action>& actions, std::unique_lock<std::mutex>& lock) {
    if (write_time_.count() == 0) {
        return;
    }
    for (const auto& action : actions) {
        held_.insert(action.held);
    }
    lock.unlock();
    // house: allow sleeping-test: what is modelled is how long others are kept out.
    std::this_thread::sleep_for(write_time_);
    lock.lock();
    for (const auto& action : actions) {
        held_.erase(action.held);
    }
}

aws::Answer MemoryDynamo::item(JsonView body) {
    const std::lock_guard lock(mutex_);
    const Table* const table = table_of(body);
    if (table == nullptr) {
        return no_table();
    }
    const Item key = item_from(body["Key"]);
    const auto found = table->items.find({text_in(key, "pk"), text_in(key, "sk")});
    JsonWriter out;
    out.begin_object();
    if (found != table->items.end()) {
        write_item(out.key("Item"), found->second);
    }
    return success(out.end_object().take());
}

aws::Answer MemoryDynamo::items(JsonView body) {
    const std::lock_guard lock(mutex_);
    const JsonView wanted = body["RequestItems"];
    JsonWriter out;
    out.begin_object().key("Responses").begin_object();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto [name, asked] = wanted.member(i);
        const auto table = tables_.find(name);
        if (table == tables_.end()) {
            return no_table();
        }
        out.key(name).begin_array();
        for (std::size_t j = 0; j < asked["Keys"].size(); ++j) {
            const Item key = item_from(asked["Keys"].at(j));
            const auto found = table->second.items.find({text_in(key, "pk"), text_in(key, "sk")});
            if (found != table->second.items.end()) {
                write_item(out, found->second);
            }
        }
        out.end_array();
    }
    return success(out.end_object().raw_member("UnprocessedKeys", "{}").end_object().take());
}

aws::Answer MemoryDynamo::write_one(std::string_view kind, JsonView body) {
    std::unique_lock lock(mutex_);
    const Action action = action_from(kind, body);
    if (action.table == nullptr) {
        return no_table();
    }
    if (held_.contains(action.held)) {
        ++conflicts_;
        return dynamo_refusal("TransactionConflictException",
                              "Transaction is ongoing for the item");
    }
    if (!holds(action)) {
        JsonWriter out;
        out.begin_object();
        const auto found = action.table->items.find(action.place);
        if (told(body) && found != action.table->items.end()) {
            write_item(out.key("Item"), found->second);
        }
        return dynamo_refusal("ConditionalCheckFailedException", "The conditional request failed",
                              out.end_object().take());
    }
    apply(action);
    return success("{}");
}

aws::Answer MemoryDynamo::transact(std::string_view text, JsonView body) {
    std::unique_lock lock(mutex_);
    const JsonView items = body["TransactItems"];
    if (items.size() == 0 || items.size() > actions_max) {
        return dynamo_refusal("ValidationException", "1 to 100 actions");
    }
    std::vector<Action> actions;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto [kind, json] = items.at(i).member(0);
        actions.push_back(action_from(kind, json));
        if (actions.back().table == nullptr) {
            return no_table();
        }
        if (!seen.insert(actions.back().held).second) {
            return dynamo_refusal("ValidationException", "multiple operations on one item");
        }
    }
    const std::string token = body["ClientRequestToken"].text_or();
    const std::size_t request = std::hash<std::string_view>()(text);
    const auto known = tokens_.find(token);
    if (known != tokens_.end() && known->second.forgotten > clock_.now()) {
        if (known->second.request != request) {
            return dynamo_refusal("IdempotentParameterMismatchException", "another request");
        }
        if (known->second.took_effect) {
            return success("{}");
        }
    }
    Token& remembered = tokens_[token];
    remembered = {request, false, clock_.now() + token_kept};
    JsonWriter reasons;
    reasons.begin_object().key("CancellationReasons").begin_array();
    bool cancelled = false;
    for (const auto& action : actions) {
        const bool contended = held_.contains(action.held);
        const bool refused = !contended && !holds(action);
        conflicts_ += contended ? 1 : 0;
        cancelled = cancelled || contended || refused;
        reasons.begin_object().member("Code", contended ? "TransactionConflict"
                                              : refused ? "ConditionalCheckFailed"
                                                        : "None");
        const auto found = action.table->items.find(action.place);
        if (refused && told(action.json) && found != action.table->items.end()) {
            write_item(reasons.key("Item"), found->second);
        }
        reasons.end_object();
    }
    if (cancelled) {
        return dynamo_refusal("TransactionCanceledException", "Transaction cancelled",
                              reasons.end_array().end_object().take());
    }
    for (const auto& action : actions) {
        apply(action);
    }
    remembered.took_effect = true;
    hold(actions, lock);
    return success("{}");
}

}  // namespace souk::testing_support
