#include "adapters/media_files/object_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include "domain/base/text.h"
#include "domain/ports/media.h"

namespace souk {

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t signature_bytes = 32;
constexpr std::size_t key_bytes_max = 200;
constexpr std::size_t key_pieces_max = 4;
constexpr std::string_view draft_folder = ".drafts";
constexpr std::chrono::hours draft_life{24};

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path) {
    return fail(errors::media_unavailable, cat("Cannot ", what, " ", path.string(), ": ",
                                               std::generic_category().message(errno), "."));
}

/// An open file that closes itself.
class File {
public:
    File(const std::filesystem::path& path, int flags)
        : handle_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
    File(File&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    File& operator=(File&&) = delete;
    ~File() {
        if (handle_ >= 0) {
            ::close(handle_);
        }
    }
    [[nodiscard]] bool is_open() const { return handle_ >= 0; }
    [[nodiscard]] int handle() const { return handle_; }

    [[nodiscard]] bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(handle_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written < 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }
    /// Up to `bytes_max` more bytes; fewer at the end only. Nothing on failure.
    [[nodiscard]] std::optional<std::string> read(std::size_t bytes_max) const {
        std::string out(bytes_max, '\0');
        std::size_t length = 0;
        while (length < bytes_max) {
            const ssize_t got = ::read(handle_, out.data() + length, bytes_max - length);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return std::nullopt;
            }
            if (got == 0) {
                break;
            }
            length += static_cast<std::size_t>(got);
        }
        out.resize(length);
        return out;
    }

private:
    int handle_;
};

Result<void> sync_folder(const std::filesystem::path& folder) {
    const File handle(folder, O_RDONLY | O_DIRECTORY);
    if (!handle.is_open() || ::fsync(handle.handle()) != 0) {
        return cannot("sync", folder);
    }
    return {};
}

class FileReader : public BodyReader {
public:
    FileReader(File file, std::filesystem::path path, std::uint64_t size)
        : file_(std::move(file)), path_(std::move(path)), size_(size) {}
    Result<std::string> next(std::size_t bytes_max) override {
        auto piece = file_.read(bytes_max);
        return piece ? Result<std::string>(*std::move(piece)) : cannot("read", path_);
    }
    std::uint64_t size() const override { return size_; }

private:
    File file_;
    std::filesystem::path path_;
    std::uint64_t size_;
};

Result<bool> same_content(const std::filesystem::path& a, const std::filesystem::path& b) {
    const File first(a, O_RDONLY);
    const File second(b, O_RDONLY);
    for (;;) {
        const auto one = first.read(piece_bytes);
        const auto other = second.read(piece_bytes);
        if (!one || !other) {
            return cannot("read", b);
        }
        if (*one != *other) {
            return false;
        }
        if (one->empty()) {
            return true;
        }
    }
}

}  // namespace

bool is_object_key(std::string_view key) {
    const auto pieces = split(key, '/');
    return key.size() <= key_bytes_max && pieces.size() <= key_pieces_max &&
           std::ranges::all_of(pieces, [](std::string_view piece) {
               return !piece.empty() && piece[0] != '.' && std::ranges::all_of(piece, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
               });
           });
}

ObjectFolder::Draft::Draft(Draft&& other) noexcept
    : size(other.size),
      first_bytes(std::move(other.first_bytes)),
      path_(std::exchange(other.path_, {})) {}

ObjectFolder::Draft::~Draft() {
    if (!path_.empty()) {
        ::unlink(path_.c_str());
    }
}

void ObjectFolder::forget_old_drafts() const {
    const auto oldest = std::filesystem::file_time_type::clock::now() - draft_life;
    std::error_code error;
    for (std::filesystem::directory_iterator at(root_ / draft_folder, error), end;
         !error && at != end; at.increment(error)) {
        std::error_code ignored;
        if (at->last_write_time(ignored) < oldest && !ignored) {
            std::filesystem::remove(at->path(), ignored);
        }
    }
}

Result<void> ObjectFolder::make_folder(const std::filesystem::path& folder) const {
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) {
        return {};
    }
    std::filesystem::create_directories(folder, error);
    if (error) {
        return fail(errors::media_unavailable,
                    cat("Cannot make ", folder.string(), ": ", error.message(), "."));
    }
    // A new folder lasts only once its name is on the disk, in each of its parents and in the
    // root's own.
    for (auto made = folder; made.has_parent_path(); made = made.parent_path()) {
        TRY(sync_folder(made.parent_path()));
        if (made == root_) {
            break;
        }
    }
    return {};
}

