#include "adapters/media_s3/s3_media.h"

#include <gtest/gtest.h>

#include "adapters/media_s3/object_key.h"
#include "adapters/media_s3/s3_homes.h"

namespace souk::contract {

namespace {

using Calls = std::vector<std::string>;

/// Gives so many bytes and then an error.
class FailingBody final : public BodyReader {
public:
    explicit FailingBody(std::size_t bytes) : left_(bytes) {}
    Result<std::string> next(std::size_t bytes_max) override {
        if (left_ == 0) {
            return fail(errors::unavailable, "The client went away.");
        }
        const std::size_t given = std::min(bytes_max, left_);
        left_ -= given;
        return std::string(given, 'x');
    }
    std::uint64_t size() const override { return left_; }

private:
    std::size_t left_;
};

}  // namespace

TEST(S3Media, AddressesTheBucketByHostOnAws) {
    FakeS3Home home;
    const auto address = home.media().upload_address(image_key, "image/png", 100);
    ASSERT_TRUE(address);
    EXPECT_TRUE(address->url.starts_with(
        cat("https://souk-media.s3.eu-west-1.amazonaws.com/", image_key, "?X-Amz-Algorithm=")))
        << address->url;
}

TEST(S3Media, AddressesTheBucketByPathWhereAnEndpointIsSet) {
    const SettableClock clock;
    const auto client = s3_client(clock, "http://127.0.0.1:5000");
    S3Media media(*client, clock, {"souk-media", "https://media.example"});
    const auto address = media.upload_address(image_key, "image/png", 100);
    ASSERT_TRUE(address);
    EXPECT_TRUE(address->url.starts_with(
        cat("http://127.0.0.1:5000/souk-media/", image_key, "?X-Amz-Algorithm=")))
        << address->url;
}

TEST(S3Media, AddressesABucketWithADotByPath) {
    const SettableClock clock;
    const auto client = s3_client(clock, "");
    S3Media media(*client, clock, {"media.shop.example", "https://media.example"});
    const auto address = media.upload_address(image_key, "image/png", 100);
    ASSERT_TRUE(address);
    EXPECT_TRUE(
        address->url.starts_with("https://s3.eu-west-1.amazonaws.com/media.shop.example/store_"))
        << address->url;
}

TEST(S3Media, SignsTypeAndSizeOfWhatMayBeUploadedOnce) {
    FakeS3Home home;
    const auto address = home.media().upload_address(image_key, "image/png", 100);
    ASSERT_TRUE(address);
    const auto parameters = read_presigned(address->url).parameters;
    EXPECT_EQ(parameters.at("X-Amz-SignedHeaders"),
              "content-length;content-type;host;if-none-match");
    EXPECT_EQ(parameters.at("X-Amz-Expires"), "900");
    EXPECT_EQ(address->headers, (std::vector<std::pair<std::string, std::string>>{
                                    {"Content-Type", "image/png"}, {"If-None-Match", "*"}}));
}

TEST(S3Media, TakesNoUploadThatWouldReplaceWhatIsThere) {
    FakeS3Home home;
    auto address = home.media().upload_address(image_key, "image/png", 100).value();
    std::erase_if(address.headers, [](const auto& one) { return one.first == "If-None-Match"; });
    EXPECT_EQ(home.upload(address, "image/png", png_of(100)), 403);
    EXPECT_TRUE(home.s3.objects().empty());
}

TEST(S3Media, SendsABodyBelowOnePartAtOnce) {
    FakeS3Home home;
    TextBody body(std::string(upload_part_bytes - 1, 'x'));
    ASSERT_TRUE(home.media().store(private_key, body));
    EXPECT_EQ(home.s3.calls(), Calls{"PUT"});
}

TEST(S3Media, SendsALongerBodyInParts) {
    FakeS3Home home;
    TextBody body(std::string(2 * upload_part_bytes + 1, 'x'));
    ASSERT_TRUE(home.media().store(private_key, body));
    EXPECT_EQ(home.s3.calls(), (Calls{"POST ?uploads", "PUT ?partNumber", "PUT ?partNumber",
                                      "PUT ?partNumber", "POST ?uploadId"}));
    EXPECT_EQ(home.s3.objects().at(std::string(private_key)).bytes.size(),
              2 * upload_part_bytes + 1);
}

TEST(S3Media, SendsABodyOfExactlyOnePartAsOnePart) {
    FakeS3Home home;
    TextBody body(std::string(upload_part_bytes, 'x'));
    ASSERT_TRUE(home.media().store(private_key, body));
    EXPECT_EQ(home.s3.calls(), (Calls{"POST ?uploads", "PUT ?partNumber", "POST ?uploadId"}));
}

TEST(S3Media, KeepsNothingOfALongBodyThatBroke) {
    FakeS3Home home;
    FailingBody body(upload_part_bytes + 1);
    EXPECT_FALSE(home.media().store(private_key, body));
    EXPECT_TRUE(home.s3.objects().empty());
    EXPECT_EQ(home.s3.open_uploads(), 0U);
}

TEST(S3Media, BelievesNoSuccessThatHoldsAnError) {
    FakeS3Home home;
    home.s3.fail_completion();
    TextBody body(std::string(upload_part_bytes, 'x'));
    const auto stored = home.media().store(private_key, body);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, errors::media_unavailable);
    EXPECT_EQ(home.s3.open_uploads(), 0U);
}

