#include "adapters/mail_ses/ses_mailer.h"

#include "adapters/mail_ses/ses_homes.h"

namespace souk::contract {

namespace {

class SesMailerTest : public testing::Test {
protected:
    std::string outcome(const Mail& mail = ordinary_mail()) {
        const auto sent = mailer_.send(mail);
        return sent ? "sent" : std::string(sent.error().code.name);
    }

    testing_support::ScriptedAwsClient client_;
    SettableClock clock_;
    SesMailer mailer_{client_, clock_, {.sender = {ses_sender, ""}}};
};

}  // namespace

TEST_F(SesMailerTest, NamesTheMailInAHeaderThatSesKeeps) {
    client_.answer("{}");
    ASSERT_EQ(outcome(), "sent");
    const auto body = JsonDocument::parse(client_.calls().at(0).body);
    const auto raw = from_base64(body->root()["Content"]["Raw"]["Data"].text_or());
    ASSERT_TRUE(raw);
    EXPECT_TRUE(raw->starts_with(cat("X-Souk-Mail-Id: ", ordinary_mail().id, "\r\nDate: ")));
}

TEST_F(SesMailerTest, NamesTheConfigurationSetWhenThereIsOne) {
    client_.answer("{}");
    ASSERT_EQ(outcome(), "sent");
    EXPECT_EQ(client_.calls().at(0).body.find("ConfigurationSetName"), std::string::npos);
    SesMailer mailer(client_, clock_,
                     {.sender = {ses_sender, ""}, .configuration_set = "souk-prod"});
    client_.answer("{}");
    ASSERT_TRUE(mailer.send(ordinary_mail()));
    EXPECT_NE(client_.calls().at(1).body.find(R"("ConfigurationSetName":"souk-prod")"),
              std::string::npos);
}

TEST_F(SesMailerTest, SendsAtMostOnceWhatMayHaveArrived) {
    client_.answer("{}");
    ASSERT_EQ(outcome(), "sent");
    EXPECT_EQ(client_.calls().at(0).repeat, aws::Repeat::unsafe);
}

TEST_F(SesMailerTest, GivesEveryRefusalItsMeaning) {
    struct Case {
        int status;
        const char* code;
        const char* message;
        const char* outcome;
    };
    const Case cases[] = {
        {400, "MessageRejected", "The message contains a virus.", "mail_refused"},
        {400, "BadRequestException", "Domain contains an illegal character", "mail_refused"},
        {400, "MessageRejected", "Email address is not verified.", "mail_unavailable"},
        {400, "MailFromDomainNotVerifiedException", "", "mail_unavailable"},
        {400, "AccountSuspendedException", "", "mail_unavailable"},
        {400, "SendingPausedException", "", "mail_unavailable"},
        {400, "LimitExceededException", "", "mail_unavailable"},
        {404, "NotFoundException", "Configuration set does not exist.", "mail_unavailable"},
        {429, "TooManyRequestsException", "", "mail_unavailable"},
        {403, "AccessDeniedException", "", "mail_unavailable"},
        {500, "InternalFailure", "", "mail_unavailable"}};
    for (const Case& one : cases) {
        client_.refuse(one.status, one.code, one.message);
        EXPECT_EQ(outcome(), one.outcome) << one.code << " " << one.message;
    }
}

TEST_F(SesMailerTest, IsUnavailableWhenSesDoesNotAnswer) {
    for (const ErrorCode code :
         {aws::errors::aws_not_sent, aws::errors::aws_no_answer, aws::errors::aws_no_credentials}) {
        client_.fail_with(code);
        EXPECT_EQ(outcome(), "mail_unavailable") << code.name;
    }
}

TEST_F(SesMailerTest, RefusesAnAddressBeyondAsciiWithoutACall) {
    Mail mail = ordinary_mail();
    mail.to = "žofie@example.com";
    EXPECT_EQ(outcome(mail), "mail_refused");
    EXPECT_TRUE(client_.calls().empty());
}

}  // namespace souk::contract
