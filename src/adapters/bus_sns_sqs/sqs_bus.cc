#include "adapters/bus_sns_sqs/sqs_bus.h"

#include <algorithm>
#include <utility>

#include "adapters/bus_sns_sqs/backoff.h"
#include "adapters/bus_sns_sqs/receipt.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::chrono::seconds poll_limit{20};  // Source: ReceiveMessage, WaitTimeSeconds.
/// Longer waits are cut to this, which no caller can tell apart and no clock can overflow.
constexpr std::chrono::hours wait_max{24 * 365};
constexpr std::string_view unanswered = "No consumer answered in time.";

Result<sqs::Receipt> parse_receipt(std::string_view text) {
    auto receipt = sqs::receipt_from(text);
    if (!receipt) {
        return fail(errors::validation_failed, "Not a receipt of this bus.");
    }
    return *std::move(receipt);
}

}  // namespace

SqsBus::SqsBus(aws::AwsClient& client, Clock& clock, SqsBusSettings settings)
    : clock_(clock), settings_(std::move(settings)), calls_(client, settings_.pacing) {
    CHECK(settings_.poll_max >= std::chrono::seconds(1) && settings_.poll_max <= poll_limit);
}

Result<std::vector<Message>> SqsBus::receive(std::string_view queue, int count,
                                             std::chrono::milliseconds wait, std::stop_token stop) {
    CHECK(count >= 1 && count <= receive_max);
    const std::string url = TRY(url_of(queue));
    const auto hidden = find(queue)->hidden;
    const auto deadline =
        std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(wait, wait_max);
    while (!stop.stop_requested()) {
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(
            deadline - std::chrono::steady_clock::now());
        const auto poll = std::clamp(left, std::chrono::seconds(0), settings_.poll_max);
        auto received = TRY(calls_.receive(url, count, poll, hidden));
        auto messages = TRY(admitted(url, std::move(received), clock_.now() + hidden));
        if (!messages.empty() || poll.count() == 0) {
            return messages;
        }
    }
    return std::vector<Message>{};
}

Result<std::vector<Message>> SqsBus::admitted(std::string_view url,
                                              std::vector<sqs::StoredMessage> received,
                                              Instant hidden_until) {
    std::vector<Message> messages;
    Result<void> buried;
    const Instant now = clock_.now();
    for (auto& stored : received) {
        auto event = parse_cloud_event(stored.body);
        // More deliveries than there may be: a queue without our redrive policy.
        if (event && stored.receives <= deliveries_max) {
            const sqs::Receipt receipt{std::move(stored.handle), stored.receives, hidden_until,
                                       std::move(stored.body)};
            messages.push_back({to_text(receipt), std::move(*event), stored.receives});
            continue;
        }
        const std::string reason =
            event ? std::string(unanswered) : cat("Unreadable: ", event.error().detail);
        auto letter = sqs::dead_letter(std::move(stored.body),
                                       std::min(stored.receives, deliveries_max), reason, now);
        if (auto done = bury_body(url, stored.handle, std::move(letter)); !done) {
            buried = std::move(done);
        }
    }
    // What could not be buried comes again, and must not keep the others from their consumer.
    if (messages.empty() && !buried) {
        return fail(std::move(buried.error()));
    }
    return messages;
}

Result<void> SqsBus::acknowledge(std::string_view queue, const std::vector<std::string>& receipts) {
    const std::string url = TRY(url_of(queue));
    std::vector<std::string> handles;
    for (const auto& receipt : receipts) {
        handles.push_back(TRY(parse_receipt(receipt)).handle);
    }
    return remove(url, handles);
}

Result<void> SqsBus::retry(std::string_view queue, const std::string& receipt_text,
                           std::string_view reason) {
    const std::string url = TRY(url_of(queue));
    const sqs::Receipt receipt = TRY(parse_receipt(receipt_text));
    if (receipt.delivery >= deliveries_max) {
        return bury(queue, receipt_text, reason);
    }
    if (receipt.expires <= clock_.now()) {
        return {};
    }
    const auto failures =
        calls_.release(url, {receipt.handle}, sqs::backoff(receipt.delivery, receipt.handle));
    if (!failures.empty() && !sqs::is_stale_handle(failures.front().code)) {
        return fail(sqs::error_of("ChangeMessageVisibilityBatch", failures.front()));
    }
    return {};
}

Result<void> SqsBus::bury(std::string_view queue, const std::string& receipt_text,
                          std::string_view reason) {
    const std::string url = TRY(url_of(queue));
    sqs::Receipt receipt = TRY(parse_receipt(receipt_text));
    if (receipt.expires <= clock_.now()) {
        return {};
    }
    return bury_body(
        url, receipt.handle,
        sqs::dead_letter(std::move(receipt.body), receipt.delivery, reason, clock_.now()));
}

Result<void> SqsBus::bury_body(std::string_view url, const std::string& handle,
                               sqs::OutgoingMessage letter) {
    const auto failures = calls_.send(cat(url, "-dead"), {std::move(letter)});
    if (!failures.empty()) {
        return fail(sqs::error_of("SendMessageBatch", failures.front()));
    }
    return remove(url, {handle});
}

Result<void> SqsBus::remove(std::string_view url, const std::vector<std::string>& handles) {
    for (const auto& failure : calls_.remove(url, handles)) {
        // A handle that stands for nothing any more: removed before, or another consumer's by now.
        if (!sqs::is_stale_handle(failure.code)) {
            return fail(sqs::error_of("DeleteMessageBatch", failure));
        }
    }
    return {};
}

Result<std::string> SqsBus::queue_of_arn(std::string_view arn) const {
    const std::string_view name = arn.substr(arn.rfind(':') + 1);
    const std::string_view prefix = std::string_view(settings_.queue_url_prefix)
                                        .substr(settings_.queue_url_prefix.rfind('/') + 1);
    for (const auto& queue : queues()) {
        if (name.size() == prefix.size() + queue.size() && name.starts_with(prefix) &&
            name.ends_with(queue)) {
            return queue;
        }
    }
    return fail(errors::unknown_queue, cat("No queue of ours has the ARN ", arn, "."));
}

std::vector<std::string> SqsBus::queues() const {
    std::vector<std::string> names;
    std::ranges::transform(settings_.queues, std::back_inserter(names), &Subscription::queue);
    return names;
}

const Subscription* SqsBus::find(std::string_view queue) const {
    const auto found = std::ranges::find(settings_.queues, queue, &Subscription::queue);
    return found != settings_.queues.end() ? &*found : nullptr;
}

Result<std::string> SqsBus::url_of(std::string_view queue) const {
    if (find(queue) == nullptr) {
        return fail(errors::unknown_queue, cat("There is no queue ", queue, "."));
    }
    return cat(settings_.queue_url_prefix, queue);
}

}  // namespace souk
