#include "domain/notifications/mail_record.h"

#include "domain/base/json.h"
#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

namespace {

constexpr int row_format = 1;

constexpr Names<MailKind, 7> kind_table{{
    {MailKind::order_confirmed, "order_confirmed"},
    {MailKind::order_cancelled, "order_cancelled"},
    {MailKind::order_fulfilled, "order_fulfilled"},
    {MailKind::order_refunded, "order_refunded"},
    {MailKind::sign_up_code, "sign_up_code"},
    {MailKind::account_exists, "account_exists"},
    {MailKind::password_reset_code, "password_reset_code"},
}};

constexpr Names<MailStatus, 4> status_table{{
    {MailStatus::queued, "queued"},
    {MailStatus::sending, "sending"},
    {MailStatus::sent, "sent"},
    {MailStatus::failed, "failed"},
}};

void write_public_members(const MailRecord& mail, JsonWriter& out) {
    out.member("id", mail.id.text())
        .member("kind", name_of(mail.kind))
        .member("to", mail.to)
        .member("subject", mail.subject)
        .member("status", name_of(mail.status))
        .member("event_id", mail.event_id)
        .member("created_at", to_rfc3339(mail.created_at))
        .member("sent_at", to_rfc3339(mail.sent_at))
        .key("error");
    mail.error.empty() ? out.null() : out.value(mail.error);
}

}  // namespace

std::string_view name_of(MailKind kind) { return name_in(kind_table, kind); }

std::string_view name_of(MailStatus status) { return name_in(status_table, status); }

Result<NotificationId> mail_of(const Event& event) {
    const auto id = TRY(EventId::parse(event.id));
    return NotificationId::parse(
        cat(NotificationIdTag::prefix, id.text().substr(EventIdTag::prefix.size())));
}

std::string render_mail(const MailRecord& mail) {
    JsonWriter out;
    out.begin_object();
    write_public_members(mail, out);
    out.end_object();
    return out.take();
}

StoreRow encode_mail(const MailRecord& mail) {
    JsonWriter out;
    out.begin_object().member("format", row_format);
    write_public_members(mail, out);
    out.member("attempts", mail.attempts)
        .member("announced", mail.announced)
        .member("claimed_at", to_rfc3339(mail.claimed_at))
        .member("leased_until", to_rfc3339(mail.leased_until))
        .end_object();
    return {.partition = std::string(row_keys::mails),
            .sort = mail.id.text(),
            .body = out.take(),
            .expires = mail.created_at + mails_kept,
            .due = mail.revive};
}

Result<MailRecord> decode_mail(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto kind = value_in(kind_table, root["kind"].text_or());
    const auto status = value_in(status_table, root["status"].text_or());
    const auto created = from_rfc3339(root["created_at"].text_or());
    if (root["format"].integer_or(0) != row_format || !kind || !status || !created) {
        return fail(errors::corrupt_row, cat("The mail ", row.sort, " cannot be read."));
    }
    return MailRecord{.id = NotificationId::trusted(root["id"].text_or()),
                      .kind = *kind,
                      .to = root["to"].text_or(),
                      .subject = root["subject"].text_or(),
                      .status = *status,
                      .event_id = root["event_id"].text_or(),
                      .attempts = static_cast<int>(root["attempts"].integer_or(0)),
                      .claimed_at = from_rfc3339(root["claimed_at"].text_or()),
                      .leased_until = from_rfc3339(root["leased_until"].text_or()),
                      .error = root["error"].text_or(),
                      .announced = root["announced"].bool_or(false),
                      .revive = row.due,
                      .created_at = *created,
                      .sent_at = from_rfc3339(root["sent_at"].text_or()),
                      .version = row.version};
}

}  // namespace souk::notifications
