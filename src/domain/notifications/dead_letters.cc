#include "domain/notifications/dead_letters.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/notifications/errors.h"
#include "domain/notifications/redaction.h"

namespace souk::notifications {

bool DeadLetters::knows(std::string_view queue) const {
    const auto queues = bus_->queues();
    return std::ranges::find(queues, queue) != queues.end();
}

Result<DeadLetterPage> DeadLetters::list(std::string_view queue, int limit,
                                         std::string_view cursor) const {
    if (!queue.empty() && !knows(queue)) {
        return fail(Error{errors::invalid_query,
                          "The query has a mistake.",
                          {{"/queue", "not_allowed", cat("There is no queue ", queue, ".")}}});
    }
    auto page = TRY(bus_->dead_letters(queue, limit, cursor));
    for (auto& letter : page.letters) {
        // A body that is no JSON may be why the letter is here; it is not shown.
        letter.event.body = without_codes(letter.event.body).value_or("{}");
    }
    return page;
}

Result<int> DeadLetters::redrive(std::string_view queue,
                                 const std::vector<std::string>& ids) const {
    if (queue.empty()) {
        int redriven = 0;
        for (const auto& each : bus_->queues()) {
            redriven += TRY(bus_->redrive(each, ids));
        }
        return redriven;
    }
    if (!knows(queue)) {
        return invalid_field("/queue", "not_allowed", cat("There is no queue ", queue, "."));
    }
    return bus_->redrive(queue, ids);
}

std::string render_dead_letter(const DeadLetter& letter) {
    JsonWriter out;
    out.begin_object()
        .member("id", letter.id)
        .member("queue", letter.queue)
        .member("event_type", letter.event.type)
        .member("reason", letter.reason)
        .member("deliveries", letter.deliveries)
        .member("died_at", to_rfc3339(letter.died))
        .key("event")
        .begin_object()
        .member("id", letter.event.id)
        .member("source", letter.event.source)
        .member("subject", letter.event.subject)
        .member("time", to_rfc3339(letter.event.time))
        .member("data", letter.event.body)
        .end_object()
        .end_object();
    return out.take();
}

}  // namespace souk::notifications
