#include "apps/souk/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "adapters/system_clock/system_clock.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"
#include "apps/aws/prepare.h"
#include "apps/aws/republish.h"
#include "apps/souk/catalogue_commands.h"
#include "apps/souk/config.h"
#include "apps/souk/control.h"
#include "apps/souk/data_files.h"
#include "apps/souk/demo.h"
#include "apps/souk/embedded_home.h"
#include "apps/souk/home.h"
#include "apps/souk/operate.h"
#include "apps/souk/serve.h"
#include "domain/base/text.h"

extern char** environ;

namespace souk::app {

namespace {

constexpr std::string_view exit_codes =
    "Exit codes: 0 done, 64 wrong usage, 65 bad input (also: some rows of an import were "
    "refused),\n"
    "66 no such thing, 69 unavailable (the data directory, the address or the disk), 70 a fault of "
    "souk's,\n"
    "78 wrong configuration.";

class TerminalOutput : public Output {
public:
    void write(std::string_view text) override {
        const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
        whole_ = std::fflush(stdout) == 0 && written && whole_;
    }
    void complain(std::string_view text) override {
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
    /// Whether all went out, which it does not to a full disk.
    [[nodiscard]] bool whole() const { return whole_; }

private:
    bool whole_ = true;
};

int code(Exit exit) { return static_cast<int>(exit); }

int report(const Error& error) {
    std::fputs(describe(error).c_str(), stderr);
    return code(exit_of(error));
}

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

/// What every command that touches a shop takes.
struct Shared {
    std::string config_file;
    std::string data_directory;

    void add_to(CLI::App& app) {
        app.add_option("--config", config_file, "souk.toml (default: ./souk.toml if it is there)");
        app.add_option("--data", data_directory, "The data directory");
    }

    [[nodiscard]] Result<Config> load(Purpose purpose = Purpose::command) const {
        std::string file = config_file;
        if (file.empty() && is_present("souk.toml")) {
            file = "souk.toml";
        }
        std::string text;
        if (!file.empty()) {
            std::ifstream in(file, std::ios::binary);
            if (!in || std::filesystem::is_directory(file)) {
                return invalid_field("--config", "unreadable", cat(file, " cannot be opened."));
            }
            text.assign((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        }
        auto environment = process_environment();
        environment.erase("SOUK_ADMIN_PASSWORD");  // A command's, not a setting.
        environment.erase("SOUK_BINARY");          // The test runner's.
        environment.erase("SOUK_SHARED_DATA");
        Config config = TRY(load_config(text, file, environment, purpose));
        if (!data_directory.empty()) {
            config.data_directory = data_directory;
        }
        return config;
    }
};

/// Only serving, or making an administrator, makes a shop: a mistyped directory is not to become
/// one, nor to be backed up over the true shop's backups.
bool may_make_a_shop(const OperatorCommand& command) { return command.name == "admin create"; }

int outcome_of(Exit exit, const TerminalOutput& output) {
    if (exit == Exit::ok && !output.whole()) {
        std::fputs("souk: The output could not be written.\n", stderr);
        return code(Exit::unavailable);
    }
    return code(exit);
}

/// Asks the souk that serves the directory, or does it in this process when none does.
int run_operator_command(const Shared& shared, const OperatorCommand& command) {
    const auto config = shared.load();
    if (!config) {
        std::fputs(describe(config.error()).c_str(), stderr);
        return code(Exit::bad_config);
    }
    TerminalOutput output;
    const auto asked = ControlSocket::ask(config->data_directory, command, output);
    if (!asked) {
        return report(asked.error());
    }
    if (*asked) {
        return outcome_of(**asked, output);
    }
    if (!may_make_a_shop(command) && !Home::is_there(*config)) {
        return report(
            {souk::errors::not_found, cat("There is no shop in ", config->data_directory, ".")});
    }
    Config quiet = *config;
    quiet.log_level = "error";
    auto home = Home::open(quiet);
    if (!home) {
        return report(home.error());
    }
    return outcome_of(operate(**home, command, output), output);
}

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).string(); }

/// From SOUK_ADMIN_PASSWORD, or the first line of standard input; never from an argument, which
/// others can see.
std::string read_password() {
    const auto variables = process_environment();
    if (const auto given = variables.find("SOUK_ADMIN_PASSWORD"); given != variables.end()) {
        return given->second;
    }
    if (::isatty(STDIN_FILENO) != 0) {
        // Nothing else runs yet: NOLINTNEXTLINE(concurrency-mt-unsafe)
        const char* typed = ::getpass("Password: ");
        return typed == nullptr ? std::string() : typed;
    }
    std::string line;
    std::getline(std::cin, line);
    return line;
}

/// One subcommand that becomes an OperatorCommand, with options that go along as text.
class OperatorCommands {
public:
    OperatorCommands(CLI::App& app, Shared& shared, int& outcome)
        : app_(app), shared_(shared), outcome_(outcome) {}

    struct Option {
        std::string flag;  // "--store", or "directory" for a positional
        std::string key;
        std::string help;
        bool required;
        bool path = false;
    };

