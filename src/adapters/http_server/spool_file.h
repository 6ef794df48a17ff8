#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/ports/http.h"

namespace souk::http_edge {

/// A request's body on disk, in a file that has no name and vanishes with this object or the
/// process.
class SpoolFile final : public SpooledBody {
public:
    /// Errors: unavailable (no space, no permission).
    [[nodiscard]] static Result<std::shared_ptr<SpoolFile>> create(const std::string& directory);
    ~SpoolFile() override;
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    /// Errors: unavailable (no space).
    [[nodiscard]] Result<void> append(std::string_view bytes);

    [[nodiscard]] Result<std::string> next(std::size_t bytes_max) override;
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    void rewind() override { read_ = 0; }

private:
    explicit SpoolFile(int file) : file_(file) {}

    int file_;
    std::uint64_t size_ = 0;
    std::uint64_t read_ = 0;
};

}  // namespace souk::http_edge
