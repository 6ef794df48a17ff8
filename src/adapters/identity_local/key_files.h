#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

struct evp_pkey_st;

/// RSA keys and the files that hold them.
namespace souk::key_files {

using Key = std::shared_ptr<evp_pkey_st>;

/// A new RSA-2048 key; takes some 50 ms.
[[nodiscard]] Key generate();
/// Null if the text does not hold that half of an RSA key of 2048 bits or more.
[[nodiscard]] Key read_private(std::string_view pem);
[[nodiscard]] Key read_public(std::string_view pem);
[[nodiscard]] std::string private_pem(const Key& key);
[[nodiscard]] std::string public_pem(const Key& key);
/// The modulus and the exponent, base64url, as a JWK has them.
[[nodiscard]] std::pair<std::string, std::string> modulus_and_exponent(const Key& key);

/// Makes the directory for its owner alone; one that is there already is left as it is.
[[nodiscard]] Result<void> make_directory(const std::string& directory);
/// The names of its files.
[[nodiscard]] Result<std::vector<std::string>> names_in(const std::string& directory);
/// When an entry was last added or removed. Units: nanoseconds; 0 if it cannot be told.
[[nodiscard]] long long changed_ns(const std::string& directory);
[[nodiscard]] Result<std::string> read(const std::string& path);
/// Whole or not at all, readable by its owner alone, on the disk when it returns.
[[nodiscard]] Result<void> write(const std::string& directory, const std::string& name,
                                 std::string_view text);
/// A file that is gone already is no error.
[[nodiscard]] Result<void> remove(const std::string& path);

}  // namespace souk::key_files
