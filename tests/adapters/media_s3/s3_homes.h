#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "adapters/media_s3/fake_s3.h"
#include "adapters/media_s3/presigned_put.h"
#include "adapters/media_s3/s3_media.h"
#include "adapters/memory/settable_clock.h"
#include "contracts/media_contract.h"

namespace souk::contract {

/// What a browser sends: the address's headers, but for the type that the test wants.
inline aws::Headers headers_of_put(const UploadAddress& address, std::string_view content_type,
                                   std::string_view bytes) {
    aws::Headers headers{{"content-type", std::string(content_type)},
                         {"content-length", cat(bytes.size())}};
    for (const auto& [name, value] : address.headers) {
        if (name != "Content-Type") {
            headers.emplace_back(ascii_lower(name), value);
        }
    }
    return headers;
}

/// S3Media on a bucket in memory.
struct FakeS3Home {
    SettableClock time;
    FakeS3 s3{time};
    S3Media kept{s3, time, {s3_bucket, "https://media.example"}};

    SettableClock& clock() { return time; }
    Media& media() { return kept; }
    int upload(const UploadAddress& address, std::string_view content_type,
               std::string_view bytes) {
        const auto headers = headers_of_put(address, content_type, bytes);
        const int status =
            status_of_presigned_put(address.url, headers, time.now(), s3_credentials, s3_region);
        const std::string key = read_presigned(address.url).path.substr(1);
        const bool once = std::ranges::find(headers, std::pair<std::string, std::string>(
                                                         "if-none-match", "*")) != headers.end();
        if (status == 200 && once && s3.objects().contains(key)) {
            return 412;
        }
        if (status == 200) {
            s3.keep(key, {std::string(bytes), std::string(content_type)});
        }
        return status;
    }
};

/// S3Media on the emulator that SOUK_PEER_MOTO names, which checks no signature: that is done here,
/// before it gets the request. Without one the test that runs is skipped.
struct MotoS3Home {
    SettableClock time{
        Instant::from_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count())};
    std::unique_ptr<aws::HttpAwsClient> client;
    std::unique_ptr<S3Media> kept;

    MotoS3Home() {
        const char* const address = std::getenv("SOUK_PEER_MOTO");
        if (address == nullptr) {
            [] { GTEST_SKIP() << "SOUK_PEER_MOTO is not set: no emulator to test against."; }();
            return;
        }
        client = s3_client(time, address);
        const auto bucket =
            client->call({.service = "s3",
                          .method = "PUT",
                          .path = cat("/", s3_bucket),
                          .body = cat("<CreateBucketConfiguration><LocationConstraint>", s3_region,
                                      "</LocationConstraint></CreateBucketConfiguration>")});
        EXPECT_TRUE(bucket && (bucket->ok() || bucket->status == 409));
        kept = std::make_unique<S3Media>(*client, time,
                                         S3MediaOptions{s3_bucket, "https://media.example"});
        for (const auto key : {image_key, private_key}) {  // An earlier test's.
            EXPECT_TRUE(kept->erase(key));
        }
    }

    SettableClock& clock() { return time; }
    Media& media() { return *kept; }
    int upload(const UploadAddress& address, std::string_view content_type,
               std::string_view bytes) {
        auto headers = headers_of_put(address, content_type, bytes);
        const int status =
            status_of_presigned_put(address.url, headers, time.now(), s3_credentials, s3_region);
        std::erase_if(headers, [](const auto& header) { return header.first == "content-length"; });
        if (status != 200) {
            return status;
        }
        const auto url = read_presigned(address.url);
        const auto put = client->call({.service = "s3",
                                       .method = "PUT",
                                       .path = url.path,
                                       .query = {url.parameters.begin(), url.parameters.end()},
                                       .headers = std::move(headers),
                                       .body = std::string(bytes),
                                       .signing = aws::Signing::never});
        return put ? put->status : 500;
    }
};

}  // namespace souk::contract
