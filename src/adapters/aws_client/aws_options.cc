#include "adapters/aws_client/aws_options.h"

#include <string_view>
#include <utility>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/credentials_sources.h"
#include "adapters/aws_client/profile_file.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

constexpr std::int64_t attempts_max = 10;
constexpr std::string_view ecs_agent = "http://169.254.170.2";
constexpr std::string_view metadata_v6 = "http://[fd00:ec2::254]";

class Variables {
public:
    explicit Variables(const std::map<std::string, std::string>& all) : all_(all) {}

    [[nodiscard]] const std::map<std::string, std::string>& all() const { return all_; }
    /// The first of the names that is set and not empty, or "".
    template <class... Names>
    [[nodiscard]] std::string first(const Names&... names) const {
        std::string found;
        static_cast<void>(((found = one(names), !found.empty()) || ...));
        return found;
    }
    [[nodiscard]] bool says_true(const std::string& name) const {
        return ascii_equal_ignoring_case(one(name), "true");
    }

private:
    [[nodiscard]] std::string one(const std::string& name) const {
        const auto found = all_.find(name);
        return found == all_.end() ? std::string() : found->second;
    }

    const std::map<std::string, std::string>& all_;
};

std::string shared_file(const Variables& variables, const std::string& name,
                        std::string_view file) {
    const std::string home = variables.first("HOME");
    const std::string named = variables.first(name);
    return named.empty() && !home.empty() ? cat(home, "/.aws/", file) : named;
}

Result<std::optional<Credentials>> fixed_credentials(const Variables& variables) {
    Credentials found{.access_key_id = variables.first("AWS_ACCESS_KEY_ID"),
                      .secret_access_key = variables.first("AWS_SECRET_ACCESS_KEY"),
                      .session_token = variables.first("AWS_SESSION_TOKEN")};
    if (found.access_key_id.empty() != found.secret_access_key.empty()) {
        return fail(errors::aws_misconfigured,
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set together or not at all.");
    }
    return found.access_key_id.empty() ? std::nullopt : std::optional(std::move(found));
}

std::string container_url(const Variables& variables) {
    const std::string relative = variables.first("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    return relative.empty() ? variables.first("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                            : cat(ecs_agent, relative);
}

std::string metadata_url(const Variables& variables) {
    if (variables.says_true("AWS_EC2_METADATA_DISABLED")) {
        return {};
    }
    std::string set = variables.first("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (!set.empty()) {
        return set;
    }
    const bool v6 = ascii_equal_ignoring_case(
        variables.first("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "ipv6");
    return v6 ? std::string(metadata_v6) : CredentialsSettings().metadata_url;
}

Result<CredentialsSettings> credentials_of(const Variables& variables) {
    const std::string profile = variables.first("AWS_PROFILE", "AWS_DEFAULT_PROFILE");
    return CredentialsSettings{
        .fixed = TRY(fixed_credentials(variables)),
        .credentials_file = shared_file(variables, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        .config_file = shared_file(variables, "AWS_CONFIG_FILE", "config"),
        .profile = profile.empty() ? "default" : profile,
        .container_url = container_url(variables),
        .container_token = variables.first("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        .container_token_file = variables.first("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        .metadata_url = metadata_url(variables)};
}

EndpointSettings endpoints_of(const Variables& variables, Profile& profile) {
    static constexpr std::string_view all = "AWS_ENDPOINT_URL";
    EndpointSettings settings;
    if (variables.says_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) {
        return settings;
    }
    settings.all = variables.first(std::string(all));
    if (settings.all.empty()) {
        settings.all = profile["endpoint_url"];
    }
    for (const auto& [name, url] : variables.all()) {
        if (name.starts_with(cat(all, '_')) && !url.empty()) {
            settings.by_name.emplace(name.substr(all.size() + 1), url);
        }
    }
    return settings;
}

Result<int> tries_of(const Variables& variables) {
    const std::string text = variables.first("AWS_MAX_ATTEMPTS");
    if (text.empty()) {
        return AwsOptions().tries_max;
    }
    const auto number = to_integer(text);
    if (!number || *number < 1 || *number > attempts_max) {
        return fail(errors::aws_misconfigured,
                    cat("AWS_MAX_ATTEMPTS is not a number from 1 to ", attempts_max, '.'));
    }
    return static_cast<int>(*number);
}

}  // namespace

Result<AwsOptions> AwsOptions::from_environment(
    const std::map<std::string, std::string>& variables_by_name) {
    const Variables variables(variables_by_name);
    AwsOptions options;
    options.credentials = TRY(credentials_of(variables));
    const std::string& config = options.credentials.config_file;
    Profile profile =
        config.empty() ? Profile() : read_profile(read_file(config), options.credentials.profile);
    options.region = variables.first("AWS_REGION", "AWS_DEFAULT_REGION");
    if (options.region.empty()) {
        options.region = profile["region"];
    }
    options.endpoints = endpoints_of(variables, profile);
    options.ca_file = variables.first("AWS_CA_BUNDLE");
    if (options.ca_file.empty()) {
        options.ca_file = profile["ca_bundle"];
    }
    options.tries_max = TRY(tries_of(variables));
    return options;
}

}  // namespace souk::aws
