#include "apps/aws/aws_home.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/identity_cognito/cognito_identity.h"
#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/mail_ses/ses_mailer.h"
#include "adapters/media_s3/s3_media.h"
#include "adapters/payments_manual/manual_payments.h"
#include "adapters/system_clock/system_clock.h"
#include "adapters/templates_mustache/mustache_templates.h"
#include "apps/aws/lazy_http_client.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "gateway/page_cache.h"

namespace souk::app {

namespace {

/// Where distributions keep the world's certificates: Amazon Linux, Debian.
constexpr std::array certificate_files = std::to_array<std::string_view>(
    {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"});

std::string certificates() {
    const auto* found = std::ranges::find_if(certificate_files, [](std::string_view file) {
        std::error_code ec;
        return std::filesystem::exists(file, ec);
    });
    return found == certificate_files.end() ? std::string() : std::string(*found);
}

/// Source: AWS Secrets Manager API, GetSecretValue.
Result<std::string> stored_secret(aws::AwsClient& client, const std::string& arn) {
    JsonWriter body;
    body.begin_object().member("SecretId", arn).end_object();
    const auto answer =
        TRY(client.call({.service = "secretsmanager",
                         .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                                     {"X-Amz-Target", "secretsmanager.GetSecretValue"}},
                         .body = body.take(),
                         .repeat = aws::Repeat::idempotent}));
    if (!answer.ok()) {
        return fail(errors::unavailable,
                    cat("The installation's secret cannot be read: ", answer.error_code));
    }
    const auto document = TRY(JsonDocument::parse(answer.body));
    return document.root()["SecretString"].text_or();
}

/// 32 bytes, the same in every process of the installation.
Result<std::string> installation_secret(const AwsSettings& settings, aws::AwsClient& client,
                                        const Crypto& crypto) {
    const std::string text = settings.secret_arn.empty()
                                 ? settings.secret
                                 : TRY(stored_secret(client, settings.secret_arn));
    if (text.empty()) {
        return fail(errors::unavailable, "The installation's secret is empty.");
    }
    return crypto.sha256(text);
}

}  // namespace

/// In the order of their making: each stands on those above it, and goes before them.
struct AwsHome::Parts {
    OpensslCrypto crypto;
    std::unique_ptr<aws::HttpAwsClient> client;
    gateway::CommitEpochs epochs;
    std::optional<Environment> environment;
    std::unique_ptr<DynamoLedger> ledger;
    std::unique_ptr<SqsBus> bus;
    std::unique_ptr<CognitoIdentity> identity;
    std::unique_ptr<SesMailer> mailer;
    std::unique_ptr<S3Media> media;
    std::unique_ptr<ManualPayments> payments;
    std::unique_ptr<LazyHttpClient> http_client;
    MustacheTemplates templates;
    std::unique_ptr<Services> services;

    void open_adapters(const AwsSettings& settings, SystemClock& clock);
    void build_services(const AwsSettings& settings, AwsHomeOptions options);
};

void AwsHome::Parts::open_adapters(const AwsSettings& settings, SystemClock& clock) {
    ledger =
        std::make_unique<DynamoLedger>(DynamoLedgerOptions{.client = *client,
                                                           .clock = clock,
                                                           .crypto = crypto,
                                                           .table_prefix = settings.table_prefix});
    bus = std::make_unique<SqsBus>(
        *client, clock,
        SqsBusSettings{.queue_url_prefix = settings.queue_url_prefix, .queues = subscriptions()});
    identity = std::make_unique<CognitoIdentity>(CognitoIdentityOptions{
        .client = *client,
        .ledger = *ledger,
        .environment = *environment,
        .all_stores = AllStores::granted_by_composition_root(),
        .pool = {.pool_id = settings.user_pool_id,
                 .client_id = settings.user_pool_client_id,
                 .refresh_call = settings.user_pool_refresh == "classic"
                                     ? RefreshCall::initiate_auth
                                     : RefreshCall::get_tokens_from_refresh_token},
        .issuer = settings.user_pool_issuer});
    mailer = std::make_unique<SesMailer>(
        *client, clock,
        SesOptions{.sender = {.address = settings.mail_from},
                   .configuration_set = settings.mail_configuration_set});
    media = std::make_unique<S3Media>(
        *client, clock,
        S3MediaOptions{.bucket = settings.media_bucket, .public_url = settings.media_url});
    payments = std::make_unique<ManualPayments>(ServiceLedger(*ledger, "payments", *environment));
    http_client = std::make_unique<LazyHttpClient>(PublicHttpClientOptions{
        .policy = settings.webhooks_allow_private == "true" ? TargetPolicy::any
                                                            : TargetPolicy::public_only,
        .ca_file = certificates()});
}

void AwsHome::Parts::build_services(const AwsSettings& settings, AwsHomeOptions options) {
    // Commits of other processes are not seen here, so no page is kept; nor is it elsewhere:
    // CloudFront stands before images alone.
    options.gateway.page_cache_bytes_max = 0;
    options.gateway.reads_wait = true;
    services = std::make_unique<Services>(
        Adapters{.environment = *environment,
                 .ledger = *ledger,
                 .epochs = epochs,
                 .bus = *bus,
                 .identity = *identity,
                 .mailer = *mailer,
                 .media = *media,
                 .payments = *payments,
                 .http_client = *http_client,
                 .templates = templates},
        ServicesOptions{.gateway = options.gateway,
                        .payment_deadline = std::chrono::seconds(settings.payment_deadline_s),
                        .private_webhooks = settings.webhooks_allow_private == "true"
                                                ? PrivateWebhooks::allowed
                                                : PrivateWebhooks::refused,
                        .metrics = std::move(options.metrics)});
}

AwsHome::AwsHome(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AwsHome::~AwsHome() = default;

Result<std::unique_ptr<AwsHome>> AwsHome::open(const AwsSettings& settings,
                                               const Variables& variables, SystemClock& clock,
                                               Telemetry& telemetry, AwsHomeOptions options) {
    auto parts = std::make_unique<Parts>();
    parts->client =
        TRY(aws::HttpAwsClient::make(TRY(aws::AwsOptions::from_environment(variables))));
    auto secret = TRY(installation_secret(settings, *parts->client, parts->crypto));
    parts->environment.emplace(Environment{clock, parts->crypto, telemetry, std::move(secret)});
    parts->open_adapters(settings, clock);
    parts->build_services(settings, std::move(options));
    return std::unique_ptr<AwsHome>(new AwsHome(std::move(parts)));
}

aws::AwsClient& AwsHome::client() { return *parts_->client; }
DynamoLedger& AwsHome::ledger() { return *parts_->ledger; }
SqsBus& AwsHome::bus() { return *parts_->bus; }
Services& AwsHome::services() { return *parts_->services; }

}  // namespace souk::app
