#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "domain/base/text.h"
#include "domain/ports/mailer.h"

/// What every Mailer promises. An adapter's tests give a `Home`, fresh for every test:
///
///     struct Home {
///         Mailer& mailer();
///         std::vector<ReceivedMail> received();  // What has arrived since the last call, parsed
///         by other code.
///     };
///
/// and `INSTANTIATE_TYPED_TEST_SUITE_P(Smtp, MailerContract, Home)`.
namespace souk::contract {

struct ReceivedMail {
    std::string id;  // Of the Message-ID, what comes before the @.
    std::string from_name;
    std::string to;
    std::string reply_to;
    std::string subject;
    std::string text;
    std::string html;
    std::vector<std::string> header_names;  // In lower case; empty where there are none.
};

inline Mail ordinary_mail() {
    return {.id = "ntf_01JB0000000000000000000001",
            .from_name = "The Gift Shop",
            .reply_to = "help@gifts.example",
            .to = "ada@example.com",
            .subject = "Your order 1001",
            .text = "Thank you.\nIt comes soon.\n",
            .html = "<p>Thank you.</p>\n"};
}

/// Mail has CRLF line ends; what matters is the lines.
inline std::string lines_of(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
            out.push_back(text[i]);
        }
    }
    return out;
}

template <class Home>
class MailerContract : public testing::Test {
protected:
    /// Sends and gives what arrived; fails the test if that is not one mail.
    ReceivedMail delivered(const Mail& mail) {
        const auto sent = home_.mailer().send(mail);
        EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
        const auto arrived = home_.received();
        EXPECT_EQ(arrived.size(), 1U);
        return arrived.size() == 1 ? arrived[0] : ReceivedMail{};
    }
    void expect_refused(const Mail& mail) {
        const auto sent = home_.mailer().send(mail);
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().code, errors::mail_refused) << sent.error().detail;
        EXPECT_TRUE(home_.received().empty());
    }

    Home home_;
};

TYPED_TEST_SUITE_P(MailerContract);

TYPED_TEST_P(MailerContract, DeliversEveryPartOfTheMail) {
    const Mail mail = ordinary_mail();
    const auto arrived = this->delivered(mail);
    EXPECT_EQ(arrived.id, mail.id);
    EXPECT_EQ(arrived.from_name, mail.from_name);
    EXPECT_EQ(arrived.to, mail.to);
    EXPECT_EQ(arrived.reply_to, mail.reply_to);
    EXPECT_EQ(arrived.subject, mail.subject);
    EXPECT_EQ(lines_of(arrived.text), mail.text);
    EXPECT_EQ(lines_of(arrived.html), mail.html);
}

TYPED_TEST_P(MailerContract, DeliversAMailWithoutReplyAddress) {
    Mail mail = ordinary_mail();
    mail.reply_to.clear();
    EXPECT_EQ(this->delivered(mail).reply_to, "");
}

TYPED_TEST_P(MailerContract, DeliversAMailOfTextAlone) {
    Mail mail = ordinary_mail();
    mail.html.clear();
    const auto arrived = this->delivered(mail);
    EXPECT_EQ(lines_of(arrived.text), mail.text);
    EXPECT_EQ(arrived.html, "");
}

TYPED_TEST_P(MailerContract, DeliversAMailOfHtmlAlone) {
    Mail mail = ordinary_mail();
    mail.text.clear();
    EXPECT_EQ(lines_of(this->delivered(mail).html), mail.html);
}

TYPED_TEST_P(MailerContract, KeepsEveryScriptInSubjectNameAndBody) {
    Mail mail = ordinary_mail();
    mail.from_name = "Čajovna „U Draka“ & 茶屋";
    mail.subject = "Vaše objednávka č. 1001 – 注文ありがとうございます 🎁 شكرا لك";
    mail.text = "Děkujeme! 🎉\nありがとうございました。\nشكرا\n";
    mail.html = "<p>Děkujeme! 🎉 ありがとうございました。</p>\n";
    const auto arrived = this->delivered(mail);
    EXPECT_EQ(arrived.from_name, mail.from_name);
    EXPECT_EQ(arrived.subject, mail.subject);
    EXPECT_EQ(lines_of(arrived.text), mail.text);
    EXPECT_EQ(lines_of(arrived.html), mail.html);
}

TYPED_TEST_P(MailerContract, KeepsALongSubject) {
    Mail mail = ordinary_mail();
    mail.subject.clear();
    for (int i = 0; i < 60; ++i) {
        mail.subject += cat("item ", i, ", ");
    }
    mail.subject += "ž!";
    EXPECT_EQ(this->delivered(mail).subject, mail.subject);
}

