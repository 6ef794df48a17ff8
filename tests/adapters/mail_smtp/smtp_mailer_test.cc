#include "adapters/mail_smtp/smtp_mailer.h"

#include <thread>

#include "adapters/mail_smtp/mail_homes.h"

namespace souk::contract {

struct SmtpHome {
    SettableClock clock;
    MailServer server;
    std::unique_ptr<SmtpMailer> smtp = mailer_of(options_for(server), clock);

    Mailer& mailer() { return *smtp; }
    std::vector<ReceivedMail> received() {
        std::vector<ReceivedMail> all;
        while (const auto mail = server.mail_so_far()) {
            EXPECT_EQ(mail->root()["envelope_to"].size(), 1U);
            all.push_back(received_from(mail->root()));
        }
        return all;
    }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Smtp, MailerContract, SmtpHome);

class SmtpMailerTest : public testing::Test {
protected:
    /// A mailer for a server of these options.
    SmtpMailer& with(std::string_view server_options) {
        server = std::make_unique<MailServer>(server_options);
        options = options_for(*server);
        return make();
    }
    SmtpMailer& make() {
        mailer = mailer_of(options, clock);
        return *mailer;
    }

    SettableClock clock;
    std::unique_ptr<MailServer> server;
    SmtpOptions options;
    std::unique_ptr<SmtpMailer> mailer;
    const Mail mail = ordinary_mail();
};

TEST_F(SmtpMailerTest, WritesTheHeadersOfAnAutomaticMail) {
    ASSERT_EQ(outcome_of(with("").send(mail)), "sent");
    const auto arrived = server->mail();
    const JsonView root = arrived.root();
    EXPECT_EQ(root["envelope_from"].text_or(), "orders@gifts.example");
    EXPECT_EQ(root["from_address"].text_or(), "orders@gifts.example");
    EXPECT_EQ(root["message_id"].text_or(), cat("<", mail.id, "@mail.gifts.example>"));
    EXPECT_EQ(root["auto_submitted"].text_or(), "auto-generated");
    EXPECT_EQ(root["date"].text_or(), "2026-01-01T00:00:00+00:00");
    EXPECT_EQ(root["content_type"].text_or(), "multipart/alternative");
    EXPECT_EQ(root["hello"].text_or(), "mail.gifts.example");
    EXPECT_TRUE(root["ascii"].bool_or(false));
}

TEST_F(SmtpMailerTest, KeepsItsConnectionForTheNextMail) {
    with("");
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
        EXPECT_EQ(server->mail().root()["connection"].integer_or(0), 1);
    }
}

TEST_F(SmtpMailerTest, ConnectsAgainWhenItsKeptConnectionHasIdledTooLong) {
    with("");
    options.timeouts.idle = std::chrono::milliseconds(0);
    make();
    for (int connection = 1; connection <= 3; ++connection) {
        ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
        EXPECT_EQ(server->mail().root()["connection"].integer_or(0), connection);
    }
}

TEST_F(SmtpMailerTest, KeepsItsConnectionAfterARefusal) {
    with(R"("replies":{"RCPT":["550 5.1.1 No such user"]})");
    EXPECT_EQ(outcome_of(mailer->send(mail)), "mail_refused");
    ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
    EXPECT_EQ(server->mail().root()["connection"].integer_or(0), 1);
}

TEST_F(SmtpMailerTest, ConnectsAgainWhenItsKeptConnectionHasDied) {
    with(R"("replies":{"MAIL":[null,"CLOSE"]})");
    ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
    EXPECT_EQ(server->mail().root()["connection"].integer_or(0), 1);
    ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
    EXPECT_EQ(server->mail().root()["connection"].integer_or(0), 2);
}

TEST_F(SmtpMailerTest, ConnectsAgainWhenTheServerClosesItsKeptConnection) {
    with(R"("replies":{"MAIL":[null,"421 4.4.2 Idle too long"]})");
    ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
    ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
    static_cast<void>(server->mail());
    EXPECT_EQ(server->mail().root()["connection"].integer_or(0), 2);
}

