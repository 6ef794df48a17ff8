#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mail_smtp/wire.h"
#include "adapters/mime/mime.h"
#include "domain/base/error.h"

namespace souk {

/// When the conversation is encrypted.
///   none           never, and the password travels as it is: for a relay on the same machine
///   opportunistic  by STARTTLS when offered, the certificate unproven; a password is sent, and
///   then over
///                  a proven connection only
///   starttls       by STARTTLS, or not at all
///   implicit       from the first byte (port 465)
enum class MailEncryption { none, opportunistic, starttls, implicit };

/// How long each step may take, and all of them.
struct SmtpTimeouts {
    std::chrono::milliseconds connect{10'000};    // Name and TCP.
    std::chrono::milliseconds handshake{10'000};  // TLS.
    std::chrono::milliseconds reply{30'000};      // Each command's whole answer.
    // The answer to the mail. A server that takes its time has it: who gives up sends it twice.
    // Source: RFC 5321 4.5.3.2.6 (which wants ten minutes).
    std::chrono::milliseconds delivery{300'000};
    // All about one mail. Source: Mailer::longest.
    std::chrono::milliseconds mail{360'000};
    // Between mails, beyond which the connection is not used again. Shorter than any server's
    // patience, so a kept connection is rarely a dead one.
    std::chrono::milliseconds idle{20'000};
};

struct SmtpOptions {
    std::string host = {};
    std::uint16_t port = 587;
    MailEncryption encryption = MailEncryption::starttls;
    std::string username = {};  // Empty: no AUTH.
    std::string password = {};
    std::string ca_file = {};     // PEM; empty: the system's certificates.
    std::string hello_name = {};  // What EHLO says; empty: the sender's domain.
    MailSender sender = {};
    SmtpTimeouts timeouts = {};
};

/// One conversation with a mail server, greeted, encrypted and authenticated as the options say.
/// Source: RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 6531 (SMTPUTF8).
class SmtpSession {
public:
    using Deadline = std::chrono::steady_clock::time_point;
    /// Lines of an answer; a longer one is no answer.
    static constexpr std::size_t reply_lines_max = 100;
    /// What an error quotes of an answer. Unit: bytes.
    static constexpr std::size_t quoted_reply_max = 200;

    /// Errors: mail_unavailable, also when it is not done by `deadline`.
    static Result<std::unique_ptr<SmtpSession>> open(const SmtpOptions& options,
                                                     const std::shared_ptr<TlsTrust>& trust,
                                                     Deadline deadline);

    /// Errors: mail_refused (a final no to recipient or content), mail_unavailable, also when it
    /// is not done by `deadline`.
    [[nodiscard]] Result<void> deliver(const std::string& from, const std::string& to,
                                       const MimeMessage& message, Deadline deadline);
    /// Whether another mail may follow on this connection.
    [[nodiscard]] bool usable() const { return usable_; }
    /// Whether the mail's text was on its way when `deliver` failed, so that it may have arrived.
    [[nodiscard]] bool text_was_sent() const { return text_was_sent_; }
    void quit();

private:
    struct Reply {
        int code = 0;
        std::vector<std::string> lines;  // Without their codes.
    };
    /// What a step's answer means for the mail.
    enum class Step { session, sender, recipient, content };

    SmtpSession(const SmtpOptions& options, std::unique_ptr<Wire> wire, Deadline deadline)
        : options_(options), wire_(std::move(wire)), deadline_(deadline) {}

    /// What is left of a step's time until the deadline.
    [[nodiscard]] std::chrono::milliseconds left(std::chrono::milliseconds of_step) const;

    [[nodiscard]] Result<void> greet();
    [[nodiscard]] Result<void> hello();
    [[nodiscard]] Result<void> secure(const std::shared_ptr<TlsTrust>& trust);
    [[nodiscard]] Result<void> authenticate();
    [[nodiscard]] Result<void> log_in_by_dialogue();
    [[nodiscard]] Result<void> transfer(const std::string& from, const std::string& to,
                                        const MimeMessage& message);
    [[nodiscard]] Result<std::string> parameters(const MimeMessage& message) const;
    [[nodiscard]] Result<Reply> command(std::string_view line);
    /// `command`, and `expect` of its answer.
    [[nodiscard]] Result<void> ask(std::string_view line, int wanted, Step step);
    [[nodiscard]] Result<Reply> reply(std::chrono::milliseconds timeout);
    /// Errors: mail_refused or mail_unavailable unless the code is of the `wanted` hundred.
    [[nodiscard]] Result<void> expect(const Reply& answer, int wanted, Step step);
    [[nodiscard]] std::optional<std::string_view> extension(std::string_view name) const;
    [[nodiscard]] PeerProof proof() const;

    const SmtpOptions& options_;
    std::unique_ptr<Wire> wire_;
    Deadline deadline_;
    std::vector<std::string> extensions_;
    bool usable_ = true;
    bool text_was_sent_ = false;
};

/// The text as DATA sends it: a dot at a line's start doubled, the end marked. Source: RFC
/// 5321 4.5.2.
[[nodiscard]] std::string dot_stuffed(std::string_view message);

}  // namespace souk
