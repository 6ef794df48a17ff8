#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace souk {

/// Where syncing costs nothing, for tests that open a database hundreds of times and cut no power.
inline std::filesystem::path in_memory() {
    std::error_code missing;
    const std::filesystem::path shared = "/dev/shm";
    return std::filesystem::is_directory(shared, missing) ? shared
                                                          : std::filesystem::temp_directory_path();
}

/// A directory of this test's own, gone when the test is.
class TemporaryDirectory {
public:
    explicit TemporaryDirectory(
        const std::filesystem::path& where = std::filesystem::temp_directory_path()) {
        std::string pattern = (where / "souk-XXXXXX").string();
        EXPECT_NE(mkdtemp(pattern.data()), nullptr);
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }

private:
    std::string path_;
};

}  // namespace souk
