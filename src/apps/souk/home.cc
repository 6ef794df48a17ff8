#include "apps/souk/home.h"

#include <filesystem>
#include <optional>

#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/http_client/public_http_client.h"
#include "adapters/identity_local/local_identity.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "adapters/mail_smtp/outbox_mailer.h"
#include "adapters/mail_smtp/smtp_mailer.h"
#include "adapters/media_files/file_media.h"
#include "adapters/payments_manual/manual_payments.h"
#include "adapters/system_clock/system_clock.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"
#include "adapters/templates_mustache/mustache_templates.h"
#include "apps/souk/data_files.h"
#include "apps/souk/tenant_wiring.h"
#include "domain/base/text.h"
#include "domain/carts/carts.h"
#include "domain/notifications/notifications.h"
#include "domain/orders/orders.h"
#include "domain/products/products.h"
#include "domain/products/routes.h"
#include "domain/stores/routes.h"
#include "domain/stores/stores.h"
#include "domain/users/routes.h"
#include "domain/users/users.h"
#include "gateway/gateway.h"
#include "gateway/openapi.h"
#include "gateway/operator_routes.h"
#include "gateway/page_cache.h"

namespace souk::app {

namespace {

constexpr std::size_t mib = 1024 * 1024;
constexpr int purge_batch = 500;

std::filesystem::path in(const Config& config, std::string_view name) {
    return std::filesystem::path(config.data_directory) / name;
}

LogLevel level_named(std::string_view name) {
    if (name == "debug") {
        return LogLevel::debug;
    }
    if (name == "warning") {
        return LogLevel::warning;
    }
    return name == "error" ? LogLevel::error : LogLevel::notice;
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

gateway::GatewayOptions gateway_options(const Config& config) {
    return {.ordinary = {config.requests_per_second, config.request_burst},
            .sign_in = {config.sign_ins_per_second, config.sign_in_burst},
            .page_cache_bytes_max = static_cast<std::size_t>(config.page_cache_mib) * mib};
}

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

std::vector<Subscription> subscriptions() {
    std::vector<Subscription> all = products::subscriptions();
    append(all, carts::subscriptions());
    append(all, orders::subscriptions());
    append(all, notifications::subscriptions());
    return all;
}

}  // namespace

/// In the order of their making: each stands on those above it, and goes before them.
struct Home::Parts {
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
    std::unique_ptr<users::Users> users;
    std::unique_ptr<stores::Stores> stores;
    std::unique_ptr<products::Products> products;
    std::unique_ptr<carts::Carts> carts;
    std::unique_ptr<orders::Orders> orders;
    std::unique_ptr<notifications::Notifications> notifications;
    std::unique_ptr<StoreTenants> tenants;
    std::string openapi;
    std::unique_ptr<gateway::Gateway> gateway;

