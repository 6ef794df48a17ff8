#include "adapters/mail_smtp/smtp_mailer.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

bool is_one_word(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c != 0x7F; });
}

std::vector<FieldError> mistakes_of(const SmtpOptions& options) {
    std::vector<FieldError> mistakes;
    const auto wrong = [&](std::string_view option, std::string_view why) {
        mistakes.push_back({cat("/mail/", option), "bad_format", std::string(why)});
    };
    if (options.host.empty() || !is_one_word(options.host)) {
        wrong("host", "The mail server's name is missing or malformed.");
    }
    if (options.port == 0) {
        wrong("port", "The mail server's port is missing.");
    }
    if (!is_mail_address(options.sender.address)) {
        wrong("from", "The sender's address is missing or malformed.");
    }
    if (!options.sender.domain.empty() && !is_mail_address(cat("id@", options.sender.domain))) {
        wrong("domain", "The domain of the Message-IDs is malformed.");
    }
    if (!is_one_word(options.hello_name)) {
        wrong("hello_name", "The name for EHLO is malformed.");
    }
    if (options.username.empty() && !options.password.empty()) {
        wrong("username", "There is a password but no user name.");
    }
    if (options.username.find('\0') != std::string::npos ||
        options.password.find('\0') != std::string::npos) {
        wrong("password", "User name and password cannot contain NUL.");
    }
    return mistakes;
}

}  // namespace

Result<std::unique_ptr<SmtpMailer>> SmtpMailer::make(SmtpOptions options, const Clock& clock) {
    auto mistakes = mistakes_of(options);
    std::shared_ptr<TlsTrust> trust;
    if (options.encryption != MailEncryption::none) {
        auto loaded = TlsTrust::load(options.ca_file);
        if (loaded) {
            trust = *std::move(loaded);
        } else {
            mistakes.push_back({"/mail/ca_file", "bad_format", loaded.error().detail});
        }
    }
    if (!mistakes.empty()) {
        return fail(Error{errors::mail_misconfigured, "The mail settings have mistakes.",
                          std::move(mistakes)});
    }
    return std::unique_ptr<SmtpMailer>(new SmtpMailer(std::move(options), std::move(trust), clock));
}

SmtpMailer::SmtpMailer(SmtpOptions options, std::shared_ptr<TlsTrust> trust, const Clock& clock)
    : options_(std::move(options)), trust_(std::move(trust)), clock_(clock) {}

SmtpMailer::~SmtpMailer() {
    if (idle_) {
        idle_->quit();
    }
}

Result<void> SmtpMailer::send(const Mail& mail) {
    const MimeMessage message = TRY(build_mime(mail, options_.sender, clock_.now()));
    const auto deadline = std::chrono::steady_clock::now() + options_.timeouts.mail;
    auto session = take_idle();
    const bool reused = session != nullptr;
    Result<void> outcome;
    if (reused) {
        outcome = session->deliver(options_.sender.address, mail.to, message, deadline);
    }
    // A kept connection may have died meanwhile; as long as no text was sent, another try cannot
    // double the mail.
    if (!reused || (!outcome && !session->usable() && !session->text_was_sent())) {
        session = TRY(SmtpSession::open(options_, trust_, deadline));
        outcome = session->deliver(options_.sender.address, mail.to, message, deadline);
    }
    if (session->usable()) {
        keep_idle(std::move(session));
    }
    return outcome;
}

std::unique_ptr<SmtpSession> SmtpMailer::take_idle() {
    const std::scoped_lock lock(idle_mutex_);
    if (idle_ && std::chrono::steady_clock::now() - idle_since_ > options_.timeouts.idle) {
        idle_.reset();
    }
    return std::move(idle_);
}

void SmtpMailer::keep_idle(std::unique_ptr<SmtpSession> session) {
    {
        const std::scoped_lock lock(idle_mutex_);
        idle_since_ = std::chrono::steady_clock::now();
        idle_.swap(session);
    }
    if (session) {
        session->quit();  // Another thread's, sent meanwhile: one connection is enough to keep.
    }
}

}  // namespace souk
