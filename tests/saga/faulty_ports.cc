#include "saga/faulty_ports.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::testing {

namespace {

// In a thousand.
constexpr std::size_t read_interrupted = 30;
constexpr std::size_t read_fails = 4;
constexpr std::size_t commit_interrupted = 250;
constexpr std::size_t commit_refused = 25;
constexpr std::size_t crashes_before = 15;
constexpr std::size_t crashes_after = 20;
constexpr std::size_t answer_lost = 40;
constexpr std::size_t outside_fails = 60;
constexpr std::size_t outside_interrupted = 150;
constexpr std::size_t lost_rarely = 10;
constexpr std::size_t query_torn = 50;
constexpr std::int64_t torn_rows_max = 3;
constexpr std::size_t certainly = 1000;
constexpr std::size_t mails_of_nothing = 100;

/// A call to the outside, which may not arrive, be the last thing that the process does, or take
/// effect without an answer; then `unavailable` is the error.
template <class Call>
auto outside(Trouble& trouble, Boundary boundary, ErrorCode unavailable, Call call)
    -> decltype(call()) {
    trouble.interrupt(outside_interrupted);
    const auto planned = trouble.reach(boundary);
    if (planned == CrashPlan::When::before) {
        trouble.crash();
    }
    if (trouble.strikes(outside_fails)) {
        return fail(unavailable, "The other side did not hear.");
    }
    auto outcome = call();
    if (planned == CrashPlan::When::after || trouble.strikes(crashes_after)) {
        trouble.crash();
    }
    if (planned == CrashPlan::When::answer_lost || trouble.strikes(outside_fails)) {
        return trouble.unheard(unavailable, "The other side was not heard.");
    }
    return outcome;
}

}  // namespace

Result<void> FaultyLedger::before_read() {
    trouble_.interrupt(read_interrupted);
    if (trouble_.strikes(read_fails)) {
        return fail(errors::ledger_unavailable, "The test refused a read.");
    }
    return {};
}

Result<std::optional<Row>> FaultyLedger::get(const RowKey& key) {
    TRY(before_read());
    return inner_.get(key);
}

Result<std::vector<std::optional<Row>>> FaultyLedger::get_many(const std::vector<RowKey>& keys) {
    TRY(before_read());
    return inner_.get_many(keys);
}

Result<Page> FaultyLedger::query(const Query& query) {
    TRY(before_read());
    if (query.limit < 2 || !trouble_.strikes(query_torn)) {
        return inner_.query(query);
    }
    // Rows are read one after the other, and a commit may come in between (DynamoDB).
    Query part = query;
    part.limit = static_cast<int>(
        trouble_.chance.between(1, std::min<std::int64_t>(query.limit - 1, torn_rows_max)));
    Page page = TRY(inner_.query(part));
    if (page.cursor) {
        trouble_.interrupt(certainly);
        part.limit = query.limit - part.limit;
        part.cursor = *page.cursor;
        Page rest = TRY(inner_.query(part));
        std::ranges::move(rest.rows, std::back_inserter(page.rows));
        page.cursor = std::move(rest.cursor);
    }
    return page;
}

Result<void> FaultyLedger::before_commit() {
    trouble_.interrupt(commit_interrupted);
    if (trouble_.strikes(crashes_before)) {
        trouble_.crash();
    }
    if (trouble_.strikes(commit_refused)) {
        return fail(
            trouble_.chance.permille(500) ? errors::ledger_busy : errors::ledger_unavailable,
            "The test refused a commit.");
    }
    return {};
}

Result<void> FaultyLedger::take_effect(const Transaction& transaction) {
    if (trouble_.sabotages(Sabotage::commits_lost, lost_rarely)) {
        return {};
    }
    TRY(inner_.commit(sabotaged(transaction, trouble_)));
    ++trouble_.commits;
    trouble_.committed();
    return {};
}

