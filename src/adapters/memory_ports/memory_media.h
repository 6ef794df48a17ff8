#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "domain/ports/clock.h"
#include "domain/ports/media.h"

namespace souk {

/// Keeps objects in memory. Thread-safe.
class MemoryMedia final : public Media {
public:
    /// `clock` outlives this.
    explicit MemoryMedia(const Clock& clock) : clock_(clock) {}

    /// What a browser's upload to that address would do; an HTTP status (204, 400, 403, 409).
    [[nodiscard]] int upload(const UploadAddress& address, std::string_view content_type,
                             std::string_view bytes);
    /// Every call of `upload_address`, `store`, `open` and `erase` fails while this is set.
    enum class Health { well, unavailable };
    void become(Health health);
    /// The keys of all objects, in order.
    [[nodiscard]] std::vector<std::string> keys() const;

    [[nodiscard]] Result<UploadAddress> upload_address(std::string_view key,
                                                       std::string_view content_type,
                                                       std::uint64_t size) override;
    [[nodiscard]] Result<std::optional<StoredObject>> find(std::string_view key) override;
    [[nodiscard]] std::string public_url(std::string_view key) const override;
    [[nodiscard]] Result<void> store(std::string_view key, BodyReader& body) override;
    [[nodiscard]] Result<std::unique_ptr<BodyReader>> open(std::string_view key,
                                                           std::uint64_t offset) override;
    [[nodiscard]] Result<void> erase(std::string_view key) override;

private:
    struct Object {
        std::string content_type;
        std::string bytes;
    };
    struct Expected {
        std::string key;
        std::string content_type;
        std::uint64_t size = 0;
        Instant expires;
    };
    [[nodiscard]] Result<void> check_health() const;

    const Clock& clock_;
    mutable std::mutex mutex_;
    Health health_ = Health::well;
    std::map<std::string, Object, std::less<>> objects_;
    std::map<std::string, Expected, std::less<>> expected_;  // By URL.
};

}  // namespace souk
