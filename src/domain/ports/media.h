#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/http.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode media_unavailable{"media_unavailable", ErrorKind::unavailable};
inline constexpr ErrorCode unknown_object{"unknown_object", ErrorKind::not_found};
/// No image type of `image_types`, an empty or too large file, or a key that is not of Souk's
/// making.
inline constexpr ErrorCode media_refused{"media_refused", ErrorKind::invalid};
}  // namespace errors

/// Units: bytes. An image larger than this is refused.
inline constexpr std::uint64_t media_bytes_max = 20ULL * 1024 * 1024;
inline constexpr std::chrono::minutes upload_life{15};
/// What browsers may upload.
inline constexpr std::array<std::string_view, 5> image_types{
    "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"};

/// Where and how the browser is to send a file.
struct UploadAddress {
    std::string url;
    std::string method;
    std::vector<std::pair<std::string, std::string>> headers;  // To be sent exactly.
    Instant expires;
};

struct StoredObject {
    std::uint64_t size = 0;
    std::string content_type;
};

/// Files by server-made keys ("store_…/med_…"): images that shops show, and uploads that wait to be
/// imported. Contract: tests/contracts/media_contract.h.
class Media {
public:
    virtual ~Media() = default;
    /// An address that takes exactly one object of this key, type and size, for upload_life.
    /// Errors: media_refused.
    [[nodiscard]] virtual Result<UploadAddress> upload_address(std::string_view key,
                                                               std::string_view content_type,
                                                               std::uint64_t size) = 0;
    /// The object under the key, if it has arrived.
    [[nodiscard]] virtual Result<std::optional<StoredObject>> find(std::string_view key) = 0;
    /// Where shoppers fetch it.
    [[nodiscard]] virtual std::string public_url(std::string_view key) const = 0;
    /// Keeps a body under a private key; all of it or nothing.
    [[nodiscard]] virtual Result<void> store(std::string_view key, BodyReader& body) = 0;
    /// Reads a stored object from `offset` on; the reader's size is what is left. Errors:
    /// unknown_object.
    [[nodiscard]] virtual Result<std::unique_ptr<BodyReader>> open(std::string_view key,
                                                                   std::uint64_t offset) = 0;
    /// Absent keys are no error.
    [[nodiscard]] virtual Result<void> erase(std::string_view key) = 0;
};

}  // namespace souk
