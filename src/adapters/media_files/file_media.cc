#include "adapters/media_files/file_media.h"

#include "adapters/media_files/image_type.h"
#include "domain/base/text.h"

namespace souk {

namespace {

/// The largest file that can be kept by `store`: what a file system takes is the only other limit.
constexpr std::uint64_t stored_bytes_max = 1ULL << 40;

std::unexpected<Error> no_key() {
    return fail(errors::media_refused, "The key is not one of a media file.");
}

}  // namespace

bool is_public_key(std::string_view key) {
    const auto slash = key.find('/');
    return is_object_key(key) && slash != std::string_view::npos &&
           StoreId::parse(key.substr(0, slash)).has_value() &&
           key.substr(slash + 1).starts_with("med_") &&
           key.find('/', slash + 1) == std::string_view::npos;
}

FileMedia::FileMedia(FileMediaOptions options, Environment environment)
    : options_(std::move(options)),
      environment_(std::move(environment)),
      signing_key_(environment_.key_for("media uploads")),
      folder_(options_.folder) {
    folder_.forget_old_drafts();
}

std::string FileMedia::signature(std::string_view key, std::string_view content_type,
                                 std::uint64_t size, std::int64_t expires) const {
    const std::string signed_text = cat(key, "\n", content_type, "\n", size, "\n", expires);
    return to_base64url(environment_.crypto.hmac_sha256(signing_key_, signed_text));
}

Result<UploadAddress> FileMedia::upload_address(std::string_view key, std::string_view content_type,
                                                std::uint64_t size) {
    if (!is_public_key(key)) {
        return no_key();
    }
    if (!is_image_type(content_type)) {
        return fail(errors::media_refused, "Images are PNG, JPEG, WebP, GIF or AVIF.");
    }
    if (size == 0 || size > media_bytes_max) {
        return fail(errors::media_refused, cat("An image has 1 to ", media_bytes_max, " bytes."));
    }
    const Instant expires =
        Instant::from_unix_ms((environment_.now() + upload_life).unix_seconds() * 1000);
    UploadAddress address;
    address.url = cat(public_url(key), "?expires=", expires.unix_seconds(), "&size=", size,
                      "&type=", percent_encoded(content_type),
                      "&signature=", signature(key, content_type, size, expires.unix_seconds()));
    address.method = "PUT";
    address.headers = {{"Content-Type", std::string(content_type)}};
    address.expires = expires;
    return address;
}

Result<std::optional<StoredObject>> FileMedia::find(std::string_view key) {
    if (!is_object_key(key)) {
        return std::nullopt;
    }
    const auto found = TRY(folder_.find(key));
    if (!found) {
        return std::nullopt;
    }
    const auto type = image_type_of(found->first_bytes);
    return StoredObject{found->size, std::string(type.value_or("application/octet-stream"))};
}

std::string FileMedia::public_url(std::string_view key) const {
    return cat(options_.base_url, "/media/", key);
}

Result<void> FileMedia::store(std::string_view key, BodyReader& body) {
    if (!is_object_key(key)) {
        return no_key();
    }
    const auto draft = TRY(folder_.receive(body, stored_bytes_max));
    return folder_.replace(draft, key);
}

Result<std::unique_ptr<BodyReader>> FileMedia::open(std::string_view key, std::uint64_t offset) {
    if (!is_object_key(key)) {
        return fail(errors::unknown_object, "There is no such file.");
    }
    return folder_.open(key, offset);
}

Result<void> FileMedia::erase(std::string_view key) {
    return is_object_key(key) ? folder_.erase(key) : Result<void>{};
}

}  // namespace souk
