#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/write_action.h"
#include "domain/ports/ledger.h"

/// A transaction as it is put to DynamoDB, and what DynamoDB's refusal says about it.
namespace souk::dynamo {

/// All that a request depends on besides the transaction itself: the same draft makes the same
/// request, byte for byte, which is what a repeat under one client token must be.
struct Draft {
    Instant now;               // Decides what is expired.
    std::vector<Form> forms;   // One for each write.
    std::string client_token;  // 1..36 characters.
};
[[nodiscard]] Draft first_draft(const Transaction& transaction, Instant now,
                                std::string client_token);

/// The table of the first write that changes a row, whose outbox takes the events; empty if there
/// is none. A check may be of a sibling's table, which is not the transaction's to write.
[[nodiscard]] std::string_view table_written(const Transaction& transaction);

struct Request {
    std::string action;  // "TransactWriteItems", "PutItem", …
    std::string body;
    /// The write behind each action of the request, in its order; the events' actions follow.
    std::vector<std::size_t> positions;
};
/// Nothing if the transaction asks for nothing. One write alone, without events and without a token
/// to remember, costs half as a plain call, which is what it becomes.
[[nodiscard]] std::optional<Request> request_of(const Transaction& transaction, const Draft& draft,
                                                std::string_view table_prefix);

/// What to do about a refusal of the writes themselves.
struct Verdict {
    enum class Kind {
        refused,    // `error` is the answer.
        forms,      // Ask again in these forms.
        contended,  // Others are at these rows; ask again later.
    };
    Kind kind = Kind::contended;
    Error error{errors::ledger_conflict, {}};
    std::vector<std::pair<std::size_t, Form>> forms;
    std::vector<std::size_t> contended;
};
/// Requires a reply that says TransactionCanceledException, ConditionalCheckFailedException or
/// TransactionConflictException.
[[nodiscard]] Verdict verdict_on(const Reply& reply, const Transaction& transaction,
                                 const Draft& draft, const Request& request);

}  // namespace souk::dynamo
