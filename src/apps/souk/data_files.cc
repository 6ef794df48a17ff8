#include "apps/souk/data_files.h"

#include <fcntl.h>
#include <sys/stat.h>
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
constexpr std::string_view lists_name = "files";
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
    if (problem && is_present(from)) {
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

/// Puts into `there` what is there then, by its path below `root`.
struct Copying {
    std::filesystem::path root;
    const FileList* only = nullptr;  // All, if there is none.
    FileList there = {};
};

Result<void> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to,
                       Copying& copying) {
    std::error_code problem;
    if (!std::filesystem::is_directory(from, problem)) {
        std::string name = to.lexically_relative(copying.root).string();
        if (copying.only != nullptr && !copying.only->contains(name)) {
            return {};
        }
        TRY(copy_whole(from, to));
        if (is_present(to)) {
            copying.there.insert(std::move(name));
        }
        return {};
    }
    std::filesystem::create_directory(to, from, problem);
    if (problem) {
        return unless_gone(from, problem);
    }
    std::filesystem::directory_iterator at(from, problem);
    for (; !problem && at != std::filesystem::directory_iterator(); at.increment(problem)) {
        if (!is_draft(at->path())) {
            TRY(copy_tree(at->path(), to / at->path().filename(), copying));
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

bool is_present(const std::filesystem::path& path) {
    std::error_code problem;
    const bool found = std::filesystem::exists(path, problem);
    return found || problem;
}

Result<void> check_owner(const std::filesystem::path& directory) {
    struct stat found{};
    if (::stat(directory.c_str(), &found) != 0) {
        // One that is not there is about to be made.
        return errno == ENOENT ? Result<void>{}
                               : unusable(directory, std::generic_category().message(errno));
    }
    if (found.st_uid == ::geteuid()) {
        return {};
    }
    return unusable(directory, cat("belongs to the user with the id ", found.st_uid,
                                   "; run this as that user, not as ", ::geteuid()));
}

Result<void> check_apart(const std::filesystem::path& shop, const std::filesystem::path& backup) {
    std::error_code ignored;
    const auto inner = std::filesystem::weakly_canonical(backup, ignored)
                           .lexically_relative(std::filesystem::weakly_canonical(shop, ignored));
    const std::string first = inner.empty() ? "" : inner.begin()->string();
    for (const auto name : {std::string_view("ledger"), keys_name, copied[0], copied[1]}) {
        if (first == name) {
            return unusable(backup, "is inside of what is to be backed up");
        }
    }
    return {};
}

Result<std::string> make_secret(const std::filesystem::path& file, const Crypto& crypto) {
    TRY(write_private(file, crypto.random(secret_bytes)));
    return read_secret(file);
}

Result<std::string> read_secret(const std::filesystem::path& file) {
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
    if (!is_present(to / secret_name)) {
        TRY(write_private(to / secret_name, secret));
    } else if (TRY(content_of(to / secret_name)) != secret) {
        return unusable(to, "holds another shop, whose secret is not this one's");
    }
    if (!is_present(from / keys_name)) {
        return {};
    }
    Copying all{.root = to};
    TRY(copy_tree(from / keys_name, to / keys_name, all));
    std::error_code problem;
    for (const auto& key : std::filesystem::directory_iterator(to / keys_name, problem)) {
        if (!is_present(from / keys_name / key.path().filename())) {
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
        if (is_present(directory / name)) {
            return unusable(directory / name, "is there already; restore into an empty directory");
        }
    }
    return {};
}

Result<FileList> copy_files(const std::filesystem::path& from, const std::filesystem::path& to,
                            const std::optional<FileList>& only) {
    TRY(make_private_directory(to));
    Copying copying{.root = to, .only = only ? &*only : nullptr};
    for (const auto name : copied) {
        const auto source = from / name;
        if (is_present(source)) {
            TRY(copy_tree(source, to / name, copying));
        }
    }
    TRY(synced(to));
    return std::move(copying.there);
}

Result<void> write_file_list(const std::filesystem::path& backup, std::uint32_t number,
                             const FileList& files) {
    std::string text;
    for (const auto& file : files) {
        text += cat(file, '\n');
    }
    TRY(make_private_directory(backup / lists_name));
    return write_private(backup / lists_name / cat(number), text);
}

Result<std::optional<FileList>> read_file_list(const std::filesystem::path& backup,
                                               std::uint32_t number) {
    const auto file = backup / lists_name / cat(number);
    if (!is_present(file)) {
        return std::nullopt;
    }
    const std::string text = TRY(content_of(file));
    FileList files;
    for (const auto line : split(text, '\n')) {
        if (!line.empty()) {
            files.emplace(line);
        }
    }
    return files;
}

Result<void> drop_unlisted(const std::filesystem::path& backup,
                           const std::vector<std::uint32_t>& numbers) {
    FileList kept;
    FileList lists;
    for (const auto number : numbers) {
        auto files = TRY(read_file_list(backup, number));
        if (!files) {
            return {};
        }
        kept.merge(*files);
        lists.insert(cat(number));
    }
    std::vector<std::filesystem::path> gone;
    std::error_code problem;
    for (const auto& list : std::filesystem::directory_iterator(backup / lists_name, problem)) {
        if (!lists.contains(list.path().filename().string())) {
            gone.push_back(list.path());
        }
    }
    for (const auto name : copied) {
        std::error_code none;  // A shop without pictures has no folder of them.
        for (const auto& file :
             std::filesystem::recursive_directory_iterator(backup / name, none)) {
            if (!file.is_directory(none) &&
                !kept.contains(file.path().lexically_relative(backup).string())) {
                gone.push_back(file.path());
            }
        }
    }
    for (const auto& path : gone) {
        std::filesystem::remove(path, problem);
        if (problem) {
            return unusable(path, problem.message());
        }
    }
    return {};
}

}  // namespace souk::app
