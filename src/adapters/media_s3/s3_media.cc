#include "adapters/media_s3/s3_media.h"

#include <algorithm>
#include <utility>

#include "adapters/media_s3/object_key.h"
#include "domain/base/text.h"

namespace souk {

namespace {

std::unexpected<Error> no_key() {
    return fail(errors::media_refused, "The key is not one of a media file.");
}

/// The next upload_part_bytes of a body, or what is left of it.
Result<std::string> next_part(BodyReader& body) {
    std::string part;
    while (part.size() < upload_part_bytes) {
        const std::string piece = TRY(body.next(upload_part_bytes - part.size()));
        if (piece.empty()) {
            break;
        }
        part += piece;
    }
    return part;
}

class ObjectReader final : public BodyReader {
public:
    ObjectReader(Bucket bucket, std::string key, std::uint64_t offset, ObjectPiece first)
        : bucket_(std::move(bucket)),
          key_(std::move(key)),
          offset_(offset),
          size_(first.object_size - offset),
          ahead_(std::move(first)) {}

    Result<std::string> next(std::size_t bytes_max) override {
        if (taken_ == ahead_.bytes.size()) {
            TRY(read_on());
        }
        std::string piece = ahead_.bytes.substr(taken_, bytes_max);
        taken_ += piece.size();
        return piece;
    }
    [[nodiscard]] std::uint64_t size() const override { return size_; }

private:
    Result<void> read_on() {
        offset_ += std::exchange(ahead_.bytes, {}).size();
        taken_ = 0;
        if (offset_ >= ahead_.object_size) {
            return {};
        }
        auto more = bucket_.get(key_, offset_, read_ahead_bytes, ahead_.entity_tag);
        if (!more || more->bytes.empty()) {
            return fail(errors::media_unavailable,
                        more ? "The file has changed while it was read." : more.error().detail);
        }
        ahead_.bytes = std::move(more->bytes);
        return {};
    }

    Bucket bucket_;
    std::string key_;
    std::uint64_t offset_;  // In the object, of the first byte held.
    std::uint64_t size_;
    ObjectPiece ahead_;
    std::size_t taken_ = 0;  // Of the bytes held.
};

}  // namespace

S3Media::S3Media(aws::AwsClient& client, const Clock& clock, S3MediaOptions options)
    : bucket_(client, std::move(options.bucket)),
      clock_(clock),
      public_url_(std::move(options.public_url)) {}

Result<UploadAddress> S3Media::upload_address(std::string_view key, std::string_view content_type,
                                              std::uint64_t size) {
    if (!is_shown_key(key)) {
        return no_key();
    }
    if (std::ranges::find(image_types, content_type) == image_types.end()) {
        return fail(errors::media_refused, "Images are PNG, JPEG, WebP, GIF or AVIF.");
    }
    if (size == 0 || size > media_bytes_max) {
        return fail(errors::media_refused, cat("An image has 1 to ", media_bytes_max, " bytes."));
    }
    UploadAddress address;
    // S3 counts whole seconds from when the address was signed, which is after this.
    address.expires = Instant::from_unix_ms((clock_.now() + upload_life).unix_seconds() * 1000);
    // The browser sends Content-Length by itself, and S3 holds it to what was signed. If-None-Match
    // makes it one object: who has the address cannot replace what was approved since.
    // Source: S3's conditional writes; who may put needs no further permission.
    address.url = TRY(bucket_.put_address(key,
                                          {{"content-type", std::string(content_type)},
                                           {"content-length", cat(size)},
                                           {"if-none-match", "*"}},
                                          upload_life));
    address.method = "PUT";
    address.headers = {{"Content-Type", std::string(content_type)}, {"If-None-Match", "*"}};
    return address;
}

Result<std::optional<StoredObject>> S3Media::find(std::string_view key) {
    if (!is_s3_key(key)) {
        return std::nullopt;
    }
    const auto found = TRY(bucket_.head(key));
    if (!found) {
        return std::nullopt;
    }
    const auto size = to_integer(found->header("content-length"));
    if (!size || *size < 0) {
        return fail(errors::media_unavailable, "S3 does not say how large the file is.");
    }
    return StoredObject{static_cast<std::uint64_t>(*size),
                        std::string(found->header("content-type"))};
}

std::string S3Media::public_url(std::string_view key) const { return cat(public_url_, "/", key); }

Result<void> S3Media::store(std::string_view key, BodyReader& body) {
    if (!is_s3_key(key)) {
        return no_key();
    }
    std::string first = TRY(next_part(body));
    return first.size() < upload_part_bytes ? bucket_.put(key, std::move(first))
                                            : store_in_parts(key, std::move(first), body);
}

Result<void> S3Media::store_in_parts(std::string_view key, std::string first,
                                     BodyReader& body) const {
    const std::string upload = TRY(bucket_.begin_upload(key));
    auto stored = put_parts(key, upload, std::move(first), body);
    if (!stored) {
        bucket_.abandon(key, upload);
    }
    return stored;
}

Result<void> S3Media::put_parts(std::string_view key, const std::string& upload, std::string first,
                                BodyReader& body) const {
    std::vector<std::string> entity_tags;
    for (std::string part = std::move(first); !part.empty(); part = TRY(next_part(body))) {
        entity_tags.push_back(
            TRY(bucket_.put_part(key, upload, entity_tags.size() + 1, std::move(part))));
    }
    return bucket_.complete(key, upload, entity_tags);
}

Result<std::unique_ptr<BodyReader>> S3Media::open(std::string_view key, std::uint64_t offset) {
    if (!is_s3_key(key)) {
        return fail(errors::unknown_object, "There is no such file.");
    }
    auto first = TRY(bucket_.get(key, offset, read_ahead_bytes));
    return std::make_unique<ObjectReader>(bucket_, std::string(key), offset, std::move(first));
}

Result<void> S3Media::erase(std::string_view key) {
    return is_s3_key(key) ? bucket_.erase(key) : Result<void>{};
}

}  // namespace souk
