#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/ledger_rocksdb/rocks_ledger.h"
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
    /// Everything under the data directory; one at a time. Errors: ledger_unavailable,
    /// data_directory_unusable.
    [[nodiscard]] Result<void> backup(const std::string& directory) override;

    [[nodiscard]] static Result<std::vector<LedgerBackup>> backups(const std::string& directory);
    struct Restored {
        std::uint32_t number;
        Instant made;
        std::set<std::string> missing;  // Files that the backup lists and lacks.
    };
    /// The other way, into an empty data directory: the backup of that number, or the newest.
    [[nodiscard]] static Result<Restored> restore(const std::string& backup_directory,
                                                  const std::string& data_directory,
                                                  std::optional<std::uint32_t> number);
    /// Gives up what cannot be read at the end of the ledger's log; tells what, in a sentence.
    [[nodiscard]] static Result<std::string> salvage(const std::string& data_directory);

private:
    struct Parts;
    explicit EmbeddedHome(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::app
