#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "adapters/media_files/file_media_home.h"

namespace souk::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Files, MediaContract, FileMediaHome);

TEST(ObjectKey, IsMadeOfPlainPieces) {
    for (const auto key : {"a", "store_1/med_2.png", "private/store_1/imp_2", "a/b/c/d"}) {
        EXPECT_TRUE(is_object_key(key)) << key;
    }
    for (const auto key : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "a/.b", "a b", "a\\b",
                           "a%2e", "ä", "a/b/c/d/e", "a\n", "a?b", "a:b"}) {
        EXPECT_FALSE(is_object_key(key)) << key;
    }
    EXPECT_FALSE(is_object_key(std::string_view("a\0b", 3)));
    EXPECT_TRUE(is_object_key(std::string(200, 'a')));
    EXPECT_FALSE(is_object_key(std::string(201, 'a')));
}

TEST(ObjectKey, IsPublicForMediaOfAStoreOnly) {
    EXPECT_TRUE(is_public_key(image_key));
    for (const auto key :
         {"store_1/med_1.png", "store_01JB0000000000000000000001/imp_1",
          "private/store_01JB0000000000000000000001/med_1",
          "store_01JB0000000000000000000001/med_1/x", "store_01JB0000000000000000000001"}) {
        EXPECT_FALSE(is_public_key(key)) << key;
    }
    EXPECT_FALSE(is_public_key(private_key));
}

TEST(FileMedia, LeavesNoDraftBehind) {
    FileMediaHome home;
    TextBody body("text");
    ASSERT_TRUE(home.files.store(private_key, body));
    BrokenBody broken;
    EXPECT_FALSE(home.files.store("private/other", broken));
    EXPECT_EQ(home.files_on_disk(), 1U);
}

// The bug: in a container every process is number 1, and the next upload wrote into the draft that
// a dead one had linked to its object, which might be another store's.
TEST(FileMedia, WritesNotIntoTheDraftOfADeadProcessOfTheSameNumber) {
    FileMediaHome home;
    const auto published = home.folder.path() / "media" / "published";
    const auto drafts = home.folder.path() / "media" / ".drafts";
    std::filesystem::create_directories(drafts);
    std::ofstream(published) << "as it was";
    for (int i = 0; i < 100; ++i) {
        std::filesystem::create_hard_link(published, drafts / cat(::getpid(), "-", i));
    }
    TextBody body("another");
    ASSERT_TRUE(home.files.store(private_key, body));
    EXPECT_EQ(std::filesystem::file_size(published), std::string_view("as it was").size());
    EXPECT_EQ(std::filesystem::hard_link_count(published), 100U) << "only one draft was taken";
}

TEST(FileMedia, ErasesTheDraftsOfADeadProcess) {
    FileMediaHome home;
    const auto drafts = home.folder.path() / "media" / ".drafts";
    std::filesystem::create_directories(drafts);
    for (const auto name : {"old", "young"}) {
        std::ofstream(drafts / name) << "half an upload";
    }
    std::filesystem::last_write_time(
        drafts / "old", std::filesystem::file_time_type::clock::now() - std::chrono::hours(48));
    const FileMedia again({home.folder.path() / "media", "https://shop.example"},
                          home.test.environment());
    EXPECT_FALSE(std::filesystem::exists(drafts / "old"));
    EXPECT_TRUE(std::filesystem::exists(drafts / "young"));
}

TEST(FileMedia, FollowsNoLinkOutOfItsFolder) {
    FileMediaHome home;
    const auto secret = home.folder.path() / "secret";
    std::ofstream(secret) << png_of(100);
    const auto object = home.folder.path() / "media" / image_key;
    std::filesystem::create_directories(object.parent_path());
    std::filesystem::create_symlink(secret, object);
    EXPECT_FALSE(home.files.open(image_key, 0));
    EXPECT_FALSE(home.fetch(home.files.public_url(image_key)));
}

TEST(FileMedia, IsUnavailableWhenItsFolderCannotBeMade) {
    FileMediaHome home;
    std::ofstream(home.folder.path() / "file") << "in the way";
    FileMedia media({home.folder.path() / "file", "https://shop.example"}, home.test.environment());
    TextBody body("text");
    const auto stored = media.store(private_key, body);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, errors::media_unavailable);
}

TEST(FileMedia, IsUnavailableWhenTheDiskIsFull) {
    FileMediaHome home;
    // A limit on the size of files fails writes as a full disk does.
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{1000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    TextBody body(std::string(5000, 'x'));
    const auto stored = home.files.store(private_key, body);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, errors::media_unavailable);
    EXPECT_EQ(home.files_on_disk(), 0U);
}

}  // namespace souk::contract
