#pragma once

#include "apps/souk/control.h"

namespace souk::app {

class Home;

/// `souk import`: a CSV file into a store, with a progress bar. Exit::bad_input when rows were
/// refused; the good ones have landed.
[[nodiscard]] Result<Exit> import_catalogue(Home& home, const OperatorCommand& command,
                                            Output& output);
/// `souk export`: a store's catalogue as CSV.
[[nodiscard]] Result<Exit> export_catalogue(Home& home, const OperatorCommand& command,
                                            Output& output);

/// The error for a person at a terminal: its sentence, then one line for each mistake.
[[nodiscard]] std::string describe(const Error& error);

}  // namespace souk::app
