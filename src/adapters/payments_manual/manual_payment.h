#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/payments.h"

namespace souk {

/// One order's payment as the manual provider keeps it. The functions below decide; none writes.
struct ManualPayment {
    enum class Status { none, authorised, pending, declined, captured };
    struct Refund {
        std::string key;
        std::int64_t amount = 0;
    };

    Status status = Status::none;
    /// Set by `cancel`, for good: nothing of this order is ever authorised again.
    enum class Order { open, cancelled };
    Order order = Order::open;
    std::string reference;
    std::string reason;
    std::string authorise_key;
    std::string method;
    std::string currency;
    std::int64_t amount = 0;
    std::string capture_key;
    std::vector<Refund> refunds;

    [[nodiscard]] std::int64_t refunded() const;
    [[nodiscard]] Payments::Standing standing() const;
};

/// Units: refunds of one payment; keeps its row within bounds.
inline constexpr std::size_t manual_refunds_max = 1000;

/// A step's outcome: whether there is something to write.
enum class Effect { changed, unchanged };

/// Shape: `reference` becomes a new payment's. Errors: payment_state (another payment stands, or
/// another request used this key).
[[nodiscard]] Result<Effect> authorise(ManualPayment& payment, std::string_view key,
                                       const PaymentRequest& request, std::string_view reference);
/// What the payment's state answers to the request that authorised it.
[[nodiscard]] Authorisation authorisation_of(const ManualPayment& payment);
/// Errors: unknown_payment, payment_state.
[[nodiscard]] Result<Effect> capture(ManualPayment& payment, std::string_view key);
/// Errors: payment_state (captured).
[[nodiscard]] Result<Effect> cancel(ManualPayment& payment);
/// Errors: unknown_payment, payment_state.
[[nodiscard]] Result<Effect> refund(ManualPayment& payment, std::string_view key,
                                    const Money& amount);

[[nodiscard]] std::string encode(const ManualPayment& payment);
/// Errors: malformed_json, corrupt_row.
[[nodiscard]] Result<ManualPayment> decode_manual_payment(std::string_view row);

}  // namespace souk
