#include "apps/aws/aws_settings.h"

#include <array>

#include "domain/base/text.h"

namespace souk::app {

namespace {

constexpr std::size_t secret_length_min = 32;

enum class Need { required, optional };

struct Row {
    std::string_view name;
    std::string AwsSettings::* member;
    Need need;
};

const std::array rows = std::to_array<Row>({
    {"SOUK_STAGE", &AwsSettings::stage, Need::required},
    {"SOUK_TABLE_PREFIX", &AwsSettings::table_prefix, Need::required},
    {"SOUK_TOPIC_ARN", &AwsSettings::topic_arn, Need::required},
    {"SOUK_QUEUE_URL_PREFIX", &AwsSettings::queue_url_prefix, Need::required},
    {"SOUK_USER_POOL_ID", &AwsSettings::user_pool_id, Need::required},
    {"SOUK_USER_POOL_CLIENT_ID", &AwsSettings::user_pool_client_id, Need::required},
    {"SOUK_USER_POOL_ISSUER", &AwsSettings::user_pool_issuer, Need::optional},
    {"SOUK_USER_POOL_REFRESH", &AwsSettings::user_pool_refresh, Need::optional},
    {"SOUK_MEDIA_BUCKET", &AwsSettings::media_bucket, Need::required},
    {"SOUK_MEDIA_URL", &AwsSettings::media_url, Need::required},
    {"SOUK_MAIL_FROM", &AwsSettings::mail_from, Need::required},
    {"SOUK_MAIL_CONFIGURATION_SET", &AwsSettings::mail_configuration_set, Need::optional},
    {"SOUK_SECRET_ARN", &AwsSettings::secret_arn, Need::optional},
    {"SOUK_SECRET", &AwsSettings::secret, Need::optional},
    {"SOUK_WEBHOOKS_ALLOW_PRIVATE", &AwsSettings::webhooks_allow_private, Need::optional},
});

constexpr std::string_view deadline_name = "SOUK_ORDERS_PAYMENT_DEADLINE_S";

}  // namespace

std::vector<std::string> aws_setting_names() {
    std::vector<std::string> names{std::string(deadline_name)};
    for (const Row& row : rows) {
        names.emplace_back(row.name);
    }
    return names;
}

Result<AwsSettings> read_aws_settings(const Variables& variables) {
    AwsSettings settings;
    std::vector<FieldError> mistakes;
    const auto mistake = [&](std::string_view name, std::string_view code, std::string detail) {
        mistakes.push_back({std::string(name), std::string(code), std::move(detail)});
    };
    for (const Row& row : rows) {
        const auto found = variables.find(std::string(row.name));
        if (found != variables.end() && !found->second.empty()) {
            settings.*row.member = found->second;
        } else if (row.need == Need::required) {
            mistake(row.name, "required", cat(row.name, " is not set."));
        }
    }
    if (settings.secret_arn.empty() && settings.secret.size() < secret_length_min) {
        mistake("SOUK_SECRET_ARN", "required",
                cat("Set SOUK_SECRET_ARN, or SOUK_SECRET with at least ", secret_length_min,
                    " characters."));
    }
    if (const auto set = variables.find(std::string(deadline_name)); set != variables.end()) {
        settings.payment_deadline_s = to_integer(set->second).value_or(0);
        if (settings.payment_deadline_s < 1 || settings.payment_deadline_s > 86'400) {
            mistake(deadline_name, "bad_format", "A number of seconds, 1 to 86400.");
        }
    }
    if (settings.user_pool_refresh != "present" && settings.user_pool_refresh != "classic") {
        mistake("SOUK_USER_POOL_REFRESH", "not_allowed", "\"present\" or \"classic\".");
    }
    if (settings.webhooks_allow_private != "true" && settings.webhooks_allow_private != "false") {
        mistake("SOUK_WEBHOOKS_ALLOW_PRIVATE", "not_allowed", "\"true\" or \"false\".");
    }
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    return settings;
}

}  // namespace souk::app