    [[nodiscard]] Result<void> open_adapters();
    void build_services();
    void build_gateway();
    [[nodiscard]] ServiceLedger table(std::string name) {
        return ServiceLedger(*ledger, std::move(name), *environment);
    }
};

Result<void> Home::Parts::open_adapters() {
    TRY(make_private_directory(config.data_directory));
    telemetry = TRY(ServerTelemetry::make(
        {.level = level_named(config.log_level), .otlp_endpoint = config.otlp_endpoint}, clock));
    rocks = TRY(RocksLedger::open(
        {.directory = in(config, "ledger").string(),
         .clock = clock,
         .subscriptions = subscriptions(),
         .block_cache_bytes = static_cast<std::size_t>(config.block_cache_mib) * mib}));
    // Only whoever holds the ledger's lock may make the secret.
    environment.emplace(Environment{clock, crypto, *telemetry,
                                    TRY(read_or_make_secret(in(config, "secret"), crypto))});
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

void Home::Parts::build_services() {
    const AllStores all = AllStores::granted_by_composition_root();
    users = std::make_unique<users::Users>(table("users"), all, *identity);
    stores = std::make_unique<stores::Stores>(table("stores"), all, *users);
    products = std::make_unique<products::Products>(table("products"), all, *stores, *media);
    carts = std::make_unique<carts::Carts>(table("carts"), all, *stores, *products);
    orders = std::make_unique<orders::Orders>(
        table("orders"), all, *carts, *payments,
        orders::OrdersOptions{.payment_deadline = std::chrono::seconds(config.payment_deadline_s)});
    notifications = std::make_unique<notifications::Notifications>(
        table("notifications"), all, *stores, templates, *mailer, *http_client, *bus,
        config.webhooks_allow_private ? notifications::PlainHttp::allowed
                                      : notifications::PlainHttp::refused);
    tenants = std::make_unique<StoreTenants>(*stores);
}

void Home::Parts::build_gateway() {
    gateway::OperatorPages pages;
    pages.ready = [this]() -> Result<void> {
        TRY(ledger->get({"stores", "platform#ready", "ready"}));
        return {};
    };
    pages.metrics = [this] { return telemetry->metrics_text(); };
    pages.openapi = [this] { return openapi; };
    std::vector<Route> routes = gateway::operator_routes(std::move(pages), *identity);
    append(routes, stores::routes(*stores));
    append(routes, users::routes(*users));
    append(routes, products::routes(*products));
    append(routes, carts::routes(*carts));
    append(routes, orders::routes(*orders));
    append(routes, notifications::routes(*notifications));
    append(routes, media->routes());
    openapi = gateway::render_openapi(routes);
    gateway = std::make_unique<gateway::Gateway>(std::move(routes), *environment, *identity,
                                                 *tenants, epochs, gateway_options(config));
}

Home::Home(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Home::~Home() = default;

Result<std::unique_ptr<Home>> Home::open(const Config& config) {
    auto parts = std::make_unique<Parts>();
    parts->config = config;
    TRY(parts->open_adapters());
    parts->build_services();
    parts->build_gateway();
    return std::unique_ptr<Home>(new Home(std::move(parts)));
}

const Config& Home::config() const { return parts_->config; }
RocksLedger& Home::ledger() { return *parts_->rocks; }
MessageBus& Home::bus() { return *parts_->bus; }
LocalIdentity& Home::identity() { return *parts_->identity; }
SystemClock& Home::clock() { return parts_->clock; }
Telemetry& Home::telemetry() { return *parts_->telemetry; }
stores::Stores& Home::stores() { return *parts_->stores; }
products::Products& Home::products() { return *parts_->products; }
users::Users& Home::users() { return *parts_->users; }
gateway::Gateway& Home::gateway() { return *parts_->gateway; }

std::vector<Reaction> Home::reactions() {
    std::vector<Reaction> all = products::reactions(*parts_->products);
    append(all, carts::reactions(*parts_->carts));
    append(all, orders::reactions(*parts_->orders));
    append(all, notifications::reactions(*parts_->notifications));
    return all;
}

std::vector<Home::Chore> Home::chores() {
    using namespace std::chrono_literals;
    Parts& parts = *parts_;
    return {
        {"orders.deadlines", 5s, [&](Instant now) { return parts.orders->sweep(now); }},
        {"carts.abandoned", 60s, [&](Instant now) { return parts.carts->sweep(now); }},
        {"products.unfinished", 30s, [&](Instant now) { return parts.products->sweep(now); }},
        {"notifications.deliveries", 1s,
         [&](Instant now) { return parts.notifications->sweep(now); }},
        {"notifications.deliveries.2", 1s,
         [&](Instant now) { return parts.notifications->sweep(now); }},
        {"ledger.expired", 10s, [&](Instant) { return parts.rocks->purge_expired(purge_batch); }},
    };
}

Result<void> Home::backup(const std::string& directory) {
    // The ledger last: what it names in the other folders is then there.
    TRY(copy_files(parts_->config.data_directory, directory));
    return parts_->rocks->backup((std::filesystem::path(directory) / "ledger").string());
}

Result<void> Home::restore(const std::string& backup_directory, const std::string& data_directory) {
    TRY(make_private_directory(data_directory));
    TRY(RocksLedger::restore((std::filesystem::path(backup_directory) / "ledger").string(),
                             (std::filesystem::path(data_directory) / "ledger").string()));
    return copy_files(backup_directory, data_directory);
}

}  // namespace souk::app
