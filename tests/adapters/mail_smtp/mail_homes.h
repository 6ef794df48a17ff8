#pragma once

#include "adapters/mail_smtp/smtp_mailer.h"
#include "adapters/memory/settable_clock.h"
#include "contracts/mailer_contract.h"
#include "support/mail_server.h"

namespace souk::contract {

using testing_support::MailServer;
using testing_support::TemporaryFolder;

inline SmtpOptions options_for(const MailServer& server) {
    SmtpOptions options;
    options.host = "127.0.0.1";
    options.port = server.port();
    options.encryption = MailEncryption::none;
    options.sender = {"orders@gifts.example", "mail.gifts.example"};
    return options;
}

inline std::unique_ptr<SmtpMailer> mailer_of(const SmtpOptions& options, const Clock& clock) {
    auto made = SmtpMailer::make(options, clock);
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return made ? *std::move(made) : nullptr;
}

inline std::string outcome_of(const Result<void>& sent) {
    return sent ? "sent" : std::string(sent.error().code.name);
}

inline ReceivedMail received_from(JsonView mail) {
    const std::string message_id = mail["message_id"].text_or();
    ReceivedMail received{message_id.substr(1, message_id.find('@') - 1),
                          mail["from_name"].text_or(),
                          mail["to"].at(0).text_or(),
                          mail["reply_to"].text_or(),
                          mail["subject"].text_or(),
                          mail["text"].text_or(),
                          mail["html"].text_or(),
                          {}};
    EXPECT_EQ(mail["defects"].render(), "[]");
    EXPECT_EQ(mail["to"].size(), 1U);
    EXPECT_EQ(mail["bare_line_ends"].integer_or(-1), 0);
    EXPECT_LE(mail["line_max"].integer_or(-1), 998);
    for (std::size_t i = 0; i < mail["headers"].size(); ++i) {
        received.header_names.push_back(mail["headers"].at(i).text_or());
    }
    return received;
}

}  // namespace souk::contract
