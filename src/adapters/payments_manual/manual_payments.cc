#include "adapters/payments_manual/manual_payments.h"

#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

constexpr std::string_view payment_sort = "payment";

std::string partition_of(const OrderId& order) { return cat("order#", order.text()); }

/// What callers know of a provider: it cannot be reached, or its records are broken.
Error translated(Error error) {
    if (error.code.kind == ErrorKind::unavailable) {
        error.code = errors::payments_unavailable;
    }
    return error;
}

}  // namespace

Result<ManualPayments::Kept> ManualPayments::find(const StoreId& store,
                                                  const OrderId& order) const {
    const auto row = TRY(ledger_.store(store).find(partition_of(order), payment_sort));
    if (!row) {
        return Kept{{}, Expect::absent()};
    }
    return Kept{TRY(decode_manual_payment(row->body)), Expect::at(row->version)};
}

Result<ManualPayment> ManualPayments::change(const StoreId& store, const OrderId& order,
                                             const Decision& decide) {
    auto changed = perform(ledger_, [&]() -> Result<Change<ManualPayment>> {
        Kept kept = TRY(find(store, order));
        Changes changes;
        if (TRY(decide(kept.payment)) == Effect::changed) {
            ledger_.store(store).put(changes,
                                     {.partition = partition_of(order),
                                      .sort = std::string(payment_sort),
                                      .body = encode(kept.payment)},
                                     kept.expect);
        }
        return Change<ManualPayment>{std::move(kept.payment), std::move(changes)};
    });
    return changed ? std::move(changed) : Result<ManualPayment>(fail(translated(changed.error())));
}

Result<Authorisation> ManualPayments::authorise(std::string_view key,
                                                const PaymentRequest& request) {
    const std::string reference = ledger_.environment().fresh<PaymentId>().text();
    const auto payment = TRY(change(request.store, request.order, [&](ManualPayment& standing) {
        return souk::authorise(standing, key, request, reference);
    }));
    return authorisation_of(payment);
}

Result<void> ManualPayments::capture(std::string_view key, const StoreId& store,
                                     const OrderId& order) {
    TRY(change(store, order, [&](ManualPayment& payment) { return souk::capture(payment, key); }));
    return {};
}

Result<void> ManualPayments::cancel(std::string_view, const StoreId& store, const OrderId& order) {
    TRY(change(store, order, [](ManualPayment& payment) { return souk::cancel(payment); }));
    return {};
}

Result<void> ManualPayments::refund(std::string_view key, const StoreId& store,
                                    const OrderId& order, const Money& amount) {
    TRY(change(store, order,
               [&](ManualPayment& payment) { return souk::refund(payment, key, amount); }));
    return {};
}

Result<Payments::Standing> ManualPayments::standing(const StoreId& store, const OrderId& order) {
    auto kept = find(store, order);
    if (!kept) {
        return fail(translated(kept.error()));
    }
    return kept->payment.standing();
}

}  // namespace souk
