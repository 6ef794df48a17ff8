#include "bench/whole_souk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "adapters/http_server/request_reader.h"
#include "adapters/http_server/response_writer.h"

namespace souk::bench {

namespace {

constexpr std::size_t mib = 1024 * 1024;
constexpr std::string_view date_line = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n";

std::unique_ptr<RocksLedger> open_ledger(const std::string& directory, Clock& clock) {
    return must(RocksLedger::open({.directory = directory + "/ledger",
                                   .clock = clock,
                                   .subscriptions = app::subscriptions()}));
}

}  // namespace

void give_up(const Error& error) {
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(error.code.name.size()),
                 error.code.name.data(), error.detail.c_str());
    std::exit(1);
}

/// Source: SplitMix64 (Steele, Lea, Flood 2014).
std::string CountedCrypto::random(std::size_t bytes) const {
    std::string out;
    out.reserve(bytes + sizeof(std::uint64_t));
    while (out.size() < bytes) {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
        mixed ^= mixed >> 31U;
        out.append(reinterpret_cast<const char*>(&mixed), sizeof(mixed));
    }
    out.resize(bytes);
    return out;
}
std::string CountedCrypto::sha256(std::string_view message) const { return real_.sha256(message); }
std::string CountedCrypto::hmac_sha256(std::string_view key, std::string_view message) const {
    return real_.hmac_sha256(key, message);
}
std::string CountedCrypto::seal(std::string_view key, std::string_view plain) const {
    return real_.seal(key, plain);
}
std::optional<std::string> CountedCrypto::open(std::string_view key,
                                               std::string_view sealed) const {
    return real_.open(key, sealed);
}

WholeSouk::WholeSouk(const std::string& directory, std::uint64_t series)
    : crypto_(series),
      telemetry_(must(ServerTelemetry::make({.level = LogLevel::error}, clock_))),
      environment_(Environment{clock_, crypto_, *telemetry_, std::string(32, 's')}),
      rocks_(open_ledger(directory, clock_)) {
    rocks_->observe(epochs_);
    ledger_.emplace(*rocks_, epochs_);
    bus_.emplace(*rocks_, clock_);
    must(bus_->resume());
    identity_ = must(LocalIdentity::open({.ledger = *ledger_,
                                          .environment = *environment_,
                                          .all_stores = AllStores::granted_by_composition_root(),
                                          .issuer = "http://souk.example",
                                          .key_directory = directory + "/keys"}));
    cached_ = services_with(64 * mib);
    uncached_ = services_with(0);
}

WholeSouk::~WholeSouk() { rocks_->forget(epochs_); }

std::unique_ptr<app::Services> WholeSouk::services_with(std::size_t page_cache_bytes) {
    return std::make_unique<app::Services>(
        app::Adapters{.environment = *environment_,
                      .ledger = *ledger_,
                      .epochs = epochs_,
                      .bus = *bus_,
                      .identity = *identity_,
                      .mailer = mailer_,
                      .media = media_,
                      .payments = payments_,
                      .http_client = http_client_,
                      .templates = templates_},
        // The clock stands still, so no limit would ever refill.
        app::ServicesOptions{.gateway = {.ordinary = {.per_second = 500, .burst = 1'000'000},
                                         .page_cache_bytes_max = page_cache_bytes},
                             .kept_bytes_max = 8 * mib});
}

std::string WholeSouk::exchange(std::string_view request, Pages pages) {
    gateway::Gateway& gateway = (pages == Pages::cached ? cached_ : uncached_)->gateway();
    const auto space = input_.space(request.size());
    CHECK(space.size >= request.size());
    std::ranges::copy(request, space.bytes);
    input_.received(request.size());
    http_edge::RequestReader reader(limits_);
    using Step = http_edge::RequestReader::Step;
    for (Step step = reader.advance(input_); step != Step::complete;
         step = reader.advance(input_)) {
        CHECK(step == Step::head);
        reader.request().peer = "192.0.2.1";
        const Admission admission = gateway.admit(reader.request());
        CHECK(!reader.has_body() || reader.accept_body(admission.body_max));
    }
    const Response response = gateway.handle(std::move(reader.request()));
    std::string out;
    const std::string_view body = response.text();
    http_edge::append_head(out, response, {.length = body.size(), .date_line = date_line});
    out.append(body);
    return out;
}

}  // namespace souk::bench
