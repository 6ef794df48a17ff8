#include "aws_saga/lambda.h"

#include <set>

#include "adapters/bus_sns_sqs/sqs_event.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "domain/base/text.h"

namespace souk::testing {

namespace {

constexpr std::size_t records_max = 25;
constexpr std::size_t messages_max = 10;
constexpr std::chrono::seconds hidden{180};  // Six times the function's time.
// In a thousand.
constexpr std::size_t outcome_lost = 25;
constexpr std::size_t delivered_twice = 60;

using Change = testing_support::MemoryDynamo::Change;
using Received = testing_support::MemoryQueues::Received;

/// As Lambda's filter lets them through: rows of the outbox.
std::string stream_event(const std::vector<Change>& changes) {
    JsonWriter out;
    out.begin_object().key("Records").begin_array();
    for (const auto& change : changes) {
        if (change.image.contains("e")) {
            out.begin_object().key("dynamodb").begin_object();
            out.member("SequenceNumber", change.sequence_number).key("NewImage");
            write_item(out, change.image);
            out.end_object().end_object();
        }
    }
    return out.end_array().end_object().take();
}

std::string queue_event(std::string_view queue, const std::vector<Received>& messages) {
    JsonWriter out;
    out.begin_object().key("Records").begin_array();
    for (const auto& message : messages) {
        out.begin_object().member("messageId", message.id).member("receiptHandle", message.handle);
        out.member("body", message.body).member("md5OfBody", sqs::md5_hex(message.body));
        out.member("eventSourceARN", cat("arn:aws:sqs:eu-west-1:1:", prefix, queue));
        out.key("attributes").begin_object();
        out.member("ApproximateReceiveCount", cat(message.receives)).end_object().end_object();
    }
    return out.end_array().end_object().take();
}

/// What a function reported as failed.
std::set<std::string> failures_in(std::string_view answer) {
    const auto document = JsonDocument::parse(answer);
    std::set<std::string> failed;
    const JsonView list = document ? document->root()["batchItemFailures"] : JsonView();
    for (std::size_t i = 0; i < list.size(); ++i) {
        failed.insert(list.at(i)["itemIdentifier"].text_or());
    }
    return failed;
}

}  // namespace

EventSources::EventSources(Market& market)
    : market_(market), tables_(market.shared.account.dynamo.tables()) {}

bool EventSources::relayed_all() const {
    for (const auto& table : tables_) {
        const auto at = positions_.find(table);
        if (!market_.shared.account.dynamo
                 .changes(table, at == positions_.end() ? 0 : at->second, 1)
                 .empty()) {
            return false;
        }
    }
    return true;
}

void EventSources::relay_some() {
    Trouble& trouble = market_.shared.trouble;
    const std::string table = trouble.chance.one_of(tables_);
    // One batch of a shard at a time: whoever comes in between begins where this one began.
    const std::size_t from = positions_[table];
    const auto changes =
        market_.shared.account.dynamo.changes(table, from, 1 + trouble.chance.below(records_max));
    if (changes.empty()) {
        return;
    }
    std::optional<std::string> answer;
    market_.in_some_process([&](Process& process) {
        const auto relayed = process.relay().relay(stream_event(changes));
        answer = relayed ? std::optional(*relayed) : std::nullopt;
    });
    if (!answer || trouble.strikes("stream read again", outcome_lost)) {
        return;
    }
    std::size_t done = changes.size();
    const auto failed = failures_in(*answer);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (failed.contains(changes[i].sequence_number)) {
            done = i;
            break;
        }
    }
    positions_[table] = std::max(positions_[table], from + done);
}

void EventSources::react_to_some() {
    const auto subscriptions = app::subscriptions();
    react_to(market_.shared.trouble.chance.one_of(subscriptions).queue);
}

void EventSources::react_beside() {
    if (!under_way_.empty()) {
        react_to(std::string(under_way_));
    }
}

void EventSources::react_to(const std::string& queue) {
    Trouble& trouble = market_.shared.trouble;
    auto& queues = market_.shared.account.queues;
    // Small batches leave something to the sandbox beside.
    const std::size_t count =
        1 + trouble.chance.below(trouble.chance.permille(600) ? 2 : messages_max);
    const auto messages = queues.receive(queue, count, hidden, [&](std::size_t visible) {
        const std::size_t at = trouble.chance.below(visible);
        trouble.faults["out of order"] += trouble.share > 0 && at > 0 ? 1 : 0;
        return at;
    });
    if (messages.empty()) {
        return;
    }
    std::set<std::string> twice;  // Seen by others meanwhile, and once more afterwards.
    for (const auto& message : messages) {
        if (trouble.strikes("delivered twice", delivered_twice)) {
            queues.show(queue, message.handle);
            twice.insert(message.id);
        }
    }
    std::optional<std::string> answer;
    const std::string before = std::exchange(under_way_, queue);
    market_.in_some_process([&](Process& process) {
        const auto consumed = consume_batch(queue_event(queue, messages), process.reactions(),
                                            process.bus(), process.telemetry());
        answer = consumed ? std::optional(*consumed) : std::nullopt;
    });
    under_way_ = before;
    if (!answer || trouble.strikes("invocation's answer lost", outcome_lost)) {
        return;
    }
    const auto failed = failures_in(*answer);
    for (const auto& message : messages) {
        if (!failed.contains(message.id) && !twice.contains(message.id)) {
            queues.remove(queue, message.handle);
        }
    }
}

void EventSources::sweep() {
    market_.in_some_process([&](Process& process) {
        for (const auto& chore : process.services().chores()) {
            (void)chore.sweep(market_.shared.clock.now());
        }
    });
}

}  // namespace souk::testing
