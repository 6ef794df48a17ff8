#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"

namespace souk::app {

/// Everything an operator can set. `settings()` lists the names, what they mean and their defaults.
struct Config {
    std::string home = "embedded";
    std::string data_directory = "souk-data";
    std::string address = "127.0.0.1";
    std::int64_t port = 8080;
    std::string public_url;  // Empty: http://{address}:{port}
    std::string tls_certificate, tls_key;
    std::string trusted_proxies;  // Comma-separated addresses and ranges.
    bool public_metrics = false;
    std::int64_t io_threads = 0;
    std::int64_t workers = 64;
    std::int64_t reaction_workers = 4;
    std::string mail_host;  // Empty: mails become files in {data}/outbox.
    std::int64_t mail_port = 587;
    std::string mail_encryption = "starttls";
    std::string mail_username, mail_password, mail_ca_file;
    std::string mail_from = "souk@localhost.localdomain";
    std::string log_level = "notice";
    bool log_requests = false;
    std::string otlp_endpoint;
    std::int64_t requests_per_second = 500;
    std::int64_t request_burst = 5000;
    std::int64_t sign_ins_per_second = 10;
    std::int64_t sign_in_burst = 200;
    std::int64_t spooled_mib = 1024;
    std::int64_t page_cache_mib = 32;
    std::int64_t block_cache_mib = 16;
    std::int64_t payment_deadline_s = 900;
    bool webhooks_allow_private = false;
    std::string webhooks_ca_file;

    /// The process's environment, for home = "aws": docs/aws.md, step 9, says how to get it.
    std::map<std::string, std::string> variables = {};

    [[nodiscard]] std::string issuer() const;
    /// Those of `trusted_proxies`, one by one.
    [[nodiscard]] std::vector<std::string_view> proxies() const;
};

/// One setting: its name in souk.toml ("mail.host"), in the environment ("SOUK_MAIL_HOST"), and in
/// words.
struct Setting {
    std::string name;
    std::string environment;
    std::string default_value;
    std::string meaning;
};
[[nodiscard]] std::vector<Setting> settings();

/// Only who serves needs the files that are named: certificates and trusted roots.
enum class Purpose { serving, command };

/// Defaults, then the file's text (TOML; empty for none), then `environment` (only SOUK_… names are
/// looked at). Errors: validation_failed with all mistakes at once, unknown names among them, each
/// under the name of its setting.
[[nodiscard]] Result<Config> load_config(std::string_view toml, std::string_view file_name,
                                         const std::map<std::string, std::string>& environment,
                                         Purpose purpose);

}  // namespace souk::app
