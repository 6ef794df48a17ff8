#include "apps/souk/command_line.h"

int main(int argc, char** argv) { return souk::app::run_command_line(argc, argv); }
