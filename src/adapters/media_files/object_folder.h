#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/ports/http.h"

namespace souk {

/// Whether `key` is one of Souk's: pieces of A-Z a-z 0-9 _ - . between single slashes, none of
/// which starts with a dot. Units: at most 4 pieces, 200 characters.
[[nodiscard]] bool is_object_key(std::string_view key);

/// Files below one folder, by keys. A file appears under its key whole and durable, or not at all.
/// All errors but those named are media_unavailable. Safe from several threads.
class ObjectFolder {
public:
    explicit ObjectFolder(std::filesystem::path root) : root_(std::move(root)) {}

    /// Erases drafts that a dead process left behind. Never fails: what stays is tried again next
    /// time.
    void forget_old_drafts() const;

    /// Bytes that have arrived but have no key yet; gone when destroyed.
    class Draft {
    public:
        explicit Draft(std::filesystem::path path) : path_(std::move(path)) {}
        Draft(Draft&& other) noexcept;
        Draft& operator=(Draft&&) = delete;
        ~Draft();

        [[nodiscard]] const std::filesystem::path& path() const { return path_; }
        std::uint64_t size = 0;
        std::string first_bytes;  // The first 32.

    private:
        std::filesystem::path path_;
    };

    /// Reads `body` to its end. Errors: media_refused (more than `bytes_max`); the body's own.
    [[nodiscard]] Result<Draft> receive(BodyReader& body, std::uint64_t bytes_max) const;

    /// Puts the draft under the key, in place of what was there.
    [[nodiscard]] Result<void> replace(const Draft& draft, std::string_view key) const;
    /// Puts the draft under the key unless something is there; says whether it did.
    enum class Addition { added, same_was_there, other_was_there };
    [[nodiscard]] Result<Addition> add(const Draft& draft, std::string_view key) const;

    struct Found {
        std::uint64_t size = 0;
        std::string first_bytes;  // The first 32.
        std::string tag;          // Differs between contents of a key.
    };
    [[nodiscard]] Result<std::optional<Found>> find(std::string_view key) const;
    /// Errors: unknown_object.
    [[nodiscard]] Result<std::unique_ptr<BodyReader>> open(std::string_view key,
                                                           std::uint64_t offset) const;
    [[nodiscard]] Result<void> erase(std::string_view key) const;

private:
    [[nodiscard]] std::filesystem::path path_of(std::string_view key) const { return root_ / key; }
    [[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder) const;

    std::filesystem::path root_;
};

}  // namespace souk
