#pragma once

#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/instant.h"
#include "domain/ports/mailer.h"

namespace souk {

/// The operator's side of every mail.
struct MailSender {
    std::string address = {};  // From and envelope sender.
    std::string domain = {};   // Of the Message-IDs; empty: that of the address.
};

/// A mail in the form that travels.
struct MimeMessage {
    std::string bytes;  // Headers and body; lines of at most 998 bytes that end in CRLF.
    bool has_utf8_address = false;  // Needs SMTPUTF8: an address is written in more than ASCII.
};

/// Whether `text` can stand in an envelope and a header as it is: a dot-atom, @, a domain; all in
/// UTF-8, nothing quoted. Units: at most 64 bytes before the @, 254 in all. Source: RFC 5321 4.5.3,
/// RFC 6531.
[[nodiscard]] bool is_mail_address(std::string_view text);

/// Whether `text` can be a Message-ID's local part and a file's name: 1..128 of A-Z a-z 0-9 . _ -,
/// without a leading dot.
[[nodiscard]] bool is_mail_id(std::string_view text);

/// The mail as multipart/alternative (or the one part that is not empty) in seven-bit lines. Values
/// reach the reader as they are: subject and name as RFC 2047 encoded words where they are not
/// plain ASCII, bodies as quoted-printable or base64, whichever is shorter. No value can add a
/// header. Errors: mail_refused (an address, the id or text that is not UTF-8). Source: RFC 5322,
/// 2045–2047, 6532, 3834 (Auto-Submitted).
[[nodiscard]] Result<MimeMessage> build_mime(const Mail& mail, const MailSender& sender,
                                             Instant date);

/// `text` as the value of an unstructured header, folded; control characters become spaces.
[[nodiscard]] std::string encoded_header(std::string_view text);
/// Lines of at most 76 characters. Source: RFC 2045 6.7.
[[nodiscard]] std::string quoted_printable(std::string_view text);

}  // namespace souk
