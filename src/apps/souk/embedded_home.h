#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/souk/home.h"

namespace souk::app {

/// The composition root of the one-machine home: opens the embedded adapters, knows all of them by
/// name, and builds the services on them. Nothing else does.
class EmbeddedHome final : public Home {
public:
    /// Opens the data directory, which it makes when missing. Errors: those of the adapters, in
    /// words for the operator.
    static Result<std::unique_ptr<Home>> open(const Config& config);
    ~EmbeddedHome() override;

    [[nodiscard]] const Config& config() const override;
    [[nodiscard]] Ledger& ledger() override;
    [[nodiscard]] MessageBus& bus() override;
    [[nodiscard]] SystemClock& clock() override;
    [[nodiscard]] Telemetry& telemetry() override;
    [[nodiscard]] Services& services() override;
    void observe(CommitObserver& observer) override;
    void forget(CommitObserver& observer) override;
    /// The services' work, and the ledger's.
    [[nodiscard]] std::vector<Services::Chore> chores() override;
    [[nodiscard]] Result<void> rotate_keys() override;
    /// Everything under the data directory. Errors: ledger_unavailable.
    [[nodiscard]] Result<void> backup(const std::string& directory) override;

    /// The other way, into an empty data directory.
    [[nodiscard]] static Result<void> restore(const std::string& backup_directory,
                                              const std::string& data_directory);
    /// Gives up what cannot be read at the end of the ledger's log; tells what, in a sentence.
    [[nodiscard]] static Result<std::string> salvage(const std::string& data_directory);

private:
    struct Parts;
    explicit EmbeddedHome(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::app
