#include "adapters/bus_sns_sqs/sqs_event.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/aws_client/side_by_side.h"
#include "adapters/bus_sns_sqs/lambda_batch.h"
#include "adapters/bus_sns_sqs/receipt.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

/// Lambda's queues hide a message for six times the function's time, so its receipts outlive it.
constexpr std::chrono::hours receipt_life{12};

/// Whether a message is done with as far as Lambda is concerned.
enum class Fate { done, comes_again };

class BatchConsumer {
public:
    BatchConsumer(const std::vector<Reaction>& reactions, SqsBus& bus, Telemetry& telemetry)
        : reactions_(reactions), bus_(bus), telemetry_(telemetry) {}

    Fate consume(const SqsRecord& record);

private:
    Result<void> react(const Reaction& reaction, const Event& event);
    void count(std::string_view queue, std::string_view outcome);
    Fate settle(const SqsRecord& record, const std::string& queue, const Error& why, bool dies);
    void log_failure(const SqsRecord& record, const Event& event, const Error& why, LogLevel level);
    void log(const SqsRecord& record, std::string_view message, const Error& why, LogLevel level);
    [[nodiscard]] bool time_is_left() const;

    const std::vector<Reaction>& reactions_;
    SqsBus& bus_;
    Telemetry& telemetry_;
};

Fate BatchConsumer::consume(const SqsRecord& record) {
    if (!time_is_left()) {
        return Fate::comes_again;
    }
    const auto queue = bus_.queue_of_arn(record.arn);
    const auto reaction = std::ranges::find_if(
        reactions_, [&](const Reaction& one) { return queue && one.queue == *queue; });
    if (reaction == reactions_.end()) {
        // The wiring is wrong, not the message: it must not be lost for that.
        log(record, "no reaction for this queue", {errors::unknown_queue, record.arn},
            LogLevel::error);
        count(queue ? *queue : record.arn, "failed");
        return Fate::comes_again;
    }
    if (sqs::md5_hex(record.body) != record.body_md5) {
        log(record, "message arrived damaged", {errors::bus_unavailable, "Its MD5 is another."},
            LogLevel::warning);
        count(*queue, "failed");
        return Fate::comes_again;
    }
    const auto event = parse_cloud_event(record.body);
    const auto reacted = event ? react(*reaction, *event) : Result<void>(fail(event.error()));
    count(*queue, reacted ? "done" : "failed");
    if (reacted) {
        return Fate::done;
    }
    const bool dies =
        after_failure(reacted.error()) != AfterFailure::retry || record.delivery >= deliveries_max;
    log_failure(record, event.value_or(Event{}), reacted.error(),
                dies ? LogLevel::error : LogLevel::warning);
    return settle(record, *queue, reacted.error(), dies);
}

Result<void> BatchConsumer::react(const Reaction& reaction, const Event& event) {
    const auto started = std::chrono::steady_clock::now();
    auto span = telemetry_.span(reaction.queue, event.traceparent);
    auto reacted = act_upon(event, reaction);
    telemetry_.time("souk_reaction_seconds",
                    std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::steady_clock::now() - started),
                    {{"queue", reaction.queue}});
    if (!reacted) {
        span->failed(reacted.error().code.name);
    }
    return reacted;
}

void BatchConsumer::count(std::string_view queue, std::string_view outcome) {
    telemetry_.count("souk_reactions_total", 1, {{"queue", queue}, {"outcome", outcome}});
}

Fate BatchConsumer::settle(const SqsRecord& record, const std::string& queue, const Error& why,
                           bool dies) {
    const std::string receipt = to_text(sqs::Receipt{
        record.handle, record.delivery, bus_.clock().now() + receipt_life, record.body});
    const std::string reason = cat(why.code.name, ": ", why.detail);
    const auto settled =
        dies ? bus_.bury(queue, receipt, reason) : bus_.retry(queue, receipt, reason);
    if (!settled) {
        // It comes again when the queue's own visibility has run out.
        log(record, "message's failure not recorded", settled.error(), LogLevel::warning);
    }
    return dies && settled ? Fate::done : Fate::comes_again;
}

/// With what one would look for: the order, its store, and the trace of the request behind it.
void BatchConsumer::log_failure(const SqsRecord& record, const Event& event, const Error& why,
                                LogLevel level) {
    telemetry_.log(level, "reaction failed",
                   {{"queue", record.arn},
                    {"message", record.id},
                    {"delivery", cat(record.delivery)},
                    {"event", event.id},
                    {"type", event.type},
                    {"subject", event.subject},
                    {"source", event.source},
                    {"traceparent", event.traceparent},
                    {"code", why.code.name},
                    {"detail", why.detail}});
}

void BatchConsumer::log(const SqsRecord& record, std::string_view message, const Error& why,
                        LogLevel level) {
    telemetry_.log(level, message,
                   {{"queue", record.arn},
                    {"message", record.id},
                    {"delivery", cat(record.delivery)},
                    {"code", why.code.name},
                    {"detail", why.detail}});
}

bool BatchConsumer::time_is_left() const {
    const auto deadline = aws::DeadlineScope::current();
    if (!deadline) {
        return true;
    }
    const auto ends =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline->time_since_epoch());
    return Instant::from_unix_ms(ends.count()) - bus_.clock().now() >= reaction_time_min;
}

}  // namespace

Result<std::vector<SqsRecord>> parse_sqs_event(std::string_view event_json) {
    const JsonDocument document = TRY(JsonDocument::parse(event_json));
    const JsonView all = document.root()["Records"];
    if (!all.is_array()) {
        return fail(errors::validation_failed, "Not an SQS event: it has no Records.");
    }
    std::vector<SqsRecord> records;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const JsonView one = all.at(i);
        if (!one["messageId"].is_string() || !one["receiptHandle"].is_string()) {
            return fail(errors::validation_failed, "Not an SQS event: a record has no message id.");
        }
        records.push_back({.id = one["messageId"].text_or(),
                           .arn = one["eventSourceARN"].text_or(),
                           .handle = one["receiptHandle"].text_or(),
                           .body = one["body"].text_or(),
                           .body_md5 = one["md5OfBody"].text_or(),
                           .delivery = sqs::delivery_from(
                               one["attributes"]["ApproximateReceiveCount"].text_or())});
    }
    return records;
}

Result<std::string> consume_batch(std::string_view event_json,
                                  const std::vector<Reaction>& reactions, SqsBus& bus,
                                  Telemetry& telemetry, std::size_t workers) {
    const auto records = TRY(parse_sqs_event(event_json));
    BatchConsumer consumer(reactions, bus, telemetry);
    std::vector<Fate> fates(records.size(), Fate::comes_again);
    aws::side_by_side(records.size(), workers,
                      [&](std::size_t i) { fates[i] = consumer.consume(records[i]); });
    std::vector<std::string> failed;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (fates[i] == Fate::comes_again) {
            failed.push_back(records[i].id);
        }
    }
    return batch_failures(failed);
}

}  // namespace souk