    CLI::App* add(CLI::App& parent, const std::string& word, const std::string& name,
                  const std::string& help, const std::vector<Option>& options) {
        CLI::App* sub = parent.add_subcommand(word, help);
        shared_.add_to(*sub);
        auto values = std::make_shared<std::map<std::string, std::string>>();
        for (const auto& option : options) {
            auto* added = sub->add_option(option.flag, (*values)[option.key], option.help);
            if (option.required) {
                added->required();
            }
        }
        sub->callback([this, name, values, options] {
            OperatorCommand command{.name = name, .options = *values};
            for (const auto& option : options) {
                if (option.path && !command.options[option.key].empty()) {
                    command.options[option.key] = absolute(command.options[option.key]);
                }
            }
            if (name == "admin create") {
                command.options["password"] = read_password();
            }
            outcome_ = run_operator_command(shared_, command);
        });
        return sub;
    }

    CLI::App& root() { return app_; }

private:
    CLI::App& app_;
    Shared& shared_;
    int& outcome_;
};

void add_operator_commands(OperatorCommands& commands) {
    CLI::App& root = commands.root();
    commands.add(root, "import", "import",
                 "Import a product CSV (both Shopify dialects) into a store",
                 {{"--store", "store", "The store's id or slug", true},
                  {"file", "file", "The CSV file", true, true}});
    commands.add(root, "export", "export", "Write a store's catalogue as CSV to standard output",
                 {{"--store", "store", "The store's id or slug", true}});
    CLI::App* admin = root.add_subcommand("admin", "Platform administrators");
    admin->require_subcommand(1);
    commands.add(
        *admin, "create", "admin create",
        "Make a platform administrator, or give one a new password (from "
        "SOUK_ADMIN_PASSWORD or stdin)",
        {{"--email", "email", "The e-mail to sign in with", true},
         {"--name", "name", "A name; an account that is there keeps its own without", false}});
    commands.add(root, "backup", "backup", "Back everything up while it serves",
                 {{"directory", "directory", "Where to", true, true}});
    CLI::App* ledger = root.add_subcommand("ledger", "Look inside the ledger");
    ledger->require_subcommand(1);
    commands.add(*ledger, "get", "ledger get", "One row",
                 {{"table", "table", "e.g. orders", true},
                  {"partition", "partition", "e.g. store_…#order#order_…", true},
                  {"sort", "sort", "e.g. head", true}});
    commands.add(*ledger, "query", "ledger query", "Rows of one partition",
                 {{"table", "table", "e.g. orders", true},
                  {"partition", "partition", "A partition of the table or index", true},
                  {"--from", "from", "First sort key", false},
                  {"--before", "before", "Sort key to stop before", false},
                  {"--index", "index", "1 or 2", false},
                  {"--limit", "limit", "Rows at most (100)", false}});
    CLI::App* letters = root.add_subcommand("dead-letters", "Messages that could not be delivered");
    letters->require_subcommand(1);
    commands.add(*letters, "list", "dead-letters list", "List them",
                 {{"--queue", "queue", "One queue only", false}});
    commands.add(*letters, "redrive", "dead-letters redrive", "Put them back into their queue",
                 {{"--queue", "queue", "The queue", true},
                  {"--ids", "ids", "Comma-separated; all when left out", false}});
    CLI::App* keys = root.add_subcommand("keys", "The keys that sign tokens");
    keys->require_subcommand(1);
    commands.add(*keys, "rotate", "keys rotate", "Make a new signing key", {});
}

int run_serve(const Shared& shared, const std::string& address, std::int64_t port) {
    auto config = shared.load(Purpose::serving);
    if (!config) {
        std::fputs(describe(config.error()).c_str(), stderr);
        return code(Exit::bad_config);
    }
    if (!address.empty()) {
        config->address = address;
    }
    if (port >= 0) {
        config->port = port;
    }
    const auto served = serve(*config);
    return served ? 0 : report(served.error());
}

int run_demo(const Shared& shared) {
    const auto config = shared.load(Purpose::serving);
    if (!config) {
        std::fputs(describe(config.error()).c_str(), stderr);
        return code(Exit::bad_config);
    }
    const auto shown = demo(*config);
    return shown ? 0 : report(shown.error());
}

int run_restore(const Shared& shared, const std::string& backup,
                std::optional<std::uint32_t> number) {
    const auto config = shared.load();
    if (!config) {
        std::fputs(describe(config.error()).c_str(), stderr);
        return code(Exit::bad_config);
    }
    const auto restored = EmbeddedHome::restore(backup, config->data_directory, number);
    if (!restored) {
        return report(restored.error());
    }
    std::printf("Restored backup %u of %s from %s into %s.\n", restored->number,
                to_rfc3339(restored->made).c_str(), backup.c_str(), config->data_directory.c_str());
    for (const auto& file : restored->missing) {
        std::fprintf(stderr, "souk: The backup lacks %s.\n", file.c_str());
    }
    return code(restored->missing.empty() ? Exit::ok : Exit::bad_input);
}

int list_backups(const std::string& directory) {
    const auto all = EmbeddedHome::backups(directory);
    if (!all) {
        return report(all.error());
    }
    for (const auto& one : *all) {
        std::printf("%6u  %-24s  %s\n", one.number,
                    one.made ? to_rfc3339(*one.made).c_str() : "at an unknown time",
                    one.whole ? cat(one.bytes / 1024 / 1024, " MiB").c_str()
                              : "not whole: files are missing or cut short");
    }
    return 0;
}

int run_salvage(const Shared& shared) {
    const auto config = shared.load();
    if (!config) {
        std::fputs(describe(config.error()).c_str(), stderr);
        return code(Exit::bad_config);
    }
    const auto salvaged = EmbeddedHome::salvage(config->data_directory);
    if (!salvaged) {
        return report(salvaged.error());
    }
    std::printf("%s\n", salvaged->c_str());
    return 0;
}

int run_prepare() {
    const auto prepared = prepare_aws(process_environment());
    if (!prepared) {
        return report(prepared.error());
    }
    std::fputs(prepared->c_str(), stdout);
    return 0;
}

int run_republish(const std::string& since) {
    const auto from = from_rfc3339(since);
    if (!from) {
        std::fputs("--since: not a moment such as 2026-11-27T08:00:00Z.\n", stderr);
        return code(Exit::usage);
    }
    SystemClock clock;
    const auto telemetry = ServerTelemetry::make({.level = LogLevel::error}, clock);
    if (!telemetry) {
        return report(telemetry.error());
    }
    const auto done = republish(process_environment(), *from, **telemetry);
    if (!done) {
        return report(done.error());
    }
    std::fputs(done->report.c_str(), stdout);
    return done->refused == 0 ? 0 : code(Exit::bad_input);
}

void print_settings() {
    for (const auto& setting : settings()) {
        std::printf("%-28s %-34s %s\n%-28s default: %s\n", setting.name.c_str(),
                    setting.environment.c_str(), setting.meaning.c_str(), "",
                    setting.default_value.empty() ? "(none)" : setting.default_value.c_str());
    }
}

}  // namespace

int run_command_line(int argc, char** argv) {
    CLI::App app("Souk: a multi-store commerce backend in one binary.");
    app.footer(std::string(exit_codes));
    app.set_version_flag("--version", "souk " SOUK_VERSION);
    app.require_subcommand(1);
    Shared shared;
    int outcome = 0;
    std::string address;
    std::int64_t port = -1;
    std::string backup;
    std::optional<std::uint32_t> number;

    CLI::App* serving = app.add_subcommand("serve", "Serve the API until SIGTERM");
    shared.add_to(*serving);
    serving->add_option("--address", address, "The address to listen on");
    serving->add_option("--port", port, "The port to listen on; 0 picks a free one")
        ->check(CLI::Range(0, 65'535));
    serving->callback([&] { outcome = run_serve(shared, address, port); });

    CLI::App* showing = app.add_subcommand("demo", "Make two stores and walk a purchase over HTTP");
    shared.add_to(*showing);
    showing->callback([&] { outcome = run_demo(shared); });

    CLI::App* restoring =
        app.add_subcommand("restore", "Restore a backup into an empty data directory");
    shared.add_to(*restoring);
    restoring->add_option("directory", backup, "The folder of backups")->required();
    restoring->add_option("--backup", number, "Its number (souk backups); the newest without");
    restoring->callback([&] { outcome = run_restore(shared, backup, number); });

    CLI::App* listing = app.add_subcommand("backups", "List the backups in a folder");
    listing->add_option("directory", backup, "The folder")->required();
    listing->callback([&] { outcome = list_backups(backup); });

    CLI::App* salvaging = app.add_subcommand("salvage",
                                             "Give up, for good, what cannot be read at the end of "
                                             "a damaged log that no backup replaces");
    shared.add_to(*salvaging);
    salvaging->callback([&] { outcome = run_salvage(shared); });

    app.add_subcommand("settings", "List everything that can be configured")->callback([] {
        print_settings();
    });

    CLI::App* on_aws = app.add_subcommand("aws", "The AWS home outside of Lambda");
    on_aws->require_subcommand(1);
    on_aws
        ->add_subcommand("prepare",
                         "Make tables, topic and queues where no deployment does (emulators, "
                         "containers), and print the settings that follow")
        ->callback([&] { outcome = run_prepare(); });
    std::string since;
    CLI::App* republishing = on_aws->add_subcommand(
        "republish",
        "Publish again the events that a relay has lost, of the last day: twice does no harm");
    republishing->add_option("--since", since, "From when on, e.g. 2026-11-27T08:00:00Z")
        ->required();
    republishing->callback([&] { outcome = run_republish(since); });

    OperatorCommands commands(app, shared, outcome);
    add_operator_commands(commands);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int parsed = app.exit(error);
        return parsed == 0 ? 0 : code(Exit::usage);
    }
    return outcome;
}

}  // namespace souk::app
