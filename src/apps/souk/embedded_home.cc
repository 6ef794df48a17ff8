#include "apps/souk/embedded_home.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <optional>

#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/http_client/public_http_client.h"
#include "adapters/http_server/http_server.h"
#include "adapters/identity_local/local_identity.h"
#include "adapters/ledger_rocksdb/disk_room.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "adapters/mail_smtp/outbox_mailer.h"
#include "adapters/mail_smtp/smtp_mailer.h"
#include "adapters/media_files/file_media.h"
#include "adapters/payments_manual/manual_payments.h"
#include "adapters/system_clock/system_clock.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"
#include "adapters/templates_mustache/mustache_templates.h"
#include "apps/souk/data_files.h"
#include "apps/souk/log_level.h"
#include "apps/souk/metrics_page.h"
#include "domain/base/text.h"
#include "gateway/page_cache.h"

namespace souk::app {

namespace {

constexpr std::size_t mib = 1024 * 1024;
constexpr int purge_batch = 500;

// Bodies are refused before they leave commits too little of the disk that both share.
static_assert(HttpLimits{}.spool_disk_free_bytes >= 2 * rocks::DiskRoom::reserve_max &&
              2 * HttpLimits{}.spool_disk_free_share <= rocks::DiskRoom::reserve_share);

std::filesystem::path in(const Config& config, std::string_view name) {
    return std::filesystem::path(config.data_directory) / name;
}

MailEncryption encryption_named(std::string_view name) {
    if (name == "none") {
        return MailEncryption::none;
    }
    if (name == "opportunistic") {
        return MailEncryption::opportunistic;
    }
    return name == "implicit" ? MailEncryption::implicit : MailEncryption::starttls;
}

Result<std::unique_ptr<Mailer>> mailer_for(const Config& config, const Clock& clock) {
    const MailSender sender{.address = config.mail_from, .domain = ""};
    if (config.mail_host.empty()) {
        return std::make_unique<OutboxMailer>(in(config, "outbox"), sender, clock);
    }
    return TRY(SmtpMailer::make({.host = config.mail_host,
                                 .port = static_cast<std::uint16_t>(config.mail_port),
                                 .encryption = encryption_named(config.mail_encryption),
                                 .username = config.mail_username,
                                 .password = config.mail_password,
                                 .ca_file = config.mail_ca_file,
                                 .hello_name = "",
                                 .sender = sender},
                                clock));
}

std::size_t kept_bytes(const Config& config) {
    return static_cast<std::size_t>(config.page_cache_mib) * mib / 4;
}

gateway::GatewayOptions gateway_options(const Config& config) {
    return {.ordinary = {config.requests_per_second, config.request_burst},
            .sign_in = {config.sign_ins_per_second, config.sign_in_burst},
            .page_cache_bytes_max = static_cast<std::size_t>(config.page_cache_mib) * mib,
            .log_requests = config.log_requests};
}

}  // namespace

/// In the order of their making: each stands on those above it, and goes before them.
struct EmbeddedHome::Parts {
    Config config;
    SystemClock clock;
    OpensslCrypto crypto;
    std::unique_ptr<ServerTelemetry> telemetry;
    std::optional<Environment> environment;
    gateway::CommitEpochs epochs;
    std::unique_ptr<RocksLedger> rocks;
    std::unique_ptr<gateway::TrackedLedger> ledger;
    std::unique_ptr<LedgerBus> bus;
    std::unique_ptr<LocalIdentity> identity;
    std::unique_ptr<Mailer> mailer;
    std::unique_ptr<FileMedia> media;
    std::unique_ptr<ManualPayments> payments;
    std::unique_ptr<PublicHttpClient> http_client;
    MustacheTemplates templates;
    std::unique_ptr<Services> services;
    std::mutex backing_up;

