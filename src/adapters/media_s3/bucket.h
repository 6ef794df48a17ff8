#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"

namespace souk {

/// The bytes of one object from an offset on, as far as one answer holds them.
struct ObjectPiece {
    std::string bytes;
    std::uint64_t object_size = 0;
    std::string entity_tag;
};

/// One S3 bucket, as its actions. Copyable; the client outlives it.
/// Addressed as <bucket>.s3.<region>.amazonaws.com, or, at an endpoint that was set by hand, by the
/// path's first part. Errors, of all: media_unavailable.
class Bucket {
public:
    Bucket(aws::AwsClient& client, std::string name);

    /// An address for one PUT with exactly these headers.
    [[nodiscard]] Result<std::string> put_address(std::string_view key, aws::Headers headers,
                                                  std::chrono::seconds life) const;
    [[nodiscard]] Result<void> put(std::string_view key, std::string bytes) const;
    /// The object's headers (content-length, content-type); nothing when there is none.
    [[nodiscard]] Result<std::optional<aws::Answer>> head(std::string_view key) const;
    /// At most `bytes_max` bytes; none when `offset` is at or past the end. With an entity tag, of
    /// that very object only. Errors: also unknown_object.
    [[nodiscard]] Result<ObjectPiece> get(std::string_view key, std::uint64_t offset,
                                          std::uint64_t bytes_max,
                                          std::string_view entity_tag = {}) const;
    /// Absent keys are no error.
    [[nodiscard]] Result<void> erase(std::string_view key) const;

    /// Parts of one object to be; nothing is under the key before `complete`. Each part but the
    /// last has at least 5 MiB. Source: S3's multipart upload limits.
    [[nodiscard]] Result<std::string> begin_upload(std::string_view key) const;
    /// The part's entity tag. Shape: `number` from 1.
    [[nodiscard]] Result<std::string> put_part(std::string_view key, const std::string& upload,
                                               std::size_t number, std::string bytes) const;
    [[nodiscard]] Result<void> complete(std::string_view key, const std::string& upload,
                                        const std::vector<std::string>& entity_tags) const;
    /// Gives up the parts. What cannot be given up is left to the bucket's lifecycle rule.
    void abandon(std::string_view key, const std::string& upload) const;

private:
    [[nodiscard]] aws::Call to(std::string method, std::string_view key) const;
    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) const;

    aws::AwsClient* client_;
    std::string name_;
    std::string service_;      // "<bucket>.s3" or "s3".
    std::string path_prefix_;  // "/" or "/<bucket>/".
};

}  // namespace souk
