#include "adapters/mail_smtp/smtp_session.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "domain/base/text.h"

namespace souk {

namespace {

/// The server's words, fit for a log line.
std::string readable(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) {
        if (!out.empty()) {
            out.push_back(' ');
        }
        out += line;
    }
    out.resize(std::min(out.size(), SmtpSession::quoted_reply_max));
    std::ranges::replace_if(out, [](char c) { return c < 0x20 || c >= 0x7F; }, '?');
    return out;
}

/// Permanent answers that are about the conversation (unknown command, bad sequence, credentials),
/// not about this mail. Source: RFC 5321 4.2, RFC 4954 section 6.
bool is_about_the_session(int code) {
    constexpr std::array codes{500, 502, 503, 504, 530, 534, 535, 538};
    return std::ranges::find(codes, code) != codes.end();
}

/// What is left of a step's time until the deadline of all steps.
std::chrono::milliseconds time_left(std::chrono::milliseconds of_step,
                                    SmtpSession::Deadline deadline) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return std::clamp(rest, std::chrono::milliseconds(0), of_step);
}

}  // namespace

std::string dot_stuffed(std::string_view message) {
    std::string out;
    out.reserve(message.size() + message.size() / 64 + 5);
    bool line_starts = true;
    for (const char c : message) {
        if (line_starts && c == '.') {
            out.push_back('.');
        }
        out.push_back(c);
        line_starts = c == '\n';
    }
    if (!out.ends_with("\r\n")) {
        out += "\r\n";
    }
    return out + ".\r\n";
}

Result<std::unique_ptr<SmtpSession>> SmtpSession::open(const SmtpOptions& options,
                                                       const std::shared_ptr<TlsTrust>& trust,
                                                       Deadline deadline) {
    auto wire = TRY(
        Wire::connect(options.host, options.port, time_left(options.timeouts.connect, deadline)));
    std::unique_ptr<SmtpSession> session(new SmtpSession(options, std::move(wire), deadline));
    if (options.encryption == MailEncryption::implicit) {
        TRY(session->wire_->encrypt(trust, options.host, PeerProof::verified,
                                    session->left(options.timeouts.handshake)));
    }
    TRY(session->greet());
    TRY(session->hello());
    TRY(session->secure(trust));
    TRY(session->authenticate());
    return session;
}

std::chrono::milliseconds SmtpSession::left(std::chrono::milliseconds of_step) const {
    return time_left(of_step, deadline_);
}

Result<void> SmtpSession::greet() {
    const Reply greeting = TRY(reply(options_.timeouts.reply));
    return expect(greeting, 2, Step::session);
}

Result<void> SmtpSession::hello() {
    const std::string& domain = options_.sender.domain;
    const std::string& address = options_.sender.address;
    const std::string name = !options_.hello_name.empty() ? options_.hello_name
                             : !domain.empty()            ? domain
                                                          : address.substr(address.rfind('@') + 1);
    const Reply answer = TRY(command(cat("EHLO ", name)));
    TRY(expect(answer, 2, Step::session));
    extensions_.assign(answer.lines.begin() + 1, answer.lines.end());
    return {};
}

PeerProof SmtpSession::proof() const {
    const bool secrets = !options_.username.empty();
    return options_.encryption == MailEncryption::opportunistic && !secrets ? PeerProof::unverified
                                                                            : PeerProof::verified;
}

Result<void> SmtpSession::secure(const std::shared_ptr<TlsTrust>& trust) {
    if (wire_->encrypted() || options_.encryption == MailEncryption::none) {
        return {};
    }
    if (!extension("STARTTLS")) {
        const bool secrets = !options_.username.empty();
        if (options_.encryption == MailEncryption::opportunistic && !secrets) {
            return {};
        }
        return fail(errors::mail_unavailable,
                    "The mail server does not offer STARTTLS, which the configuration demands.");
    }
    TRY(ask("STARTTLS", 2, Step::session));
    TRY(wire_->encrypt(trust, options_.host, proof(), left(options_.timeouts.handshake)));
    // What was said before is forgotten. Source: RFC 3207 4.2.
    return hello();
}

Result<void> SmtpSession::authenticate() {
    if (options_.username.empty()) {
        return {};
    }
    const std::string offered = cat(" ", extension("AUTH").value_or(""), " ");
    if (offered.find(" PLAIN ") != std::string::npos) {
        std::string secret;
        secret.append(1, '\0').append(options_.username).append(1, '\0').append(options_.password);
        return ask(cat("AUTH PLAIN ", to_base64(secret)), 2, Step::session);
    }
    if (offered.find(" LOGIN ") != std::string::npos) {
        return log_in_by_dialogue();
    }
    return fail(errors::mail_unavailable,
                "The mail server offers neither AUTH PLAIN nor AUTH LOGIN.");
}

