"""Every check of the checker complains of what it is for, and of nothing in a shop that is in order."""

import copy

import httpx
import pytest

import announcements
import checker
from journal import Journal
from restarts import Restarts


def money(amount):
    return {"amount": amount, "currency": "EUR"}


def order(number, status, payment, quantity=2, **more):
    return {
        "id": f"order_{number}", "number": number, "status": status, "cancel_reason": None, "email": f"{number}@t.example",
        "lines": [{"id": f"line_{number}", "sku": "A", "quantity": quantity}], "totals": {"total": money(100 * quantity)},
        "payment": {"status": payment, "amount": money(100 * quantity)}, "fulfilment_status": "unfulfilled",
        "fulfilments": [], "refunds": [],
    } | more  # fmt: skip


def payment(order):
    """The provider's row of it."""
    paid = order["payment"]["status"]
    refunds = [{"key": refund["id"], "amount": refund["amount"]["amount"]} for refund in order["refunds"]]
    kept = {"voided": "authorised", "partially_refunded": "captured"}.get(paid, paid)
    return {"status": kept, "cancelled": order["status"] == "cancelled", "reference": f"pay_{order['number']}",
            "refunds": refunds} | order["totals"]["total"]  # fmt: skip


subjects = {
    "confirmed": "Your order {} at T", "cancelled": "Your order {} at T was cancelled",
    "fulfilled": "Your order {} at T is on its way", "refunded": "A refund for your order {} at T",
}  # fmt: skip


def good():
    """A journal and a state that fit: one order confirmed, one declined, one completed and refunded in part, one called off."""
    journal, state = Journal(initial={"A": 50}), checker.State()
    refund = {"id": "ref_1", "amount": money(100), "status": "done", "reason": "r", "lines": [],
              "restock": [{"line_id": "line_3", "quantity": 1}]}  # fmt: skip
    state.orders = [
        order(1, "confirmed", "authorised"),
        order(2, "cancelled", "declined", cancel_reason="payment_declined"),
        order(3, "completed", "partially_refunded", 3, fulfilment_status="fulfilled", refunds=[refund],
              fulfilments=[{"id": "ful_1", "tracking": {"number": "f"}}]),
        order(4, "cancelled", "voided", cancel_reason="c"),
    ]  # fmt: skip
    for o in state.orders:
        asked = {"email": o["email"], "items": {"A": o["lines"][0]["quantity"]}, "method": "manual"}
        if o["number"] == 2:
            asked["method"] = "manual_decline"
        status = "cancelled" if o["number"] == 2 else "confirmed"
        journal.write("order", f"k{o['number']}", asked, 201, {"id": o["id"], "number": o["number"], "status": status})
    journal.write("refund", "r", {"order": "order_3"}, 201, {"id": "order_3", "status": "confirmed"})
    journal.write("fulfilment", "f", {"order": "order_3"}, 201, {"id": "order_3", "status": "completed"})
    journal.write("cancel", "c", {"order": "order_4"}, 200, {"id": "order_4", "status": "cancelled"})
    journal.write("adjustment", "a", {"sku": "A", "delta": 5}, 201, {})
    journal.write("abandon", "x", {"cart": "cart_1", "items": {"A": 1}}, 200, None)
    journal.write("import", "i", {"stock": {"B": 7}}, 202, {"id": "imp_1"})
    journal.kill(100.0)
    for number, kinds in {1: ["confirmed"], 2: ["cancelled"], 3: ["confirmed", "fulfilled", "refunded"],
                          4: ["confirmed", "cancelled"]}.items():  # fmt: skip
        for kind in ["placed", *kinds]:
            event = f"evt_{number}_{kind}"
            journal.hook({"at": 99.0, "id": event, "header_id": event, "type": f"souk.order.{kind}.v1", "subject": f"order_{number}"})
            state.deliveries.append({"id": f"whd_{event}", "event_id": event, "status": "delivered"})
        for kind in kinds:
            state.mails.append({"to": f"{number}@t.example", "subject": subjects[kind].format(number), "at": 99.5,
                                "id": f"<{number}-{kind}>", "file": f"{number}-{kind}.eml"})  # fmt: skip
    state.stock = {"A": {"stock_on_hand": 51, "stock_reserved": 0, "available": 51},  # 50 + 5 - 2 - (3 - 1)
                   "B": {"stock_on_hand": 7, "stock_reserved": 0, "available": 7}}  # fmt: skip
    state.adjustments = {"A": [{"reason": "a", "delta": 5}]}
    state.carts = {"cart_1": {"items": [{"sku": "A", "quantity": 1}]}}
    state.imports = {"imp_1": {"status": "completed", "products_created": 1, "errors": []}}
    state.notifications = [{"id": "ntf_1", "to": "1@t.example", "status": "sent"}]
    state.provider = {order["id"]: [payment(order)] for order in state.orders}
    return journal, state


