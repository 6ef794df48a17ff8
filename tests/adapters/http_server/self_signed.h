#pragma once

#include <string>

namespace souk::testing {

/// Writes a fresh key and a certificate for `name` (a host name or an IPv4 address) that vouches
/// for itself.
void write_self_signed(const std::string& name, const std::string& certificate_file,
                       const std::string& key_file);

}  // namespace souk::testing
