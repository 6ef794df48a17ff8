#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/orders/order_repository.h"
#include "domain/products/reservation.h"
#include "saga/commit_rules.h"
#include "saga/post.h"
#include "saga/world.h"

/// What must be true of the checkout, asked of the rows themselves.
namespace souk::testing {

/// Watches every commit, every call to the provider and every mail; after each commit, `check` asks
/// the invariants of all that it touched, and `check_end` those that hold once everything is quiet.
/// Reads past all faults.
class Audit final : public CommitObserver {
public:
    /// `world` outlives this.
    explicit Audit(World& world);
    ~Audit() override;
    Audit(const Audit&) = delete;
    Audit& operator=(const Audit&) = delete;

    void check();
    void check_end(const Post& post);

    /// Events of the commits since the last call.
    [[nodiscard]] std::vector<Event> take_events() { return std::exchange(fresh_, {}); }
    /// Every order that was ever placed.
    [[nodiscard]] const std::vector<OrderId>& orders() const { return orders_; }
    /// Nothing if it is not there, which is a violation.
    [[nodiscard]] std::optional<orders::Order> find(const OrderId& id);
    /// The first thing that was wrong.
    [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
    void found(std::string what);
    [[nodiscard]] int confirmations() const { return confirmations_; }
    [[nodiscard]] int cancellations() const { return cancellations_; }

private:
    using Pieces = std::map<std::string, std::int64_t>;  // By variant.
    struct Taken {
        Pieces held, sold;
    };
    struct Reservation {
        std::optional<products::ReservationHead> head;
        std::vector<products::ReservationChunk> chunks;
    };

    void committed(const Transaction& transaction) noexcept override;
    void note(const Event& event);
    void note(const Put& put);
    [[nodiscard]] Reservation reservation(const OrderId& id) const;
    [[nodiscard]] bool was_announced(std::string_view type, const OrderId& order) const;

    // When the outside is called.
    void hear(const ProviderCall& call);
    void check_refund_call(const ProviderCall& call, const orders::Order& order);
    void hear(const Mail& mail);

    // After every commit.
    void check_order(const OrderId& id);
    void check_live(const orders::Order& order, const Reservation& stock);
    void check_refunds(const orders::Order& order);
    void take_stock(const OrderId& id, const Reservation& stock);
    void count(const Taken& taken, std::int64_t times);
    void check_stock(const Good& good);

    // In the end.
    void check_acknowledged();
    void check_settled(const orders::Order& order);
    void check_cancelled(const orders::Order& order);
    void check_timeline(const orders::Order& order);
    void check_lists();
    void check_cart(const std::string& key, std::int64_t pieces);
    void check_mails();
    void check_inbox(const Post& post);
    void check_webhooks();

    World& world_;
    ServiceLedger order_rows_, product_rows_, cart_rows_, notification_rows_;
    CommitRules rules_;
    std::vector<Event> fresh_, events_;
    std::vector<OrderId> orders_;
    std::set<std::string> touched_;         // Order ids.
    std::map<std::string, int> announced_;  // By type and subject.
    Pieces adjusted_, held_, sold_;
    std::map<std::string, Taken> taken_;                 // By order.
    std::set<std::string> carts_;                        // Keys.
    std::map<std::string, std::set<std::string>> live_;  // Orders of each cart.
    std::map<std::string, std::string> keys_;            // By order and verb.
    std::map<std::string, Event> letters_;               // By the id of the mail about it.
    std::map<std::string, int> mails_;                   // Sent, by id.
    std::optional<std::string> violation_;
    int confirmations_ = 0;
    int cancellations_ = 0;
};

}  // namespace souk::testing
