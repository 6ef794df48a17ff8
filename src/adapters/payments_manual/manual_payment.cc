#include "adapters/payments_manual/manual_payment.h"

#include <algorithm>
#include <array>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

using Status = ManualPayment::Status;
using Order = ManualPayment::Order;

/// By the enumerator's number; also what rows say.
constexpr std::array<std::string_view, 5> status_names{"none", "authorised", "pending", "declined",
                                                       "captured"};

std::unexpected<Error> wrong_state(std::string detail) {
    return fail(errors::payment_state, std::move(detail));
}

std::unexpected<Error> reused_key() {
    return wrong_state("This key was used for another request.");
}

bool is_same_request(const ManualPayment& payment, const PaymentRequest& request) {
    return payment.method == request.method && payment.amount == request.amount.amount &&
           payment.currency == request.amount.currency.code();
}

void decide(ManualPayment& payment) {
    payment.reason.clear();
    if (payment.method == "manual") {
        payment.status = Status::authorised;
    } else if (payment.method == "manual_timeout") {
        payment.status = Status::pending;
    } else {
        payment.status = Status::declined;
        payment.reason = payment.method == "manual_decline" ? "card_declined" : "unknown_method";
    }
}

}  // namespace

std::int64_t ManualPayment::refunded() const {
    std::int64_t sum = 0;
    for (const auto& refund : refunds) {
        sum += refund.amount;
    }
    return sum;
}

Payments::Standing ManualPayment::standing() const {
    Payments::Standing now;
    now.amount = amount;
    now.refunded = refunded();
    now.status = status_names.at(static_cast<std::size_t>(status));
    if (now.refunded > 0) {
        now.status = now.refunded == amount ? "refunded" : "partially_refunded";
    } else if (order == Order::cancelled && status != Status::declined) {
        now.status = "voided";
    }
    return now;
}

Authorisation authorisation_of(const ManualPayment& payment) {
    if (payment.order == Order::cancelled) {
        return {Authorisation::Status::declined, payment.reference, "order_cancelled"};
    }
    switch (payment.status) {
        case Status::authorised:
        case Status::captured: return {Authorisation::Status::authorised, payment.reference, ""};
        case Status::pending: return {Authorisation::Status::pending, payment.reference, ""};
        case Status::none:
        case Status::declined: break;
    }
    return {Authorisation::Status::declined, payment.reference, payment.reason};
}

Result<Effect> authorise(ManualPayment& payment, std::string_view key,
                         const PaymentRequest& request, std::string_view reference) {
    if (payment.order == Order::cancelled) {
        return Effect::unchanged;
    }
    if (payment.status != Status::none && payment.authorise_key == key) {
        return is_same_request(payment, request) ? Result<Effect>(Effect::unchanged) : reused_key();
    }
    if (payment.status != Status::none && payment.status != Status::declined) {
        return wrong_state("This order already has a payment.");
    }
    if (request.amount.amount < 0) {
        return wrong_state("A payment cannot be negative.");
    }
    payment.authorise_key = key;
    payment.reference = reference;
    payment.method = request.method;
    payment.amount = request.amount.amount;
    payment.currency = request.amount.currency.code();
    decide(payment);
    return Effect::changed;
}

Result<Effect> capture(ManualPayment& payment, std::string_view key) {
    if (payment.status == Status::none && payment.order == Order::open) {
        return fail(errors::unknown_payment, "This order has no payment.");
    }
    if (payment.status == Status::captured && payment.capture_key == key) {
        return Effect::unchanged;
    }
    if (payment.status != Status::authorised || payment.order == Order::cancelled) {
        return wrong_state(
            cat("A payment that is ", payment.standing().status, " cannot be captured."));
    }
    payment.status = Status::captured;
    payment.capture_key = key;
    return Effect::changed;
}

Result<Effect> cancel(ManualPayment& payment) {
    if (payment.order == Order::cancelled) {
        return Effect::unchanged;
    }
    if (payment.status == Status::captured) {
        return wrong_state("A captured payment cannot be cancelled, only refunded.");
    }
    payment.order = Order::cancelled;
    return Effect::changed;
}

Result<Effect> refund(ManualPayment& payment, std::string_view key, const Money& amount) {
    if (payment.status == Status::none && payment.order == Order::open) {
        return fail(errors::unknown_payment, "This order has no payment.");
    }
    const auto before = std::ranges::find(payment.refunds, key, &ManualPayment::Refund::key);
    if (before != payment.refunds.end()) {
        return before->amount == amount.amount && payment.currency == amount.currency.code()
                   ? Result<Effect>(Effect::unchanged)
                   : reused_key();
    }
    if (payment.status != Status::captured) {
        return wrong_state(
            cat("A payment that is ", payment.standing().status, " cannot be refunded."));
    }
    if (payment.currency != amount.currency.code() || amount.amount <= 0) {
        return wrong_state(cat("A refund is a positive amount in ", payment.currency, "."));
    }
    if (amount.amount > payment.amount - payment.refunded()) {
        return wrong_state("The refunds would exceed what was captured.");
    }
    if (payment.refunds.size() >= manual_refunds_max) {
        return wrong_state(cat("A payment has at most ", manual_refunds_max, " refunds."));
    }
    payment.refunds.push_back({std::string(key), amount.amount});
    return Effect::changed;
}

std::string encode(const ManualPayment& payment) {
    JsonWriter out;
    out.begin_object()
        .member("format", 1)
        .member("status", std::string(status_names.at(static_cast<std::size_t>(payment.status))))
        .member("cancelled", payment.order == Order::cancelled)
        .member("reference", payment.reference)
        .member("reason", payment.reason)
        .member("authorise_key", payment.authorise_key)
        .member("method", payment.method)
        .member("currency", payment.currency)
        .member("amount", payment.amount)
        .member("capture_key", payment.capture_key)
        .key("refunds")
        .begin_array();
    for (const auto& refund : payment.refunds) {
        out.begin_object().member("key", refund.key).member("amount", refund.amount).end_object();
    }
    return out.end_array().end_object().take();
}

Result<ManualPayment> decode_manual_payment(std::string_view row) {
    const JsonDocument document = TRY(JsonDocument::parse(row));
    const JsonView root = document.root();
    const auto name = std::ranges::find(status_names, root["status"].text_or());
    if (name == status_names.end() || root["format"].integer_or(0) != 1) {
        return fail(errors::corrupt_row, "A payment's row cannot be read.");
    }
    ManualPayment payment;
    payment.status = static_cast<Status>(name - status_names.begin());
    payment.order = root["cancelled"].bool_or(false) ? Order::cancelled : Order::open;
    payment.reference = root["reference"].text_or();
    payment.reason = root["reason"].text_or();
    payment.authorise_key = root["authorise_key"].text_or();
    payment.method = root["method"].text_or();
    payment.currency = root["currency"].text_or();
    payment.amount = root["amount"].integer_or(0);
    payment.capture_key = root["capture_key"].text_or();
    const JsonView refunds = root["refunds"];
    for (std::size_t i = 0; i < refunds.size(); ++i) {
        payment.refunds.push_back(
            {refunds.at(i)["key"].text_or(), refunds.at(i)["amount"].integer_or(0)});
    }
    return payment;
}

}  // namespace souk
