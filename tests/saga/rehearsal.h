#pragma once

#include <optional>
#include <string>
#include <vector>

#include "saga/audit.h"
#include "saga/post.h"

/// A checkout that goes the same way every time but for one crash at a place that is known
/// beforehand.
namespace souk::testing {

class Rehearsal {
public:
    explicit Rehearsal(const Setting& setting, std::optional<CrashPlan> plan = {});
    Rehearsal(const Rehearsal&) = delete;
    Rehearsal& operator=(const Rehearsal&) = delete;

    // What people do. Who gets no answer asks again under the same Idempotency-Key.
    CartId open_cart(const std::vector<carts::NewItem>& items);
    OrderId place(const CartId& cart, std::string method);
    void cancel(const OrderId& order);
    void fulfil(const OrderId& order, const orders::Fulfil& command = {});
    void refund(const OrderId& order, const orders::AskRefund& command);
    /// A rival buys the last thing of an order at the counter, as soon as the first part of the
    /// order is reserved.
    void sell_out_halfway();

    /// Delivers everything, and what fails again, until nothing is left.
    void deliver_all();
    /// The payment's deadline passes.
    void pass_deadline();

    /// All that must be the same at the end, ids and times aside.
    [[nodiscard]] std::string summary();
    [[nodiscard]] const std::vector<Boundary>& boundaries() const {
        return world_.trouble.boundaries;
    }
    /// What was wrong on the way, or in the end.
    [[nodiscard]] std::optional<std::string> violation();
    /// The most copies that were sent of one mail, or of one webhook.
    [[nodiscard]] int copies_max() const;
    /// How often the process died or an answer was lost.
    [[nodiscard]] int struck() const { return world_.trouble.struck; }
    [[nodiscard]] const std::vector<Good>& goods() const { return world_.goods; }
    [[nodiscard]] orders::Order order(const OrderId& id);

private:
    /// The id in the answer to `verb` (Caller) -> Result<Change<T>>, of which `id_of` takes it.
    template <class Verb, class IdOf>
    std::string ask(const ServiceLedger& ledger, const Caller& caller, Verb verb, IdOf id_of);
    void rival_acts();

    [[nodiscard]] std::string summary_of(const orders::Order& order);
    [[nodiscard]] std::string summary_of(const Good& good);

    World world_;
    Audit audit_;
    Post post_;
    ServiceLedger product_rows_;
    products::Inventory counter_;  // Where the rival buys.
    std::vector<CartId> carts_;
    bool rival_waits_ = false;
    int keys_ = 0;
};

}  // namespace souk::testing
