#pragma once

namespace souk::app {

/// The whole `souk` program. Returns its exit code.
[[nodiscard]] int run_command_line(int argc, char** argv);

}  // namespace souk::app
