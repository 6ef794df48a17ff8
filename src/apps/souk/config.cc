#include "apps/souk/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>
#include <variant>

#include "adapters/http_client/ip_address.h"
#include "adapters/http_server/trusted_proxies.h"
#include "adapters/mime/mime.h"
#include "adapters/telemetry_prometheus/otlp_client.h"
#include "apps/aws/aws_settings.h"
#include "domain/base/text.h"
#include "domain/base/text_format.h"

namespace souk::app {

namespace {

using Member = std::variant<std::string Config::*, std::int64_t Config::*, bool Config::*>;

struct Row {
    std::string_view name;
    Member member;
    std::int64_t least, most;  // Of integers.
    std::string_view choices;  // Of texts, separated by spaces; empty: any.
    std::string_view meaning;
};

const std::array rows = std::to_array<Row>({
    {"home", &Config::home, 0, 0, "embedded aws",
     "What it lives on: this machine alone, or AWS's services (docs/aws.md)."},
    {"data", &Config::data_directory, 0, 0, "",
     "The folder that holds everything this shop knows."},
    {"http.address", &Config::address, 0, 0, "", "The address to listen on; \"::\" for all."},
    {"http.port", &Config::port, 0, 65535, "", "The port to listen on; 0 picks a free one."},
    {"http.public_url", &Config::public_url, 0, 0, "",
     "How the world reaches it; the tokens' issuer."},
    {"http.tls_certificate", &Config::tls_certificate, 0, 0, "",
     "PEM file; with it, HTTPS instead of HTTP."},
    {"http.tls_key", &Config::tls_key, 0, 0, "", "PEM file of the certificate's key."},
    {"http.trusted_proxies", &Config::trusted_proxies, 0, 0, "",
     "Comma-separated addresses and ranges (10.0.0.0/8) whose X-Forwarded-For is believed; of "
     "several in a row, all."},
    {"http.public_metrics", &Config::public_metrics, 0, 0, "",
     "Whether everybody may read /metrics, not only who asks directly from a private address."},
    {"http.io_threads", &Config::io_threads, 0, 256, "", "Threads for connections; 0: one a core."},
    {"http.workers", &Config::workers, 1, 1024, "",
     "Threads for requests that wait, made when needed."},
    {"reactions.workers", &Config::reaction_workers, 1, 256, "",
     "Threads for each queue of events."},
    {"mail.host", &Config::mail_host, 0, 0, "",
     "SMTP server; empty: mails become files in {data}/outbox."},
    {"mail.port", &Config::mail_port, 1, 65535, "", "Its port."},
    {"mail.encryption", &Config::mail_encryption, 0, 0, "none opportunistic starttls implicit",
     "How the way to it is encrypted."},
    {"mail.username", &Config::mail_username, 0, 0, "", "Empty: no authentication."},
    {"mail.password", &Config::mail_password, 0, 0, "", "Better given as SOUK_MAIL_PASSWORD."},
    {"mail.ca_file", &Config::mail_ca_file, 0, 0, "", "PEM roots; empty: the system's."},
    {"mail.from", &Config::mail_from, 0, 0, "",
     "The sender's address of all mails; needed with mail.host."},
    {"log.level", &Config::log_level, 0, 0, "debug notice warning error",
     "What is below is not written."},
    {"log.requests", &Config::log_requests, 0, 0, "",
     "Whether every answered request is a notice in the log, with its client's address."},
    {"trace.otlp_endpoint", &Config::otlp_endpoint, 0, 0, "",
     "http://collector:4318; empty: no export."},
    {"limits.requests_per_second", &Config::requests_per_second, 0, 1'000'000, "",
     "Of one address, customer or key, on average; 0: no limit."},
    {"limits.request_burst", &Config::request_burst, 1, 10'000'000, "", "And at once."},
    {"limits.sign_ins_per_second", &Config::sign_ins_per_second, 0, 1'000'000, "",
     "Sign-ins, sign-ups and codes of one address; 0: no limit."},
    {"limits.sign_in_burst", &Config::sign_in_burst, 1, 10'000'000, "", "And at once."},
    {"limits.spooled_mib", &Config::spooled_mib, 100, 1'048'576, "",
     "Disk for large bodies while they arrive, all together."},
    {"cache.pages_mib", &Config::page_cache_mib, 0, 65536, "",
     "Memory for hot public pages; a quarter more for settings and offers."},
    {"cache.blocks_mib", &Config::block_cache_mib, 1, 65536, "",
     "Memory for the database's blocks."},
    {"orders.payment_deadline_s", &Config::payment_deadline_s, 1, 86'400, "",
     "An order whose payment is undecided by then is cancelled."},
    {"webhooks.allow_private", &Config::webhooks_allow_private, 0, 0, "",
     "Whether webhooks may go to http and private addresses."},
    {"webhooks.ca_file", &Config::webhooks_ca_file, 0, 0, "", "PEM roots; empty: the system's."},
});

constexpr std::string_view no_such_setting = "There is no such setting.";

/// Kubernetes tells every container of a namespace with a service called souk where that is.
/// Source: Kubernetes, Service, "Environment variables".
bool is_of_kubernetes(std::string_view name) {
    return name == "SOUK_PORT" || name.starts_with("SOUK_PORT_") ||
           name.starts_with("SOUK_SERVICE_");
}

std::string environment_name(std::string_view name) {
    std::string out = "SOUK_";
    for (const char c : name) {
        out.push_back(c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
    }
    return out;
}

/// One value in text, from either source. Appends what is wrong with it; whoever shows that names
/// the place.
void assign(Config& config, const Row& row, std::string_view value, const std::string& where,
            std::vector<FieldError>& mistakes) {
    const auto wrong = [&](const std::string& detail) {
        mistakes.push_back({where, "invalid", detail});
    };
    if (const auto* text = std::get_if<std::string Config::*>(&row.member)) {
        const auto choices = split(row.choices, ' ');
        if (!row.choices.empty() && std::ranges::find(choices, value) == choices.end()) {
            wrong(cat("Must be one of: ", row.choices, "."));
            return;
        }
        config.*(*text) = value;
    } else if (const auto* integer = std::get_if<std::int64_t Config::*>(&row.member)) {
        const auto number = to_integer(value);
        if (!number || *number < row.least || *number > row.most) {
            wrong(cat("Must be a whole number from ", row.least, " to ", row.most, "."));
            return;
        }
        config.*(*integer) = *number;
    } else {
        if (value != "true" && value != "false") {
            wrong("Must be true or false.");
            return;
        }
        config.*std::get<bool Config::*>(row.member) = value == "true";
    }
}

void read_table(const toml::table& table, const std::string& prefix, std::string_view file,
                Config& config, std::vector<FieldError>& mistakes) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        const std::string where = cat(file, ": ", name);
        if (const auto* inner = node.as_table()) {
            read_table(*inner, name + ".", file, config, mistakes);
            continue;
        }
        const auto row = std::ranges::find(rows, name, &Row::name);
        if (row == rows.end()) {
            mistakes.push_back({where, "unknown", std::string(no_such_setting)});
        } else if (const auto text = node.value_exact<std::string>()) {
            assign(config, *row, *text, where, mistakes);
        } else if (const auto number = node.value_exact<std::int64_t>()) {
            assign(config, *row, cat(*number), where, mistakes);
        } else if (const auto flag = node.value_exact<bool>()) {
            assign(config, *row, *flag ? "true" : "false", where, mistakes);
        } else {
            mistakes.push_back({where, "invalid", "Must be text, a number or true/false."});
        }
    }
}

void read_file(std::string_view toml, std::string_view file, Config& config,
               std::vector<FieldError>& mistakes) {
    try {
        read_table(toml::parse(toml, file), "", file, config, mistakes);
    } catch (const toml::parse_error& error) {
        mistakes.push_back(
            {cat(file, ", line ", static_cast<std::uint64_t>(error.source().begin.line)),
             "malformed", cat(error.description(), ".")});
    }
}

bool is_ip_address(std::string_view text) {
    // Of an address with a zone (fe80::1%eth0), what the zone is belongs to the system.
    return http_out::parse_ip(std::string(text.substr(0, text.find('%')))).has_value();
}

/// A name as DNS has it, or an address: no URL, and no port, which has a setting of its own.
bool is_host(std::string_view text) {
    const auto in_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return is_ip_address(text) || (!text.empty() && text.front() != '.' && text.size() <= 254 &&
                                   !text.contains("..") && std::ranges::all_of(text, in_name));
}

void check_http(const Config& config, std::vector<FieldError>& mistakes) {
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        mistakes.push_back(
            {"http.tls_certificate and http.tls_key", "invalid", "Set both, or neither."});
    }
    if (!config.public_url.empty() &&
        (!row_of(TextFormat::url).fits(config.public_url) || config.public_url.contains("://:"))) {
        mistakes.push_back(
            {"http.public_url", "invalid", "Must be http:// or https:// and a host."});
    }
    if (!is_ip_address(config.address)) {
        mistakes.push_back({"http.address", "invalid", "Must be an IP address to listen on."});
    }
    http_edge::TrustedProxies trusted;
    for (const auto proxy : config.proxies()) {
        if (!trusted.add(proxy)) {
            mistakes.push_back(
                {"http.trusted_proxies", "invalid",
                 cat("\"", proxy, "\" is no IP address or range of them, such as 10.0.0.0/8.")});
        }
    }
}

