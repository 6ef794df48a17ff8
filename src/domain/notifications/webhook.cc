#include "domain/notifications/webhook.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/notifications/errors.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

namespace {

constexpr int row_format = 1;

constexpr Names<WebhookStatus, 2> status_table{{
    {WebhookStatus::enabled, "enabled"},
    {WebhookStatus::disabled, "disabled"},
}};

void write_public_members(const Webhook& webhook, JsonWriter& out) {
    out.member("id", webhook.id.text()).member("url", webhook.url);
    out.key("events").begin_array();
    for (const auto& type : webhook.events) {
        out.value(type);
    }
    out.end_array()
        .member("description", webhook.description)
        .member("status", name_of(webhook.status))
        .key("disabled_reason");
    webhook.disabled_reason.empty() ? out.null() : out.value(webhook.disabled_reason);
    out.member("failing_since", to_rfc3339(webhook.failing_since))
        .member("created_at", to_rfc3339(webhook.created_at))
        .member("updated_at", to_rfc3339(webhook.updated_at));
}

}  // namespace

std::string_view name_of(WebhookStatus status) { return name_in(status_table, status); }

std::optional<WebhookStatus> webhook_status_named(std::string_view name) {
    return value_in(status_table, name);
}

bool Webhook::wants(std::string_view event_type) const {
    return std::ranges::any_of(
        events, [&](const std::string& type) { return type == every_type || type == event_type; });
}

SigningSecret sealed_secret(const Crypto& crypto, std::string_view key, std::string_view secret) {
    return {to_base64(crypto.seal(key, secret)), std::nullopt};
}

Result<std::vector<std::string>> signing_secrets(const Webhook& webhook, const Crypto& crypto,
                                                 std::string_view key, Instant now) {
    std::vector<std::string> secrets;
    for (const auto& secret : webhook.secrets) {
        if (secret.until && *secret.until <= now) {
            continue;
        }
        const auto sealed = from_base64(secret.sealed);
        auto opened = sealed ? crypto.open(key, *sealed) : std::nullopt;
        if (!opened) {
            return fail(errors::corrupt_row, "A webhook's secret cannot be opened.");
        }
        secrets.push_back(std::move(*opened));
    }
    return secrets;
}

Result<Webhook> rotated(Webhook webhook, SigningSecret fresh, Instant now) {
    std::erase_if(webhook.secrets, [&](const SigningSecret& secret) {
        return secret.until && *secret.until <= now;
    });
    if (webhook.secrets.size() >= secrets_signing_max) {
        return fail(errors::secrets_limit_reached,
                    cat("At most ", secrets_signing_max,
                        " secrets sign at once; wait until an older one has run out."));
    }
    for (auto& secret : webhook.secrets) {
        secret.until = secret.until.value_or(now + secret_overlap);
    }
    webhook.secrets.insert(webhook.secrets.begin(), std::move(fresh));
    webhook.updated_at = now;
    ++webhook.version;
    return webhook;
}

std::string render_webhook(const Webhook& webhook) {
    JsonWriter out;
    out.begin_object();
    write_public_members(webhook, out);
    out.member("version", webhook.version).end_object();
    return out.take();
}

std::string render_issued(const IssuedWebhook& issued) {
    JsonWriter out;
    out.begin_object();
    write_public_members(issued.webhook, out);
    out.member("secret", issued.secret).member("version", issued.webhook.version).end_object();
    return out.take();
}

StoreRow encode_webhook(const Webhook& webhook) {
    JsonWriter out;
    out.begin_object().member("format", row_format);
    write_public_members(webhook, out);
    out.member("version", webhook.version);
    out.member("slow", webhook.slow).key("secrets").begin_array();
    for (const auto& secret : webhook.secrets) {
        out.begin_object()
            .member("sealed", secret.sealed)
            .member("until", to_rfc3339(secret.until))
            .end_object();
    }
    out.end_array().end_object();
    return {.partition = std::string(row_keys::webhooks),
            .sort = webhook.id.text(),
            .body = out.take()};
}

Result<Webhook> decode_webhook(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto status = webhook_status_named(root["status"].text_or());
    const auto created = from_rfc3339(root["created_at"].text_or());
    const auto updated = from_rfc3339(root["updated_at"].text_or());
    if (root["format"].integer_or(0) != row_format || !status || !created || !updated) {
        return fail(errors::corrupt_row, cat("The webhook ", row.sort, " cannot be read."));
    }
    Webhook webhook{.id = WebhookId::trusted(root["id"].text_or()),
                    .url = root["url"].text_or(),
                    .events = {},
                    .description = root["description"].text_or(),
                    .status = *status,
                    .disabled_reason = root["disabled_reason"].text_or(),
                    .secrets = {},
                    .failing_since = from_rfc3339(root["failing_since"].text_or()),
                    .slow = root["slow"].bool_or(false),
                    .created_at = *created,
                    .updated_at = *updated,
                    .version = static_cast<std::uint64_t>(root["version"].integer_or(1)),
                    .row_version = row.version};
    for (std::size_t i = 0; i < root["events"].size(); ++i) {
        webhook.events.push_back(root["events"].at(i).text_or());
    }
    for (std::size_t i = 0; i < root["secrets"].size(); ++i) {
        const JsonView secret = root["secrets"].at(i);
        webhook.secrets.push_back(
            {secret["sealed"].text_or(), from_rfc3339(secret["until"].text_or())});
    }
    return webhook;
}

}  // namespace souk::notifications