TEST_F(SmtpMailerTest, SendsFromManyThreadsAtOnce) {
    with("");
    std::atomic<int> sent{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&, i] {
                Mail own = mail;
                own.id = cat("ntf_", i);
                sent += mailer->send(own) ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(sent, 6);
    for (int i = 0; i < 6; ++i) {
        static_cast<void>(server->mail());
    }
}

struct Answered {
    std::string_view reply;  // A member of smtp_server.py's "replies".
    std::string_view outcome;
};

class SmtpAnswers : public SmtpMailerTest, public testing::WithParamInterface<Answered> {};

TEST_P(SmtpAnswers, DecideTheOutcome) {
    with(cat("\"replies\":{", GetParam().reply, "}"));
    EXPECT_EQ(outcome_of(mailer->send(mail)), GetParam().outcome);
    EXPECT_TRUE(server->is_silent());
}

INSTANTIATE_TEST_SUITE_P(
    Smtp, SmtpAnswers,
    testing::Values(Answered{R"("RCPT":["550 5.1.1 No such user"])", "mail_refused"},
                    Answered{R"("RCPT":["553 5.1.3 Bad address"])", "mail_refused"},
                    Answered{R"("RCPT":["501 5.1.3 Bad address syntax"])", "mail_refused"},
                    Answered{R"("RCPT":["450 4.2.1 Mailbox busy"])", "mail_unavailable"},
                    Answered{R"("RCPT":["452 4.2.2 Mailbox full"])", "mail_unavailable"},
                    Answered{R"("RCPT":["421 4.3.2 Shutting down"])", "mail_unavailable"},
                    Answered{R"("RCPT":["530 5.7.0 Authentication required"])", "mail_unavailable"},
                    Answered{R"("RCPT":["CLOSE"])", "mail_unavailable"},
                    Answered{R"("RCPT":["what?"])", "mail_unavailable"},
                    Answered{R"("MAIL":["451 4.3.0 Try later"])", "mail_unavailable"},
                    Answered{R"("MAIL":["550 5.7.1 Sender not allowed"])", "mail_unavailable"},
                    Answered{R"("DATA":["554 5.7.1 Looks like spam"])", "mail_refused"},
                    Answered{R"("DATA":["552 5.2.3 Too large"])", "mail_refused"},
                    Answered{R"("DATA":["451 4.3.0 Try later"])", "mail_unavailable"},
                    Answered{R"("DATA":["CLOSE"])", "mail_unavailable"},
                    Answered{R"("CONNECT":["554 5.3.2 No service here"])", "mail_unavailable"},
                    Answered{R"("CONNECT":["SSH-2.0-OpenSSH"])", "mail_unavailable"},
                    Answered{R"("EHLO":["550 5.7.1 Go away"])", "mail_unavailable"}));

class SmtpPatience : public SmtpMailerTest, public testing::WithParamInterface<std::string_view> {};

TEST_P(SmtpPatience, Ends) {
    server = std::make_unique<MailServer>(cat("\"replies\":{\"", GetParam(), "\":[\"HANG\"]}"));
    options = options_for(*server);
    options.timeouts.reply = std::chrono::milliseconds(200);
    options.timeouts.delivery = std::chrono::milliseconds(200);
    const auto sent = make().send(mail);
    EXPECT_EQ(outcome_of(sent), "mail_unavailable");
    EXPECT_NE(sent.error().detail.find("no answer in time"), std::string::npos)
        << sent.error().detail;
}

TEST_P(SmtpPatience, EndsForAllStepsTogether) {
    server = std::make_unique<MailServer>(cat("\"replies\":{\"", GetParam(), "\":[\"HANG\"]}"));
    options = options_for(*server);
    options.timeouts.mail = std::chrono::milliseconds(500);
    SmtpMailer& patient = make();
    EXPECT_EQ(patient.longest(), options.timeouts.mail);
    EXPECT_EQ(outcome_of(patient.send(mail)), "mail_unavailable");
}

INSTANTIATE_TEST_SUITE_P(Smtp, SmtpPatience,
                         testing::Values("CONNECT", "EHLO", "MAIL", "RCPT", "DATA"));

TEST_F(SmtpMailerTest, IsUnavailableWhenNobodyListens) {
    server = std::make_unique<MailServer>();
    options = options_for(*server);
    server.reset();
    EXPECT_EQ(outcome_of(make().send(mail)), "mail_unavailable");
}

TEST_F(SmtpMailerTest, SaysInTheErrorWhatTheServerSaid) {
    with(R"("replies":{"RCPT":["550 5.1.1 No such user"]})");
    const auto sent = mailer->send(mail);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().detail, "The mail server answered 550: 5.1.1 No such user.");
}

