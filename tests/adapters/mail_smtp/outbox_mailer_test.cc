#include "adapters/mail_smtp/outbox_mailer.h"

#include <fstream>
#include <iterator>
#include <set>

#include "adapters/mail_smtp/mail_homes.h"

namespace souk::contract {

struct OutboxHome {
    TemporaryFolder folder;
    SettableClock clock;
    OutboxMailer outbox{folder.path() / "outbox", {"orders@gifts.example", ""}, clock};
    std::set<std::string> seen;

    Mailer& mailer() { return outbox; }
    /// What Python's email package reads in the files.
    std::vector<ReceivedMail> received() {
        testing_support::ChildProcess reader({testing_support::python,
                                              testing_support::support_file("mail_json.py"),
                                              (folder.path() / "outbox").string()});
        std::vector<ReceivedMail> fresh;
        for (;;) {
            const auto line = reader.line(testing_support::patience);
            const auto mail = JsonDocument::parse(line.value_or("{}"));
            if (!mail || !mail->root()["file"].present()) {
                EXPECT_TRUE(mail && mail->root()["end"].present());
                return fresh;
            }
            if (seen.insert(mail->root()["file"].text_or()).second) {
                fresh.push_back(received_from(mail->root()));
            }
        }
    }
    [[nodiscard]] std::vector<std::string> files() const {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "outbox")) {
            names.insert(entry.path().filename().string());
        }
        return {names.begin(), names.end()};
    }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Outbox, MailerContract, OutboxHome);

TEST(OutboxMailer, NamesFilesByTimeAndId) {
    OutboxHome home;
    Mail mail = ordinary_mail();
    mail.id = "ntf_b";
    ASSERT_TRUE(home.outbox.send(mail));
    home.clock.advance(std::chrono::milliseconds(1));
    mail.id = "ntf_a";
    ASSERT_TRUE(home.outbox.send(mail));
    EXPECT_EQ(home.files(), (std::vector<std::string>{"20260101T000000000Z-ntf_b.eml",
                                                      "20260101T000000001Z-ntf_a.eml"}));
}

TEST(OutboxMailer, KeepsARepeatBesideTheFirst) {
    OutboxHome home;
    ASSERT_TRUE(home.outbox.send(ordinary_mail()));
    ASSERT_TRUE(home.outbox.send(ordinary_mail()));
    const auto files = home.files();
    ASSERT_EQ(files.size(), 2U);
    EXPECT_TRUE(files[0].ends_with("0001-2.eml")) << files[0];
    EXPECT_TRUE(files[1].ends_with("0001.eml")) << files[1];
}

TEST(OutboxMailer, RefusesAnIdThatLeavesTheFolder) {
    OutboxHome home;
    for (const auto id : {"../escape", "/etc/x", ".hidden", "a/b", "", "a\\b"}) {
        Mail mail = ordinary_mail();
        mail.id = id;
        EXPECT_EQ(outcome_of(home.outbox.send(mail)), "mail_refused") << id;
    }
    EXPECT_FALSE(std::filesystem::exists(home.folder.path() / "outbox"));
}

TEST(OutboxMailer, IsUnavailableWhenTheFolderCannotBeMade) {
    const SettableClock clock;
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "file") << "in the way";
    OutboxMailer outbox(folder.path() / "file" / "outbox", {"orders@gifts.example", ""}, clock);
    EXPECT_EQ(outcome_of(outbox.send(ordinary_mail())), "mail_unavailable");
}

TEST(OutboxMailer, KeepsMailFromOtherUsersEyes) {
    OutboxHome home;
    ASSERT_TRUE(home.outbox.send(ordinary_mail()));
    const auto mode =
        std::filesystem::status(home.folder.path() / "outbox" / home.files().at(0)).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace souk::contract
