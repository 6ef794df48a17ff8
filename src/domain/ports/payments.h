#pragma once

#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/money.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode unknown_payment{"unknown_payment", ErrorKind::not_found};
/// Not in the payment's present state (capture after void, refund beyond what was captured).
inline constexpr ErrorCode payment_state{"payment_state", ErrorKind::conflict};
inline constexpr ErrorCode payments_unavailable{"payments_unavailable", ErrorKind::unavailable};
}  // namespace errors

/// What a payment provider is asked to reserve.
struct PaymentRequest {
    StoreId store;
    OrderId order;
    Money amount;
    std::string method;  // The provider's own word: "manual", "manual_decline", "manual_timeout".
};

struct Authorisation {
    /// pending: the provider has not decided; its word may still come, or never.
    enum class Status { authorised, declined, pending };
    Status status = Status::declined;
    std::string reference;  // The provider's id of the payment.
    std::string reason;     // For declined: a stable word, e.g. "card_declined".
};

/// A payment provider. Every call takes an idempotency key: a repeat under the same key has no
/// second effect and gives the first outcome. Contract: tests/contracts/payments_contract.h.
class Payments {
public:
    virtual ~Payments() = default;
    [[nodiscard]] virtual Result<Authorisation> authorise(std::string_view key,
                                                          const PaymentRequest& request) = 0;
    /// Takes all of the authorised amount. Errors: unknown_payment, payment_state,
    /// payments_unavailable.
    [[nodiscard]] virtual Result<void> capture(std::string_view key, const StoreId& store,
                                               const OrderId& order) = 0;
    /// Gives an authorisation back; an order without one is no error, and one that is authorised
    /// later under this order stays void.
    [[nodiscard]] virtual Result<void> cancel(std::string_view key, const StoreId& store,
                                              const OrderId& order) = 0;
    /// Errors: unknown_payment, payment_state, payments_unavailable.
    [[nodiscard]] virtual Result<void> refund(std::string_view key, const StoreId& store,
                                              const OrderId& order, const Money& amount) = 0;

    struct Standing {
        std::string
            status;  // none authorised captured partially_refunded refunded voided declined pending
        std::int64_t amount = 0;
        std::int64_t refunded = 0;

        /// Whether the money was taken, be it given back since.
        [[nodiscard]] bool was_captured() const {
            return status == "captured" || status == "partially_refunded" || status == "refunded";
        }
    };
    /// What the provider holds for an order now; for reconciliation and tests.
    [[nodiscard]] virtual Result<Standing> standing(const StoreId& store, const OrderId& order) = 0;
};

}  // namespace souk
