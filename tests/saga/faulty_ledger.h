#pragma once

#include <functional>

#include "adapters/memory/memory_ledger.h"
#include "domain/ports/payments.h"
#include "saga/chance.h"

/// The ports that the saga's model test puts between the services and the adapters in memory.
namespace souk::testing {

/// A process that died: the services never see it, the scheduler delivers again.
struct Crash {};

/// Mistakes made on purpose, each of which the audit has to find.
enum class Sabotage {
    none,
    floors_ignored,    // Counters fall as far as they like.
    versions_ignored,  // The last write wins.
    events_dropped,    // Now and then a commit publishes nothing.
    voids_dropped,     // The provider forgets that an order was cancelled.
    inbox_forgotten,   // A second delivery does not know of the first.
};

/// When something goes wrong, and what happens in between: shared by both ports below.
struct Trouble {
    Chance& chance;
    Sabotage sabotage = Sabotage::none;
    /// No faults and nothing in between while this is set.
    bool calm = true;
    /// Lets somebody else act at this point, as a concurrent thread would.
    std::function<void()> interruption = {};
    /// After every commit that happened.
    std::function<void()> committed = {};

    /// Whether this fault happens now; so many times in a thousand.
    [[nodiscard]] bool strikes(std::size_t permille) { return !calm && chance.permille(permille); }
    void interrupt(std::size_t permille);
};

/// A MemoryLedger that is busy, unavailable, unsure or dies, before and after its commits.
class FaultyLedger final : public Ledger {
public:
    FaultyLedger(MemoryLedger& inner, Trouble& trouble) : inner_(inner), trouble_(trouble) {}

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override;
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override;
    [[nodiscard]] Result<Page> query(const Query& query) override;
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override;

private:
    [[nodiscard]] Result<void> before_read();
    void sabotage(Transaction& transaction);

    MemoryLedger& inner_;
    Trouble& trouble_;
};

/// A provider whose calls fail before or after they took effect, and who lets others act.
class FaultyPayments final : public Payments {
public:
    FaultyPayments(Payments& inner, Trouble& trouble) : inner_(inner), trouble_(trouble) {}

    [[nodiscard]] Result<Authorisation> authorise(std::string_view key,
                                                  const PaymentRequest& request) override;
    [[nodiscard]] Result<void> capture(std::string_view key, const StoreId& store,
                                       const OrderId& order) override;
    [[nodiscard]] Result<void> cancel(std::string_view key, const StoreId& store,
                                      const OrderId& order) override;
    [[nodiscard]] Result<void> refund(std::string_view key, const StoreId& store,
                                      const OrderId& order, const Money& amount) override;
    [[nodiscard]] Result<Standing> standing(const StoreId& store, const OrderId& order) override;

private:
    template <class Call>
    auto call(Call call) -> decltype(call());

    Payments& inner_;
    Trouble& trouble_;
};

}  // namespace souk::testing
