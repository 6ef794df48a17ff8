#include "apps/souk/data_files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "support/temporary_folder.h"

namespace souk::app {
namespace {

class DataFiles : public testing::Test {
protected:
    void write(const std::filesystem::path& file, std::string_view content) const {
        std::filesystem::create_directories((home / file).parent_path());
        std::ofstream(home / file) << content;
    }
    /// All files of the copy.
    [[nodiscard]] std::set<std::string> copied() const {
        std::set<std::string> files;
        std::error_code none;  // Nothing was copied yet.
        for (const auto& entry : std::filesystem::recursive_directory_iterator(backup, none)) {
            if (!entry.is_directory()) {
                files.insert(entry.path().lexically_relative(backup).string());
            }
        }
        return files;
    }

    static std::string content(const std::filesystem::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }

    testing_support::TemporaryFolder folder;
    std::filesystem::path home = folder.path() / "data";
    std::filesystem::path backup = folder.path() / "backup";
};

TEST_F(DataFiles, AreCopiedAllButTheLedger) {
    write("secret", "32 bytes");
    write("keys/signing.pem", "key");
    write("media/store_1/med_1.png", "image");
    write("outbox/mail.eml", "mail");
    write("ledger/CURRENT", "ledger");
    for (int time = 0; time < 2; ++time) {
        ASSERT_TRUE(copy_secrets(home, backup));
        ASSERT_TRUE(copy_files(home, backup));
        EXPECT_EQ(copied(), (std::set<std::string>{"keys/signing.pem", "media/store_1/med_1.png",
                                                   "outbox/mail.eml", "secret"}));
    }
}

// The bug: a backup of a mistyped directory replaced the secret that the shop's backups need.
TEST_F(DataFiles, OfAnotherShopAreNotCopiedOverABackup) {
    write("secret", "32 bytes");
    write("keys/signing.pem", "key");
    ASSERT_TRUE(copy_secrets(home, backup));
    write("secret", "of another");
    write("keys/other.pem", "key");
    const auto done = copy_secrets(home, backup);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errors::data_directory_unusable);
    EXPECT_EQ(copied(), (std::set<std::string>{"keys/signing.pem", "secret"}));
    EXPECT_EQ(content(backup / "secret"), "32 bytes");
}

TEST_F(DataFiles, WithoutASecretAreNoBackup) {
    write("keys/signing.pem", "key");
    EXPECT_FALSE(copy_secrets(home, backup));
    EXPECT_TRUE(copied().empty());
}

// The bug: a restore made a key valid again that had been rotated away because it had leaked.
TEST_F(DataFiles, ThatAreKeysNoMoreLeaveTheBackup) {
    write("secret", "32 bytes");
    write("keys/signing-1.pem", "leaked");
    ASSERT_TRUE(copy_secrets(home, backup));
    std::filesystem::remove(home / "keys/signing-1.pem");
    write("keys/signing-2.pem", "new");
    ASSERT_TRUE(copy_secrets(home, backup));
    EXPECT_EQ(copied(), (std::set<std::string>{"keys/signing-2.pem", "secret"}));
}

// The bug: what a full disk had cut short was newer than its source, and stayed so for ever.
TEST_F(DataFiles, ThatWereCopiedInPartAreCopiedAgain) {
    write("media/store_1/med_1.png", "image");
    std::filesystem::create_directories(backup / "media/store_1");
    std::ofstream(backup / "media/store_1/med_1.png") << "ima";
    std::ofstream(backup / "media/store_1/.copying") << "im";
    ASSERT_TRUE(copy_files(home, backup));
    EXPECT_EQ(content(backup / "media/store_1/med_1.png"), "image");
    EXPECT_EQ(copied(), std::set<std::string>{"media/store_1/med_1.png"});
}

TEST_F(DataFiles, AreRestoredAmongNoOthers) {
    EXPECT_TRUE(check_empty(home));
    for (const auto* name : {"secret", "keys/signing.pem", "media/a.png", "outbox/mail.eml"}) {
        write(name, "old");
        EXPECT_FALSE(check_empty(home)) << name;
        std::filesystem::remove_all(home);
    }
}

// The bug: an upload or a mail that was finished meanwhile failed the backup.
TEST_F(DataFiles, OfDraftsAreNotCopied) {
    write("media/.drafts/17-0", "half an image");
    write("outbox/.draft-17-0", "half a mail");
    write("outbox/mail.eml", "mail");
    ASSERT_TRUE(copy_files(home, backup));
    EXPECT_EQ(copied(), std::set<std::string>{"outbox/mail.eml"});
}

TEST_F(DataFiles, ThatVanishMeanwhileFailNoBackup) {
    write("media/private/imports/store_1/imp_2.csv", "rows");
    // As one that was listed is when it has been erased since: there is nothing to be opened.
    std::filesystem::create_symlink(home / "gone",
                                    home / "media/private/imports/store_1/imp_1.csv");
    const auto done = copy_files(home, backup);
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(copied(), std::set<std::string>{"media/private/imports/store_1/imp_2.csv"});
}

TEST_F(DataFiles, ThatCannotBeCopiedFailTheBackup) {
    write("media/store_1/med_1.png", "image");
    std::filesystem::create_directories(backup / "media/store_1/med_1.png");
    const auto done = copy_files(home, backup);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errors::data_directory_unusable);
}

}  // namespace
}  // namespace souk::app
