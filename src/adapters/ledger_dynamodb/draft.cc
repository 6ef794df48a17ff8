#include "adapters/ledger_dynamodb/draft.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

/// "/stores/{store}/orders" and "/platform/orders" are of the service "orders", whose table is
/// called so.
std::string_view service_of(const Event& event) {
    const std::string_view source = event.source;
    return source.substr(source.rfind('/') + 1);
}

std::string outbox_table(const Transaction& transaction, const Event& event,
                         std::string_view prefix) {
    const std::string_view table = table_written(transaction);
    return cat(prefix, table.empty() ? service_of(event) : table);
}

bool goes_alone(const Transaction& transaction) {
    return transaction.token.empty() && transaction.events.empty() &&
           transaction.writes.size() == 1;
}

Error conflict(std::size_t position, Failure::Why why, const RowKey& key) {
    const bool floor = why == Failure::Why::floor;
    const std::string detail = floor ? cat("A counter of the row ", key.partition, " / ", key.sort,
                                           " would pass its floor.")
                                     : cat("The row ", key.partition, " / ", key.sort,
                                           " is not as the transaction expects it.");
    return {errors::ledger_conflict,
            detail,
            {{cat("/writes/", position), floor ? "floor_reached" : "expectation_failed", detail}}};
}

/// Gathers what the actions' reasons say, one by one.
class Judgement {
public:
    Judgement(const Transaction& transaction, const Draft& draft)
        : transaction_(transaction), draft_(draft) {}

    void condition_failed(std::size_t position, JsonView item) {
        const Write& write = transaction_.writes[position];
        const Failure failure = failure_of(write, draft_.forms[position], item, draft_.now);
        if (failure.why == Failure::Why::form) {
            verdict_.forms.emplace_back(position, failure.next);
        } else {
            refuse(conflict(position, failure.why, key_of(write)));
        }
    }
    void contended(std::size_t position) { verdict_.contended.push_back(position); }
    void refuse(Error error) {
        if (!refused_) {
            refused_ = true;
            verdict_.error = std::move(error);
        }
    }
    /// A failed expectation stands whatever else was in the way; a wrong form is put right before
    /// waiting for others.
    Verdict take() {
        verdict_.kind = refused_                  ? Verdict::Kind::refused
                        : !verdict_.forms.empty() ? Verdict::Kind::forms
                                                  : Verdict::Kind::contended;
        return std::move(verdict_);
    }

private:
    const Transaction& transaction_;
    const Draft& draft_;
    Verdict verdict_;
    bool refused_ = false;
};

}  // namespace

std::string_view table_written(const Transaction& transaction) {
    const auto written = std::ranges::find_if(transaction.writes, [](const Write& write) {
        return !std::holds_alternative<Check>(write);
    });
    return written == transaction.writes.end() ? std::string_view()
                                               : std::string_view(key_of(*written).table);
}

Draft first_draft(const Transaction& transaction, Instant now, std::string client_token) {
    Draft draft{now, {}, std::move(client_token)};
    draft.forms.reserve(transaction.writes.size());
    for (const auto& write : transaction.writes) {
        draft.forms.push_back(first_form(write));
    }
    return draft;
}

std::optional<Request> request_of(const Transaction& transaction, const Draft& draft,
                                  std::string_view table_prefix) {
    Request request{"TransactWriteItems", {}, {}};
    JsonWriter out;
    out.begin_object().key("TransactItems").begin_array();
    for (std::size_t i = 0; i < transaction.writes.size(); ++i) {
        auto action = action_of(transaction.writes[i], draft.forms[i], table_prefix, draft.now);
        if (!action) {
            continue;
        }
        request.positions.push_back(i);
        if (goes_alone(transaction) && action->name != "ConditionCheck") {
            return Request{cat(action->name, "Item"), std::move(action->json), {i}};
        }
        out.begin_object().raw_member(action->name, action->json).end_object();
    }
    for (const auto& event : transaction.events) {
        const Action action =
            outbox_action(event, outbox_table(transaction, event, table_prefix), draft.now);
        out.begin_object().raw_member(action.name, action.json).end_object();
    }
    if (request.positions.empty() && transaction.events.empty()) {
        return std::nullopt;
    }
    request.body =
        out.end_array().member("ClientRequestToken", draft.client_token).end_object().take();
    return request;
}

Verdict verdict_on(const Reply& reply, const Transaction& transaction, const Draft& draft,
                   const Request& request) {
    Judgement judgement(transaction, draft);
    const JsonView body = reply.body.root();
    if (reply.error_code == "ConditionalCheckFailedException") {
        judgement.condition_failed(request.positions.front(), body["Item"]);
        return judgement.take();
    }
    if (reply.error_code == "TransactionConflictException") {
        judgement.contended(request.positions.front());
        return judgement.take();
    }
    const JsonView reasons = body["CancellationReasons"];
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        const std::string code = reasons.at(i)["Code"].text_or();
        const bool of_a_write = i < request.positions.size();
        if (code == "None" || code.empty()) {
            continue;
        }
        if (code == "ConditionalCheckFailed" && of_a_write) {
            judgement.condition_failed(request.positions[i], reasons.at(i)["Item"]);
        } else if (code == "TransactionConflict" || code == "ThrottlingError" ||
                   code == "ProvisionedThroughputExceeded") {
            if (of_a_write) {
                judgement.contended(request.positions[i]);
            }
        } else {
            judgement.refuse({errors::ledger_too_large,
                              cat("DynamoDB refuses action ", i, " of a transaction: ",
                                  reasons.at(i)["Message"].text_or(), " (", code, ")")});
        }
    }
    return judgement.take();
}

}  // namespace souk::dynamo