    [[nodiscard]] Result<void> open_adapters();
    [[nodiscard]] Result<std::string> secret();
    [[nodiscard]] Result<void> open_ledger();
    void build_services();
    void tell_whether_writable(const Result<void>& writable) const;
    [[nodiscard]] ServiceLedger table(std::string name) {
        return ServiceLedger(*ledger, std::move(name), *environment);
    }
};

void EmbeddedHome::Parts::tell_whether_writable(const Result<void>& writable) const {
    telemetry->gauge("souk_ledger_writable", writable ? 1 : 0);
    if (writable) {
        telemetry->log(LogLevel::warning, "the ledger takes commits again", {});
    } else {
        telemetry->log(LogLevel::error, "the ledger refuses commits",
                       {{"code", writable.error().code.name}, {"detail", writable.error().detail}});
    }
}

Result<void> EmbeddedHome::Parts::open_ledger() {
    rocks = TRY(RocksLedger::open(
        {.directory = in(config, "ledger").string(),
         .clock = clock,
         .subscriptions = subscriptions(),
         .block_cache_bytes = static_cast<std::size_t>(config.block_cache_mib) * mib,
         .writable_changed = [this](const auto& writable) { tell_whether_writable(writable); }}));
    // The directory above it may be open to others; older versions left this one as open.
    std::error_code ignored;
    std::filesystem::permissions(in(config, "ledger"), std::filesystem::perms::owner_all, ignored);
    telemetry->gauge("souk_ledger_writable", rocks->writable() ? 1 : 0);
    if (!rocks->notice().empty()) {
        telemetry->log(LogLevel::warning, "the ledger was recovered",
                       {{"detail", rocks->notice()}});
    }
    return {};
}

/// Only whoever holds the ledger's lock may make it, and only for a new shop.
Result<std::string> EmbeddedHome::Parts::secret() {
    const auto file = in(config, "secret");
    if (is_present(file)) {
        if (!is_present(in(config, "keys"))) {
            telemetry->log(LogLevel::warning,
                           "the keys that sign tokens are gone; new ones are made, and everybody "
                           "has to sign in again",
                           {});
        }
        return read_secret(file);
    }
    if (!rocks->untouched()) {
        return fail(errors::data_directory_unusable,
                    cat(file.string(),
                        " is missing, without which nothing that this shop has sealed can be "
                        "opened; restore it from a backup."));
    }
    telemetry->log(LogLevel::notice, "a new shop is made", {{"directory", config.data_directory}});
    return make_secret(file, crypto);
}

Result<void> EmbeddedHome::Parts::open_adapters() {
    TRY(check_owner(in(config, "ledger")));
    TRY(make_private_directory(config.data_directory));
    telemetry = TRY(ServerTelemetry::make(
        {.level = level_named(config.log_level), .otlp_endpoint = config.otlp_endpoint}, clock));
    TRY(open_ledger());
    auto bytes = TRY(secret());
    environment.emplace(Environment{clock, crypto, *telemetry, std::move(bytes)});
    rocks->observe(epochs);
    ledger = std::make_unique<gateway::TrackedLedger>(*rocks, epochs);
    bus = std::make_unique<LedgerBus>(*rocks, clock);
    TRY(bus->resume());
    identity = TRY(LocalIdentity::open({.ledger = *ledger,
                                        .environment = *environment,
                                        .all_stores = AllStores::granted_by_composition_root(),
                                        .issuer = config.issuer(),
                                        .key_directory = in(config, "keys").string()}));
    mailer = TRY(mailer_for(config, clock));
    media = std::make_unique<FileMedia>(
        FileMediaOptions{.folder = in(config, "media"), .base_url = config.issuer()}, *environment);
    payments = std::make_unique<ManualPayments>(table("payments"));
    http_client = TRY(PublicHttpClient::make(
        {.policy = config.webhooks_allow_private ? TargetPolicy::any : TargetPolicy::public_only,
         .ca_file = config.webhooks_ca_file}));
    return {};
}

void EmbeddedHome::Parts::build_services() {
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
        ServicesOptions{.gateway = gateway_options(config),
                        .kept_bytes_max = kept_bytes(config),
                        .payment_deadline = std::chrono::seconds(config.payment_deadline_s),
                        .private_webhooks = config.webhooks_allow_private
                                                ? PrivateWebhooks::allowed
                                                : PrivateWebhooks::refused,
                        .alone_since = clock.now(),  // Whoever holds the ledger's lock is.
                        .ready = [this] { return rocks->writable(); },
                        .metrics = metrics_page(*telemetry, config.public_metrics),
                        .routes = media->routes()});
}

