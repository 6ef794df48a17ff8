#include "adapters/mime/mime.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

/// Keeps `Reply-To: ` and one encoded word within the 76 characters of RFC 2047 section 2.
constexpr std::size_t encoded_word_bytes_max = 39;
constexpr std::size_t plain_header_max = 64;
constexpr std::size_t line_max = 76;
constexpr std::size_t local_part_max = 64;
constexpr std::size_t address_max = 254;
constexpr std::size_t mail_id_max = 128;

/// "=_" stands in neither quoted-printable nor base64, so no part can contain it. Source: RFC
/// 2045 6.7 (5).
constexpr std::string_view boundary = "=_souk_alternative";

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7F; }

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

/// Source: RFC 5322 3.2.3 (atext) with RFC 6532's UTF-8.
bool is_atom_character(char c) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    return is_alphanumeric(c) || is_beyond_ascii(c) || others.find(c) != std::string_view::npos;
}

template <class Allowed>
bool is_dotted(std::string_view text, Allowed allowed) {
    if (text.empty()) {
        return false;
    }
    return std::ranges::all_of(split(text, '.'), [&](std::string_view piece) {
        return !piece.empty() && std::ranges::all_of(piece, allowed);
    });
}

bool can_stand_plain(std::string_view text) {
    return text.size() <= plain_header_max && std::ranges::all_of(text, is_printable_ascii) &&
           text == trimmed(text) && text.find("=?") == std::string_view::npos;
}

/// Each run of control characters becomes one space: in a line of its own a line break says
/// nothing, and readers that decode it trip over it, or worse, obey it.
std::string in_one_line(std::string_view text) {
    std::string out;
    bool after_control = false;
    for (const char c : text) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        if (!control) {
            out.push_back(c);
        } else if (!after_control) {
            out.push_back(' ');
        }
        after_control = control;
    }
    return out;
}

std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t length = std::min(text.size(), encoded_word_bytes_max);
        // A word holds whole characters: back to the start of the one that was cut.
        while (length > 0 && length < text.size() &&
               (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
            --length;
        }
        if (length == 0) {
            length = std::min(text.size(), encoded_word_bytes_max);  // It is no UTF-8.
        }
        if (!out.empty()) {
            out += "\r\n ";
        }
        out += cat("=?UTF-8?B?", to_base64(text.substr(0, length)), "?=");
        text.remove_prefix(length);
    }
    return out;
}

std::string named_address(std::string_view raw_name, std::string_view address) {
    const std::string name = in_one_line(raw_name);
    if (name.empty()) {
        return cat("<", address, ">");
    }
    if (!can_stand_plain(name)) {
        return cat(encoded_words(name), "\r\n <", address, ">");
    }
    std::string quoted;
    for (const char c : name) {
        if (c == '"' || c == '\\') {
            quoted.push_back('\\');
        }
        quoted.push_back(c);
    }
    return cat("\"", quoted, "\" <", address, ">");
}

/// Text's canonical form has CRLF line ends. Source: RFC 2046 4.1.1.
std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    char before = '\0';
    for (const char c : text) {
        if (c == '\n' && before != '\r') {
            out.push_back('\r');
        }
        out.push_back(c);
        before = c;
    }
    return out;
}

std::string base64_lines(std::string_view text) {
    const std::string whole = to_base64(text);
    std::string out;
    for (std::size_t at = 0; at < whole.size(); at += line_max) {
        out += cat(std::string_view(whole).substr(at, line_max), "\r\n");
    }
    return out;
}

std::string part(std::string_view subtype, std::string_view raw) {
    const std::string text = with_crlf(raw);
    const auto escapes = std::ranges::count_if(text, [](char c) {
        return c == '=' || (!is_printable_ascii(c) && c != '\r' && c != '\n');
    });
    // An escape adds two bytes, base64 a third.
    const bool quoted = static_cast<std::size_t>(escapes) * 6 <= text.size();
    return cat("Content-Type: text/", subtype, "; charset=utf-8\r\nContent-Transfer-Encoding: ",
               quoted ? "quoted-printable" : "base64", "\r\n\r\n",
               quoted ? quoted_printable(text) : base64_lines(text));
}

