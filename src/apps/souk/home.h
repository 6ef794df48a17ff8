#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/services/services.h"
#include "apps/souk/config.h"
#include "domain/base/error.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/telemetry.h"

namespace souk {
class FileMedia;
class LocalIdentity;
class RocksLedger;
class SystemClock;
}  // namespace souk
namespace souk::app {

/// The composition root of the one-machine home: opens the embedded adapters, knows all of them by
/// name, and builds the services on them. Nothing else does.
class Home {
public:
    /// Opens the data directory, which it makes when missing. Errors: those of the adapters, in
    /// words for the operator.
    static Result<std::unique_ptr<Home>> open(const Config& config);
    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    [[nodiscard]] const Config& config() const;
    [[nodiscard]] RocksLedger& ledger();
    [[nodiscard]] MessageBus& bus();
    [[nodiscard]] LocalIdentity& identity();
    [[nodiscard]] SystemClock& clock();
    [[nodiscard]] Telemetry& telemetry();
    [[nodiscard]] Services& services();

    /// The services' work that is due by the clock, and the ledger's.
    [[nodiscard]] std::vector<Services::Chore> chores();

    /// Everything under the data directory, into `directory`, while serving. Errors:
    /// ledger_unavailable.
    [[nodiscard]] Result<void> backup(const std::string& directory);
    /// The other way, into an empty data directory.
    [[nodiscard]] static Result<void> restore(const std::string& backup_directory,
                                              const std::string& data_directory);

private:
    struct Parts;
    explicit Home(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::app
