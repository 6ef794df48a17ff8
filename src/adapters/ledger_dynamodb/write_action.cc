#include "adapters/ledger_dynamodb/write_action.h"

#include "adapters/ledger_dynamodb/counter_plan.h"
#include "adapters/ledger_dynamodb/expression.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "adapters/ledger_dynamodb/row_expressions.h"
#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

const Expect& expectation_of(const Write& write) {
    return std::visit([](const auto& w) -> const Expect& { return w.expect; }, write);
}

enum class Found { not_told, told };  // Whether a failure shall say which item was there.

std::string full_table(std::string_view prefix, const RowKey& key) {
    return cat(prefix, key.table);
}

void end_action(JsonWriter& out, const Placeholders& placeholders, const std::string& condition,
                Found found) {
    if (!condition.empty()) {
        out.member("ConditionExpression", condition);
        if (found == Found::told) {
            out.member("ReturnValuesOnConditionCheckFailure", "ALL_OLD");
        }
    }
    placeholders.write(out);
    out.end_object();
}

Action replacing(const Row& row, std::string_view prefix, Instant now, Found found) {
    Placeholders placeholders;
    const std::string condition = RowConditions(placeholders, now).not_live();
    JsonWriter out;
    out.begin_object()
        .member("TableName", full_table(prefix, row.key))
        .raw_member("Item", item_json(row));
    end_action(out, placeholders, condition, found);
    return {"Put", out.take()};
}

Action changing(const RowKey& key, std::string_view prefix, const UpdateClauses& clauses,
                const Placeholders& placeholders, const std::string& condition, Found found) {
    JsonWriter out;
    out.begin_object()
        .member("TableName", full_table(prefix, key))
        .raw_member("Key", key_json(key))
        .member("UpdateExpression", clauses.text());
    end_action(out, placeholders, condition, found);
    return {"Update", out.take()};
}

Action changing_put(const Put& put, std::string_view prefix, Instant now) {
    Placeholders placeholders;
    UpdateClauses clauses(placeholders);
    const Row& row = put.row;
    clauses.increase(attribute::version, 1);
    const auto set_or_remove = [&](std::string_view name, std::optional<std::string> value) {
        value ? clauses.set(name, std::move(*value)) : clauses.remove(name);
    };
    using Value = std::optional<std::string>;
    set_or_remove(attribute::body, row.body.empty() ? Value() : body_value(row.body));
    set_or_remove(attribute::expires,
                  row.expires ? Value(number_value(expires_us(*row.expires))) : Value());
    set_or_remove(attribute::time_to_live,
                  row.expires ? Value(number_value(time_to_live_s(*row.expires))) : Value());
    for (std::size_t i = 0; i < row.index.size(); ++i) {
        const auto& at = row.index[i];
        set_or_remove(attribute::index_partition[i],
                      at ? Value(text_value(partition_text(at->partition))) : Value());
        set_or_remove(attribute::index_sort[i],
                      at ? Value(text_value(sort_text(at->sort))) : Value());
    }
    RowConditions conditions(placeholders, now);
    const bool any = put.expect.kind == Expect::Kind::any;
    // A row that is not there yet gets its counters, which a change cannot know.
    const std::string condition = !any                   ? conditions.holds(put.expect)
                                  : row.counters.empty() ? conditions.not_expired()
                                                         : conditions.holds(Expect::present());
    return changing(row.key, prefix, clauses, placeholders, condition,
                    any ? Found::told : Found::not_told);
}

/// An action that fails and changes nothing, so that the whole transaction is decided by DynamoDB
/// at one moment even where the outcome of this write is known already.
Action failing(const RowKey& key, std::string_view prefix) {
    Placeholders placeholders;
    JsonWriter out;
    out.begin_object()
        .member("TableName", full_table(prefix, key))
        .raw_member("Key", key_json(key));
    end_action(out, placeholders, RowConditions(placeholders, {}).never(), Found::told);
    return {"ConditionCheck", out.take()};
}

Action replacing_add(const Add& add, std::string_view prefix, Instant now) {
    const auto plans = plans_of(add.changes);
    Row row;
    row.key = add.key;
    bool within = plans.has_value();
    if (plans) {
        for (const auto& [name, plan] : *plans) {
            within = within && plan.holds_zero();
            row.counters[name] = plan.delta;
        }
    }
    return within ? replacing(row, prefix, now, Found::told) : failing(add.key, prefix);
}

Action changing_add(const Add& add, std::string_view prefix, Instant now) {
    const auto plans = plans_of(add.changes);
    if (!plans) {
        return failing(add.key, prefix);
    }
    Placeholders placeholders;
    UpdateClauses clauses(placeholders);
    RowConditions conditions(placeholders, now);
    std::vector<std::string> all = {add.expect.kind == Expect::Kind::any
                                        ? conditions.not_expired()
                                        : conditions.holds(add.expect)};
    clauses.set_zero_if_missing(attribute::version);
    for (const auto& [counter, plan] : *plans) {
        clauses.increase(counter_attribute(counter), plan.delta);
        all.push_back(plan.condition(counter, placeholders));
    }
    return changing(add.key, prefix, clauses, placeholders, all_of(all), Found::told);
}

