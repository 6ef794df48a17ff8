#include "support/memory_aws/memory_queues.h"

#include <algorithm>

#include "adapters/bus_sns_sqs/wire.h"
#include "domain/base/error.h"
#include "domain/base/text.h"
#include "domain/ports/message_bus.h"

namespace souk::testing_support {

namespace {

constexpr std::string_view dead = "-dead";

/// The fields of a form, decoded.
std::map<std::string, std::string> fields_of(std::string_view form) {
    std::map<std::string, std::string> fields;
    for (const std::string_view part : split(form, '&')) {
        const auto equals = part.find('=');
        fields.insert_or_assign(*percent_decoded(part.substr(0, equals), PercentStyle::form),
                                *percent_decoded(part.substr(equals + 1), PercentStyle::form));
    }
    return fields;
}

aws::Answer success(std::string body) { return {200, {}, std::move(body), {}, {}}; }

}  // namespace

MemoryQueues::MemoryQueues(const Clock& clock, std::string prefix,
                           std::vector<Subscription> subscriptions)
    : clock_(clock), prefix_(std::move(prefix)), subscriptions_(std::move(subscriptions)) {
    for (const auto& subscription : subscriptions_) {
        queues_[subscription.queue];
        queues_[cat(subscription.queue, dead)];
    }
}

MemoryQueues::Queue& MemoryQueues::queue_at(JsonView body) {
    const std::string url = body["QueueUrl"].text_or();
    const std::string name = url.substr(url.rfind('/') + 1);
    CHECK(name.starts_with(prefix_));
    // Queues of what could not be published come up as they are used.
    return queues_[name.substr(prefix_.size())];
}

void MemoryQueues::send(Queue& queue, std::string body) {
    queue.push_back({cat("m-", ++handles_), {}, std::move(body), clock_.now()});
}

void MemoryQueues::publish(const std::string& body, std::string_view type) {
    for (const auto& subscription : subscriptions_) {
        if (std::ranges::find(subscription.types, type) != subscription.types.end()) {
            send(queues_[subscription.queue], body);
        }
    }
}

template <class Act>
std::string MemoryQueues::batch(JsonView entries, Act act) {
    JsonWriter done;
    JsonWriter failed;
    done.begin_array();
    failed.begin_array();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const JsonView entry = entries.at(i);
        const std::string id = entry["Id"].text_or();
        if (entry_fails()) {
            failed.begin_object().member("Id", id).member("Code", "InternalError");
            failed.member("SenderFault", false).end_object();
        } else if (!act(entry)) {
            failed.begin_object().member("Id", id).member("Code", "ReceiptHandleIsInvalid");
            failed.member("SenderFault", true).end_object();
        } else {
            done.begin_object().member("Id", id);
            done.member("MD5OfMessageBody", sqs::md5_hex(entry["MessageBody"].text_or()));
            done.end_object();
        }
    }
    return cat(R"({"Successful":)", done.end_array().text(), R"(,"Failed":)",
               failed.end_array().text(), '}');
}

aws::Answer MemoryQueues::answer_sqs(std::string_view action, std::string_view text) {
    const auto document = JsonDocument::parse(text);
    CHECK(document);
    const JsonView body = document->root();
    const std::lock_guard lock(mutex_);
    Queue& queue = queue_at(body);
    const auto of = [&](JsonView entry) {
        return std::ranges::find(queue, entry["ReceiptHandle"].text_or(), &Message::handle);
    };
    if (action == "SendMessageBatch") {
        return success(batch(body["Entries"], [&](JsonView entry) {
            send(queue, entry["MessageBody"].text_or());
            return true;
        }));
    }
    if (action == "GetQueueAttributes") {
        const auto visible = std::ranges::count_if(
            queue, [&](const Message& message) { return message.visible <= clock_.now(); });
        return success(cat(R"({"Attributes":{"ApproximateNumberOfMessages":")", visible, R"("}})"));
    }
    if (action == "ReceiveMessage") {
        // Of dead letters: what a consumer gets, Lambda's poller gets for it.
        JsonWriter out;
        out.begin_object().key("Messages").begin_array();
        std::int64_t room = body["MaxNumberOfMessages"].integer_or(1);
        for (auto& message : queue) {
            if (room == 0 || message.visible > clock_.now()) {
                continue;
            }
            --room;
            message.visible =
                clock_.now() + std::chrono::seconds(body["VisibilityTimeout"].integer_or(0));
            message.handle = cat("h-", ++handles_);
            out.begin_object()
                .member("MessageId", message.id)
                .member("ReceiptHandle", message.handle)
                .member("Body", message.body)
                .member("MD5OfBody", sqs::md5_hex(message.body))
                .end_object();
        }
        return success(out.end_array().end_object().take());
    }
    if (action == "DeleteMessageBatch") {
        return success(batch(body["Entries"], [&](JsonView entry) {
            const auto found = of(entry);
            if (found != queue.end()) {
                queue.erase(found);
            }
            return true;
        }));
    }
    CHECK(action == "ChangeMessageVisibilityBatch");
    return success(batch(body["Entries"], [&](JsonView entry) {
        const auto found = of(entry);
        if (found == queue.end()) {
            return false;
        }
        found->visible =
            clock_.now() + std::chrono::seconds(entry["VisibilityTimeout"].integer_or(0));
        return true;
    }));
}