Result<void> FaultyLedger::commit(const Transaction& transaction) {
    TRY(before_commit());
    const auto planned = trouble_.reach(Boundary::commit);
    if (planned == CrashPlan::When::before) {
        trouble_.crash();
    }
    TRY(take_effect(transaction));
    if (planned == CrashPlan::When::after || trouble_.strikes(crashes_after)) {
        trouble_.crash();
    }
    if (planned == CrashPlan::When::answer_lost || trouble_.strikes(answer_lost)) {
        return trouble_.unheard(errors::unknown_outcome, "The test lost this answer.");
    }
    trouble_.interrupt(read_interrupted);
    return {};
}

template <class Call>
auto FaultyPayments::call(ProviderCall what, Call call) -> decltype(call(what.key)) {
    return outside(trouble_, Boundary::provider, errors::payments_unavailable, [&] {
        trouble_.provider_called(what);
        auto outcome = call(what.key);
        trouble_.interrupt(outside_interrupted);
        return outcome;
    });
}

std::string FaultyPayments::key_for(Sabotage sabotage, std::string_view key) {
    const int tries = ++tries_[std::string(key)];
    return tries > 1 && trouble_.sabotages(sabotage) ? cat(key, '-', tries) : std::string(key);
}

Result<Authorisation> FaultyPayments::authorise(std::string_view key,
                                                const PaymentRequest& request) {
    return call({"authorise", request.order, key_for(Sabotage::authorised_twice, key),
                 request.amount.amount},
                [&](const std::string& k) { return inner_.authorise(k, request); });
}
Result<void> FaultyPayments::capture(std::string_view key, const StoreId& store,
                                     const OrderId& order) {
    if (trouble_.sabotages(Sabotage::captures_dropped)) {
        return {};
    }
    return call({"capture", order, std::string(key)},
                [&](const std::string& k) { return inner_.capture(k, store, order); });
}
Result<void> FaultyPayments::cancel(std::string_view key, const StoreId& store,
                                    const OrderId& order) {
    if (trouble_.sabotages(Sabotage::voids_dropped)) {
        return {};
    }
    return call({"cancel", order, std::string(key)},
                [&](const std::string& k) { return inner_.cancel(k, store, order); });
}
Result<void> FaultyPayments::refund(std::string_view key, const StoreId& store,
                                    const OrderId& order, const Money& amount) {
    if (trouble_.sabotages(Sabotage::refunds_dropped)) {
        return {};
    }
    return call({"refund", order, key_for(Sabotage::refunded_twice, key), amount.amount},
                [&](const std::string& k) { return inner_.refund(k, store, order, amount); });
}
Result<Payments::Standing> FaultyPayments::standing(const StoreId& store, const OrderId& order) {
    trouble_.interrupt(outside_interrupted);
    if (trouble_.strikes(outside_fails)) {
        return fail(errors::payments_unavailable, "The provider did not hear.");
    }
    return inner_.standing(store, order);
}

Result<void> FaultyMailer::take(const Mail& mail) {
    if (trouble_.sabotages(Sabotage::mails_dropped)) {
        return {};
    }
    const int copies = trouble_.sabotages(Sabotage::mails_doubled) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        trouble_.mailed(mail);
        TRY(inner_.send(mail));
    }
    if (trouble_.sabotages(Sabotage::mails_of_nothing, mails_of_nothing)) {
        Mail other = mail;
        other.id = cat("nothing-", mail.id);
        trouble_.mailed(other);
        TRY(inner_.send(other));
    }
    return {};
}

Result<void> FaultyMailer::send(const Mail& mail) {
    return outside(trouble_, Boundary::mail, errors::mail_unavailable, [&] { return take(mail); });
}

Result<IncomingAnswer> FaultyHttpClient::send(const OutgoingRequest& request) {
    return outside(trouble_, Boundary::webhook, errors::target_unreachable, [&] {
        return trouble_.sabotages(Sabotage::webhooks_dropped)
                   ? Result<IncomingAnswer>({.status = 200, .body = {}})
                   : inner_.send(request);
    });
}

}  // namespace souk::testing
