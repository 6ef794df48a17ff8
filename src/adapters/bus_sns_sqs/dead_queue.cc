#include "adapters/bus_sns_sqs/dead_queue.h"

#include <algorithm>
#include <utility>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::sqs {

namespace {

constexpr std::string_view unanswered =
    "SQS gave up on it: nobody answered for any of its deliveries, so no failure is recorded.";

std::string attribute_of(const StoredMessage& message, std::string_view name) {
    const auto found = message.attributes.find(name);
    return found == message.attributes.end() ? std::string() : found->second;
}

/// When it died. SQS keeps the age of what it moves itself, so of that it is when it was sent.
Instant died_of(const StoredMessage& message) {
    const auto died = to_integer(attribute_of(message, attribute::died));
    return died ? Instant::from_unix_ms(*died) : message.sent;
}

/// The message without what made it a letter.
OutgoingMessage revived(const StoredMessage& letter) {
    OutgoingMessage message{letter.body};
    const auto event = parse_cloud_event(letter.body);
    if (event) {
        message.attributes.emplace_back(attribute::type, event->type);
        message.trace_header = trace_header(event->traceparent);
    }
    return message;
}

/// What can be shown of a body that is no event.
Event unreadable(const StoredMessage& message) {
    Event event;
    event.id = message.id;
    event.time = message.sent;
    event.body = json_quoted(message.body);
    return event;
}

}  // namespace

OutgoingMessage dead_letter(std::string body, int deliveries, std::string_view reason,
                            Instant died) {
    OutgoingMessage message{std::move(body)};
    message.attributes = {{std::string(attribute::reason), reason_text(reason)},
                          {std::string(attribute::deliveries), cat(deliveries)},
                          {std::string(attribute::died), cat(died.unix_ms())}};
    if (const auto event = parse_cloud_event(message.body); event && !event->type.empty()) {
        message.attributes.emplace_back(attribute::type, event->type);
        message.trace_header = trace_header(event->traceparent);
    }
    return message;
}

Sweep::~Sweep() {
    std::vector<std::string> handles;
    for (const auto& [id, handle] : handle_by_id_) {
        handles.push_back(handle);
    }
    // What cannot be released appears by itself once it has been hidden long enough.
    static_cast<void>(calls_.release(url_, handles, std::chrono::seconds(0)));
}

Result<std::vector<StoredMessage>> Sweep::next() {
    if (seen_.empty()) {
        expected_ =
            static_cast<std::size_t>(std::max<std::int64_t>(TRY(calls_.visible_count(url_)), 0));
    }
    std::vector<StoredMessage> found;
    if (seen_.size() >= letters_max_) {
        return found;
    }
    // Only a poll that waits asks all of SQS's servers; not worth a second when nothing is missed.
    const std::chrono::seconds wait(seen_.size() < expected_ ? 1 : 0);
    const std::size_t room = letters_max_ - seen_.size();
    const int count = static_cast<int>(std::min<std::size_t>(room, batch_entries_max));
    for (auto& message : TRY(calls_.receive(url_, count, wait, hidden))) {
        handle_by_id_.insert_or_assign(message.id, message.handle);
        if (seen_.insert(message.id).second) {
            found.push_back(std::move(message));
        }
    }
    return found;
}

Result<std::vector<DeadLetter>> DeadQueue::letters() {
    Sweep sweep(calls_, dead_url_, listed_max);
    std::vector<DeadLetter> letters;
    while (true) {
        const auto found = TRY(sweep.next());
        if (found.empty()) {
            return letters;
        }
        for (const auto& message : found) {
            letters.push_back(letter_of(message));
        }
    }
}

Result<int> DeadQueue::redrive(const std::vector<std::string>& ids, Instant started) {
    Sweep sweep(calls_, dead_url_, redriven_max);
    std::set<std::string, std::less<>> wanted(ids.begin(), ids.end());
    int moved = 0;
    while (ids.empty() || !wanted.empty()) {
        auto found = TRY(sweep.next());
        if (found.empty()) {
            break;
        }
        // What fails again at once must not be driven round for ever.
        std::erase_if(found, [&](const StoredMessage& letter) {
            return ids.empty() ? died_of(letter) > started : wanted.erase(letter.id) == 0;
        });
        moved += TRY(move(sweep, found));
    }
    return moved;
}

Result<int> DeadQueue::move(Sweep& sweep, const std::vector<StoredMessage>& letters) {
    std::vector<OutgoingMessage> messages;
    std::ranges::transform(letters, std::back_inserter(messages), revived);
    const auto unsent = calls_.send(url_, messages);
    std::vector<std::string> handles;
    for (std::size_t i = 0; i < letters.size(); ++i) {
        if (std::ranges::find(unsent, i, &EntryFailure::entry) == unsent.end()) {
            handles.push_back(letters[i].handle);
            sweep.forget(letters[i].id);
        }
    }
    const auto kept = calls_.remove(dead_url_, handles);
    if (!unsent.empty()) {
        return fail(error_of("SendMessageBatch", unsent.front()));
    }
    if (!kept.empty()) {
        return fail(error_of("DeleteMessageBatch", kept.front()));
    }
    return static_cast<int>(letters.size());
}

DeadLetter DeadQueue::letter_of(const StoredMessage& message) const {
    auto event = parse_cloud_event(message.body);
    const std::string reason = attribute_of(message, attribute::reason);
    const auto deliveries = to_integer(attribute_of(message, attribute::deliveries));
    return {.id = message.id,
            .queue = queue_,
            .event = event ? std::move(*event) : unreadable(message),
            .reason = reason.empty() ? std::string(unanswered) : reason,
            .deliveries = static_cast<int>(deliveries.value_or(deliveries_max)),
            .died = died_of(message)};
}

}  // namespace souk::sqs
