#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "domain/base/id.h"
#include "domain/ports/ledger.h"
#include "domain/ports/mailer.h"
#include "saga/chance.h"

/// What goes wrong in the saga's tests, and who is told of it.
namespace souk::testing {

/// A process that died: the services never see it, the scheduler delivers again.
struct Crash {};

/// Mistakes made on purpose, each of which the audit has to find.
enum class Sabotage {
    none,
    floors_ignored,         // Counters fall as far as they like.
    versions_ignored,       // The last write wins.
    absence_ignored,        // What must not be there yet is overwritten.
    checks_ignored,         // A commit does not look at the rows that it only checks.
    writes_dropped,         // Now and then a commit leaves out one of its rows.
    commits_lost,           // Now and then a commit is answered and did not happen.
    events_dropped,         // Now and then a commit publishes nothing.
    events_dropped_rarely,  // One in a hundred does.
    messages_lost,          // A queue forgets one message in a hundred.
    inbox_forgotten,        // A second delivery does not know of the first.
    given_back_twice,       // What a reservation gives back arrives twice.
    voids_dropped,          // The provider is not told that an order was cancelled.
    captures_dropped,       // The provider is not told to take the money.
    authorised_twice,       // Every further try asks the provider under a key of its own.
    refunded_twice,         // So does every further try of a refund.
    mails_of_nothing,       // A mail about an order that never was.
    mails_dropped,          // A mail is taken for sent that was not.
    mails_doubled,          // Every mail is sent twice.
    webhooks_dropped,       // A webhook is taken for heard that was not.
    refunds_dropped,        // The provider is not told to give money back.
};
[[nodiscard]] std::string_view name_of(Sabotage sabotage);

/// A provider's call that arrived there.
struct ProviderCall {
    std::string_view verb;
    OrderId order;
    std::string key;
    std::int64_t amount = 0;
};

/// Where a crash can be planned: what reaches beyond the process.
enum class Boundary { commit, provider, mail, webhook };

/// One crash at a place that is known beforehand.
struct CrashPlan {
    enum class When { before, after, answer_lost };
    std::size_t boundary = 0;  // Counted from 1; see Trouble::boundaries.
    When when = When::before;
};

/// When something goes wrong, and what happens in between: shared by the ports of a World.
struct Trouble {
    Chance& chance;
    Sabotage sabotage = Sabotage::none;
    /// No faults and nothing in between while this is set; a plan is carried out all the same.
    bool calm = true;
    std::optional<CrashPlan> plan = {};
    std::vector<Boundary> boundaries = {};  // Reached so far.
    /// Commits of whoever acts now; those of an interruption are not counted to the interrupted.
    int commits = 0;

    /// Lets somebody else act at this point, as a concurrent thread would.
    std::function<void()> interruption = {};
    /// After every commit that happened.
    std::function<void()> committed = [] {};
    std::function<void(const ProviderCall&)> provider_called = [](const ProviderCall&) {};
    /// Before the mail is taken.
    std::function<void(const Mail&)> mailed = [](const Mail&) {};

    /// Whether this fault happens now; so many times in a thousand.
    [[nodiscard]] bool strikes(std::size_t permille) { return !calm && chance.permille(permille); }
    /// The same for mistakes that were ordered, which happen in calm too.
    [[nodiscard]] bool sabotages(Sabotage what, std::size_t permille = 1000) {
        return sabotage == what && chance.permille(permille);
    }
    void interrupt(std::size_t permille);
    /// Counts a boundary and says what is planned for it.
    [[nodiscard]] std::optional<CrashPlan::When> reach(Boundary boundary);
    /// The process dies here, or an answer is lost: so many times so far.
    int struck = 0;
    [[noreturn]] void crash();
    [[nodiscard]] std::unexpected<Error> unheard(ErrorCode code, std::string_view detail);
};

/// A transaction as the ordered mistake leaves it.
[[nodiscard]] Transaction sabotaged(Transaction transaction, Trouble& trouble);
[[nodiscard]] bool is_inbox(const RowKey& key);

}  // namespace souk::testing
