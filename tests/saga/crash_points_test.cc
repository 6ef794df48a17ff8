#include <gtest/gtest.h>

#include <algorithm>

#include "domain/base/text.h"
#include "saga/rehearsal.h"

/// The checkout dies once, at every commit and every call to the outside, one by one, just before
/// it, just after it, and with its answer lost: the end must be the one of an undisturbed run.
namespace souk::testing {
namespace {

struct Tale {
    const char* name;
    std::size_t goods;
    void (*tell)(Rehearsal& checkout);
    const char* ends;  // What the undisturbed summary must tell.
    bool webhook = false;
};

Setting setting_of(const Tale& tale) {
    return {.seed = 1, .goods = tale.goods, .stock_min = 5, .webhook = tale.webhook};
}

std::vector<carts::NewItem> items(const Rehearsal& checkout, std::size_t count,
                                  std::int64_t quantity) {
    std::vector<carts::NewItem> chosen;
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(
            {.sku = checkout.goods()[i].sku, .variant = {}, .quantity = quantity, .pointer = {}});
    }
    return chosen;
}

OrderId bought(Rehearsal& checkout, std::size_t lines, std::int64_t quantity,
               std::string method = "manual") {
    const CartId cart = checkout.open_cart(items(checkout, lines, quantity));
    const OrderId order = checkout.place(cart, std::move(method));
    checkout.deliver_all();
    return order;
}

/// The line of the first good.
LineId line_of(Rehearsal& checkout, const OrderId& id) {
    const orders::Order order = checkout.order(id);
    return std::ranges::find(order.lines, checkout.goods()[0].sku, &orders::Line::sku)->id;
}

void sent(Rehearsal& checkout) {
    checkout.fulfil(bought(checkout, 2, 1));
    checkout.deliver_all();
}
/// With time for a second try of a webhook.
void heard(Rehearsal& checkout) {
    sent(checkout);
    checkout.pass_deadline();
    checkout.deliver_all();
}
void sent_in_parts(Rehearsal& checkout) {
    const OrderId order = bought(checkout, 2, 2);
    checkout.fulfil(order, {.lines = {{line_of(checkout, order), 1}}});
    checkout.fulfil(order);
    checkout.deliver_all();
}
void out_of_stock(Rehearsal& checkout) { (void)bought(checkout, 2, 20); }
void declined(Rehearsal& checkout) { (void)bought(checkout, 2, 1, "manual_decline"); }
void never_paid(Rehearsal& checkout) {
    (void)bought(checkout, 2, 1, "manual_timeout");
    checkout.pass_deadline();
    checkout.deliver_all();
}
void cancelled_unpaid(Rehearsal& checkout) {
    checkout.cancel(bought(checkout, 2, 1, "manual_timeout"));
    checkout.deliver_all();
}
void cancelled_paid(Rehearsal& checkout) {
    checkout.cancel(bought(checkout, 2, 1));
    checkout.deliver_all();
}
void cancelled_at_once(Rehearsal& checkout) {
    const CartId cart = checkout.open_cart(items(checkout, 2, 1));
    checkout.cancel(checkout.place(cart, "manual"));
    checkout.deliver_all();
}
void refunded(Rehearsal& checkout) {
    const OrderId order = bought(checkout, 2, 1);
    checkout.fulfil(order);
    checkout.refund(order, {.lines = {}, .amount = {}, .restock_all = true, .reason = "broken"});
    checkout.deliver_all();
}
void refunded_in_part_and_cancelled(Rehearsal& checkout) {
    const OrderId order = bought(checkout, 2, 2);
    checkout.refund(
        order,
        {.lines = {{line_of(checkout, order), 1, true}}, .amount = {}, .reason = "one too many"});
    checkout.deliver_all();
    checkout.cancel(order);
    checkout.deliver_all();
}
void cancelled_while_refunding(Rehearsal& checkout) {
    const OrderId order = bought(checkout, 2, 2);
    checkout.refund(
        order,
        {.lines = {{line_of(checkout, order), 1, true}}, .amount = {}, .reason = "one too many"});
    checkout.cancel(order);
    checkout.deliver_all();
}
void ordered_again(Rehearsal& checkout) {
    const CartId cart = checkout.open_cart(items(checkout, 2, 1));
    (void)checkout.place(cart, "manual_decline");
    checkout.deliver_all();
    (void)checkout.place(cart, "manual");
    checkout.deliver_all();
}
void large(Rehearsal& checkout) { (void)bought(checkout, 41, 1); }
void large_cancelled(Rehearsal& checkout) {
    checkout.cancel(bought(checkout, 41, 1));
    checkout.deliver_all();
}
void large_sold_out_halfway(Rehearsal& checkout) {
    checkout.sell_out_halfway();
    (void)bought(checkout, 41, 1);
}

class CrashPoints : public ::testing::TestWithParam<Tale> {};

std::string told(const Tale& tale, Rehearsal& checkout) {
    tale.tell(checkout);
    const auto violation = checkout.violation();
    EXPECT_FALSE(violation) << *violation;
    return checkout.summary();
}

bool tells_somebody(Boundary boundary) {
    return boundary == Boundary::mail || boundary == Boundary::webhook;
}

/// Whether the process dies between the yes of the mail server or endpoint and the record of it:
/// the one place from which a mail or webhook goes out again, under the same id.
bool may_copy(const std::vector<Boundary>& boundaries, const CrashPlan& plan) {
    if (tells_somebody(boundaries[plan.boundary - 1])) {
        return plan.when != CrashPlan::When::before;
    }
    return plan.when == CrashPlan::When::before && plan.boundary > 1 &&
           tells_somebody(boundaries[plan.boundary - 2]);
}

TEST_P(CrashPoints, ConvergeToTheUndisturbedEnd) {
    const Tale& tale = GetParam();
    Rehearsal undisturbed(setting_of(tale));
    const std::string end = told(tale, undisturbed);
    ASSERT_TRUE(end.contains(tale.ends)) << end;
    ASSERT_EQ(undisturbed.copies_max(), 1);
    const std::vector<Boundary> boundaries = undisturbed.boundaries();
    ASSERT_GE(boundaries.size(), 10);
    for (std::size_t boundary = 1; boundary <= boundaries.size(); ++boundary) {
        for (const auto when :
             {CrashPlan::When::before, CrashPlan::When::after, CrashPlan::When::answer_lost}) {
            const CrashPlan plan{boundary, when};
            SCOPED_TRACE(cat("boundary ", boundary, " of ", boundaries.size(), ", kind ",
                             static_cast<int>(boundaries[boundary - 1]), ", when ",
                             static_cast<int>(when)));
            Rehearsal disturbed(setting_of(tale), plan);
            ASSERT_EQ(told(tale, disturbed), end);
            ASSERT_EQ(disturbed.struck(), 1);
            ASSERT_LE(disturbed.copies_max(), may_copy(boundaries, plan) ? 2 : 1);
            ASSERT_FALSE(HasFailure());
        }
    }
    RecordProperty("boundaries", static_cast<int>(boundaries.size()));
}

INSTANTIATE_TEST_SUITE_P(
    Tales, CrashPoints,
    ::testing::Values(Tale{"sent", 3, sent, "completed"},
                      Tale{"heard", 3, heard, "souk.order.fulfilled.v1", true},
                      Tale{"sent_in_parts", 3, sent_in_parts, "completed"},
                      Tale{"out_of_stock", 3, out_of_stock, "(out_of_stock)"},
                      Tale{"declined", 3, declined, "(payment_declined)"},
                      Tale{"never_paid", 3, never_paid, "(payment_timeout)"},
                      Tale{"cancelled_unpaid", 3, cancelled_unpaid, "provider voided"},
                      Tale{"cancelled_paid", 3, cancelled_paid, "payment voided"},
                      Tale{"cancelled_at_once", 3, cancelled_at_once, "provider voided"},
                      Tale{"refunded", 3, refunded, "payment refunded"},
                      Tale{"refunded_in_part_and_cancelled", 3, refunded_in_part_and_cancelled,
                           "(changed), payment refunded"},
                      Tale{"cancelled_while_refunding", 3, cancelled_while_refunding, "(changed)"},
                      Tale{"ordered_again", 3, ordered_again, "order 2 of its cart: confirmed"},
                      Tale{"large", 41, large, "confirmed"},
                      Tale{"large_cancelled", 41, large_cancelled, "payment voided"},
                      Tale{"large_sold_out_halfway", 41, large_sold_out_halfway, "(out_of_stock)"}),
    [](const auto& named) { return std::string(named.param.name); });

/// What only a second try brings to light: without a crash all is well.
class MistakesAtCrashPoints : public ::testing::TestWithParam<Sabotage> {};

TEST_P(MistakesAtCrashPoints, AreFound) {
    Setting setting{.seed = 1, .sabotage = GetParam(), .goods = 3, .stock_min = 5};
    Rehearsal undisturbed(setting);
    refunded(undisturbed);
    ASSERT_EQ(undisturbed.violation(), std::nullopt);
    const std::string end = undisturbed.summary();
    int found = 0;
    for (std::size_t boundary = 1; boundary <= undisturbed.boundaries().size(); ++boundary) {
        for (const auto when : {CrashPlan::When::after, CrashPlan::When::answer_lost}) {
            Rehearsal disturbed(setting, CrashPlan{boundary, when});
            refunded(disturbed);
            found += disturbed.violation() || disturbed.summary() != end ? 1 : 0;
        }
    }
    EXPECT_GT(found, 0);
}

INSTANTIATE_TEST_SUITE_P(Sabotages, MistakesAtCrashPoints,
                         ::testing::Values(Sabotage::authorised_twice, Sabotage::refunded_twice),
                         [](const auto& named) { return std::string(name_of(named.param)); });

}  // namespace
}  // namespace souk::testing
