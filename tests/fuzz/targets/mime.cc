#include "adapters/mime/mime.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

constexpr std::size_t line_bytes_max = 998;

/// A part of a message, taken apart by the book.
struct Part {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    [[nodiscard]] std::string header(std::string_view name) const {
        for (const auto& [known, value] : headers) {
            if (ascii_equal_ignoring_case(known, name)) {
                return value;
            }
        }
        return {};
    }
};

/// Unfolds the headers: a line break before a blank goes.
Part part_from(std::string_view text) {
    Part part;
    for (;;) {
        const std::size_t end = text.find("\r\n");
        HOLDS(end != std::string_view::npos);
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 2);
        if (line.empty()) {
            part.body = text;
            return part;
        }
        if (line.starts_with(' ')) {
            HOLDS(!part.headers.empty());
            part.headers.back().second += line;
            continue;
        }
        const std::size_t colon = line.find(": ");
        HOLDS(colon != std::string_view::npos);
        part.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
}

std::optional<std::string> decoded_quoted_printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text.starts_with("=\r\n")) {
            text.remove_prefix(3);
        } else if (text.front() == '=') {
            const auto byte = percent_decoded(cat('%', text.substr(1, 2)), PercentStyle::path);
            if (!byte || byte->size() != 1) {
                return std::nullopt;
            }
            out += *byte;
            text.remove_prefix(3);
        } else {
            out.push_back(text.front());
            text.remove_prefix(1);
        }
    }
    return out;
}

std::string decoded(const Part& part) {
    const std::string encoding = part.header("Content-Transfer-Encoding");
    if (encoding == "quoted-printable") {
        const auto text = decoded_quoted_printable(part.body);
        HOLDS(text.has_value());
        return *text;
    }
    HOLDS(encoding == "base64");
    std::string digits = part.body;
    std::erase_if(digits, [](char c) { return c == '\r' || c == '\n'; });
    const auto text = from_base64(digits);
    HOLDS(text.has_value());
    return *text;
}

/// Source: RFC 2047. Blanks between encoded words are none.
std::string decoded_words(std::string_view value) {
    std::string out;
    bool after_word = false;
    while (!value.empty()) {
        if (value.starts_with("=?UTF-8?B?")) {
            const std::size_t end = value.find("?=", 10);
            HOLDS(end != std::string_view::npos && end + 2 <= 75);
            const auto bytes = from_base64(value.substr(10, end - 10));
            HOLDS(bytes && is_utf8(*bytes));
            out += *bytes;
            value.remove_prefix(end + 2);
            after_word = true;
        } else if (after_word && value.starts_with(" =?")) {
            value.remove_prefix(1);
        } else {
            out.push_back(value.front());
            value.remove_prefix(1);
            after_word = false;
        }
    }
    return out;
}

/// Runs of control characters are one space each.
std::string in_one_line(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto is_control = [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        };
        if (!is_control(text[i])) {
            out.push_back(text[i]);
        } else if (i == 0 || !is_control(text[i - 1])) {
            out.push_back(' ');
        }
    }
    return out;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) {
            out.push_back('\r');
        }
        out.push_back(text[i]);
    }
    return out;
}

void check_lines(std::string_view bytes) {
    HOLDS(bytes.ends_with("\r\n"));
    std::size_t column = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        HOLDS(bytes[i] != '\n' || (i > 0 && bytes[i - 1] == '\r'));
        HOLDS(bytes[i] != '\r' || (i + 1 < bytes.size() && bytes[i + 1] == '\n'));
        HOLDS(bytes[i] != '\0');
        column = bytes[i] == '\n' ? 0 : column + 1;
        HOLDS(column <= line_bytes_max);
    }
}

void check_bodies(const Part& message, const Mail& mail) {
    if (mail.text.empty() || mail.html.empty()) {
        const bool html = !mail.html.empty();
        HOLDS(message.header("Content-Type") ==
              cat("text/", html ? "html" : "plain", "; charset=utf-8"));
        HOLDS(decoded(message) == with_crlf(html ? mail.html : mail.text));
        return;
    }
    const std::string type = message.header("Content-Type");
    const std::string boundary =
        type.substr(type.find('"') + 1, type.rfind('"') - type.find('"') - 1);
    std::vector<std::string> pieces;
    std::string_view rest = message.body;
    const std::string delimiter = cat("\r\n--", boundary);
    // The first delimiter stands at the very start.
    const std::string whole = cat("\r\n", rest);
    rest = whole;
    for (std::size_t at = rest.find(delimiter); at != std::string_view::npos;
         at = rest.find(delimiter)) {
        pieces.emplace_back(rest.substr(0, at));
        rest.remove_prefix(at + delimiter.size());
    }
    HOLDS(pieces.size() == 3 && rest == "--\r\n");
    const Part text = part_from(std::string_view(pieces[1]).substr(2));
    const Part html = part_from(std::string_view(pieces[2]).substr(2));
    HOLDS(text.header("Content-Type") == "text/plain; charset=utf-8");
    HOLDS(html.header("Content-Type") == "text/html; charset=utf-8");
    HOLDS(decoded(text) == with_crlf(mail.text));
    HOLDS(decoded(html) == with_crlf(mail.html));
}

void check_mail(const Mail& mail, const MailSender& sender) {
    const auto message = build_mime(mail, sender, Instant::from_unix_ms(1'700'000'000'000));
    if (!message) {
        HOLDS(message.error().code == errors::mail_refused);
        return;
    }
    check_lines(message->bytes);
    const Part whole = part_from(message->bytes);
    const std::size_t expected =
        7 + (mail.reply_to.empty() ? 0U : 1U) + (mail.text.empty() || mail.html.empty() ? 2U : 1U);
    HOLDS(whole.headers.size() == expected);
    HOLDS(whole.header("To") == cat('<', mail.to, '>'));
    HOLDS(whole.header("From").ends_with(cat('<', sender.address, '>')));
    HOLDS(decoded_words(whole.header("Subject")) == in_one_line(mail.subject));
    check_bodies(whole, mail);
}

}  // namespace

FUZZ_TARGET(mime) {
    Bytes bytes(input);
    Mail mail;
    mail.id = bytes.line();
    mail.to = bytes.line();
    mail.reply_to = bytes.line();
    mail.from_name = bytes.line();
    MailSender sender;
    sender.address = "shop@souk.example";
    const std::string_view rest = bytes.rest();
    mail.subject = rest.substr(0, rest.size() / 4);
    const std::string_view bodies = rest.substr(rest.size() / 4);
    const std::size_t middle = std::min(bodies.find('\f'), bodies.size());
    mail.text = bodies.substr(0, middle);
    mail.html = bodies.substr(std::min(middle + 1, bodies.size()));
    check_mail(mail, sender);
    mail.id = "ntf_1";
    mail.to = "jo@souk.example";
    mail.reply_to.clear();
    check_mail(mail, sender);
    const std::string header = encoded_header(input);
    HOLDS(header.find_first_of(std::string_view("\0\x7f", 2)) == std::string::npos);
    HOLDS(!is_utf8(input) || decoded_words([&] {
                                 std::string unfolded = header;
                                 std::erase_if(unfolded,
                                               [](char c) { return c == '\r' || c == '\n'; });
                                 return unfolded;
                             }()) == in_one_line(input));
    HOLDS(decoded_quoted_printable(quoted_printable(input)) == input);
    HOLDS(!is_mail_address(input) || input.find_first_of(" \r\n<>,\"") == std::string_view::npos);
}

}  // namespace souk::fuzz
