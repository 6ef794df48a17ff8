#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "adapters/mail_smtp/smtp_session.h"
#include "domain/ports/clock.h"
#include "domain/ports/mailer.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode mail_misconfigured{"mail_misconfigured", ErrorKind::invalid};
}

/// Sends mail through an SMTP server. Calls block until the server has taken the mail or the
/// timeouts have passed; safe from several threads. One connection is kept for the mails that
/// follow soon.
class SmtpMailer : public Mailer {
public:
    /// Checks the options, but does not connect. `clock` outlives the mailer.
    /// Errors: mail_misconfigured, with all mistakes in `fields`.
    static Result<std::unique_ptr<SmtpMailer>> make(SmtpOptions options, const Clock& clock);
    ~SmtpMailer() override;

    [[nodiscard]] Result<void> send(const Mail& mail) override;
    [[nodiscard]] std::chrono::milliseconds longest() const override {
        return options_.timeouts.mail;
    }

private:
    SmtpMailer(SmtpOptions options, std::shared_ptr<TlsTrust> trust, const Clock& clock);

    [[nodiscard]] std::unique_ptr<SmtpSession> take_idle();
    void keep_idle(std::unique_ptr<SmtpSession> session);

    SmtpOptions options_;
    std::shared_ptr<TlsTrust> trust_;
    const Clock& clock_;

    std::mutex idle_mutex_;
    std::unique_ptr<SmtpSession> idle_;
    std::chrono::steady_clock::time_point idle_since_;
};

}  // namespace souk
