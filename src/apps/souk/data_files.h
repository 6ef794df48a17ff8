#pragma once

#include <filesystem>
#include <string>

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

/// The installation's 32 secret bytes; made on first use, durable, readable by its owner alone.
/// Errors: data_directory_unusable.
[[nodiscard]] Result<std::string> read_or_make_secret(const std::filesystem::path& file,
                                                      const Crypto& crypto);

/// Copies the secret and the keys, and removes keys that `from` has no more: without them the
/// ledger's accounts and webhooks are of no use, and a key that was rotated away must not come
/// back. Errors: data_directory_unusable, also where `to` has another secret.
[[nodiscard]] Result<void> copy_secrets(const std::filesystem::path& from,
                                        const std::filesystem::path& to);

/// Undoes copy_secrets into a directory that had none.
void forget_secrets(const std::filesystem::path& directory);

/// Copies media and outbox, but no drafts; of files that are there already, those that are newer or
/// of another size. Each is whole and on the disk, or not there. What goes meanwhile may be
/// missing. Errors: data_directory_unusable.
[[nodiscard]] Result<void> copy_files(const std::filesystem::path& from,
                                      const std::filesystem::path& to);

/// Errors: data_directory_unusable, when any of what the two above copy is there already: files of
/// another shop would stay among those of this one.
[[nodiscard]] Result<void> check_empty(const std::filesystem::path& directory);

}  // namespace souk::app
