#include "apps/souk/home.h"

#include <filesystem>

#include "apps/souk/data_files.h"
#include "apps/souk/embedded_home.h"
#include "apps/souk/served_aws_home.h"

namespace souk::app {

Result<std::unique_ptr<Home>> Home::open(const Config& config) {
    return config.home == "aws" ? ServedAwsHome::open(config) : EmbeddedHome::open(config);
}

bool Home::is_there(const Config& config) {
    return config.home == "aws" ||
           is_present(std::filesystem::path(config.data_directory) / "ledger");
}

}  // namespace souk::app
