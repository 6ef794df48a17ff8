#include <algorithm>

#include "domain/base/schema.h"
#include "domain/base/text.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/notifications.h"
#include "domain/notifications/webhook_routes.h"
#include "domain/ports/cursor.h"
#include "domain/ports/ledger.h"

namespace souk::notifications {

namespace {

using namespace schema;

constexpr std::int64_t queue_name_max = 100;

Schema mail_schema() {
    return object({required("id", id("ntf_")), required("kind", text(1, 50)),
                   required("to", text(1, 254)), required("subject", text(0, 1000)),
                   required("status", one_of({"queued", "sending", "sent", "failed"})),
                   required("event_id", id("evt_")),
                   required("created_at", text(TextFormat::instant)),
                   required("sent_at", text(TextFormat::instant).nullable()),
                   required("error", text(0, 1000).nullable())})
        .named("Notification");
}

/// Text, because its members depend on the event's type.
Schema event_data_schema() {
    return text(0, static_cast<std::int64_t>(row_body_max))
        .described("The event's data as JSON text, without its codes.");
}

Schema redriven_schema() {
    return object({required("redriven", integer(0, INT64_MAX))}).named("Redriven");
}

Schema dead_letter_schema() {
    return object({required("id", text(1, 200)), required("queue", text(1, queue_name_max)),
                   required("event_type", text(0, 200)), required("reason", text(0, 4000)),
                   required("deliveries", integer(0, INT64_MAX)),
                   required("died_at", text(TextFormat::instant)),
                   required("event",
                            object({required("id", text(0, 200)), required("source", text(0, 200)),
                                    required("subject", text(0, 1000)),
                                    required("time", text(TextFormat::instant)),
                                    required("data", event_data_schema())}))})
        .named("DeadLetter");
}

Result<Response> show_mails(const Mails& mails, const Caller& caller, const Request& request) {
    return answer_page(
        mails.ledger().environment(), request, cat("mails#", caller.in_store().text()),
        [&](int limit, const std::string& from) { return mails.list(caller, limit, from); },
        render_mail);
}

Result<Response> show_dead_letters(const DeadLetters& letters, const Request& request) {
    const std::string queue(request.query_parameter("queue").value_or(""));
    return answer_page(
        letters.ledger().environment(), request, cat("dead-letters#", queue),
        [&](int limit, const std::string& from) { return letters.list(queue, limit, from); },
        render_dead_letter);
}

// The queues are not the ledger's: the answer is recorded after the effect, which is harmless to
// repeat.
Result<Response> redrive(const DeadLetters& letters, const Caller& caller, const Request& request) {
    const PlatformLedger wall = letters.wall();
    if (auto before = TRY(replayed(caller, letters.ledger(), wall))) {
        return *std::move(before);
    }
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < request.json()["ids"].size(); ++i) {
        ids.push_back(request.json()["ids"].at(i).text_or());
    }
    const int redriven = TRY(letters.redrive(request.json()["queue"].text_or(), ids));
    Response response = json_response(
        200, JsonWriter().begin_object().member("redriven", redriven).end_object().take());
    TRY(remember(caller, letters.ledger(), wall, response));
    return response;
}

Route mails_route(const Mails& mails) {
    return {.name = "list_notifications",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/notifications",
            .summary = "The store's mails of the last 90 days, newest first",
            .service = "notifications",
            .audiences = audience::staff,
            .permission = Permission::notifications_read,
            .paged = true,
            .answers = {{200, "A page of mails, without what they say", page_of(mail_schema)}},
            .handle = [&mails](const Caller& caller, const Request& request) {
                return show_mails(mails, caller, request);
            }};
}

Route dead_letters_route(const DeadLetters& letters) {
    return {.name = "list_dead_letters",
            .method = Method::get,
            .pattern = "/v1/admin/dead-letters",
            .summary = "Messages that the queues have given up on, newest last",
            .service = "notifications",
            .audiences = audience::platform,
            .query = {{"queue", text(1, queue_name_max), "Only this queue's."}},
            .paged = true,
            .answers = {{200, "A page of dead letters", page_of(dead_letter_schema)}},
            .handle = [&letters](const Caller&, const Request& request) {
                return show_dead_letters(letters, request);
            }};
}

Route redrive_route(const DeadLetters& letters) {
    return {.name = "redrive_dead_letters",
            .method = Method::post,
            .pattern = "/v1/admin/dead-letters/redrive",
            .summary =
                "Puts dead letters back into their queues: of one queue or all, those named or all",
            .service = "notifications",
            .audiences = audience::platform,
            .body = object({optional("queue", text(1, queue_name_max)),
                            optional("ids", list(text(1, 200), redrive_ids_max, 1))})
                        .named("Redrive"),
            .body_optional = true,
            .idempotency = IdempotencyKey::honoured,
            .answers = {{200, "How many were put back", redriven_schema}},
            .handle = [&letters](const Caller& caller, const Request& request) {
                return redrive(letters, caller, request);
            }};
}

}  // namespace

std::vector<Route> routes(Notifications& notifications) {
    auto all = webhook_routes(notifications.webhooks());
    all.push_back(mails_route(notifications.mails()));
    all.push_back(dead_letters_route(notifications.dead_letters()));
    all.push_back(redrive_route(notifications.dead_letters()));
    return all;
}

}  // namespace souk::notifications
