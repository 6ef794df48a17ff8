#pragma once

#include <functional>

#include "adapters/payments_manual/manual_payment.h"
#include "domain/ports/payments.h"
#include "domain/ports/store_ledger.h"

namespace souk {

/// The payment provider of shops that are paid by other means (bank transfer, cash), and of those
/// who try the unhappy paths. Methods: "manual" is authorised at once, "manual_decline" declined
/// with "card_declined", "manual_timeout" stays pending for ever; any other is declined with
/// "unknown_method". After `cancel` every authorisation of the order is declined with
/// "order_cancelled".
class ManualPayments : public Payments {
public:
    /// Shape: a table of its own ("payments"); each order's payment is one row inside its store's
    /// walls.
    explicit ManualPayments(ServiceLedger ledger) : ledger_(std::move(ledger)) {}

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
    using Decision = std::function<Result<Effect>(ManualPayment&)>;

    struct Kept {
        ManualPayment payment;
        Expect expect;
    };
    [[nodiscard]] Result<Kept> find(const StoreId& store, const OrderId& order) const;
    /// Decides on the payment as it stands and writes it, again and again until no one came
    /// between.
    [[nodiscard]] Result<ManualPayment> change(const StoreId& store, const OrderId& order,
                                               const Decision& decide);

    ServiceLedger ledger_;
};

}  // namespace souk