def repeated_mail(at):
    return lambda j, s: s.mails.append(s.mails[0] | {"at": at})


def killed_only(journal, at):
    journal.kills[:] = [at]


def provider(number, **changes):
    return lambda j, s: s.provider[f"order_{number}"][0].update(changes)


def hook(**changes):
    return lambda j, s: j.hooks.append(j.hooks[0] | changes)


def answered(kind, status):
    return lambda j, s: next(w for w in j.writes if w["kind"] == kind).update(status=status)


def twice_unanswered(journal, state):
    answered("fulfilment", None)(journal, state)
    state.orders[2]["fulfilments"] *= 2


doctored = [
    ("answers", lambda j, s: j.write("cart", "k", {}, None, None)),
    ("answers", lambda j, s: j.odd("cart k: 500")),
    ("orders_once", lambda j, s: s.orders.pop(0)),
    ("orders_once", lambda j, s: s.orders.append(s.orders[0] | {"id": "order_9", "number": 9})),
    ("orders_once", lambda j, s: s.orders.append(order(9, "confirmed", "authorised"))),
    ("orders_once", lambda j, s: s.orders[0].update(number=2)),
    ("orders_once", lambda j, s: s.orders[0]["lines"][0].update(quantity=1)),
    ("orders_once", lambda j, s: j.writes[0].update(status=409)),
    ("other_writes", lambda j, s: s.orders[3].update(status="confirmed")),
    ("other_writes", lambda j, s: s.orders[3].update(cancel_reason="expired")),
    ("other_writes", lambda j, s: s.orders[2]["refunds"].clear()),
    ("other_writes", lambda j, s: s.orders[2]["refunds"].append(copy.deepcopy(s.orders[2]["refunds"][0]))),
    ("other_writes", lambda j, s: s.orders[2]["fulfilments"].clear()),
    ("other_writes", lambda j, s: s.adjustments["A"].clear()),
    ("other_writes", lambda j, s: s.adjustments["A"].append(s.adjustments["A"][0])),
    ("other_writes", lambda j, s: s.carts["cart_1"]["items"][0].update(quantity=2)),
    ("other_writes", lambda j, s: s.imports.clear()),
    ("other_writes", lambda j, s: s.imports["imp_1"].update(products_created=0)),
    ("nothing_else", lambda j, s: s.orders[0]["refunds"].append(s.orders[2]["refunds"][0] | {"reason": "z", "restock": []})),
    ("nothing_else", lambda j, s: s.orders[0]["refunds"].append(s.orders[2]["refunds"][0] | {"restock": []})),
    ("nothing_else", lambda j, s: s.orders[0]["fulfilments"].append({"tracking": {"number": "z"}})),
    ("nothing_else", lambda j, s: s.orders[0].update(status="cancelled", cancel_reason="requested")),
    ("nothing_else", lambda j, s: s.adjustments["A"].append({"reason": "z", "delta": 0})),
    ("nothing_else", lambda j, s: s.adjustments["A"][0].update(delta=6)),
    ("nothing_else", lambda j, s: s.adjustments["A"].append({"reason": "", "delta": 49})),
    ("nothing_else", lambda j, s: s.adjustments["A"].extend([{"reason": "", "delta": 50}] * 2)),
    ("nothing_else", lambda j, s: s.orders[0]["refunds"].append(s.orders[2]["refunds"][0] | {"reason": "order_cancelled", "restock": []})),
    ("nothing_else", answered("refund", 409)),
    ("nothing_else", answered("fulfilment", 409)),
    ("nothing_else", answered("cancel", 409)),
    ("nothing_else", answered("adjustment", 409)),
    ("nothing_else", twice_unanswered),
    ("stock", lambda j, s: s.stock["A"].update(stock_on_hand=50, available=50)),
    ("stock", lambda j, s: s.stock["B"].update(stock_on_hand=8, available=8)),
    ("stock", lambda j, s: s.stock["A"].update(stock_reserved=1)),
    ("stock", lambda j, s: s.stock["A"].update(available=50)),
    ("stock", lambda j, s: s.stock.pop("A")),
    ("counters", lambda j, s: s.stock["A"].update(available=-1, stock_on_hand=-1)),
    ("counters", lambda j, s: s.stock["A"].update(available=50)),
    ("steps", lambda j, s: s.orders[0].update(status="pending")),
    ("steps", lambda j, s: s.orders[2].update(status="cancelled")),
    ("steps", lambda j, s: s.orders[0].update(status="lost")),
    ("order_states", lambda j, s: s.orders[0].update(status="awaiting_payment")),
    ("order_states", lambda j, s: s.orders[0].update(cancel_reason="why")),
    ("order_states", lambda j, s: s.orders[1].update(status="confirmed", cancel_reason=None)),
    ("order_states", lambda j, s: s.orders[2].update(fulfilment_status="unfulfilled")),
    ("order_states", lambda j, s: s.orders[3]["fulfilments"].append({"tracking": {"number": "z"}})),
    ("payments", lambda j, s: s.orders[0]["payment"].update(status="none")),
    ("payments", lambda j, s: s.orders[0]["payment"].update(amount=money(1))),
    ("payments", lambda j, s: s.orders[2]["payment"].update(status="captured")),
    ("payments", lambda j, s: s.orders[3]["payment"].update(status="authorised")),
    ("payments", lambda j, s: s.orders[3]["payment"].update(status="captured")),
    ("provider", lambda j, s: setattr(s, "provider", None)),
    ("provider", lambda j, s: s.provider.update(order_9=[s.provider["order_1"][0] | {"reference": "pay_9"}])),
    ("provider", lambda j, s: s.provider.pop("order_1")),
    ("provider", lambda j, s: s.provider["order_1"].append(s.provider["order_2"][0])),
    ("provider", provider(1, reference="pay_2")),
    ("provider", provider(1, amount=199)),
    ("provider", provider(1, currency="USD")),
    ("provider", provider(1, status="declined")),
    ("provider", provider(1, status="captured")),
    ("provider", provider(1, cancelled=True)),
    ("provider", provider(2, status="authorised", cancelled=False)),
    ("provider", provider(3, refunds=[])),
    ("provider", provider(3, refunds=[{"key": "ref_1", "amount": 99}])),
    ("provider", provider(3, refunds=[{"key": "ref_1", "amount": 100}] * 2)),
    ("provider", provider(3, refunds=[{"key": "ref_1", "amount": 100}, {"key": "order_3:cancelled", "amount": 50}])),
    ("provider", provider(4, cancelled=False)),
    ("provider", provider(4, status="captured")),
    ("refunds", lambda j, s: s.orders[2]["refunds"][0].update(amount=money(301))),
    ("refunds", lambda j, s: s.orders[2]["refunds"][0].update(status="pending")),
    ("mails", lambda j, s: s.mails.pop(0)),
    ("mails", lambda j, s: s.mails.append(s.mails[0] | {"id": "<other>"})),
    ("mails", repeated_mail(99.9)),
    ("mails", lambda j, s: (repeated_mail(160.0)(j, s), killed_only(j, 119.5))),
    ("mails", lambda j, s: (repeated_mail(99.5 + 86400)(j, s), killed_only(j, 99.5 + 86390))),
    ("mails", lambda j, s: (repeated_mail(160.0)(j, s), repeated_mail(190.0)(j, s), j.kill(180.0))),
    ("mails", lambda j, s: s.mails.extend([mail | {"at": 160.0} for mail in s.mails])),
    ("mails", lambda j, s: s.mails.append(s.mails[0] | {"subject": "Your order 9 at T"})),
    ("mails", lambda j, s: s.mails.append(s.mails[0] | {"subject": "Your order 2 at T", "to": "2@t.example"})),
    ("mails", lambda j, s: s.mails[0].update(to="2@t.example")),
    ("mails", lambda j, s: s.notifications[0].update(status="sending")),
    ("webhooks", lambda j, s: j.hooks.pop(0)),
    ("webhooks", hook(subject="order_9")),
    ("webhooks", hook(id="evt_9", header_id="evt_9")),
    ("webhooks", hook(header_id="evt_9")),
    ("webhooks", hook(at=99.9)),
    ("webhooks", hook(at=110.0)),
    ("webhooks", lambda j, s: (hook(at=160.0)(j, s), killed_only(j, 119.0))),
    ("webhooks", lambda j, s: (hook(at=99.0 + 86400)(j, s), killed_only(j, 99.0 + 86390))),
    ("webhooks", lambda j, s: j.hooks.extend([hook | {"at": 160.0} for hook in j.hooks[:6]])),
    ("webhooks", lambda j, s: s.deliveries[0].update(status="pending")),
    ("webhooks", lambda j, s: s.deliveries.append(s.deliveries[0])),
    ("webhooks", lambda j, s: s.deliveries.append({"id": "whd_9", "event_id": "evt_9", "status": "delivered"})),
    ("dead_letters", lambda j, s: s.dead_letters.append({"queue": "q", "event_type": "t", "reason": "r"})),
]