std::string body_of(const Mail& mail) {
    if (mail.html.empty()) {
        return part("plain", mail.text);
    }
    if (mail.text.empty()) {
        return part("html", mail.html);
    }
    return cat("Content-Type: multipart/alternative; boundary=\"", boundary, "\"\r\n\r\n--",
               boundary, "\r\n", part("plain", mail.text), "\r\n--", boundary, "\r\n",
               part("html", mail.html), "\r\n--", boundary, "--\r\n");
}

/// `Tue, 24 Nov 2026 02:07:00 +0000`. Source: RFC 5322 3.3.
std::string mail_date(Instant date) {
    const std::string with_zone = to_http_date(date);
    return cat(std::string_view(with_zone).substr(0, with_zone.size() - 3), "+0000");
}

Result<void> check_values(const Mail& mail, const MailSender& sender) {
    if (!is_mail_address(sender.address) ||
        (!sender.domain.empty() && !is_mail_address(cat("id@", sender.domain)))) {
        return fail(errors::mail_refused,
                    "The operator's sender address cannot be used in a mail.");
    }
    if (!is_mail_address(mail.to)) {
        return fail(errors::mail_refused, "The recipient's address cannot be used in a mail.");
    }
    if (!mail.reply_to.empty() && !is_mail_address(mail.reply_to)) {
        return fail(errors::mail_refused, "The reply address cannot be used in a mail.");
    }
    if (!is_mail_id(mail.id)) {
        return fail(errors::mail_refused, "The mail's id cannot be a Message-ID.");
    }
    for (const std::string* text : {&mail.from_name, &mail.subject, &mail.text, &mail.html}) {
        if (!is_utf8(*text)) {
            return fail(errors::mail_refused, "A text of the mail is not UTF-8.");
        }
    }
    return {};
}

}  // namespace

bool is_mail_address(std::string_view text) {
    const auto at = text.rfind('@');
    // Without an @, `at` is larger than any number.
    if (at > local_part_max || text.size() > address_max || !is_utf8(text)) {
        return false;
    }
    const auto is_domain_character = [](char c) {
        return is_alphanumeric(c) || c == '-' || is_beyond_ascii(c);
    };
    return is_dotted(text.substr(0, at), is_atom_character) &&
           is_dotted(text.substr(at + 1), is_domain_character);
}

bool is_mail_id(std::string_view text) {
    return !text.empty() && text.size() <= mail_id_max &&
           is_dotted(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

std::string encoded_header(std::string_view text) {
    const std::string line = in_one_line(text);
    return can_stand_plain(line) ? line : encoded_words(line);
}

std::string quoted_printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            out += "\r\n";
            column = 0;
            ++i;
            continue;
        }
        const bool ends_line = i + 1 == text.size() || text.substr(i + 1).starts_with("\r\n");
        const bool blank = c == ' ' || c == '\t';
        const bool literal = blank ? !ends_line : (is_printable_ascii(c) && c != '=');
        const std::size_t width = literal ? 1 : 3;
        if (column + width > line_max - 1) {
            out += "=\r\n";
            column = 0;
        }
        if (literal) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'=', digits[byte >> 4], digits[byte & 15]};
        }
        column += width;
    }
    return out;
}

Result<MimeMessage> build_mime(const Mail& mail, const MailSender& sender, Instant date) {
    TRY(check_values(mail, sender));
    const std::string domain = sender.domain.empty()
                                   ? sender.address.substr(sender.address.rfind('@') + 1)
                                   : sender.domain;
    MimeMessage message;
    message.has_utf8_address =
        !is_ascii(sender.address) || !is_ascii(mail.to) || !is_ascii(mail.reply_to);
    message.bytes =
        cat("Date: ", mail_date(date), "\r\nFrom: ", named_address(mail.from_name, sender.address),
            "\r\nTo: <", mail.to, ">\r\n");
    if (!mail.reply_to.empty()) {
        message.bytes += cat("Reply-To: <", mail.reply_to, ">\r\n");
    }
    message.bytes +=
        cat("Subject: ", encoded_header(mail.subject), "\r\nMessage-ID: <", mail.id, "@", domain,
            ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n", body_of(mail));
    if (!message.bytes.ends_with("\r\n")) {
        message.bytes += "=\r\n";  // A soft line break: the text itself gains nothing.
    }
    return message;
}

}  // namespace souk
