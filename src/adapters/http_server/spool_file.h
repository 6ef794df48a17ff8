#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/http_server/spool_room.h"
#include "domain/base/error.h"
#include "domain/ports/http.h"

namespace souk::http_edge {

/// A request's body on disk, in a file that has no name and vanishes with this object or the
/// process. It takes its bytes of a room that all such files share.
class SpoolFile final : public SpooledBody {
public:
    /// Errors: unavailable (no space, no permission).
    [[nodiscard]] static Result<std::shared_ptr<SpoolFile>> create(const std::string& directory,
                                                                   std::shared_ptr<SpoolRoom> room);
    ~SpoolFile() override;
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    /// Errors: spool_full; unavailable (no space). The file is of no use then.
    [[nodiscard]] Result<void> append(std::string_view bytes);

    [[nodiscard]] Result<std::string> next(std::size_t bytes_max) override;
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    void rewind() override { read_ = 0; }

private:
    SpoolFile(int file, std::shared_ptr<SpoolRoom> room) : file_(file), room_(std::move(room)) {}

    int file_;
    std::shared_ptr<SpoolRoom> room_;
    std::uint64_t taken_ = 0;  // Of the room.
    std::uint64_t size_ = 0;
    std::uint64_t read_ = 0;
};

}  // namespace souk::http_edge