aws::Answer MemoryQueues::answer_sns(std::string_view form) {
    const auto fields = fields_of(form);
    CHECK(fields.at("Action") == "PublishBatch");
    const std::lock_guard lock(mutex_);
    std::string done;
    std::string failed;
    for (int i = 1;; ++i) {
        const std::string entry = cat("PublishBatchRequestEntries.member.", i);
        const auto id = fields.find(cat(entry, ".Id"));
        if (id == fields.end()) {
            break;
        }
        if (entry_fails()) {
            failed +=
                cat("<member><Id>", id->second,
                    "</Id><Code>InternalError</Code><SenderFault>false</SenderFault></member>");
            continue;
        }
        publish(fields.at(cat(entry, ".Message")),
                fields.at(cat(entry, ".MessageAttributes.entry.1.Value.StringValue")));
        done += cat("<member><Id>", id->second, "</Id></member>");
    }
    return success(cat("<PublishBatchResponse><PublishBatchResult><Successful>", done,
                       "</Successful><Failed>", failed,
                       "</Failed></PublishBatchResult></PublishBatchResponse>"));
}

std::vector<MemoryQueues::Received> MemoryQueues::receive(std::string_view name, std::size_t count,
                                                          std::chrono::milliseconds hidden,
                                                          const Pick& pick) {
    const std::lock_guard lock(mutex_);
    Queue& queue = queues_.find(name)->second;
    std::vector<Received> received;
    while (received.size() < count) {
        std::vector<std::size_t> visible;
        for (std::size_t i = 0; i < queue.size(); ++i) {
            if (queue[i].visible <= clock_.now()) {
                visible.push_back(i);
            }
        }
        if (visible.empty()) {
            break;
        }
        const auto at = queue.begin() + static_cast<std::ptrdiff_t>(visible[pick(visible.size())]);
        if (at->receives >= deliveries_max) {
            send(queues_[cat(name, dead)], at->body);
            queue.erase(at);
            continue;
        }
        at->visible = clock_.now() + hidden;
        at->handle = cat("h-", ++handles_);
        received.push_back({at->id, at->handle, at->body, ++at->receives});
    }
    return received;
}

void MemoryQueues::remove(std::string_view name, const std::string& handle) {
    const std::lock_guard lock(mutex_);
    std::erase_if(queues_.find(name)->second,
                  [&](const Message& message) { return message.handle == handle; });
}

void MemoryQueues::show(std::string_view name, const std::string& handle) {
    const std::lock_guard lock(mutex_);
    for (auto& message : queues_.find(name)->second) {
        if (message.handle == handle) {
            message.visible = clock_.now();
        }
    }
}

std::size_t MemoryQueues::redrive() {
    const std::lock_guard lock(mutex_);
    std::size_t moved = 0;
    for (const auto& subscription : subscriptions_) {
        for (auto& letter : std::exchange(queues_[cat(subscription.queue, dead)], {})) {
            send(queues_[subscription.queue], std::move(letter.body));
            ++moved;
        }
    }
    return moved;
}

std::size_t MemoryQueues::size() const {
    const std::lock_guard lock(mutex_);
    std::size_t all = 0;
    for (const auto& subscription : subscriptions_) {
        all += queues_.find(subscription.queue)->second.size();
    }
    return all;
}

}  // namespace souk::testing_support
