#include "adapters/media_s3/s3_homes.h"

namespace souk::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(S3, MediaContract, FakeS3Home);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, MediaContract, MotoS3Home);

TEST(MotoS3, KeepsABodyOfSeveralParts) {
    MotoS3Home home;
    if (home.kept == nullptr) {
        return;  // The home has skipped this test.
    }
    std::string bytes;
    for (int i = 0; bytes.size() < 2 * upload_part_bytes + 1000; ++i) {
        bytes += cat("line ", i, " of a long body\n");
    }
    TextBody body(bytes);
    ASSERT_TRUE(home.media().store(private_key, body));
    const auto found = home.media().find(private_key);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->size, bytes.size());
    auto reader = home.media().open(private_key, 5);
    ASSERT_TRUE(reader);
    std::string read;
    for (;;) {
        const auto piece = (*reader)->next(700'000);
        ASSERT_TRUE(piece) << piece.error().detail;
        if (piece->empty()) {
            break;
        }
        read += *piece;
    }
    EXPECT_TRUE(read == std::string_view(bytes).substr(5));
}

}  // namespace souk::contract
