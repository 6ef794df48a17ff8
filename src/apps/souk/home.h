#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/services/services.h"
#include "apps/souk/config.h"
#include "domain/base/error.h"
#include "domain/ports/ledger.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/telemetry.h"

namespace souk {
class SystemClock;
}

namespace souk::app {

namespace errors {
/// The home that is configured has no such thing.
inline constexpr ErrorCode not_of_this_home{"not_of_this_home", ErrorKind::invalid};
}  // namespace errors

/// Where `souk` lives: on this machine alone, or on AWS's services. What commands and the server
/// need of either.
class Home {
public:
    virtual ~Home() = default;
    Home() = default;
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    /// The one that `config.home` names. Errors: those of EmbeddedHome and ServedAwsHome.
    static Result<std::unique_ptr<Home>> open(const Config& config);

    /// Whether there is something to open, or `open` would make it.
    [[nodiscard]] static bool is_there(const Config& config);

    [[nodiscard]] virtual const Config& config() const = 0;
    [[nodiscard]] virtual Ledger& ledger() = 0;
    [[nodiscard]] virtual MessageBus& bus() = 0;
    [[nodiscard]] virtual SystemClock& clock() = 0;
    [[nodiscard]] virtual Telemetry& telemetry() = 0;
    [[nodiscard]] virtual Services& services() = 0;
    /// Tells `observer` of every commit of this process until `forget`.
    virtual void observe(CommitObserver& observer) = 0;
    virtual void forget(CommitObserver& observer) = 0;
    /// Work that is due by the clock.
    [[nodiscard]] virtual std::vector<Services::Chore> chores() = 0;
    /// What the home does by itself while it serves, until it dies.
    virtual void start_work() {}

    /// Errors: not_of_this_home, identity_unavailable.
    [[nodiscard]] virtual Result<void> rotate_keys() = 0;
    /// All that it holds into `directory`, while serving. Errors: not_of_this_home,
    /// ledger_unavailable.
    [[nodiscard]] virtual Result<void> backup(const std::string& directory) = 0;
};

}  // namespace souk::app
