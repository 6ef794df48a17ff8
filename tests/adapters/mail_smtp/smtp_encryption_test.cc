#include "adapters/mail_smtp/mail_homes.h"

namespace souk::contract {

class SmtpEncryption : public testing::Test {
protected:
    void given(std::string_view server_options) {
        server = std::make_unique<MailServer>(server_options);
        options = options_for(*server);
        options.ca_file = server->certificate();
        options.timeouts.handshake = std::chrono::seconds(5);
    }
    std::string send() { return outcome_of(mailer_of(options, clock)->send(ordinary_mail())); }
    /// "tls" or "plain", and by whom.
    std::string arrived() {
        const auto mail = server->mail();
        return cat(mail.root()["tls"].bool_or(false) ? "tls" : "plain", " ",
                   mail.root()["user"].text_or());
    }
    void with_password(std::string_view password = "s3cret ž") {
        options.username = "shop";
        options.password = password;
    }

    SettableClock clock;
    std::unique_ptr<MailServer> server;
    SmtpOptions options;
};

constexpr std::string_view account = R"("user":"shop","password":"s3cret ž")";

TEST_F(SmtpEncryption, StartsTlsWhereDemanded) {
    given(R"("tls":"required")");
    options.encryption = MailEncryption::starttls;
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "tls ");
}

TEST_F(SmtpEncryption, SpeaksTlsFromTheStart) {
    given(R"("tls":"implicit")");
    options.encryption = MailEncryption::implicit;
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "tls ");
}

TEST_F(SmtpEncryption, ProvesTheNameOfAHostToo) {
    given(R"("tls":"required")");
    options.encryption = MailEncryption::starttls;
    options.host = "localhost";
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "tls ");
}

TEST_F(SmtpEncryption, SendsNothingWhereTheDemandedTlsIsNotOffered) {
    given("");
    options.ca_file.clear();
    options.encryption = MailEncryption::starttls;
    EXPECT_EQ(send(), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

TEST_F(SmtpEncryption, SendsNothingToAServerWithAnUnknownCertificate) {
    for (const auto& [tls, encryption] : {std::pair{"required", MailEncryption::starttls},
                                          std::pair{"implicit", MailEncryption::implicit}}) {
        given(cat(R"("tls":")", tls, "\""));
        options.ca_file.clear();  // The system's certificates do not know it.
        options.encryption = encryption;
        EXPECT_EQ(send(), "mail_unavailable");
        EXPECT_TRUE(server->is_silent());
    }
}

TEST_F(SmtpEncryption, SendsNothingToAServerOfAnotherName) {
    given(R"("tls":"required")");
    options.encryption = MailEncryption::starttls;
    options.host = "127.1";  // The same machine by a name that is not in its certificate.
    EXPECT_EQ(send(), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

TEST_F(SmtpEncryption, TakesWhatItGetsWhenOpportunistic) {
    given(R"("tls":"starttls")");
    options.ca_file.clear();
    options.encryption = MailEncryption::opportunistic;
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "tls ");
    given("");
    options.ca_file.clear();
    options.encryption = MailEncryption::opportunistic;
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "plain ");
}

TEST_F(SmtpEncryption, NeverSendsAPasswordOpportunisticallyInTheOpen) {
    given(account);
    options.ca_file.clear();
    options.encryption = MailEncryption::opportunistic;
    with_password();
    EXPECT_EQ(send(), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

TEST_F(SmtpEncryption, NeverSendsAPasswordToAnUnprovenServer) {
    given(cat(account, R"(,"tls":"starttls")"));
    options.ca_file.clear();
    options.encryption = MailEncryption::opportunistic;
    with_password();
    EXPECT_EQ(send(), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

TEST_F(SmtpEncryption, LogsInByPlain) {
    given(cat(account, R"(,"tls":"required")"));
    options.encryption = MailEncryption::starttls;
    with_password();
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "tls shop by PLAIN");
}

TEST_F(SmtpEncryption, LogsInByLoginWhereThereIsNoPlain) {
    given(cat(account, R"(,"mechanisms":["LOGIN"])"));
    options.ca_file.clear();
    with_password();
    ASSERT_EQ(send(), "sent");
    EXPECT_EQ(arrived(), "plain shop by LOGIN");
}

TEST_F(SmtpEncryption, IsUnavailableWithAWrongPassword) {
    for (const auto mechanism : {"PLAIN", "LOGIN"}) {
        given(cat(account, R"(,"mechanisms":[")", mechanism, "\"]"));
        options.ca_file.clear();
        with_password("wrong");
        EXPECT_EQ(send(), "mail_unavailable") << mechanism;
        EXPECT_TRUE(server->is_silent());
    }
}

TEST_F(SmtpEncryption, IsUnavailableWhereThePasswordIsMissing) {
    given(account);
    options.ca_file.clear();
    EXPECT_EQ(send(), "mail_unavailable");
    EXPECT_TRUE(server->is_silent());
}

}  // namespace souk::contract