Action on_key(std::string_view name, const RowKey& key, const Expect& expect,
              std::string_view prefix, Instant now) {
    Placeholders placeholders;
    const std::string condition = RowConditions(placeholders, now).holds(expect);
    JsonWriter out;
    out.begin_object()
        .member("TableName", full_table(prefix, key))
        .raw_member("Key", key_json(key));
    end_action(out, placeholders, condition, Found::not_told);
    return {name, out.take()};
}

bool holds(const Expect& expect, JsonView item, RowState state) {
    const bool live = state == RowState::live;
    switch (expect.kind) {
        case Expect::Kind::absent: return !live;
        case Expect::Kind::present: return live;
        case Expect::Kind::version:
            return live && item[attribute::version]["N"].text_or() == cat(expect.version);
        case Expect::Kind::any: return true;
    }
    return false;
}

bool fits(std::string_view partition, std::string_view sort) {
    return !partition.empty() && !sort.empty() &&
           partition_text(partition).size() <= partition_text_max &&
           sort_text(sort).size() <= sort_text_max;
}

}  // namespace

Form first_form(const Write& write) {
    const Expect& expect = expectation_of(write);
    if (expect.kind == Expect::Kind::absent) {
        return Form::replace;
    }
    // Whoever gives counters for a row makes it, more often than not.
    const auto* put = std::get_if<Put>(&write);
    const bool makes_it = put != nullptr && !put->row.counters.empty();
    return expect.kind == Expect::Kind::any && makes_it ? Form::replace : Form::change;
}

std::optional<Action> action_of(const Write& write, Form form, std::string_view table_prefix,
                                Instant now) {
    if (const auto* put = std::get_if<Put>(&write)) {
        if (form == Form::change) {
            return changing_put(*put, table_prefix, now);
        }
        Row row = put->row;
        row.version = 1;
        return replacing(row, table_prefix, now,
                         put->expect.kind == Expect::Kind::any ? Found::told : Found::not_told);
    }
    if (const auto* add = std::get_if<Add>(&write)) {
        return form == Form::change ? changing_add(*add, table_prefix, now)
                                    : replacing_add(*add, table_prefix, now);
    }
    if (const auto* erase = std::get_if<Erase>(&write)) {
        return on_key("Delete", erase->key, erase->expect, table_prefix, now);
    }
    const auto& check = std::get<Check>(write);
    if (check.expect.kind == Expect::Kind::any) {
        return std::nullopt;
    }
    return on_key("ConditionCheck", check.key, check.expect, table_prefix, now);
}

Action outbox_action(const Event& event, std::string_view full_table_name, Instant now) {
    return {"Put", JsonWriter()
                       .begin_object()
                       .member("TableName", full_table_name)
                       .raw_member("Item", outbox_item_json(event, now))
                       .end_object()
                       .take()};
}

Failure failure_of(const Write& write, Form form, JsonView item, Instant now) {
    const Expect& expect = expectation_of(write);
    const RowState state = state_of(item, now);
    const bool counts = std::holds_alternative<Add>(write);
    if (expect.kind != Expect::Kind::any) {
        return {counts && holds(expect, item, state) ? Failure::Why::floor
                                                     : Failure::Why::expectation};
    }
    // A change copes with a missing row, unless it is a put that brings counters.
    const auto* put = std::get_if<Put>(&write);
    const bool copes = put == nullptr || put->row.counters.empty();
    const bool change =
        state == RowState::live || (state == RowState::missing && form == Form::change && copes);
    const Form next = change ? Form::change : Form::replace;
    return {counts && next == form ? Failure::Why::floor : Failure::Why::form, next};
}

Result<void> check_storable(const Transaction& transaction) {
    for (const auto& write : transaction.writes) {
        const RowKey& key = key_of(write);
        bool all_fit = fits(key.partition, key.sort);
        if (const auto* put = std::get_if<Put>(&write)) {
            for (const auto& at : put->row.index) {
                all_fit = all_fit && (!at || fits(at->partition, at->sort));
            }
        }
        if (!all_fit) {
            return fail(errors::ledger_too_large,
                        cat("A key of the row ", key.partition, " / ", key.sort,
                            " does not fit DynamoDB: partitions have 1 to ", partition_text_max,
                            " bytes, sorts 1 to ", sort_text_max,
                            ", of which those outside ASCII count twice."));
        }
    }
    for (const auto& event : transaction.events) {
        if (!fits(outbox_prefix, event.id)) {
            return fail(errors::ledger_too_large, "An event's id has 1 to 1024 bytes.");
        }
    }
    return {};
}

}  // namespace souk::dynamo
