#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "domain/ports/payments.h"

namespace souk {

/// A payment provider in memory, with the methods of the manual one ("manual", "manual_decline",
/// "manual_timeout"). Thread-safe.
class MemoryPayments final : public Payments {
public:
    /// The next `calls` calls do nothing and answer payments_unavailable.
    void fail_next(int calls);
    /// The next `calls` calls take effect, but answer payments_unavailable.
    void lose_answers(int calls);
    /// How often "authorise", "capture", "cancel" or "refund" was called, failures included.
    [[nodiscard]] int calls(std::string_view verb) const;
    /// What all orders together still hold authorised and not captured.
    [[nodiscard]] std::int64_t authorised_amount() const;
    /// The order's pending payment is decided now.
    enum class Decision { authorised, declined };
    void decide(const OrderId& order, Decision decision);

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
    struct Payment {
        std::string status = "none";  // As Standing's.
        bool cancelled = false;
        std::string authorise_key;
        std::string method;
        std::string currency;
        std::int64_t amount = 0;
        std::string reference;
        std::string reason;
        std::string capture_key;
        std::map<std::string, std::int64_t, std::less<>> refunds;  // By key.

        [[nodiscard]] std::int64_t refunded() const;
    };
    using Place = std::pair<StoreId, OrderId>;

    [[nodiscard]] Result<void> arrive(std::string_view verb);
    [[nodiscard]] Result<void> leave();
    [[nodiscard]] Result<void> attempt(Payment& payment, std::string_view key,
                                       const PaymentRequest& request);
    [[nodiscard]] static Result<void> give_back(Payment& payment, std::string_view key,
                                                const Money& amount);

    mutable std::mutex mutex_;
    std::map<Place, Payment> payments_;
    std::map<std::string, int, std::less<>> calls_;
    int to_fail_ = 0;
    int to_lose_ = 0;
    int made_ = 0;
};

}  // namespace souk
