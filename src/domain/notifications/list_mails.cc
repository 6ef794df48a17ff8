#include "domain/notifications/mails.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

Result<MailPage> Mails::list(const Caller& caller, int limit, std::string_view cursor) const {
    auto page = TRY(ledger_.store(caller.in_store())
                        .query({.partition = std::string(row_keys::mails),
                                .direction = Direction::backward,
                                .limit = limit,
                                .cursor = std::string(cursor)}));
    MailPage mails{{}, std::move(page.cursor)};
    for (const auto& row : page.rows) {
        mails.mails.push_back(TRY(decode_mail(row)));
    }
    return mails;
}

}  // namespace souk::notifications