void check_mail(const Config& config, std::vector<FieldError>& mistakes) {
    if (!is_mail_address(config.mail_from)) {
        mistakes.push_back({"mail.from", "invalid", "Must be an e-mail address."});
    }
    if (!config.mail_host.empty() && !is_host(config.mail_host)) {
        mistakes.push_back(
            {"mail.host", "invalid", "Must be a host's name or IP address, without a port."});
    }
}

/// Commands do without: the password may be in the environment of the service alone, and is not to
/// be missed by a backup.
void check_sending(const Config& config, std::vector<FieldError>& mistakes) {
    if (!config.mail_host.empty() && config.mail_from == Config{}.mail_from) {
        mistakes.push_back(
            {"mail.from", "missing",
             "Must be set with mail.host, to an address that may send mails by it."});
    }
    if (config.mail_username.empty() != config.mail_password.empty()) {
        mistakes.push_back({"mail.username and mail.password", "invalid", "Set both, or neither."});
    } else if (!config.mail_username.empty() && config.mail_encryption == "none") {
        mistakes.push_back(
            {"mail.encryption", "invalid",
             "Must not be none with mail.username, or all could read the password."});
    }
}

void check_telemetry(const Config& config, std::vector<FieldError>& mistakes) {
    if (!config.otlp_endpoint.empty() && !parse_otlp_address(config.otlp_endpoint)) {
        mistakes.push_back({"trace.otlp_endpoint", "invalid",
                            "Must be http:// or https:// and a host, such as "
                            "http://collector:4318."});
    }
    if (config.log_requests && config.log_level != "debug" && config.log_level != "notice") {
        mistakes.push_back({"log.requests", "invalid",
                            cat("Requests are notices, which log.level = \"", config.log_level,
                                "\" does not write.")});
    }
}

