#pragma once

#include <string_view>

/// The demo's catalogues (catalogues/*.csv), as the build has put them into the binary.
namespace souk::app::catalogues {

extern const std::string_view medina;
extern const std::string_view kumo;

}  // namespace souk::app::catalogues
