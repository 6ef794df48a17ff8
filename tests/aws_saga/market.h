#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/memory/seeded_crypto.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "adapters/memory_identity/memory_identity.h"
#include "adapters/memory_ports/memory_http_client.h"
#include "adapters/memory_ports/memory_mailer.h"
#include "adapters/memory_ports/memory_media.h"
#include "adapters/memory_ports/memory_payments.h"
#include "apps/services/services.h"
#include "gateway/page_cache.h"
#include "saga/chance.h"
#include "support/memory_aws/memory_aws.h"

/// Souk on AWS's adapters, with AWS in memory and everything that can go wrong with it.
namespace souk::testing {

inline constexpr std::string_view prefix = "souk-m-";
inline constexpr std::chrono::seconds payment_deadline{900};

/// What goes wrong, and how often it did. Shared by all processes.
struct Trouble {
    explicit Trouble(std::uint64_t seed) : chance(seed) {}

    Chance chance;
    /// Of a thousand calls so many meet a fault.
    std::size_t share = 0;
    std::map<std::string, std::size_t, std::less<>> faults;  // By what they are called.
    std::size_t calls = 0;
    /// Lets another process act while this one's call is under way.
    std::function<void()> interruption = {};
    /// Time passes while a service is slow.
    std::function<void(std::chrono::milliseconds)> pass = {};

    /// Whether this one happens now, so many times in a thousand; then it is counted.
    [[nodiscard]] bool strikes(std::string_view fault, std::size_t permille);
    [[nodiscard]] testing_support::Fault fate(std::string_view action);
};

/// One process of the account: a Lambda sandbox that serves every function.
class Process {
public:
    struct Shared;
    Process(Shared& shared, std::uint64_t seed);

    app::Services& services() { return services_; }
    SqsBus& bus() { return bus_; }
    Relay& relay() { return relay_; }
    const std::vector<Reaction>& reactions() const { return reactions_; }
    SilentTelemetry& telemetry() { return telemetry_; }
    DynamoLedger& ledger() { return ledger_; }

    bool busy = false;  // Something is under way in it.

private:
    SilentTelemetry telemetry_;
    SeededCrypto crypto_;
    testing_support::MemoryAws client_;
    DynamoLedger ledger_;
    SqsBus bus_;
    SnsPublisher publisher_;
    Relay relay_;
    gateway::CommitEpochs epochs_;
    app::Services services_;
    std::vector<Reaction> reactions_;
};

/// What the processes have in common.
struct Process::Shared {
    explicit Shared(std::uint64_t seed) : trouble(seed) {}

    Trouble trouble;
    SettableClock clock;
    testing_support::MemoryAccount account{clock, std::string(prefix), app::subscriptions()};
    SilentTelemetry telemetry;
    SeededCrypto crypto{7};
    MemoryIdentity identity{Environment{clock, crypto, telemetry, std::string(32, 's')}};
    MemoryMailer mailer;
    MemoryMedia media{clock};
    MemoryPayments provider;
    MemoryHttpClient http_client;
};

/// The account with a few processes, and a store with a few scarce goods.
class Market {
public:
    Market(std::uint64_t seed, std::size_t goods, std::int64_t stock);

    /// Runs `act` in a process that is idle. Nothing happens if there is none.
    void in_some_process(const std::function<void(Process&)>& act);
    /// The one that nothing goes wrong with, while trouble is off.
    Process& any() { return *processes_.front(); }
    [[nodiscard]] Caller staff() const { return system_caller(shop, ""); }

    Process::Shared shared;
    StoreId shop = StoreId::trusted("store_00000000000000000000000000");
    std::vector<std::string> skus;

private:
    void found_store();

    std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace souk::testing
