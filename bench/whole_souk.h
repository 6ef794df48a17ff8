#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/http_server/http_server.h"
#include "adapters/http_server/input_buffer.h"
#include "adapters/identity_local/local_identity.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory_ports/memory_http_client.h"
#include "adapters/memory_ports/memory_mailer.h"
#include "adapters/memory_ports/memory_media.h"
#include "adapters/memory_ports/memory_payments.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"
#include "adapters/templates_mustache/mustache_templates.h"
#include "apps/services/services.h"
#include "gateway/page_cache.h"

/// Souk in one process without sockets, made so that it does the same work in every run.
namespace souk::bench {

/// OpenSSL's, but for randomness, which follows from the series and the number of calls alone.
class CountedCrypto final : public Crypto {
public:
    explicit CountedCrypto(std::uint64_t series) : state_(series) {}

    [[nodiscard]] std::string random(std::size_t bytes) const override;
    [[nodiscard]] std::string sha256(std::string_view message) const override;
    [[nodiscard]] std::string hmac_sha256(std::string_view key,
                                          std::string_view message) const override;
    [[nodiscard]] std::string seal(std::string_view key, std::string_view plain) const override;
    [[nodiscard]] std::optional<std::string> open(std::string_view key,
                                                  std::string_view sealed) const override;

private:
    OpensslCrypto real_;
    mutable std::uint64_t state_;
};

/// Whether the page cache may answer.
enum class Pages { cached, made_anew };

/// The embedded adapters over one directory, the services, and the HTTP server's reader and writer
/// without its sockets. For one thread. What goes wrong ends the process: nothing is measured then.
class WholeSouk {
public:
    /// `series` tells apart the ids of processes that use one directory in turn.
    WholeSouk(const std::string& directory, std::uint64_t series);
    ~WholeSouk();
    WholeSouk(const WholeSouk&) = delete;
    WholeSouk& operator=(const WholeSouk&) = delete;

    /// A whole request's bytes in, the whole response's bytes out, as a connection would.
    [[nodiscard]] std::string exchange(std::string_view request, Pages pages = Pages::cached);

    [[nodiscard]] app::Services& services() { return *cached_; }
    [[nodiscard]] LedgerBus& bus() { return *bus_; }
    [[nodiscard]] LocalIdentity& identity() { return *identity_; }

private:
    [[nodiscard]] std::unique_ptr<app::Services> services_with(std::size_t page_cache_bytes);

    SettableClock clock_;
    CountedCrypto crypto_;
    std::unique_ptr<ServerTelemetry> telemetry_;
    std::optional<Environment> environment_;
    gateway::CommitEpochs epochs_;
    std::unique_ptr<RocksLedger> rocks_;
    std::optional<gateway::TrackedLedger> ledger_;
    std::optional<LedgerBus> bus_;
    std::unique_ptr<LocalIdentity> identity_;
    MemoryMailer mailer_;
    MemoryMedia media_{clock_};
    MemoryPayments payments_;
    MemoryHttpClient http_client_;
    MustacheTemplates templates_;
    std::unique_ptr<app::Services> cached_;
    std::unique_ptr<app::Services> uncached_;
    HttpLimits limits_;
    http_edge::InputBuffer input_;
};

/// Says what went wrong, and ends the process.
[[noreturn]] void give_up(const Error& error);

/// The value, or the end of the process.
template <class T>
T must(Result<T> result) {
    if (!result) {
        give_up(result.error());
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

}  // namespace souk::bench
