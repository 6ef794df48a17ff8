#include "adapters/mime/mime.h"

#include <gtest/gtest.h>

#include "contracts/mailer_contract.h"
#include "domain/base/text.h"

namespace souk {

namespace contract {
// Only its ordinary mail is used here.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MailerContract);
}  // namespace contract

namespace {

const MailSender sender{"orders@gifts.example", ""};

std::string built(const Mail& mail) {
    const auto message = build_mime(mail, sender, Instant::from_unix_ms(1'795'486'020'123));
    EXPECT_TRUE(message);
    return message ? message->bytes : "";
}

std::size_t longest_line(std::string_view bytes) {
    std::size_t longest = 0;
    for (const auto line : split(bytes, '\n')) {
        longest = std::max(longest, line.size());
    }
    return longest;
}

TEST(QuotedPrintable, KeepsPlainTextReadable) {
    EXPECT_EQ(quoted_printable("Hello, 1+1=2\r\nbye"), "Hello, 1+1=3D2\r\nbye");
}

TEST(QuotedPrintable, ProtectsSpaceAtTheEndOfALine) {
    EXPECT_EQ(quoted_printable("a \r\nb\t\r\nc "), "a=20\r\nb=09\r\nc=20");
}

TEST(QuotedPrintable, EscapesALoneLineEnd) { EXPECT_EQ(quoted_printable("a\rb"), "a=0Db"); }

TEST(QuotedPrintable, BreaksLinesAt76AndNeverInsideAnEscape) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "ab=";
    }
    const std::string encoded = quoted_printable(text);
    for (const auto line : split(encoded, '\n')) {
        EXPECT_LE(trimmed(line).size(), 76U);
        EXPECT_FALSE(line.ends_with("=3=\r")) << line;
    }
}

TEST(EncodedHeader, LeavesShortAsciiAlone) {
    EXPECT_EQ(encoded_header("Your order 1001"), "Your order 1001");
}

TEST(EncodedHeader, BreaksWordsBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += "茶";
    }
    const std::string encoded = encoded_header(text);
    std::string decoded;
    for (const auto line : split(encoded, '\n')) {
        const auto word = trimmed(line);
        ASSERT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?=")) << word;
        EXPECT_LE(word.size(), 75U);
        const auto bytes = from_base64(word.substr(10, word.size() - 12));
        ASSERT_TRUE(bytes && is_utf8(*bytes));
        decoded += *bytes;
    }
    EXPECT_EQ(decoded, text);
}

TEST(EncodedHeader, MakesASpaceOfControlCharacters) {
    for (const std::string_view text : {"a\r\nBcc: x", "a\nBcc: x", "a\rBcc: x", "a\tBcc: x"}) {
        EXPECT_EQ(encoded_header(text), "a Bcc: x");
    }
    EXPECT_EQ(encoded_header(std::string_view("a\0b", 3)), "a b");
    EXPECT_EQ(encoded_header("ž\r\n\r\nbody"), cat("=?UTF-8?B?", to_base64("ž body"), "?="));
}

TEST(EncodedHeader, EndsEvenForBytesThatAreNoText) {
    const std::string encoded = encoded_header(std::string(200, '\x80'));
    EXPECT_LT(encoded.size(), 600U);
}

TEST(EncodedHeader, EncodesSpaceAtItsEnds) {
    for (const std::string_view text : {" a", "a ", "\na"}) {
        EXPECT_TRUE(encoded_header(text).starts_with("=?UTF-8?B?")) << text;
    }
}

TEST(MimeMessage, PutsEveryHeaderOnItsLine) {
    const std::string bytes = built(contract::ordinary_mail());
    const std::string head = bytes.substr(0, bytes.find("\r\n\r\n"));
    EXPECT_EQ(head,
              "Date: Tue, 24 Nov 2026 02:07:00 +0000\r\n"
              "From: \"The Gift Shop\" <orders@gifts.example>\r\n"
              "To: <ada@example.com>\r\n"
              "Reply-To: <help@gifts.example>\r\n"
              "Subject: Your order 1001\r\n"
              "Message-ID: <ntf_01JB0000000000000000000001@gifts.example>\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: multipart/alternative; boundary=\"=_souk_alternative\"");
}

TEST(MimeMessage, IsTheSameForTheSameMail) {
    EXPECT_EQ(built(contract::ordinary_mail()), built(contract::ordinary_mail()));
}

TEST(MimeMessage, ChoosesTheShorterEncoding) {
    Mail mail = contract::ordinary_mail();
    mail.text = "Mostly plain, with one ž.";
    mail.html = "ありがとうございました";
    const std::string bytes = built(mail);
    EXPECT_NE(
        bytes.find("text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"),
        std::string::npos);
    EXPECT_NE(bytes.find("text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64"),
              std::string::npos);
}

TEST(MimeMessage, HasNoLongLineWhateverItsText) {
    Mail mail = contract::ordinary_mail();
    mail.text = std::string(5000, 'x');
    mail.html = mail.text + std::string(3000, '\x01');
    mail.subject = std::string(3000, 's');
    EXPECT_LE(longest_line(built(mail)), 78U);
}

TEST(MimeMessage, SaysWhenAnAddressIsBeyondAscii) {
    Mail mail = contract::ordinary_mail();
    EXPECT_FALSE(build_mime(mail, sender, {})->has_utf8_address);
    mail.to = "žofie@example.com";
    EXPECT_TRUE(build_mime(mail, sender, {})->has_utf8_address);
}

TEST(MimeMessage, RefusesASenderThatIsNoAddress) {
    const Mail mail = contract::ordinary_mail();
    EXPECT_FALSE(build_mime(mail, {"orders", ""}, {}));
    EXPECT_FALSE(build_mime(mail, {"orders@gifts.example", "gifts\r\nBcc: x"}, {}));
}

TEST(MailAddress, IsADotAtomAtADomain) {
    for (const auto address :
         {"a@b", "ada.lovelace+shop@mail.example.com", "o'brien@example.ie", "žofie@příklad.cz"}) {
        EXPECT_TRUE(is_mail_address(address)) << address;
    }
    for (const auto address :
         {"",      "@",     "a@",    "@b",     "a b@c",   "a@b c", "a..b@c",        ".a@c",
          "a.@c",  "a@.c",  "a@c.",  "a@b@c",  "\"a\"@b", "<a@b>", "a@[127.0.0.1]", "a@b\r\n",
          "a\n@b", "a,b@c", "a@b;c", "a\xFF@b"}) {
        EXPECT_FALSE(is_mail_address(address)) << address;
    }
    EXPECT_TRUE(is_mail_address(cat(std::string(64, 'a'), "@b")));
    EXPECT_FALSE(is_mail_address(cat(std::string(65, 'a'), "@b")));
    EXPECT_FALSE(is_mail_address(cat("a@", std::string(253, 'b'))));
}

}  // namespace
}  // namespace souk
