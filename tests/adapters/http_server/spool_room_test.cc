#include "adapters/http_server/spool_room.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/http_server/spool_file.h"

namespace souk::testing {
namespace {

using http_edge::SpoolFile;
using http_edge::SpoolRoom;

std::string outcome(const Result<void>& stored) {
    return stored ? "stored" : std::string(stored.error().code.name);
}

std::shared_ptr<SpoolFile> file_in(const std::shared_ptr<SpoolRoom>& room) {
    auto made = SpoolFile::create(::testing::TempDir(), room);
    CHECK(made.has_value());
    return *made;
}

TEST(SpoolRoom, IsSharedByAllFiles) {
    const auto room = std::make_shared<SpoolRoom>(HttpLimits{.spooled_bytes_max = 100});
    const auto first = file_in(room);
    const auto second = file_in(room);
    EXPECT_EQ(outcome(first->append(std::string(60, 'x'))), "stored");
    EXPECT_EQ(outcome(second->append(std::string(41, 'x'))), "spool_full");
    EXPECT_EQ(second->size(), 0U);
    EXPECT_EQ(outcome(second->append(std::string(40, 'x'))), "stored");
    EXPECT_EQ(outcome(first->append("x")), "spool_full");
}

TEST(SpoolRoom, HasAFilesBytesAgainOnceItIsGone) {
    const auto room = std::make_shared<SpoolRoom>(HttpLimits{.spooled_bytes_max = 100});
    for (int i = 0; i < 3; ++i) {
        const auto file = file_in(room);
        EXPECT_EQ(outcome(file->append(std::string(50, 'x'))), "stored");
        EXPECT_EQ(outcome(file->append(std::string(50, 'x'))), "stored");
        EXPECT_EQ(outcome(file->append("x")), "spool_full");
    }
}

TEST(SpoolRoom, LeavesTheDiskWhatIsKeptFree) {
    const auto room = std::make_shared<SpoolRoom>(
        HttpLimits{.spool_disk_free_bytes = UINT64_MAX, .spool_disk_free_share = 1});
    EXPECT_EQ(outcome(file_in(room)->append("x")), "spool_full");
}

TEST(SpoolRoom, OfASmallDiskKeepsAPartFree) {
    const auto room = std::make_shared<SpoolRoom>(
        HttpLimits{.spool_disk_free_bytes = UINT64_MAX, .spool_disk_free_share = UINT64_MAX});
    EXPECT_EQ(outcome(file_in(room)->append("x")), "stored");
}

}  // namespace
}  // namespace souk::testing