EmbeddedHome::EmbeddedHome(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedHome::~EmbeddedHome() = default;

Result<std::unique_ptr<Home>> EmbeddedHome::open(const Config& config) {
    auto parts = std::make_unique<Parts>();
    parts->config = config;
    TRY(parts->open_adapters());
    parts->build_services();
    return std::unique_ptr<Home>(new EmbeddedHome(std::move(parts)));
}

const Config& EmbeddedHome::config() const { return parts_->config; }
Ledger& EmbeddedHome::ledger() { return *parts_->rocks; }
MessageBus& EmbeddedHome::bus() { return *parts_->bus; }
SystemClock& EmbeddedHome::clock() { return parts_->clock; }
Telemetry& EmbeddedHome::telemetry() { return *parts_->telemetry; }
Services& EmbeddedHome::services() { return *parts_->services; }

void EmbeddedHome::observe(CommitObserver& observer) { parts_->rocks->observe(observer); }
void EmbeddedHome::forget(CommitObserver& observer) { parts_->rocks->forget(observer); }

std::vector<Services::Chore> EmbeddedHome::chores() {
    auto all = parts_->services->chores();
    all.push_back({"ledger.expired", std::chrono::seconds(10),
                   [this](Instant) { return parts_->rocks->purge_expired(purge_batch); }});
    return all;
}

Result<void> EmbeddedHome::rotate_keys() { return parts_->identity->rotate_keys(); }

Result<void> EmbeddedHome::backup(const std::string& directory) {
    const std::unique_lock alone(parts_->backing_up, std::try_to_lock);
    if (!alone) {
        return fail(souk::errors::unavailable, "Another backup is being made; wait for its end.");
    }
    TRY(check_apart(parts_->config.data_directory, directory));
    // First, so that no ledger is ever there without them; and it refuses another shop's backup.
    TRY(copy_secrets(parts_->config.data_directory, directory));
    const std::string ledgers = (std::filesystem::path(directory) / "ledger").string();
    const auto number = TRY(parts_->rocks->backup(ledgers));
    // The other folders after it: an image that comes meanwhile is copied and named nowhere, not
    // named and missing.
    TRY(write_file_list(directory, number,
                        TRY(copy_files(parts_->config.data_directory, directory))));
    std::vector<std::uint32_t> numbers;
    for (const auto& one : TRY(RocksLedger::backups(ledgers))) {
        numbers.push_back(one.number);
    }
    return drop_unlisted(directory, numbers);
}

Result<std::vector<LedgerBackup>> EmbeddedHome::backups(const std::string& directory) {
    return RocksLedger::backups((std::filesystem::path(directory) / "ledger").string());
}

Result<std::string> EmbeddedHome::salvage(const std::string& data_directory) {
    SystemClock clock;
    const auto directory = std::filesystem::path(data_directory) / "ledger";
    TRY(check_owner(directory));
    return RocksLedger::salvage({.directory = directory.string(), .clock = clock});
}

Result<EmbeddedHome::Restored> EmbeddedHome::restore(const std::string& backup_directory,
                                                     const std::string& data_directory,
                                                     std::optional<std::uint32_t> number) {
    TRY(make_private_directory(data_directory));
    TRY(check_empty(data_directory));
    TRY(copy_secrets(backup_directory, data_directory));
    const auto restored =
        RocksLedger::restore((std::filesystem::path(backup_directory) / "ledger").string(),
                             (std::filesystem::path(data_directory) / "ledger").string(), number);
    if (!restored) {
        forget_secrets(data_directory);  // The ledger that is there may be another shop's.
        return fail(restored.error());
    }
    const auto listed = TRY(read_file_list(backup_directory, restored->number));
    const auto there = TRY(copy_files(backup_directory, data_directory, listed));
    Restored outcome{restored->number, restored->made.value_or(Instant()), {}};
    if (listed) {
        std::ranges::set_difference(*listed, there,
                                    std::inserter(outcome.missing, outcome.missing.end()));
    }
    return outcome;
}

}  // namespace souk::app
