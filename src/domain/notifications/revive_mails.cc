#include "domain/notifications/revive_mails.h"

#include <algorithm>

#include "domain/notifications/limits.h"
#include "domain/notifications/mail_record.h"
#include "domain/notifications/notifications.h"

namespace souk::notifications {

namespace {

constexpr int letters_at_once = 100;  // As many as a page of dead letters has.

}  // namespace

bool can_be_revived(const Event& event, Instant now) {
    return now - event.time < mail_revivals_end;
}

Result<Swept> MailRevival::settle(const DueRow& due, Instant now) {
    const StoreLedger wall = ledger_.store(due.store);
    const auto row = TRY(wall.find(due.row.partition, due.row.sort));
    if (!row || !row->due || *row->due > now) {
        return Swept::left;  // The index lags behind.
    }
    if (!done_) {
        more_ = TRY(bring_back(now));
        done_ = true;
    }
    if (more_) {
        return Swept::left;  // Its letter may not have been among them: the next sweep goes on.
    }
    MailRecord mail = TRY(decode_mail(*row));
    // Its letter may have been hidden from this look, by somebody else who was at it.
    const bool waits = !mail.settled() && now - mail.created_at < mail_revivals_end;
    mail.revive = waits ? std::optional(now + mail_revival) : std::nullopt;
    Changes changes;
    changes.relax();  // Lost with the machine, it would only be looked at again.
    wall.put(changes, encode_mail(mail), Expect::at(mail.version));
    const auto committed = ledger_.commit(changes);
    if (!committed && committed.error().code != errors::ledger_conflict) {
        return fail(committed.error());
    }
    return Swept::settled;  // In a conflict by whoever sends it already.
}

Result<bool> MailRevival::bring_back(Instant now) {
    std::vector<std::string> ids;
    std::string cursor;
    bool all_seen = false;
    const Instant began = ledger_.environment().now();  // Later than `now`, after deliveries.
    const auto time_is_up = [&] { return ledger_.environment().now() - began > revival_share_max; };
    // Until there is one to bring back, it goes on: the next would begin with the same letters.
    for (std::size_t seen = 0; seen < revived_max && !all_seen && (ids.empty() || !time_is_up());) {
        auto page = TRY(bus_.dead_letters(mails_queue, letters_at_once, cursor));
        for (const auto& letter : page.letters) {
            // Of all its tries, for whatever reason: what can never be sent dies of the first.
            if (letter.deliveries >= deliveries_max && can_be_revived(letter.event, now)) {
                ids.push_back(letter.id);
            }
        }
        seen += page.letters.size();
        all_seen = !page.cursor;
        cursor = page.cursor.value_or("");
    }
    for (std::size_t from = 0; from < ids.size(); from += letters_at_once) {
        if (from > 0 && time_is_up()) {
            return true;
        }
        const std::size_t until = std::min(ids.size(), from + letters_at_once);
        TRY(bus_.redrive(mails_queue, {ids.begin() + static_cast<std::ptrdiff_t>(from),
                                       ids.begin() + static_cast<std::ptrdiff_t>(until)}));
    }
    return !all_seen && !ids.empty();
}

}  // namespace souk::notifications
