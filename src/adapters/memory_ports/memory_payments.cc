#include "adapters/memory_ports/memory_payments.h"

#include "domain/base/text.h"

namespace souk {

namespace {

std::unexpected<Error> wrong_state(std::string detail) {
    return fail(errors::payment_state, std::move(detail));
}
std::unexpected<Error> reused_key() {
    return wrong_state("This key was used for another request.");
}

}  // namespace

std::int64_t MemoryPayments::Payment::refunded() const {
    std::int64_t sum = 0;
    for (const auto& [key, refund] : refunds) {
        sum += refund;
    }
    return sum;
}

void MemoryPayments::fail_next(int calls) {
    const std::scoped_lock lock(mutex_);
    to_fail_ = calls;
}

void MemoryPayments::lose_answers(int calls) {
    const std::scoped_lock lock(mutex_);
    to_lose_ = calls;
}

int MemoryPayments::calls(std::string_view verb) const {
    const std::scoped_lock lock(mutex_);
    const auto found = calls_.find(verb);
    return found == calls_.end() ? 0 : found->second;
}

std::int64_t MemoryPayments::authorised_amount() const {
    const std::scoped_lock lock(mutex_);
    std::int64_t sum = 0;
    for (const auto& [place, payment] : payments_) {
        sum += payment.status == "authorised" ? payment.amount : 0;
    }
    return sum;
}

void MemoryPayments::decide(const OrderId& order, Decision decision) {
    const std::scoped_lock lock(mutex_);
    for (auto& [place, payment] : payments_) {
        if (place.second == order && payment.status == "pending") {
            payment.status = decision == Decision::authorised ? "authorised" : "declined";
            payment.reason = decision == Decision::authorised ? "" : "card_declined";
        }
    }
}

Result<void> MemoryPayments::arrive(std::string_view verb) {
    ++calls_[std::string(verb)];
    if (to_fail_ > 0) {
        --to_fail_;
        return fail(errors::payments_unavailable, "The memory provider was told to fail.");
    }
    return {};
}

Result<void> MemoryPayments::leave() {
    if (to_lose_ > 0) {
        --to_lose_;
        return fail(errors::payments_unavailable,
                    "The memory provider was told to lose its answer.");
    }
    return {};
}

Result<void> MemoryPayments::attempt(Payment& payment, std::string_view key,
                                     const PaymentRequest& request) {
    if (payment.cancelled) {
        return {};
    }
    if (payment.status != "none" && payment.authorise_key == key) {
        const bool same = payment.method == request.method &&
                          payment.amount == request.amount.amount &&
                          payment.currency == request.amount.currency.code();
        return same ? Result<void>{} : reused_key();
    }
    if (payment.status != "none" && payment.status != "declined") {
        return wrong_state("This order already has a payment.");
    }
    payment.authorise_key = key;
    payment.method = request.method;
    payment.amount = request.amount.amount;
    payment.currency = request.amount.currency.code();
    payment.reference = cat("memory_payment_", ++made_);
    payment.reason.clear();
    if (request.method == "manual") {
        payment.status = "authorised";
    } else if (request.method == "manual_timeout") {
        payment.status = "pending";
    } else {
        payment.status = "declined";
        payment.reason = request.method == "manual_decline" ? "card_declined" : "unknown_method";
    }
    return {};
}

Result<Authorisation> MemoryPayments::authorise(std::string_view key,
                                                const PaymentRequest& request) {
    const std::scoped_lock lock(mutex_);
    TRY(arrive("authorise"));
    Payment& payment = payments_[{request.store, request.order}];
    TRY(attempt(payment, key, request));
    TRY(leave());
    if (payment.cancelled) {
        return Authorisation{Authorisation::Status::declined, payment.reference, "order_cancelled"};
    }
    if (payment.status == "declined") {
        return Authorisation{Authorisation::Status::declined, payment.reference, payment.reason};
    }
    const auto status = payment.status == "pending" ? Authorisation::Status::pending
                                                    : Authorisation::Status::authorised;
    return Authorisation{status, payment.reference, ""};
}

Result<void> MemoryPayments::capture(std::string_view key, const StoreId& store,
                                     const OrderId& order) {
    const std::scoped_lock lock(mutex_);
    TRY(arrive("capture"));
    const auto found = payments_.find({store, order});
    if (found == payments_.end() || found->second.status == "none") {
        return fail(errors::unknown_payment, "This order has no payment.");
    }
    Payment& payment = found->second;
    if (payment.capture_key.empty() || payment.capture_key != key) {
        if (payment.status != "authorised") {
            return wrong_state(cat("A payment that is ", payment.status, " cannot be captured."));
        }
        payment.status = "captured";
        payment.capture_key = key;
    }
    return leave();
}

Result<void> MemoryPayments::cancel(std::string_view, const StoreId& store, const OrderId& order) {
    const std::scoped_lock lock(mutex_);
    TRY(arrive("cancel"));
    Payment& payment = payments_[{store, order}];
    if (!payment.capture_key.empty()) {
        return wrong_state("A captured payment cannot be cancelled, only refunded.");
    }
    payment.cancelled = true;
    if (payment.status != "declined") {
        payment.status = "voided";
    }
    return leave();
}

Result<void> MemoryPayments::give_back(Payment& payment, std::string_view key,
                                       const Money& amount) {
    if (const auto before = payment.refunds.find(key); before != payment.refunds.end()) {
        return before->second == amount.amount ? Result<void>{} : reused_key();
    }
    if (payment.capture_key.empty()) {
        return wrong_state(cat("A payment that is ", payment.status, " cannot be refunded."));
    }
    if (payment.currency != amount.currency.code() || amount.amount <= 0) {
        return wrong_state(cat("A refund is a positive amount in ", payment.currency, "."));
    }
    if (amount.amount > payment.amount - payment.refunded()) {
        return wrong_state("The refunds would exceed what was captured.");
    }
    payment.refunds.emplace(key, amount.amount);
    payment.status = payment.refunded() == payment.amount ? "refunded" : "partially_refunded";
    return {};
}

Result<void> MemoryPayments::refund(std::string_view key, const StoreId& store,
                                    const OrderId& order, const Money& amount) {
    const std::scoped_lock lock(mutex_);
    TRY(arrive("refund"));
    const auto found = payments_.find({store, order});
    if (found == payments_.end() || found->second.status == "none") {
        return fail(errors::unknown_payment, "This order has no payment.");
    }
    TRY(give_back(found->second, key, amount));
    return leave();
}

Result<Payments::Standing> MemoryPayments::standing(const StoreId& store, const OrderId& order) {
    const std::scoped_lock lock(mutex_);
    const auto found = payments_.find({store, order});
    if (found == payments_.end()) {
        return Standing{"none", 0, 0};
    }
    return Standing{found->second.status, found->second.amount, found->second.refunded()};
}

}  // namespace souk
