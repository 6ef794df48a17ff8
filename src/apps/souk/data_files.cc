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
constexpr std::string_view secret_name = "secret";
constexpr std::string_view keys_name = "keys";
constexpr std::array<std::string_view, 2> copied{"media", "outbox"};

std::unexpected<Error> unusable(const std::filesystem::path& path, std::string_view why) {
    return fail(errors::data_directory_unusable, cat(path.string(), ": ", why, "."));
}

bool written_durably(int descriptor, std::string_view content) {
    return ::write(descriptor, content.data(), content.size()) == std::ssize(content) &&
           ::fsync(descriptor) == 0;
}

/// Whatever of this file or folder is still in memory goes to the disk.
Result<void> synced(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool kept = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int why = errno;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    return kept ? Result<void>{} : unusable(path, std::generic_category().message(why));
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
    return synced(file.parent_path());
}

Result<std::string> content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file)) {
        return unusable(file, "cannot be read");
    }
    std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    return in.bad() ? Result<std::string>(unusable(file, "cannot be read")) : content;
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

bool is_copied(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code problem;
    const bool same_size =
        std::filesystem::file_size(from, problem) == std::filesystem::file_size(to, problem) &&
        !problem;
    return same_size &&
           std::filesystem::last_write_time(to, problem) >=
               std::filesystem::last_write_time(from, problem) &&
           !problem;
}

/// Under a draft's name until it is whole: a copy that a full disk cut short would look done, and
/// newer than its source.
Result<void> copy_whole(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (is_copied(from, to)) {
        return {};
    }
    const std::filesystem::path draft = to.parent_path() / ".copying";
    std::error_code problem;
    std::filesystem::copy_file(from, draft, std::filesystem::copy_options::overwrite_existing,
                               problem);
    if (problem) {
        std::error_code ignored;
        std::filesystem::remove(draft, ignored);
        return unless_gone(from, problem);
    }
    TRY(synced(draft));
    std::filesystem::rename(draft, to, problem);
    return problem ? Result<void>(unusable(to, problem.message())) : Result<void>{};
}

Result<void> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code problem;
    if (!std::filesystem::is_directory(from, problem)) {
        return copy_whole(from, to);
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
    TRY(synced(to));  // The names of all that is in it now.
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
    if (problem) {
        return unusable(directory, problem.message());
    }
    const auto parent = directory.parent_path();
    return synced(parent.empty() ? "." : parent);
}

Result<std::string> read_or_make_secret(const std::filesystem::path& file, const Crypto& crypto) {
    if (!std::filesystem::exists(file)) {
        TRY(write_private(file, crypto.random(secret_bytes)));
    }
    std::string secret = TRY(content_of(file));
    if (secret.size() != secret_bytes) {
        return unusable(file,
                        "does not hold the 32 bytes that it should; restore it from a backup");
    }
    return secret;
}

Result<void> copy_secrets(const std::filesystem::path& from, const std::filesystem::path& to) {
    TRY(make_private_directory(to));
    const std::string secret = TRY(content_of(from / secret_name));
    if (!std::filesystem::exists(to / secret_name)) {
        TRY(write_private(to / secret_name, secret));
    } else if (TRY(content_of(to / secret_name)) != secret) {
        return unusable(to, "holds another shop, whose secret is not this one's");
    }
    if (!std::filesystem::exists(from / keys_name)) {
        return {};
    }
    TRY(copy_tree(from / keys_name, to / keys_name));
    std::error_code problem;
    for (const auto& key : std::filesystem::directory_iterator(to / keys_name, problem)) {
        if (!std::filesystem::exists(from / keys_name / key.path().filename())) {
            std::filesystem::remove(key.path(), problem);
        }
    }
    return problem ? Result<void>(unusable(to / keys_name, problem.message())) : Result<void>{};
}

void forget_secrets(const std::filesystem::path& directory) {
    std::error_code ignored;
    std::filesystem::remove(directory / secret_name, ignored);
    std::filesystem::remove_all(directory / keys_name, ignored);
}

Result<void> check_empty(const std::filesystem::path& directory) {
    for (const auto name : {secret_name, keys_name, copied[0], copied[1]}) {
        if (std::filesystem::exists(directory / name)) {
            return unusable(directory / name, "is there already; restore into an empty directory");
        }
    }
    return {};
}

Result<void> copy_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    TRY(make_private_directory(to));
    for (const auto name : copied) {
        const auto source = from / name;
        if (std::filesystem::exists(source)) {
            TRY(copy_tree(source, to / name));
        }
    }
    return synced(to);
}

}  // namespace souk::app