TEST_F(SmtpMailerTest, QuotesTheBeginningOfALongAnswer) {
    const std::string most(SmtpSession::quoted_reply_max, 'x');
    with(cat(R"("replies":{"RCPT":["550 )", most, R"(","550 )", most, R"(y"]})"));
    for (int i = 0; i < 2; ++i) {
        const auto sent = mailer->send(mail);
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().detail, cat("The mail server answered 550: ", most, "."));
    }
}

TEST_F(SmtpMailerTest, TakesAnAnswerOfManyLinesUpToABound) {
    const auto answer_of = [](std::size_t lines) {
        std::string answer;
        for (std::size_t i = 1; i < lines; ++i) {
            answer += R"(250-hello\r\n)";
        }
        return answer + "250 hello";
    };
    with(cat(R"("replies":{"EHLO":[")", answer_of(SmtpSession::reply_lines_max), R"("]})"));
    EXPECT_EQ(outcome_of(mailer->send(mail)), "sent");
    with(cat(R"("replies":{"EHLO":[")", answer_of(SmtpSession::reply_lines_max + 1), R"("]})"));
    EXPECT_EQ(outcome_of(mailer->send(mail)), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

TEST_F(SmtpMailerTest, DoesNotSendAgainWhenTheAnswerToTheTextIsLost) {
    with(R"("replies":{"DATA":[null,"CLOSE"]})");
    ASSERT_EQ(outcome_of(mailer->send(mail)), "sent");
    static_cast<void>(server->mail());
    EXPECT_EQ(outcome_of(mailer->send(mail)), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

TEST_F(SmtpMailerTest, RefusesAMailThatTheServerWouldNotTakeForItsSize) {
    with(R"("size":2000)");
    Mail large = mail;
    large.text = std::string(4000, 'x');
    EXPECT_EQ(outcome_of(mailer->send(large)), "mail_refused");
    EXPECT_EQ(outcome_of(mailer->send(mail)), "sent");
}

TEST_F(SmtpMailerTest, SendsToAnAddressInAnyScriptWhereOffered) {
    Mail foreign = mail;
    foreign.to = "žofie@příklad.example";
    ASSERT_EQ(outcome_of(with("").send(foreign)), "sent");
    const auto arrived = server->mail();
    EXPECT_EQ(arrived.root()["envelope_to"].at(0).text_or(), foreign.to);
    const std::string asked = arrived.root()["options"].render();
    EXPECT_NE(asked.find("SMTPUTF8"), std::string::npos) << asked;
    EXPECT_NE(asked.find("BODY=8BITMIME"), std::string::npos) << asked;
}

TEST_F(SmtpMailerTest, RefusesAnAddressBeyondAsciiWhereNotOffered) {
    Mail foreign = mail;
    foreign.to = "žofie@příklad.example";
    EXPECT_EQ(outcome_of(with(R"("utf8":false)").send(foreign)), "mail_refused");
    EXPECT_TRUE(server->is_silent());
}

TEST(SmtpOptionsCheck, NamesAllMistakesAtOnce) {
    const SettableClock clock;
    SmtpOptions options;
    options.host = "mail.test\r\nQUIT";
    options.port = 0;
    options.sender = {"nobody", "bad domain"};
    options.hello_name = "me\r\nMAIL FROM:<>";
    options.password = "alone";
    options.ca_file = "/nonexistent.pem";
    const auto made = SmtpMailer::make(options, clock);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errors::mail_misconfigured);
    std::vector<std::string> pointers;
    for (const auto& field : made.error().fields) {
        pointers.push_back(field.pointer);
    }
    EXPECT_EQ(pointers,
              (std::vector<std::string>{"/mail/host", "/mail/port", "/mail/from", "/mail/domain",
                                        "/mail/hello_name", "/mail/username", "/mail/ca_file"}));
}

}  // namespace souk::contract