Result<ObjectFolder::Draft> ObjectFolder::receive(BodyReader& body, std::uint64_t bytes_max) const {
    static std::atomic<std::uint64_t> drafts{0};
    const auto folder = root_ / draft_folder;
    TRY(make_folder(folder));
    Draft draft(folder / cat(::getpid(), "-", drafts.fetch_add(1)));
    // A process of the same number may have died between linking a draft to its object and letting
    // go of it: writing into that one would change the object.
    ::unlink(draft.path().c_str());
    const File file(draft.path(), O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) {
        return cannot("create", draft.path());
    }
    for (;;) {
        const std::string piece = TRY(body.next(piece_bytes));
        if (piece.empty()) {
            break;
        }
        draft.size += piece.size();
        if (draft.size > bytes_max) {
            return fail(errors::media_refused,
                        cat("The file is larger than ", bytes_max, " bytes."));
        }
        if (draft.first_bytes.size() < signature_bytes) {
            draft.first_bytes.append(piece, 0, signature_bytes - draft.first_bytes.size());
        }
        if (!file.write(piece)) {
            return cannot("write", draft.path());
        }
    }
    if (::fsync(file.handle()) != 0) {
        return cannot("sync", draft.path());
    }
    return draft;
}

Result<void> ObjectFolder::replace(const Draft& draft, std::string_view key) const {
    const auto target = path_of(key);
    TRY(make_folder(target.parent_path()));
    if (::rename(draft.path().c_str(), target.c_str()) != 0) {
        return cannot("create", target);
    }
    return sync_folder(target.parent_path());
}

Result<ObjectFolder::Addition> ObjectFolder::add(const Draft& draft, std::string_view key) const {
    const auto target = path_of(key);
    TRY(make_folder(target.parent_path()));
    // A link fails where a rename would replace.
    if (::link(draft.path().c_str(), target.c_str()) == 0) {
        TRY(sync_folder(target.parent_path()));
        return Addition::added;
    }
    if (errno != EEXIST) {
        return cannot("create", target);
    }
    // The first try may have died between its link and its sync.
    TRY(sync_folder(target.parent_path()));
    return TRY(same_content(draft.path(), target)) ? Addition::same_was_there
                                                   : Addition::other_was_there;
}

Result<std::optional<ObjectFolder::Found>> ObjectFolder::find(std::string_view key) const {
    const auto path = path_of(key);
    const File file(path, O_RDONLY | O_NOFOLLOW);
    if (!file.is_open()) {
        return errno == ENOENT || errno == ENOTDIR ? Result<std::optional<Found>>(std::nullopt)
                                                   : cannot("open", path);
    }
    struct stat status{};
    if (::fstat(file.handle(), &status) != 0) {
        return cannot("look at", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    auto first = file.read(signature_bytes);
    if (!first) {
        return cannot("read", path);
    }
    return Found{static_cast<std::uint64_t>(status.st_size), *std::move(first),
                 cat(status.st_size, "-", status.st_mtim.tv_sec, "-", status.st_mtim.tv_nsec)};
}

Result<std::unique_ptr<BodyReader>> ObjectFolder::open(std::string_view key,
                                                       std::uint64_t offset) const {
    const auto path = path_of(key);
    File file(path, O_RDONLY | O_NOFOLLOW);
    struct stat status{};
    if (!file.is_open() || ::fstat(file.handle(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return fail(errors::unknown_object, "There is no such file.");
        }
        return cannot("open", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(errors::unknown_object, "There is no such file.");
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const std::uint64_t start = std::min(offset, size);
    if (::lseek(file.handle(), static_cast<off_t>(start), SEEK_SET) < 0) {
        return cannot("read", path);
    }
    return std::make_unique<FileReader>(std::move(file), path, size - start);
}

Result<void> ObjectFolder::erase(std::string_view key) const {
    const auto path = path_of(key);
    if (::unlink(path.c_str()) != 0) {
        return errno == ENOENT || errno == ENOTDIR ? Result<void>{}
                                                   : Result<void>(cannot("erase", path));
    }
    return sync_folder(path.parent_path());
}

}  // namespace souk
