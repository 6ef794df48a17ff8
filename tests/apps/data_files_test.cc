#include "apps/souk/data_files.h"

#include <gtest/gtest.h>

#include <fstream>
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
        for (const auto& entry : std::filesystem::recursive_directory_iterator(backup)) {
            if (!entry.is_directory()) {
                files.insert(entry.path().lexically_relative(backup).string());
            }
        }
        return files;
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
    ASSERT_TRUE(copy_files(home, backup));
    EXPECT_EQ(copied(), (std::set<std::string>{"keys/signing.pem", "media/store_1/med_1.png",
                                               "outbox/mail.eml", "secret"}));
    EXPECT_TRUE(copy_files(home, backup));
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
