#pragma once

#include <map>
#include <string>
#include <string_view>

namespace souk::aws {

/// The settings of one profile in AWS's shared files (~/.aws/credentials, ~/.aws/config).
using Profile = std::map<std::string, std::string>;

/// Reads the profile's sections: `[name]`, and in the config file `[profile name]`. Comments,
/// nested settings and lines that are none of these are passed over.
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
[[nodiscard]] Profile read_profile(std::string_view text, std::string_view name);

}  // namespace souk::aws
