#pragma once

#include <optional>
#include <string>

#include "adapters/aws_client/aws_client.h"
#include "adapters/ledger_dynamodb/draft.h"
#include "adapters/ledger_dynamodb/joint_commits.h"
#include "adapters/ledger_dynamodb/pause.h"
#include "adapters/ledger_dynamodb/row_gate.h"
#include "adapters/ledger_dynamodb/unknown_commits.h"
#include "domain/ports/clock.h"
#include "domain/ports/crypto.h"
#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Tries of one commit that met others at its rows; after them it is ledger_busy.
inline constexpr int contended_tries_max = 12;
inline constexpr PauseRange contended_pause{std::chrono::milliseconds(10),
                                            std::chrono::milliseconds(400)};
/// Tries of one commit that were left without an answer; after them it is unknown_outcome.
inline constexpr int unanswered_tries_max = 4;
inline constexpr PauseRange unanswered_pause{std::chrono::milliseconds(50),
                                             std::chrono::milliseconds(1'000)};
/// How often one commit may have to change forms, because its rows come and go meanwhile.
inline constexpr int form_changes_max = 10;

/// Takes transactions to DynamoDB and finds out what became of them. Thread-safe.
class Committer {
public:
    /// The references outlive this.
    Committer(aws::AwsClient& client, const Clock& clock, const Crypto& crypto,
              const Pauses& pauses, std::string table_prefix)
        : client_(client),
          clock_(clock),
          crypto_(crypto),
          pauses_(pauses),
          table_prefix_(std::move(table_prefix)) {}

    /// As Ledger::commit. Those of this process that meet at a contended row go as one.
    [[nodiscard]] Result<void> commit(const Transaction& transaction);

    /// Commits that wait for others at a contended row.
    [[nodiscard]] std::size_t waiting() const { return gate_.waiting(); }

private:
    class Run;
    /// Whose commit a run is: one caller's, several callers' together, or that of several which is
    /// repeated to find out what became of it.
    enum class Purpose { single, joint, inquiry };
    [[nodiscard]] Result<void> run(const Transaction& transaction, RowGate::Place& place,
                                   Purpose purpose);
    /// Nothing if it cannot happen together: then each is to go alone. Whenever they meet
    /// others, whoever has come since goes along with the next try.
    [[nodiscard]] std::optional<Result<void>> run_together(const Transaction& first,
                                                           RowGate::Company company,
                                                           RowGate::Place& place);
    /// What became of a commit that went with others. Nothing if it did not happen.
    [[nodiscard]] std::optional<Result<void>> settle(JointCommits::Record& joint);
    [[nodiscard]] std::string client_token(const std::string& token) const;

    aws::AwsClient& client_;
    const Clock& clock_;
    const Crypto& crypto_;
    const Pauses& pauses_;
    const std::string table_prefix_;
    UnknownCommits unknown_;
    JointCommits joint_;
    RowGate gate_;
};

}  // namespace souk::dynamo
