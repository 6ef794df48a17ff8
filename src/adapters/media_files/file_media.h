#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/media_files/object_folder.h"
#include "domain/ports/environment.h"
#include "domain/ports/media.h"
#include "domain/ports/route.h"

namespace souk {

namespace errors {
/// Another file has already arrived at this address.
inline constexpr ErrorCode object_exists{"object_exists", ErrorKind::conflict};
}  // namespace errors

struct FileMediaOptions {
    std::filesystem::path folder;
    std::string base_url;  // "https://shop.example": where the routes below are served; no slash at
                           // its end.
};

/// Keeps objects as files. Only images at "store_…/med_…" keys are ever served; everything else,
/// such as what lies below "private/", is read by `open` alone.
class FileMedia : public Media {
public:
    /// Effects: erases what uploads of a dead process left; the folder is made by the first file.
    FileMedia(FileMediaOptions options, Environment environment);

    /// `PUT /media/{store}/{object}`, for the signed addresses of `upload_address`, and
    /// `GET /media/{store}/{object}`. They refer to this object.
    [[nodiscard]] std::vector<Route> routes();

    [[nodiscard]] Result<UploadAddress> upload_address(std::string_view key,
                                                       std::string_view content_type,
                                                       std::uint64_t size) override;
    [[nodiscard]] Result<std::optional<StoredObject>> find(std::string_view key) override;
    [[nodiscard]] std::string public_url(std::string_view key) const override;
    /// Errors: media_refused (the key), media_unavailable. Repeat: replaces.
    [[nodiscard]] Result<void> store(std::string_view key, BodyReader& body) override;
    [[nodiscard]] Result<std::unique_ptr<BodyReader>> open(std::string_view key,
                                                           std::uint64_t offset) override;
    [[nodiscard]] Result<void> erase(std::string_view key) override;

private:
    [[nodiscard]] Result<Response> receive(const Request& request) const;
    [[nodiscard]] Result<Response> serve(const Request& request) const;
    [[nodiscard]] std::string signature(std::string_view key, std::string_view content_type,
                                        std::uint64_t size, std::int64_t expires) const;
    [[nodiscard]] Result<void> check_address(const Request& request, std::string_view key) const;
    /// Whether the upload that this head announces is the one that its address was made for.
    [[nodiscard]] Result<void> check_head(const Request& head, std::string_view key) const;

    FileMediaOptions options_;
    Environment environment_;
    std::string signing_key_;
    ObjectFolder folder_;
};

/// Whether the key names something that shoppers may see: "store_<id>/med_…", perhaps with an
/// extension.
[[nodiscard]] bool is_public_key(std::string_view key);

}  // namespace souk
