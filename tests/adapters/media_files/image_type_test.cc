#include "adapters/media_files/image_type.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk {
namespace {

using namespace std::string_literals;

TEST(ImageType, IsToldByTheFirstBytes) {
    const std::vector<std::pair<std::string, std::string>> files{
        {"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s, "image/png"},
        {"\xFF\xD8\xFF\xE0\0\x10JFIF"s, "image/jpeg"},
        {"\xFF\xD8\xFF\xE1\0\x10"
         "Exif"s,
         "image/jpeg"},
        {"GIF87a\x01\0"s, "image/gif"},
        {"GIF89a\x01\0"s, "image/gif"},
        {"RIFF\x24\0\0\0WEBPVP8 "s, "image/webp"},
        {"\0\0\0\x20"
         "ftypavif\0\0\0\0avifmif1"s,
         "image/avif"},
        {"\0\0\0\x20"
         "ftypmif1\0\0\0\0mif1avifmiaf"s,
         "image/avif"}};
    for (const auto& [bytes, type] : files) {
        EXPECT_EQ(image_type_of(bytes).value_or("none"), type);
    }
}

TEST(ImageType, IsNothingForEverythingElse) {
    for (const auto& bytes : {""s, "\x89PNG"s, "\xFF\xD8"s, "GIF90a"s, "RIFF\0\0\0\0WAVE"s,
                              "RIFFWEBP"s, "<svg xmlns=\"x\"/>"s, "<html>GIF89a"s, "%PDF-1.7"s,
                              "\0\0\0\x20"
                              "ftypisom\0\0\0\0isomiso2mp41"s,
                              "\0\0\0\x20"
                              "ftypheic\0\0\0\0heic"s,
                              "ftypavif"s, "PK\x03\x04"s}) {
        EXPECT_FALSE(image_type_of(bytes).has_value()) << bytes;
    }
}

TEST(ImageType, IsNoAvifForABrandBehindTheFirstBox) {
    EXPECT_FALSE(
        image_type_of("\0\0\0\x14"
                      "ftypisom\0\0\x02\0mp41freeavif"s));
    EXPECT_FALSE(
        image_type_of("\0\0\0\x08"
                      "ftypavif\0\0\0\0"s));
}

TEST(ImageType, AllowsTheListedTypesOnly) {
    EXPECT_TRUE(is_image_type("image/avif"));
    EXPECT_FALSE(is_image_type("image/svg+xml"));
    EXPECT_FALSE(is_image_type(""));
}

}  // namespace
}  // namespace souk