def test_a_shop_in_order_has_no_complaints():
    assert checker.complaints(*good()) == []


@pytest.mark.parametrize("kind", ["cancel", "refund", "fulfilment", "adjustment"])
def test_what_was_never_answered_may_be_there(kind):
    journal, state = good()
    answered(kind, None)(journal, state)
    wrong = checker.complaints(journal, state)
    assert not [one for one in wrong if "nothing_else" in one] and any(f"{kind} " in one for one in wrong)


@pytest.mark.parametrize(("check", "doctor"), doctored)
def test_each_check_complains(check, doctor):
    journal, state = good()
    doctor(journal, state)
    assert check in {wrong.split(":")[0] for wrong in checker.complaints(journal, state)}


def test_the_provider_is_asked_of_all_orders_that_anyone_named():
    journal, state = good()
    journal.write("order", "k8", {}, 202, {"id": "order_8"})
    journal.write("cancel", "k7", {"order": "order_7"}, None, None)
    hook(subject="order_9")(journal, state)
    state.orders.append(order(6, "confirmed", "authorised"))
    assert checker.ever_named(journal, state) == [f"order_{i}" for i in (1, 2, 3, 4, 6, 7, 8, 9)]


def test_what_may_come_twice_is_no_complaint():
    journal, state = good()
    repeated_mail(160.0)(journal, state)  # A kill lies between.
    journal.hooks.extend([hook | {"at": 160.0} for hook in journal.hooks[:5]])
    assert checker.complaints(journal, state) == []


