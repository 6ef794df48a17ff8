#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/souk/config.h"
#include "domain/base/error.h"
#include "domain/ports/ledger.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/route.h"
#include "domain/ports/telemetry.h"

namespace souk {
class FileMedia;
class LocalIdentity;
class RocksLedger;
class SystemClock;
}  // namespace souk
namespace souk::carts {
class Carts;
}
namespace souk::gateway {
class Gateway;
class CommitEpochs;
}  // namespace souk::gateway
namespace souk::notifications {
class Notifications;
}
namespace souk::orders {
class Orders;
}
namespace souk::products {
class Products;
}
namespace souk::stores {
class Stores;
}
namespace souk::users {
class Users;
}

namespace souk::app {

/// The composition root of the one-machine home: opens the adapters, builds the services on them,
/// and knows all of them by name. Nothing else does.
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
    [[nodiscard]] stores::Stores& stores();
    [[nodiscard]] products::Products& products();
    [[nodiscard]] users::Users& users();
    [[nodiscard]] gateway::Gateway& gateway();

    /// All reactions of all services.
    [[nodiscard]] std::vector<Reaction> reactions();

    /// Work that is due by the clock.
    struct Chore {
        std::string name;
        std::chrono::milliseconds period;
        std::function<Result<int>(Instant now)> sweep;
    };
    [[nodiscard]] std::vector<Chore> chores();

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