Result<void> SmtpSession::log_in_by_dialogue() {
    TRY(ask("AUTH LOGIN", 3, Step::session));
    TRY(ask(to_base64(options_.username), 3, Step::session));
    return ask(to_base64(options_.password), 2, Step::session);
}

Result<void> SmtpSession::deliver(const std::string& from, const std::string& to,
                                  const MimeMessage& message, Deadline deadline) {
    deadline_ = deadline;
    text_was_sent_ = false;
    auto outcome = transfer(from, to, message);
    if (!outcome && usable_) {
        // Forget the half-made mail, so that the next one starts afresh.
        const auto reset = command("RSET");
        usable_ = reset && reset->code / 100 == 2;
    }
    return outcome;
}

Result<void> SmtpSession::transfer(const std::string& from, const std::string& to,
                                   const MimeMessage& message) {
    const std::string asked = TRY(parameters(message));
    TRY(ask(cat("MAIL FROM:<", from, ">", asked), 2, Step::sender));
    TRY(ask(cat("RCPT TO:<", to, ">"), 2, Step::recipient));
    TRY(ask("DATA", 3, Step::recipient));
    text_was_sent_ = true;
    usable_ = false;  // Until the answer is in, the server may still be reading.
    TRY(wire_->write(dot_stuffed(message.bytes), left(options_.timeouts.delivery)));
    const Reply answer = TRY(reply(options_.timeouts.delivery));
    usable_ = true;
    return expect(answer, 2, Step::content);
}

Result<std::string> SmtpSession::parameters(const MimeMessage& message) const {
    std::string asked;
    if (const auto limit = extension("SIZE")) {
        const auto most = to_integer(*limit).value_or(0);
        if (most > 0 && message.bytes.size() > static_cast<std::uint64_t>(most)) {
            return fail(errors::mail_refused, cat("The mail is larger than the ", most,
                                                  " bytes that the mail server takes."));
        }
        asked += cat(" SIZE=", message.bytes.size());
    }
    if (message.has_utf8_address) {
        if (!extension("SMTPUTF8")) {
            return fail(errors::mail_refused,
                        "The mail server does not take addresses beyond ASCII (SMTPUTF8).");
        }
        asked += extension("8BITMIME") ? " BODY=8BITMIME SMTPUTF8" : " SMTPUTF8";
    }
    return asked;
}

Result<SmtpSession::Reply> SmtpSession::command(std::string_view line) {
    auto written = wire_->write(cat(line, "\r\n"), left(options_.timeouts.reply));
    if (!written) {
        usable_ = false;
        return fail(written.error());
    }
    return reply(options_.timeouts.reply);
}

Result<void> SmtpSession::ask(std::string_view line, int wanted, Step step) {
    const Reply answer = TRY(command(line));
    return expect(answer, wanted, step);
}

Result<SmtpSession::Reply> SmtpSession::reply(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + left(timeout);
    Reply answer;
    const bool was_usable = std::exchange(usable_, false);
    for (;;) {
        const std::string line = TRY(wire_->line(deadline));
        const auto code = to_integer(std::string_view(line).substr(0, 3));
        const bool more = line.size() > 3 && line[3] == '-';
        if (!code || *code < 200 || *code > 599 || (line.size() > 3 && line[3] != ' ' && !more) ||
            (answer.code != 0 && answer.code != *code) || answer.lines.size() >= reply_lines_max) {
            return fail(errors::mail_unavailable, "The mail server's answer is not SMTP.");
        }
        answer.code = static_cast<int>(*code);
        answer.lines.push_back(line.size() > 4 ? line.substr(4) : std::string{});
        if (!more) {
            usable_ = was_usable && answer.code != 421;  // 421: the server is closing.
            return answer;
        }
    }
}

Result<void> SmtpSession::expect(const Reply& answer, int wanted, Step step) {
    if (answer.code / 100 == wanted) {
        return {};
    }
    const bool final_no = answer.code / 100 == 5 && !is_about_the_session(answer.code) &&
                          (step == Step::recipient || step == Step::content);
    return fail(final_no ? errors::mail_refused : errors::mail_unavailable,
                cat("The mail server answered ", answer.code, ": ", readable(answer.lines), "."));
}

std::optional<std::string_view> SmtpSession::extension(std::string_view name) const {
    for (const std::string_view line : extensions_) {
        // Some old servers write "AUTH=LOGIN".
        const auto end = line.find_first_of(" =");
        if (ascii_equal_ignoring_case(line.substr(0, end), name)) {
            return end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
        }
    }
    return std::nullopt;
}

void SmtpSession::quit() {
    // Politeness only: the connection closes whatever the answer, so it is not waited for.
    std::ignore = wire_->write("QUIT\r\n", std::chrono::milliseconds(1000));
}

}  // namespace souk
