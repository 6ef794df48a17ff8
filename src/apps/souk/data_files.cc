#include "apps/souk/data_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "domain/base/text.h"

namespace souk::app {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::array<std::string_view, 4> copied{"secret", "keys", "media", "outbox"};

std::unexpected<Error> unusable(const std::filesystem::path& path, std::string_view why) {
    return fail(errors::data_directory_unusable, cat(path.string(), ": ", why, "."));
}

bool written_durably(int descriptor, std::string_view content) {
    return ::write(descriptor, content.data(), content.size()) == std::ssize(content) &&
           ::fsync(descriptor) == 0;
}

/// Writes a file that only its owner may read, whole and on the disk or not at all: whoever dies on
/// the way leaves a draft, which the next try overwrites. Errors: data_directory_unusable.
Result<void> write_private(const std::filesystem::path& file, std::string_view content) {
    const std::filesystem::path draft = file.string() + ".new";
    const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return unusable(draft, std::generic_category().message(errno));
    }
    const bool written = written_durably(descriptor, content);
    const int error = errno;
    ::close(descriptor);
    if (!written || ::rename(draft.c_str(), file.c_str()) != 0) {
        return unusable(file, std::generic_category().message(written ? errno : error));
    }
    const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool kept = folder >= 0 && ::fsync(folder) == 0;
    const int why = errno;
    if (folder >= 0) {
        ::close(folder);
    }
    return kept ? Result<void>{} : unusable(file, std::generic_category().message(why));
}

/// Something that is being written, and is not what it will be named yet: the folder of uploads, a
/// mail. Nothing that is kept begins with a dot.
bool is_draft(const std::filesystem::path& path) {
    return path.filename().string().starts_with('.');
}

/// What is listed may be gone when its turn comes, an import that was worked off say; then there is
/// nothing to copy.
Result<void> unless_gone(const std::filesystem::path& from, const std::error_code& problem) {
    std::error_code ignored;
    if (problem && std::filesystem::exists(from, ignored)) {
        return unusable(from, problem.message());
    }
    return {};
}

Result<void> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code problem;
    if (!std::filesystem::is_directory(from, problem)) {
        std::filesystem::copy_file(from, to, std::filesystem::copy_options::update_existing,
                                   problem);
        return unless_gone(from, problem);
    }
    std::filesystem::create_directory(to, from, problem);
    if (problem) {
        return unless_gone(from, problem);
    }
    std::filesystem::directory_iterator at(from, problem);
    for (; !problem && at != std::filesystem::directory_iterator(); at.increment(problem)) {
        if (!is_draft(at->path())) {
            TRY(copy_tree(at->path(), to / at->path().filename()));
        }
    }
    return unless_gone(from, problem);
}

}  // namespace

Result<void> make_private_directory(const std::filesystem::path& directory) {
    std::error_code problem;
    if (std::filesystem::is_directory(directory, problem)) {
        return {};
    }
    std::filesystem::create_directories(directory, problem);
    if (!problem) {
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all, problem);
    }
    return problem ? Result<void>(unusable(directory, problem.message())) : Result<void>{};
}

Result<std::string> read_or_make_secret(const std::filesystem::path& file, const Crypto& crypto) {
    if (!std::filesystem::exists(file)) {
        TRY(write_private(file, crypto.random(secret_bytes)));
    }
    std::ifstream in(file, std::ios::binary);
    std::string secret((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.good() && !in.eof()) {
        return unusable(file, "cannot be read");
    }
    if (secret.size() != secret_bytes) {
        return unusable(file,
                        "does not hold the 32 bytes that it should; restore it from a backup");
    }
    return secret;
}

Result<void> copy_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    TRY(make_private_directory(to));
    for (const auto name : copied) {
        const auto source = from / name;
        if (std::filesystem::exists(source)) {
            TRY(copy_tree(source, to / name));
        }
    }
    return {};
}

}  // namespace souk::app
