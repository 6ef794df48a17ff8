#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/crypto.h"

/// The files of a data directory beside the ledger: the secret, keys, media and the outbox.
namespace souk::app {

namespace errors {
inline constexpr ErrorCode data_directory_unusable{"data_directory_unusable",
                                                   ErrorKind::unavailable};
}

/// Made with its parents when missing, readable by its owner alone. Errors:
/// data_directory_unusable.
[[nodiscard]] Result<void> make_private_directory(const std::filesystem::path& directory);

/// Whether there is such a file or folder, or this process may not even look, which whoever opens
/// it is told.
[[nodiscard]] bool is_present(const std::filesystem::path& path);

/// Errors: data_directory_unusable, when the backup would lie inside of what it copies.
[[nodiscard]] Result<void> check_apart(const std::filesystem::path& shop,
                                       const std::filesystem::path& backup);

/// Errors: data_directory_unusable, when `directory` is another user's: what this process would
/// write there, its owner could not read, and would not start again.
[[nodiscard]] Result<void> check_owner(const std::filesystem::path& directory);

/// The installation's 32 secret bytes, readable by its owner alone. Only for a shop that is being
/// made may they be made: all that is sealed was sealed with them. Errors: data_directory_unusable.
[[nodiscard]] Result<std::string> read_secret(const std::filesystem::path& file);
[[nodiscard]] Result<std::string> make_secret(const std::filesystem::path& file,
                                              const Crypto& crypto);

/// Copies the secret and the keys, and removes keys that `from` has no more: without them the
/// ledger's accounts and webhooks are of no use, and a key that was rotated away must not come
/// back. Errors: data_directory_unusable, also where `to` has another secret.
[[nodiscard]] Result<void> copy_secrets(const std::filesystem::path& from,
                                        const std::filesystem::path& to);

/// Undoes copy_secrets into a directory that had none.
void forget_secrets(const std::filesystem::path& directory);

/// Files by their paths below a data directory or a backup.
using FileList = std::set<std::string>;

/// Copies media and outbox, but no drafts, and where `only` names some, only those; of files that
/// are there already, those that are newer or of another size. Each is whole and on the disk, or
/// not there. What goes meanwhile may be missing; tells what is there now. Errors:
/// data_directory_unusable.
[[nodiscard]] Result<FileList> copy_files(const std::filesystem::path& from,
                                          const std::filesystem::path& to,
                                          const std::optional<FileList>& only = std::nullopt);

/// What belongs to one backup of those in a folder, which share their files. None of a backup that
/// an older souk made. Errors: data_directory_unusable.
[[nodiscard]] Result<void> write_file_list(const std::filesystem::path& backup,
                                           std::uint32_t number, const FileList& files);
[[nodiscard]] Result<std::optional<FileList>> read_file_list(const std::filesystem::path& backup,
                                                             std::uint32_t number);
/// Removes what none of these backups lists any more: what a shop deletes is not kept for ever.
/// Nothing, while one of them has no list. Errors: data_directory_unusable.
[[nodiscard]] Result<void> drop_unlisted(const std::filesystem::path& backup,
                                         const std::vector<std::uint32_t>& numbers);

/// Errors: data_directory_unusable, when any of what the two above copy is there already: files of
/// another shop would stay among those of this one.
[[nodiscard]] Result<void> check_empty(const std::filesystem::path& directory);

}  // namespace souk::app