def test_a_repeat_of_a_repeat_needs_a_kill_of_its_own():
    journal, state = good()
    repeated_mail(160.0)(journal, state)
    repeated_mail(190.0)(journal, state)
    journal.kill(160.1)
    assert checker.complaints(journal, state) == []


def test_what_two_kills_excuse_is_shared_out_between_them():
    came = {"a": [10, 90], "b": [13, 90], "c": [11, 90]}
    under_way = {"at_once": 1, "before": 2, "after": 3}
    assert not list(announcements.repeated_unasked([12.5, 11.5, 15.5], came, **under_way))
    assert len(list(announcements.repeated_unasked([12.5, 11.5], came, **under_way))) == 1


def after_restart(journal, state, fails=lambda: None):
    """The check of a shop that shows `state`; `fails` may raise before an answer."""

    def answer(request):
        fails()
        folder, name, *rest = request.url.path.strip("/").split("/")
        if rest == ["adjustments"]:
            return httpx.Response(200, json={"items": state.adjustments[name], "next_cursor": None})
        shown = {"orders": {o["id"]: o for o in state.orders}, "carts": state.carts, "inventory": state.stock}[folder]
        return httpx.Response(200, json=shown[name]) if name in shown else httpx.Response(404)

    shop = httpx.MockTransport(answer)
    return Restarts(journal, lambda: httpx.Client(transport=shop, base_url="http://shop"), "", {}, seed=1)