TYPED_TEST_P(MailerContract, KeepsLinesThatMailTreatsSpecially) {
    Mail mail = ordinary_mail();
    mail.text =
        cat(".\n..two dots\n.one dot\nFrom here\ntrailing space \ntab\t\n=3D is no escape\n",
            std::string(2500, 'x'), "\n\n--=_souk_alternative\nno end of line");
    EXPECT_EQ(lines_of(this->delivered(mail).text), mail.text);
}

TYPED_TEST_P(MailerContract, KeepsTheEndOfATextAlone) {
    Mail mail = ordinary_mail();
    mail.html.clear();
    mail.text = "no end of line";
    EXPECT_EQ(lines_of(this->delivered(mail).text), mail.text);
}

TYPED_TEST_P(MailerContract, KeepsNamesThatLookLikeSyntax) {
    Mail mail = ordinary_mail();
    mail.from_name = R"(Bob "the \ builder" <bob@evil.example>, Co.)";
    mail.subject = "=?UTF-8?B?aGVsbG8=?= stays as it is";
    const auto arrived = this->delivered(mail);
    EXPECT_EQ(arrived.from_name, mail.from_name);
    EXPECT_EQ(arrived.subject, mail.subject);
}

TYPED_TEST_P(MailerContract, LetsNoSubjectAddAHeader) {
    for (const std::string_view line_end : {"\r\n", "\n", "\r"}) {
        Mail mail = ordinary_mail();
        mail.subject = cat("Hello", line_end, "Bcc: eve@example.com", line_end, line_end, "body");
        const auto arrived = this->delivered(mail);
        EXPECT_EQ(std::ranges::count(arrived.header_names, "bcc"), 0);
        EXPECT_EQ(lines_of(arrived.text), mail.text);
    }
}

TYPED_TEST_P(MailerContract, LetsNoNameAddAHeader) {
    for (const std::string_view line_end : {"\r\n", "\n", "\r"}) {
        Mail mail = ordinary_mail();
        mail.from_name = cat("Shop", line_end, "Bcc: eve@example.com", line_end, line_end, "body");
        const auto arrived = this->delivered(mail);
        EXPECT_EQ(std::ranges::count(arrived.header_names, "bcc"), 0);
        EXPECT_EQ(lines_of(arrived.text), mail.text);
    }
}

TYPED_TEST_P(MailerContract, RefusesARecipientThatIsNoAddress) {
    for (const std::string_view to :
         {"", "ada", "ada@example.com\r\nBcc: eve@example.com",
          "ada@example.com\nRCPT TO:<eve@example.com>", "ada@example.com>,<eve@example.com",
          "ada@example.com, eve@example.com"}) {
        Mail mail = ordinary_mail();
        mail.to = to;
        this->expect_refused(mail);
    }
    Mail mail = ordinary_mail();
    mail.to.insert(3, 1, '\0');
    this->expect_refused(mail);
}

TYPED_TEST_P(MailerContract, RefusesAReplyAddressThatIsNone) {
    for (const std::string_view address : {"help", "help@gifts.example\r\nBcc: eve@example.com"}) {
        Mail mail = ordinary_mail();
        mail.reply_to = address;
        this->expect_refused(mail);
    }
}

TYPED_TEST_P(MailerContract, RefusesAnIdThatHoldsALineBreak) {
    Mail mail = ordinary_mail();
    mail.id = "ntf_1>\r\nBcc: eve@example.com\r\nX: <";
    this->expect_refused(mail);
}

TYPED_TEST_P(MailerContract, RefusesTextThatIsNotUtf8) {
    Mail mail = ordinary_mail();
    mail.text = "caf\xE9";
    this->expect_refused(mail);
}

TYPED_TEST_P(MailerContract, SendsAgainUnderTheSameIdWhenAskedAgain) {
    ASSERT_TRUE(this->home_.mailer().send(ordinary_mail()));
    ASSERT_TRUE(this->home_.mailer().send(ordinary_mail()));
    const auto arrived = this->home_.received();
    ASSERT_EQ(arrived.size(), 2U);
    EXPECT_EQ(arrived[0].id, arrived[1].id);
}

REGISTER_TYPED_TEST_SUITE_P(MailerContract, DeliversEveryPartOfTheMail,
                            DeliversAMailWithoutReplyAddress, DeliversAMailOfTextAlone,
                            DeliversAMailOfHtmlAlone, KeepsEveryScriptInSubjectNameAndBody,
                            KeepsALongSubject, KeepsLinesThatMailTreatsSpecially,
                            KeepsTheEndOfATextAlone, KeepsNamesThatLookLikeSyntax,
                            LetsNoSubjectAddAHeader, LetsNoNameAddAHeader,
                            RefusesARecipientThatIsNoAddress, RefusesAReplyAddressThatIsNone,
                            RefusesAnIdThatHoldsALineBreak, RefusesTextThatIsNotUtf8,
                            SendsAgainUnderTheSameIdWhenAskedAgain);

}  // namespace souk::contract
