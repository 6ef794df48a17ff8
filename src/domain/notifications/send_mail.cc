#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/mails.h"
#include "domain/notifications/revive_mails.h"
#include "domain/notifications/row_keys.h"
#include "domain/ports/message_bus.h"

namespace souk::notifications {

namespace {

/// Who writes to staff, whose accounts belong to no store.
constexpr std::string_view platform_name = "Souk";
constexpr std::string_view platform_locale = "en";

Result<std::optional<MailRecord>> find_mail(const WalledLedger& wall, const NotificationId& id) {
    const auto row = TRY(wall.find(row_keys::mails, id.text()));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_mail(*row));
}

void put_mail(Changes& changes, const WalledLedger& wall, const MailRecord& mail) {
    wall.put(changes, encode_mail(mail), Expect::as_read(mail.version));
}

Mail mail_from(const MailRecord& record, const Sender& sender, RenderedMail words) {
    return {.id = record.id.text(),
            .from_name = sender.name,
            .reply_to = {},
            .to = record.to,
            .subject = std::move(words.subject),
            .text = std::move(words.text),
            .html = std::move(words.html)};
}

}  // namespace

Result<Sender> Mails::sender_of(const Event& event) const {
    if (event.store().empty()) {
        return Sender{std::string(platform_name), std::string(platform_locale), {}};
    }
    const auto store = TRY(directory_->store(TRY(StoreId::parse(event.store()))));
    return Sender{store.name, store.locale,
                  store.domains.empty() ? std::string() : cat("https://", store.domains.front())};
}

WalledLedger Mails::wall_of(const Event& event) const {
    const auto store = StoreId::parse(event.store());
    if (!store) {
        const PlatformLedger rows = ledger_.platform(all_stores_);
        const WalledLedger& platform = rows;
        return platform;
    }
    const StoreLedger rows = ledger_.store(*store);
    const WalledLedger& wall = rows;  // What both have in common is all that is asked for.
    return wall;
}

Result<void> Mails::send(const Event& event, std::string_view queue) const {
    const Environment& env = ledger_.environment();
    const NotificationId id = TRY(mail_of(event));
    const auto before = TRY(find_mail(wall_of(event), id));
    if (before && before->settled()) {
        return {};
    }
    const Sender sender = TRY(sender_of(event));
    const auto letter = TRY(letter_about(event, sender, env));
    if (!letter) {
        return {};
    }
    const JsonDocument view = TRY(JsonDocument::parse(letter->view));
    RenderedMail words = TRY(templates_->render(name_of(letter->kind), sender.locale, view.root()));
    const MailRecord fresh{.id = id,
                           .kind = letter->kind,
                           .to = letter->to,
                           .subject = words.subject,
                           .event_id = event.id,
                           .claimed_at = {},
                           .leased_until = {},
                           .error = {},
                           .revive = event.store().empty() || !can_be_revived(event, env.now())
                                         ? std::nullopt
                                         : std::optional(env.now() + mails_hidden + mail_revival),
                           .created_at = env.now(),
                           .sent_at = {}};
    auto mail = TRY(claim(wall_of(event), fresh));
    if (!mail) {
        return {};
    }
    const auto sent = mailer_->send(mail_from(*mail, sender, std::move(words)));
    env.telemetry.count(
        "souk_mails_total", 1,
        {{"kind", name_of(mail->kind)}, {"outcome", sent ? "sent" : sent.error().code.name}});
    if (sent) {
        return record_sent(event, queue, *std::move(mail));
    }
    return record_unsent(event, *std::move(mail), sent.error());
}

Result<std::optional<MailRecord>> Mails::claim(const WalledLedger& wall,
                                               const MailRecord& fresh) const {
    using Claim = Change<std::optional<MailRecord>>;
    return perform(ledger_, [&]() -> Result<Claim> {
        const Instant now = ledger_.environment().now();
        Claim claim;
        MailRecord mail = TRY(find_mail(wall, fresh.id)).value_or(fresh);
        if (mail.settled()) {
            return claim;
        }
        if (mail.under_way(now, alone_since_)) {
            return fail(errors::not_yet, "Another delivery of this event is sending the mail.");
        }
        // Given up, and here again: an operator has put the event back into its queue.
        mail.attempts = mail.status == MailStatus::failed ? 1 : mail.attempts + 1;
        mail.status = MailStatus::sending;
        mail.claimed_at = now;
        mail.leased_until = now + mailer_->longest() + mail_lease_margin;
        mail.revive = fresh.revive;  // Should nobody live to tell what came of it.
        put_mail(claim.changes, wall, mail);
        claim.changes.relax();  // Lost with the machine, the mail would only be started anew.
        mail.version += 1;
        claim.value = std::move(mail);
        return claim;
    });
}

Result<void> Mails::record_sent(const Event& event, std::string_view queue, MailRecord mail) const {
    const WalledLedger wall = wall_of(event);
    return react_once(event, queue, ledger_, wall, [&]() -> Result<Changes> {
        // Whoever claimed it meanwhile: the server has it.
        mail.version = TRY(find_mail(wall, mail.id)).value_or(mail).version;
        mail.status = MailStatus::sent;
        mail.sent_at = ledger_.environment().now();
        mail.leased_until.reset();
        mail.revive.reset();
        mail.error.clear();
        Changes changes;
        put_mail(changes, wall, mail);
        return changes;
    });
}

Result<void> Mails::record_unsent(const Event& event, MailRecord mail, const Error& why) const {
    const WalledLedger wall = wall_of(event);
    // The bus gives up too; it keeps the event for MailRevival, or for whoever mends the cause and
    // sends it back.
    const bool final = after_failure(why) == AfterFailure::dead_letter;
    const bool last = final || mail.attempts >= deliveries_max;
    mail.status = last ? MailStatus::failed : MailStatus::queued;
    mail.leased_until.reset();
    mail.error = why.detail;
    Changes changes;
    if (last && !mail.announced) {
        mail.announced = true;
        changes.announce(failure_event(event, mail));
    }
    const Instant now = ledger_.environment().now();
    // Sweeps see the rows of stores; mails to staff are revived with theirs.
    const bool comes_back = !final && !event.store().empty() && can_be_revived(event, now);
    // Before the last it stays as the claim has it: what came to no attempt counts for the bus
    // alone.
    if (!comes_back) {
        mail.revive.reset();
    } else if (last) {
        mail.revive = now + mail_revival;
    }
    put_mail(changes, wall, mail);
    const auto committed = ledger_.commit(changes);
    if (!committed) {
        // The lease runs out by itself; the bus must still hear why there was no mail.
        ledger_.environment().telemetry.log(
            LogLevel::warning, "A mail's failure could not be recorded",
            {{"mail", mail.id.text()}, {"reason", committed.error().detail}});
    }
    return fail(why);
}

Event Mails::failure_event(const Event& cause, const MailRecord& mail) const {
    JsonWriter body;
    body.begin_object()
        .member("kind", "mail")
        .member("id", mail.id.text())
        .member("reason", mail.error)
        .end_object();
    const auto store = StoreId::parse(cause.store());
    return store ? ledger_.event(*store, type::notification_failed, mail.id.text(), body.take(),
                                 cause.traceparent)
                 : ledger_.platform_event(type::notification_failed, mail.id.text(), body.take(),
                                          cause.traceparent);
}

}  // namespace souk::notifications
