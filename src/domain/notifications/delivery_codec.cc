#include "domain/base/json.h"
#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/notifications/delivery.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

namespace {

constexpr int row_format = 1;

constexpr Names<DeliveryStatus, 3> status_table{{
    {DeliveryStatus::pending, "pending"},
    {DeliveryStatus::delivered, "delivered"},
    {DeliveryStatus::failed, "failed"},
}};

void write_public_members(const Delivery& delivery, JsonWriter& out) {
    out.member("id", delivery.id.text())
        .member("webhook_id", delivery.webhook.text())
        .member("event_id", delivery.event_id)
        .member("event_type", delivery.event_type)
        .member("status", name_of(delivery.status))
        .member("attempts", delivery.attempts)
        .key("last_status");
    delivery.last_status == 0 ? out.null() : out.value(delivery.last_status);
    out.key("reason");
    delivery.reason.empty() ? out.null() : out.value(delivery.reason);
    out.member("created_at", to_rfc3339(delivery.created_at))
        .member("last_attempt_at", to_rfc3339(delivery.last_attempt_at))
        .member("next_attempt_at", to_rfc3339(delivery.due))
        .member("delivered_at", to_rfc3339(delivery.delivered_at));
}

}  // namespace

std::string_view name_of(DeliveryStatus status) { return name_in(status_table, status); }

std::string render_delivery(const Delivery& delivery) {
    JsonWriter out;
    out.begin_object();
    write_public_members(delivery, out);
    out.end_object();
    return out.take();
}

StoreRow encode_delivery(const Delivery& delivery) {
    JsonWriter out;
    out.begin_object().member("format", row_format);
    write_public_members(delivery, out);
    out.member("tries", delivery.tries)
        .member("leased_until", to_rfc3339(delivery.leased_until))
        .end_object();
    return {.partition = row_keys::deliveries(delivery.webhook),
            .sort = delivery.id.text(),
            .body = out.take(),
            .expires = delivery.created_at + deliveries_kept,
            .due = delivery.due};
}

Result<Delivery> decode_delivery(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto status = value_in(status_table, root["status"].text_or());
    const auto created = from_rfc3339(root["created_at"].text_or());
    if (root["format"].integer_or(0) != row_format || !status || !created) {
        return fail(errors::corrupt_row, cat("The delivery ", row.sort, " cannot be read."));
    }
    return Delivery{.id = DeliveryId::trusted(root["id"].text_or()),
                    .webhook = WebhookId::trusted(root["webhook_id"].text_or()),
                    .event_id = root["event_id"].text_or(),
                    .event_type = root["event_type"].text_or(),
                    .status = *status,
                    .attempts = static_cast<int>(root["attempts"].integer_or(0)),
                    .tries = static_cast<int>(root["tries"].integer_or(0)),
                    .due = from_rfc3339(root["next_attempt_at"].text_or()),
                    .leased_until = from_rfc3339(root["leased_until"].text_or()),
                    .last_status = static_cast<int>(root["last_status"].integer_or(0)),
                    .reason = root["reason"].text_or(),
                    .created_at = *created,
                    .last_attempt_at = from_rfc3339(root["last_attempt_at"].text_or()),
                    .delivered_at = from_rfc3339(root["delivered_at"].text_or()),
                    .version = row.version};
}

}  // namespace souk::notifications