def checked(restarts):
    restarts.begin()
    restarts.join()
    return restarts.journal.oddities


right_after_a_restart = [
    ("orders_once", lambda j, s: s.orders.pop(0)),
    ("orders_once", lambda j, s: s.orders[0].update(number=2)),
    ("orders_once", lambda j, s: s.orders[0]["lines"][0].update(quantity=1)),
    ("other_writes", lambda j, s: s.orders[3].update(cancel_reason="expired")),
    ("other_writes", lambda j, s: s.orders[2]["refunds"].clear()),
    ("other_writes", lambda j, s: s.orders[2]["fulfilments"].clear()),
    ("other_writes", lambda j, s: s.adjustments["A"].clear()),
    ("other_writes", lambda j, s: s.carts.clear()),
    ("counters", lambda j, s: s.stock["A"].update(available=-1, stock_reserved=52)),
    ("counters", lambda j, s: s.stock["A"].update(stock_reserved=1)),
    ("counters", lambda j, s: s.stock.pop("A")),
    ("steps", lambda j, s: s.orders[0].update(status="awaiting_payment")),
    ("steps", lambda j, s: s.orders[2].update(status="cancelled")),
    ("steps", lambda j, s: s.orders[0].update(status="lost")),
    ("order_halves", lambda j, s: s.orders[1].update(status="completed", cancel_reason=None)),
    ("order_halves", lambda j, s: s.orders[3]["fulfilments"].append({"tracking": {"number": "z"}})),
    ("orders order_9 and order_1 have", lambda j, s: j.write("order", "k9", {}, 201, {"id": "order_9", "number": 1})),
]


def test_a_shop_in_order_has_no_complaints_right_after_a_restart():
    journal, state = good()
    state.orders[0].update(status="completed", fulfilment_status="fulfilled")  # What may have become of it meanwhile.
    state.stock["A"].update(available=50, stock_reserved=1)
    restarts = after_restart(journal, state)
    assert checked(restarts) == []
    assert sorted(restarts.looks) == ["carts", "inventory", *["orders"] * 4] and not restarts.due


@pytest.mark.parametrize(("check", "doctor"), right_after_a_restart)
def test_each_check_complains_right_after_a_restart(check, doctor):
    journal, state = good()
    doctor(journal, state)
    journal.kill(200.0)
    assert any(wrong.startswith("after kill 2, ") and f": {check}" in wrong for wrong in checked(after_restart(journal, state)))


def test_what_a_check_saw_itself_must_not_be_undone():
    journal, state = good()
    restarts = after_restart(journal, state)
    state.orders[0].update(status="completed", fulfilment_status="fulfilled")
    assert checked(restarts) == []
    state.orders[0].update(status="confirmed")
    journal.kill(200.0)
    assert any("steps" in wrong for wrong in checked(restarts))


def test_what_was_acknowledged_after_the_kill_is_left_to_the_next_check():
    journal, state = good()
    journal.write("adjustment", "b", {"sku": "A", "delta": 1}, 201, {})
    restarts = after_restart(journal, state)
    assert checked(restarts) == []
    journal.kill(200.0)
    assert any("adjustment b" in wrong for wrong in checked(restarts))


@pytest.mark.parametrize("killed", [True, False])
def test_only_another_kill_excuses_an_answer_that_fails(killed):
    journal, state = good()

    def fails():
        if killed:
            journal.kill(200.0)
        raise httpx.ReadError("cut")

    restarts = after_restart(journal, state, fails)
    assert bool(checked(restarts)) != killed
    assert len(restarts.due) == 6  # Left to the next check.
