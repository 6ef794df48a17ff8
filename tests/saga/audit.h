#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/orders/order_repository.h"
#include "domain/products/reservation.h"
#include "saga/world.h"

/// What must be true of the checkout, asked of the rows themselves.
namespace souk::testing {

/// Watches every commit; after each, `check` asks the invariants of all that it touched, and
/// `check_end` those that hold once everything is quiet. Reads past all faults.
class Audit final : public CommitObserver {
public:
    /// `world` outlives this.
    explicit Audit(World& world);
    ~Audit() override;
    Audit(const Audit&) = delete;
    Audit& operator=(const Audit&) = delete;

    void check();
    void check_end();

    /// Events of the commits since the last call.
    [[nodiscard]] std::vector<Event> take_events() { return std::exchange(fresh_, {}); }
    /// Every order that was ever placed.
    [[nodiscard]] const std::vector<OrderId>& orders() const { return orders_; }
    /// The first thing that was wrong.
    [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
    void found(std::string what);
    [[nodiscard]] int confirmations() const { return confirmations_; }
    [[nodiscard]] int cancellations() const { return cancellations_; }

private:
    struct Taken {
        std::map<std::string, std::int64_t> held, sold;  // By variant.
    };
    struct Reservation {
        std::optional<products::ReservationHead> head;
        std::vector<products::ReservationChunk> chunks;
    };

    void committed(const Transaction& transaction) noexcept override;
    void note(const Event& event);
    void note(const Put& put);
    void note_move(const std::string& order, std::string_view to);
    [[nodiscard]] Reservation reservation(const OrderId& id) const;
    [[nodiscard]] orders::Order read(const OrderId& id) const;

    // After every commit.
    void check_order(const OrderId& id);
    void check_live(const orders::Order& order, const Reservation& stock);
    void check_refunds(const orders::Order& order);
    void take_stock(const OrderId& id, const Reservation& stock);
    void check_stock(const Good& good);

    // In the end.
    void check_settled(const orders::Order& order);
    void check_cancelled(const orders::Order& order);
    void check_cart(const std::string& key);
    void check_mails();

    World& world_;
    ServiceLedger order_rows_, product_rows_, cart_rows_;
    std::vector<Event> fresh_, confirmed_;
    std::vector<OrderId> orders_;
    std::set<std::string> touched_;                           // Order ids.
    std::map<std::string, std::string, std::less<>> status_;  // By order.
    std::map<std::string, int> announced_;                    // By type and subject.
    std::map<std::string, std::int64_t> adjusted_;            // By variant.
    std::map<std::string, Taken> taken_;                      // By order.
    std::map<std::string, std::set<std::string>> live_;       // Orders of each cart.
    std::set<std::string> mail_ids_;
    std::optional<std::string> violation_;
    int confirmations_ = 0;
    int cancellations_ = 0;
};

}  // namespace souk::testing
