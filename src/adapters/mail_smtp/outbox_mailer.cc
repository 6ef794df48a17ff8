#include "adapters/mail_smtp/outbox_mailer.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr int repeats_max = 1000;

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path) {
    return fail(errors::mail_unavailable, cat("The outbox cannot ", what, " ", path.string(), ": ",
                                              std::generic_category().message(errno), "."));
}

/// `20261124T020700123Z`: RFC 3339 without its punctuation.
std::string compact_time(Instant now) {
    std::string out;
    for (const char c : to_rfc3339(now)) {
        if (c != '-' && c != ':' && c != '.') {
            out.push_back(c);
        }
    }
    return out;
}

Result<void> write_durably(const std::filesystem::path& path, std::string_view bytes) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return cannot("create", path);
    }
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            auto failure = cannot("write", path);
            ::close(file);
            return failure;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool synced = ::fsync(file) == 0;
    auto failure = cannot("sync", path);
    ::close(file);
    return synced ? Result<void>{} : Result<void>(failure);
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0 || ::fsync(handle) != 0) {
        auto failure = cannot("sync", folder);
        if (handle >= 0) {
            ::close(handle);
        }
        return failure;
    }
    ::close(handle);
    return {};
}

}  // namespace

OutboxMailer::OutboxMailer(std::filesystem::path folder, MailSender sender, const Clock& clock)
    : folder_(std::move(folder)), sender_(std::move(sender)), clock_(clock) {}

Result<void> OutboxMailer::send(const Mail& mail) {
    const Instant now = clock_.now();
    const MimeMessage message = TRY(build_mime(mail, sender_, now));
    std::error_code error;
    const bool is_new = std::filesystem::create_directories(folder_, error);
    if (error) {
        return fail(errors::mail_unavailable, cat("The outbox ", folder_.string(),
                                                  " cannot be made: ", error.message(), "."));
    }
    if (is_new) {
        TRY(sync_folder(folder_.parent_path()));
    }
    return keep(cat(compact_time(now), "-", mail.id), message.bytes);
}

Result<void> OutboxMailer::keep(const std::string& name, std::string_view bytes) const {
    // Two threads may send the same mail at once; each has its own draft.
    static std::atomic<std::uint64_t> drafts{0};
    const auto draft = folder_ / cat(".draft-", ::getpid(), "-", drafts.fetch_add(1));
    ::unlink(draft.c_str());  // A dead process of this number may have linked it to its mail.
    auto written = write_durably(draft, bytes);
    int repeat = 1;
    // A link fails where a rename would replace, so a repeat never hides the first mail.
    while (written) {
        const auto target =
            folder_ / (repeat == 1 ? cat(name, ".eml") : cat(name, "-", repeat, ".eml"));
        if (::link(draft.c_str(), target.c_str()) == 0) {
            break;
        }
        if (errno != EEXIST || ++repeat > repeats_max) {
            written = cannot("create", target);
        }
    }
    ::unlink(draft.c_str());
    TRY(std::move(written));
    return sync_folder(folder_);
}

}  // namespace souk