/// Commands do without these files: a lost certificate is not to stop a backup.
void check_files(const Config& config, std::vector<FieldError>& mistakes) {
    for (const auto& [name, file] :
         {std::pair("http.tls_certificate", config.tls_certificate),
          std::pair("http.tls_key", config.tls_key), std::pair("mail.ca_file", config.mail_ca_file),
          std::pair("webhooks.ca_file", config.webhooks_ca_file)}) {
        if (!file.empty() && (!std::ifstream(file) || std::filesystem::is_directory(file))) {
            mistakes.push_back({name, "unreadable", cat("The file ", file, " cannot be read.")});
        }
    }
}

std::string value_of(const Row& row, const Config& config) {
    if (const auto* text = std::get_if<std::string Config::*>(&row.member)) {
        return config.*(*text);
    }
    if (const auto* integer = std::get_if<std::int64_t Config::*>(&row.member)) {
        return cat(config.*(*integer));
    }
    return config.*std::get<bool Config::*>(row.member) ? "true" : "false";
}

/// What AWS's services do is set where the functions have it: in the environment, not in a file.
void check_home(const Config& config, const Config& of_file, std::string_view file,
                std::vector<FieldError>& mistakes) {
    constexpr std::array embedded{"mail.", "cache.", "orders.", "webhooks."};
    for (const auto& row : rows) {
        const bool is_embedded = std::ranges::any_of(
            embedded, [&](std::string_view group) { return row.name.starts_with(group); });
        if (config.home == "aws" && is_embedded && value_of(row, of_file) != value_of(row, {})) {
            mistakes.push_back(
                {cat(file, ": ", row.name), "not_of_this_home",
                 "With home = \"aws\" it has no effect; the environment's do (docs/aws.md)."});
        }
    }
}

}  // namespace

std::string Config::issuer() const {
    if (!public_url.empty()) {
        return public_url.ends_with('/') ? public_url.substr(0, public_url.size() - 1) : public_url;
    }
    const std::string host = address == "::" || address == "0.0.0.0" ? "localhost" : address;
    return cat(tls_certificate.empty() ? "http://" : "https://", host, ":", port);
}

std::vector<std::string_view> Config::proxies() const {
    std::vector<std::string_view> all;
    for (const auto proxy : split(trusted_proxies, ',')) {
        if (!trimmed(proxy).empty()) {
            all.push_back(trimmed(proxy));
        }
    }
    return all;
}

std::vector<Setting> settings() {
    std::vector<Setting> all;
    for (const auto& row : rows) {
        all.push_back({std::string(row.name), environment_name(row.name), value_of(row, {}),
                       std::string(row.meaning)});
    }
    return all;
}

Result<Config> load_config(std::string_view toml, std::string_view file_name,
                           const std::map<std::string, std::string>& environment, Purpose purpose) {
    Config config;
    config.variables = environment;
    const std::vector<std::string> of_aws = aws_setting_names();
    std::vector<FieldError> mistakes;
    read_file(toml, file_name, config, mistakes);
    const Config of_file = config;
    for (const auto& [name, value] : environment) {
        if (!name.starts_with("SOUK_") || is_of_kubernetes(name)) {
            continue;
        }
        const auto row = std::ranges::find_if(
            rows, [&](const Row& r) { return environment_name(r.name) == name; });
        if (row != rows.end()) {
            assign(config, *row, value, name, mistakes);
        } else if (std::ranges::find(of_aws, name) == of_aws.end()) {
            mistakes.push_back({name, "unknown", std::string(no_such_setting)});
        }
    }
    check_home(config, of_file, file_name, mistakes);
    check_http(config, mistakes);
    check_mail(config, mistakes);
    check_telemetry(config, mistakes);
    if (purpose == Purpose::serving) {
        check_sending(config, mistakes);
        check_files(config, mistakes);
    }
    if (!mistakes.empty()) {
        auto refused = invalid_fields(std::move(mistakes));
        refused.error().detail = "The settings have mistakes.";
        return refused;
    }
    return config;
}

}  // namespace souk::app
