#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/media_s3/bucket.h"
#include "domain/ports/clock.h"
#include "domain/ports/media.h"

namespace souk {

/// Units: bytes. A body beyond it goes up in parts of this size, one in memory at a time.
inline constexpr std::size_t upload_part_bytes = 8UL * 1024 * 1024;
/// Units: bytes. What `open` and its reader fetch at a time.
inline constexpr std::size_t read_ahead_bytes = 1024UL * 1024;

struct S3MediaOptions {
    std::string bucket;
    std::string public_url;  // "https://media.example": where shoppers fetch; no slash at its end.
};

/// Keeps objects in an S3 bucket. Browsers upload straight to it, through addresses that are signed
/// over key, type and size. Only "store_…/med_…" is ever to be served to shoppers: that is the
/// business of the bucket's policy or the distribution before it. Safe from several threads.
class S3Media final : public Media {
public:
    /// The client and the clock outlive it.
    S3Media(aws::AwsClient& client, const Clock& clock, S3MediaOptions options);

    /// Errors: also media_unavailable (no credentials to sign with).
    [[nodiscard]] Result<UploadAddress> upload_address(std::string_view key,
                                                       std::string_view content_type,
                                                       std::uint64_t size) override;
    [[nodiscard]] Result<std::optional<StoredObject>> find(std::string_view key) override;
    [[nodiscard]] std::string public_url(std::string_view key) const override;
    /// Errors: media_refused (the key), media_unavailable, the body's own. Repeat: replaces.
    [[nodiscard]] Result<void> store(std::string_view key, BodyReader& body) override;
    /// The reader holds the first read_ahead_bytes already; it fails with media_unavailable when
    /// the object is replaced or erased before it has read on.
    [[nodiscard]] Result<std::unique_ptr<BodyReader>> open(std::string_view key,
                                                           std::uint64_t offset) override;
    [[nodiscard]] Result<void> erase(std::string_view key) override;

private:
    [[nodiscard]] Result<void> store_in_parts(std::string_view key, std::string first,
                                              BodyReader& body) const;
    [[nodiscard]] Result<void> put_parts(std::string_view key, const std::string& upload,
                                         std::string first, BodyReader& body) const;

    Bucket bucket_;
    const Clock& clock_;
    std::string public_url_;
};

}  // namespace souk