TEST(S3Media, ReadsALongObjectPieceByPiece) {
    FakeS3Home home;
    std::string bytes;
    for (int i = 0; bytes.size() < 2 * read_ahead_bytes + 10; ++i) {
        bytes += cat(i, ",");
    }
    home.s3.keep(std::string(private_key), {bytes, "text/csv"});
    const auto reader = home.media().open(private_key, 7);
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->size(), bytes.size() - 7);
    std::string read;
    for (;;) {
        const auto piece = (*reader)->next(300'000);
        ASSERT_TRUE(piece);
        if (piece->empty()) {
            break;
        }
        EXPECT_LE(piece->size(), 300'000U);
        read += *piece;
    }
    EXPECT_TRUE(read == bytes.substr(7));
    EXPECT_EQ(home.s3.calls().size(), 3U);
}

TEST(S3Media, MixesNoTwoObjects) {
    FakeS3Home home;
    home.s3.keep(std::string(private_key), {std::string(read_ahead_bytes + 10, 'a'), "text/csv"});
    const auto reader = home.media().open(private_key, 0);
    ASSERT_TRUE(reader);
    ASSERT_EQ((*reader)->next(read_ahead_bytes)->size(), read_ahead_bytes);
    home.s3.keep(std::string(private_key), {std::string(read_ahead_bytes + 10, 'b'), "text/csv"});
    const auto rest = (*reader)->next(10);
    ASSERT_FALSE(rest);
    EXPECT_EQ(rest.error().code, errors::media_unavailable);
}

TEST(S3Media, IsUnavailableWhenS3DoesNotAnswer) {
    FakeS3Home home;
    home.s3.cut();
    TextBody body("text");
    EXPECT_EQ(home.media().find(image_key).error().code, errors::media_unavailable);
    EXPECT_EQ(home.media().store(private_key, body).error().code, errors::media_unavailable);
    EXPECT_EQ(home.media().open(private_key, 0).error().code, errors::media_unavailable);
    EXPECT_EQ(home.media().erase(private_key).error().code, errors::media_unavailable);
}

TEST(S3Media, IsUnavailableWhenS3Refuses) {
    const SettableClock clock;
    FakeS3 s3{clock};
    S3Media media(s3, clock, {"another-bucket", "https://media.example"});
    TextBody body("text");
    EXPECT_EQ(media.store(private_key, body).error().code, errors::media_unavailable);
}

TEST(S3Media, AsksS3ForNoKeyThatIsNotOurs) {
    FakeS3Home home;
    for (const std::string_view key : {"", "../secret", "private//a", "a b"}) {
        TextBody body("text");
        EXPECT_FALSE(home.media().store(key, body));
        EXPECT_FALSE(home.media().find(key).value());
        EXPECT_EQ(home.media().open(key, 0).error().code, errors::unknown_object);
        EXPECT_TRUE(home.media().erase(key));
    }
    EXPECT_TRUE(home.s3.calls().empty());
}

TEST(S3Key, IsMadeOfPlainPieces) {
    for (const auto key : {"a", "store_1/med_2.png", "private/store_1/imp_2", "a/b/c/d"}) {
        EXPECT_TRUE(is_s3_key(key)) << key;
    }
    for (const auto key : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "a/.b", "a b", "a\\b",
                           "a%2e", "ä", "a/b/c/d/e", "a\n", "a?b", "a:b", "a+b"}) {
        EXPECT_FALSE(is_s3_key(key)) << key;
    }
    EXPECT_TRUE(is_s3_key(std::string(object_key_bytes_max, 'a')));
    EXPECT_FALSE(is_s3_key(std::string(object_key_bytes_max + 1, 'a')));
}

TEST(S3Key, IsShownForMediaOfAStoreOnly) {
    EXPECT_TRUE(is_shown_key(image_key));
    for (const auto key :
         {"store_1/med_1.png", "store_01JB0000000000000000000001/imp_1",
          "private/store_01JB0000000000000000000001/med_1",
          "store_01JB0000000000000000000001/med_1/x", "store_01JB0000000000000000000001"}) {
        EXPECT_FALSE(is_shown_key(key)) << key;
    }
}

}  // namespace souk::contract
