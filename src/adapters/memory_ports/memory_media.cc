#include "adapters/memory_ports/memory_media.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::string_view address_prefix = "https://media.test/";

bool is_key(std::string_view key) {
    const auto pieces = split(key, '/');
    return std::ranges::all_of(pieces, [](std::string_view piece) {
        return !piece.empty() && piece[0] != '.' && std::ranges::all_of(piece, [](char c) {
            return std::string_view("/\\%?#").find(c) == std::string_view::npos &&
                   static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F;
        });
    });
}

class TextReader : public BodyReader {
public:
    explicit TextReader(std::string text) : text_(std::move(text)) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece = text_.substr(at_, bytes_max);
        at_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return text_.size(); }

private:
    std::string text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<void> MemoryMedia::check_health() const {
    switch (health_) {
        case Health::well: return {};
        case Health::unavailable: break;
    }
    return fail(errors::media_unavailable, "The memory media were told to fail.");
}

void MemoryMedia::become(Health health) {
    const std::scoped_lock lock(mutex_);
    health_ = health;
}

std::vector<std::string> MemoryMedia::keys() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> all;
    for (const auto& [key, object] : objects_) {
        all.push_back(key);
    }
    return all;
}

int MemoryMedia::upload(const UploadAddress& address, std::string_view content_type,
                        std::string_view bytes) {
    const std::scoped_lock lock(mutex_);
    const auto found = expected_.find(address.url);
    if (found == expected_.end() || clock_.now() >= found->second.expires) {
        return 403;
    }
    const Expected& expected = found->second;
    if (content_type != expected.content_type || bytes.size() != expected.size) {
        return 400;
    }
    const Object object{expected.content_type, std::string(bytes)};
    return objects_.try_emplace(expected.key, object).second ? 204 : 409;
}

Result<UploadAddress> MemoryMedia::upload_address(std::string_view key,
                                                  std::string_view content_type,
                                                  std::uint64_t size) {
    const std::scoped_lock lock(mutex_);
    TRY(check_health());
    if (!is_key(key) || key.starts_with("private/")) {
        return fail(errors::media_refused, "The key is not one of a media file.");
    }
    if (std::ranges::find(image_types, content_type) == image_types.end()) {
        return fail(errors::media_refused, "Images are PNG, JPEG, WebP, GIF or AVIF.");
    }
    if (size == 0 || size > media_bytes_max) {
        return fail(errors::media_refused, cat("An image has 1 to ", media_bytes_max, " bytes."));
    }
    UploadAddress address;
    address.expires = clock_.now() + upload_life;
    address.url = cat(public_url(key), "?size=", size, "&type=", percent_encoded(content_type),
                      "&expires=", address.expires.unix_ms());
    address.method = "PUT";
    address.headers = {{"Content-Type", std::string(content_type)}};
    expected_[address.url] = {std::string(key), std::string(content_type), size, address.expires};
    return address;
}

Result<std::optional<StoredObject>> MemoryMedia::find(std::string_view key) {
    const std::scoped_lock lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
        return std::nullopt;
    }
    return StoredObject{found->second.bytes.size(), found->second.content_type};
}

std::string MemoryMedia::public_url(std::string_view key) const { return cat(address_prefix, key); }

Result<void> MemoryMedia::store(std::string_view key, BodyReader& body) {
    if (!is_key(key)) {
        return fail(errors::media_refused, "The key is not one of a media file.");
    }
    std::string bytes;
    for (;;) {
        const std::string piece = TRY(body.next(piece_bytes));
        if (piece.empty()) {
            break;
        }
        bytes += piece;
    }
    const std::scoped_lock lock(mutex_);
    TRY(check_health());
    objects_[std::string(key)] = {"application/octet-stream", std::move(bytes)};
    return {};
}

Result<std::unique_ptr<BodyReader>> MemoryMedia::open(std::string_view key, std::uint64_t offset) {
    const std::scoped_lock lock(mutex_);
    TRY(check_health());
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
        return fail(errors::unknown_object, "There is no such file.");
    }
    const std::string& bytes = found->second.bytes;
    return std::make_unique<TextReader>(bytes.substr(std::min<std::size_t>(offset, bytes.size())));
}

Result<void> MemoryMedia::erase(std::string_view key) {
    const std::scoped_lock lock(mutex_);
    TRY(check_health());
    if (const auto found = objects_.find(key); found != objects_.end()) {
        objects_.erase(found);
    }
    return {};
}

}  // namespace souk
