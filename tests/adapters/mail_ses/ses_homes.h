#pragma once

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/mail_ses/ses_mailer.h"
#include "adapters/memory/settable_clock.h"
#include "contracts/mailer_contract.h"
#include "domain/base/json.h"
#include "support/child_process.h"
#include "support/mail_server.h"
#include "support/scripted_aws_client.h"
#include "support/temporary_folder.h"

namespace souk::contract {

inline constexpr const char* ses_sender = "orders@gifts.example";

/// What Python's email package reads in messages.
inline std::vector<ReceivedMail> read_by_python(const std::vector<std::string>& messages) {
    const testing_support::TemporaryFolder folder;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        std::ofstream(folder.path() / cat(zero_padded(i, 6), ".eml"), std::ios::binary)
            << messages[i];
    }
    testing_support::ChildProcess reader({testing_support::python,
                                          testing_support::support_file("mail_json.py"),
                                          folder.path().string()});
    std::vector<ReceivedMail> mails;
    for (;;) {
        const auto line = reader.line(testing_support::patience);
        const auto document = JsonDocument::parse(line.value_or("{}"));
        if (!document || !document->root()["file"].present()) {
            EXPECT_TRUE(document && document->root()["end"].present());
            return mails;
        }
        const JsonView mail = document->root();
        const std::string& message = messages.at(mails.size());
        EXPECT_EQ(mail["defects"].render(), "[]");
        EXPECT_LE(mail["line_max"].integer_or(-1), 998);
        const std::string_view id_line = split(message, '\n')[0];  // X-Souk-Mail-Id: ntf_…
        ReceivedMail received{std::string(trimmed(id_line.substr(id_line.find(' ')))),
                              mail["from_name"].text_or(),
                              mail["to"].at(0).text_or(),
                              mail["reply_to"].text_or(),
                              mail["subject"].text_or(),
                              mail["text"].text_or(),
                              mail["html"].text_or(),
                              {}};
        for (std::size_t i = 0; i < mail["headers"].size(); ++i) {
            received.header_names.push_back(mail["headers"].at(i).text_or());
        }
        mails.push_back(std::move(received));
    }
}

/// A client that takes every mail, as SES would.
class FakeSes final : public aws::AwsClient {
public:
    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) override {
        const auto body = JsonDocument::parse(call.body);
        EXPECT_EQ(call.service, "email");
        EXPECT_EQ(call.signing_name, "ses");
        EXPECT_EQ(call.method, "POST");
        EXPECT_EQ(call.path, "/v2/email/outbound-emails");
        EXPECT_EQ(body->root()["FromEmailAddress"].string(), ses_sender);
        EXPECT_EQ(body->root()["Destination"]["ToAddresses"].size(), 1U);
        messages_.push_back(from_base64(body->root()["Content"]["Raw"]["Data"].text_or()).value());
        return aws::Answer{200, {}, R"({"MessageId":"1"})", {}, {}};
    }
    [[nodiscard]] Result<std::string> presign(const aws::Presigned&) override {
        return fail(aws::errors::aws_misconfigured, "Nothing here is presigned.");
    }
    [[nodiscard]] std::string endpoint(std::string_view) const override { return ""; }
    [[nodiscard]] std::string_view region() const override { return "eu-west-1"; }

    std::vector<std::string> taken() { return std::exchange(messages_, {}); }

private:
    std::vector<std::string> messages_;
};

struct FakeSesHome {
    FakeSes ses;
    SettableClock clock;
    SesMailer made{ses, clock, {.sender = {ses_sender, ""}}};

    Mailer& mailer() { return made; }
    std::vector<ReceivedMail> received() { return read_by_python(ses.taken()); }
};

/// On the emulator that SOUK_PEER_MOTO names. Without one the test that runs is skipped.
struct MotoSesHome {
    SettableClock clock;
    std::unique_ptr<aws::HttpAwsClient> client;
    std::unique_ptr<SesMailer> made;
    std::size_t seen = 0;

    MotoSesHome() {
        const char* const address = std::getenv("SOUK_PEER_MOTO");
        if (address == nullptr) {
            [] { GTEST_SKIP() << "SOUK_PEER_MOTO is not set: no emulator to test against."; }();
            return;
        }
        aws::AwsOptions options{.region = "eu-west-1"};
        options.endpoints.all = address;
        options.credentials.fixed =
            aws::Credentials{.access_key_id = "test", .secret_access_key = "test"};
        client = aws::HttpAwsClient::make(std::move(options)).value();
        // Once it has held a bucket, moto can no longer show what it holds.
        if (const auto shown = ask("GET", "/moto-api/data.json"); !shown || !shown->ok()) {
            EXPECT_TRUE(ask("POST", "/moto-api/reset"));
        }
        // An identity is there already when an earlier test has made it.
        EXPECT_TRUE(
            ask("POST", "/v2/email/identities", cat(R"({"EmailIdentity":")", ses_sender, "\"}")));
        made = std::make_unique<SesMailer>(*client, clock, SesOptions{.sender = {ses_sender, ""}});
        seen = messages().size();
    }

    Mailer& mailer() { return *made; }
    std::vector<ReceivedMail> received() {
        const auto all = messages();
        const std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen),
                                             all.end());
        seen = all.size();
        return read_by_python(fresh);
    }

private:
    [[nodiscard]] Result<aws::Answer> ask(const char* method, const char* path,
                                          std::string body = {}) {
        return client->call({.service = "email",
                             .signing_name = "ses",
                             .method = method,
                             .path = path,
                             .headers = {{"content-type", "application/json"}},
                             .body = std::move(body)});
    }
    /// Every message that it has taken since it was started.
    std::vector<std::string> messages() {
        const auto answer = ask("GET", "/moto-api/data.json");
        EXPECT_TRUE(answer && answer->ok());
        const auto document = JsonDocument::parse(answer->body);
        EXPECT_TRUE(document);
        const JsonView kept = document->root()["ses"]["RawMessage"];
        std::vector<std::string> out;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            out.push_back(kept.at(i)["raw_data"].text_or());
        }
        return out;
    }
};

}  // namespace souk::contract
