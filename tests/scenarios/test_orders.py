"""Orders after they are placed: what they hold, and what may and may not happen to them."""

import re

import pytest

from shop import bearer, key, wait_for


def fulfil(store, order, expect=201, **body):
    return store.call("POST", f"/orders/{order['id']}/fulfilments", expect, json=body, headers=store.owner | key()).json()


def refund(store, order, expect=201, **body):
    return store.call("POST", f"/orders/{order['id']}/refunds", expect, json=body, headers=store.owner | key()).json()


def cancel(store, order, expect=200, headers=None):
    headers = (headers or store.owner) | key()
    return store.call("POST", f"/orders/{order['id']}/cancel", expect, json={}, headers=headers).json()


def part(order, quantity, line=0, **more):
    return {"line_id": order["lines"][line]["id"], "quantity": quantity} | more


def test_an_order_has_every_member(store):
    sku = store.product(price=750, stock=9, title="Nine")
    order = store.order(store.cart((sku, 2), address="all@example.com"))
    assert {
        "id", "number", "status", "cancel_reason", "customer_id", "email", "token", "lines", "totals", "payment",
        "fulfilment_status", "fulfilments", "refunds", "placed_at", "version",
    } <= order.keys()  # fmt: skip
    assert re.fullmatch(r"order_[0-9A-HJKMNP-TV-Z]{26}", order["id"]) and isinstance(order["number"], int)
    assert (order["cancel_reason"], order["customer_id"], order["email"]) == (None, None, "all@example.com")
    assert (order["fulfilment_status"], order["fulfilments"], order["refunds"]) == ("unfulfilled", [], [])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", order["placed_at"])
    payment = order["payment"]
    assert re.fullmatch(r"pay_[0-9A-HJKMNP-TV-Z]{26}", payment["id"])
    assert (payment["provider"], payment["status"], payment["amount"]) == ("manual", "authorised", store.money(1500))
    line = order["lines"][0]
    assert (line["sku"], line["quantity"], line["unit_price"], line["total"]) == (sku, 2, store.money(750), store.money(1500))
    assert "Nine" in line["title"] and line["id"].startswith("line_")


def test_numbers_are_unique_and_rise_within_a_store(store):
    sku = store.product(stock=9)
    numbers = [store.buy(sku)["number"] for _ in range(5)]
    assert numbers == sorted(set(numbers))


def test_the_token_is_shown_once_and_opens_one_order(store):
    sku = store.product(stock=9)
    one, two = store.buy(sku), store.buy(sku)
    assert len(one["token"]) >= 22 and one["token"] != two["token"]
    assert "token" not in store.read_order(one)
    assert all("token" not in o for o in store.get("/orders", headers=store.owner)["items"])
    path = f"/orders/{one['id']}"
    assert "token" not in store.get(path, headers={"X-Order-Token": one["token"]})
    for token in (two["token"], one["token"][:-1], "", one["token"].upper()):
        store.call("GET", path, 404, headers={"X-Order-Token": token})
    store.call("GET", f"{path}?token={one['token']}", 400)
    store.call("GET", path, 404, headers=store.customer())


def test_prices_and_titles_of_an_order_stay_as_they_were(store):
    sku = store.product(price=100, stock=9, title="Before")
    order = store.buy(sku)
    product = f"/products/{store.product_id(sku)}"
    store.call("PATCH", product, 200, json={"title": "After"}, headers=store.owner)
    variant = store.get(product)["variants"][0]["id"]
    store.call("PATCH", f"{product}/variants/{variant}", 200, json={"price": store.money(9)}, headers=store.owner)
    store.call("DELETE", product, 204, headers=store.owner)
    line = store.read_order(order)["lines"][0]
    assert line["unit_price"]["amount"] == 100 and "Before" in line["title"]


@pytest.mark.parametrize("way", ["provider", "method"])
@pytest.mark.parametrize(
    ("method", "status", "reason"),
    [("manual_decline", "declined", "payment_declined"), ("manual_timeout", None, "payment_timeout")],
)
def test_the_test_methods_of_the_manual_provider(store, way, method, status, reason):
    sku = store.product(stock=2)
    cart = store.cart((sku, 1))
    payment = {"provider": method} if way == "provider" else {"provider": "manual", "method": method}
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": payment}
    order = store.call("POST", "/orders", json=body, headers=key() | {"Prefer": "wait=20"}).json()
    order = store.settled(order, "cancelled")
    assert order["cancel_reason"] == reason
    assert order["payment"]["status"] in ({status} if status else {"none", "voided"})
    wait_for(lambda: store.stock(sku)["available"] == 2)
    wait_for(lambda: store.get(f"/carts/{cart['id']}")["status"] == "open")
    again = store.get(f"/carts/{cart['id']}")
    assert store.order(again)["status"] == "confirmed"  # The reopened cart can be ordered after all.


def test_sending_too_much_or_what_is_not_there_is_refused(store):
    order = store.buy(store.product(stock=9), 3)
    for lines in ([part(order, 4)], [part(order, 0)], [part(order, -1)], [{"line_id": "line_" + "0" * 26, "quantity": 1}],
                  [part(order, 2), part(order, 2)]):  # fmt: skip
        answer = store.call("POST", f"/orders/{order['id']}/fulfilments", json={"lines": lines}, headers=store.owner | key())
        assert answer.status_code in (404, 409, 422), answer.text
    assert store.read_order(order)["fulfilments"] == []
    store.call("POST", f"/orders/{order['id']}/fulfilments", 400, json={}, headers=store.owner)
    store.call("POST", f"/orders/{order['id']}/refunds", 400, json={}, headers=store.owner)


def test_an_empty_list_of_lines_is_not_all_of_them(store):
    order = store.buy(store.product(stock=9), 3)
    for path in ("fulfilments", "refunds"):
        refused = store.call("POST", f"/orders/{order['id']}/{path}", json={"lines": []}, headers=store.owner | key())
        assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/lines", refused.text
    assert store.read_order(order)["payment"]["status"] == "authorised"


def test_a_line_that_is_named_twice_is_refused_at_the_second(store):
    order = store.buy(store.product(stock=9), 3)
    for move in (fulfil, refund):
        told = move(store, order, expect=422, lines=[part(order, 1), part(order, 1)])
        assert [(e["pointer"], e["code"]) for e in told["errors"]] == [("/lines/1/line_id", "duplicate")], told
    seen = store.read_order(order)
    assert (seen["fulfilments"], seen["refunds"]) == ([], [])


def test_partial_fulfilments_carry_their_tracking(store):
    order = store.buy(store.product(stock=9), 3)
    tracking = {"carrier": "Post", "number": "RR1", "url": "https://post.example.com/RR1"}
    first = fulfil(store, order, lines=[part(order, 1)], tracking=tracking)
    assert (first["status"], first["fulfilment_status"]) == ("confirmed", "partially_fulfilled")
    sent = first["fulfilments"][0]
    assert re.fullmatch(r"ful_[0-9A-HJKMNP-TV-Z]{26}", sent["id"]) and sent["tracking"] == tracking
    assert sent["lines"] == [part(order, 1)]
    last = fulfil(store, order)
    assert (last["status"], last["fulfilment_status"], len(last["fulfilments"])) == ("completed", "fulfilled", 2)
    assert last["fulfilments"][1]["lines"] == [part(order, 2)] and last["payment"]["status"] == "captured"
    assert fulfil(store, order, expect=409)["code"]


def test_refunds_never_exceed_what_was_paid(store):
    order = store.buy(store.product(price=1000, stock=9), 3)
    some = refund(store, order, amount=store.money(500), reason="scratched")
    assert re.fullmatch(r"ref_[0-9A-HJKMNP-TV-Z]{26}", some["refunds"][0]["id"])
    assert (some["refunds"][0]["amount"], some["payment"]["status"]) == (store.money(500), "partially_refunded")
    for wrong in ({"amount": store.money(2501)}, {"amount": store.money(0)}, {"amount": {"amount": -1, "currency": "EUR"}},
                  {"amount": {"amount": 1, "currency": "USD"}}, {"lines": [part(order, 4)]}, {"amount": 5}):  # fmt: skip
        answer = store.call("POST", f"/orders/{order['id']}/refunds", json=wrong, headers=store.owner | key())
        assert answer.status_code in (409, 422), answer.text
    rest = refund(store, order)
    assert sum(r["amount"]["amount"] for r in rest["refunds"]) == 3000 and rest["payment"]["status"] == "refunded"
    assert refund(store, order, expect=409)["code"]


def test_a_refund_restocks_only_what_it_is_told_to(store):
    sku = store.product(price=1000, stock=10)
    order = store.buy(sku, 4)
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 6)
    refund(store, order, lines=[part(order, 1)])
    refund(store, order, lines=[part(order, 2)], restock=True)
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 8)
    refund(store, order, lines=[part(order, 1, restock=False)])
    assert store.stock(sku)["stock_on_hand"] == 8


def test_an_amount_without_lines_cannot_restock(store):
    order = store.buy(store.product(price=1000, stock=9), 2)
    told = refund(store, order, expect=422, amount=store.money(500), restock=True)
    assert [e["pointer"] for e in told["errors"]] == ["/restock"], told
    assert store.read_order(order)["refunds"] == []
    assert refund(store, order, amount=store.money(500), restock=False)["refunds"][0]["restock"] == []
    named = refund(store, order, amount=store.money(100), lines=[part(order, 1)], restock=True)
    assert [r["quantity"] for r in named["refunds"][1]["restock"]] == [1]


def test_a_fully_refunded_taxed_order_gives_back_the_tax_too(souk):
    store = souk.new_store(tax={"rate_basis_points": 1900, "included": False})
    order = store.buy(store.product(price=333, stock=9), 3)
    total = order["totals"]["total"]["amount"]
    for _ in range(3):
        order = refund(store, order, lines=[part(order, 1)])
    assert sum(r["amount"]["amount"] for r in order["refunds"]) == total and order["payment"]["status"] == "refunded"


def test_illegal_moves_are_409_and_change_nothing(store):
    sku = store.product(stock=9)
    declined = store.buy(sku, method="manual_decline")
    for move in (cancel, fulfil, refund):
        assert move(store, declined, expect=409)["code"]
    sent = store.buy(sku)
    fulfil(store, sent)
    assert cancel(store, sent, expect=409)["code"]
    cancelled = cancel(store, store.buy(sku))
    assert (cancelled["status"], bool(cancelled["cancel_reason"])) == ("cancelled", True)
    for move in (cancel, fulfil):
        assert move(store, cancelled, expect=409)["code"]


def test_who_may_cancel(store):
    sku = store.product(stock=9)
    ada, bob = store.customer(), store.customer()
    mine = store.order(store.cart((sku, 1), headers=ada), headers=ada)
    guest = store.buy(sku)
    cancel(store, mine, 404, bob)
    cancel(store, guest, 404, bob)
    cancel(store, guest, 401, {"X-Order-Token": guest["token"]})
    assert cancel(store, mine, 200, ada)["status"] == "cancelled"
    assert cancel(store, guest)["status"] == "cancelled"
    wait_for(lambda: store.stock(sku)["available"] == 9)


def test_an_order_that_waits_for_payment_can_be_cancelled(store):
    sku = store.product(stock=1)
    order = store.buy(sku, method="manual_timeout", wait=None, expect=(202,))
    store.settled(order, "awaiting_payment")
    cancel(store, order)
    wait_for(lambda: store.stock(sku)["available"] == 1)
    assert store.buy(sku)["status"] == "confirmed"


def test_an_answer_whose_wait_is_over_shows_the_order_as_it_is_by_then(store):
    """It showed it as it was placed, with an ETag that no longer held."""
    cart = store.cart((store.product(stock=1), 1))
    body = {"cart_id": cart["id"], "cart_version": cart["version"],
            "payment": {"provider": "manual", "method": "manual_timeout"}}  # fmt: skip
    headers = key() | {"Prefer": "wait=1"}
    answer = store.call("POST", "/orders", 202, json=body, headers=headers)
    if not store.souk.patient:  # Where stock may take longer to be reserved.
        assert answer.json()["status"] == "awaiting_payment"
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"' and answer.headers["Location"]
    assert answer.headers["Preference-Applied"] == "wait=1"
    again = store.call("POST", "/orders", 202, json=body, headers=headers)
    assert again.json() == answer.json() and again.headers["ETag"] == answer.headers["ETag"]


def test_the_timeline_names_who_did_what(store):
    order = store.buy(store.product(stock=9), 2)
    fulfil(store, order, lines=[part(order, 1)])
    refund(store, order, lines=[part(order, 1)])
    wait_for(lambda: store.read_order(order)["payment"]["status"] == "partially_refunded")
    entries = store.get(f"/orders/{order['id']}/timeline", headers=store.owner)["items"]
    assert all({"at", "type", "detail", "actor"} <= e.keys() for e in entries)
    assert [e["at"] for e in entries] == sorted(e["at"] for e in entries)
    types = [e["type"] for e in entries]
    assert types[:3] == ["placed", "stock_reserved", "confirmed"] and any("fulfil" in t for t in types) and "refunded" in types
    assert any((e["actor"] or "").startswith("user_") for e in entries)


def test_a_customer_who_buys_a_guest_s_cart_owns_the_order(store):
    ada = store.customer()
    order = store.order(store.cart((store.product(stock=1), 1)), headers=ada)
    assert order["customer_id"] and "token" not in order
    assert [o["id"] for o in store.get("/me/orders", headers=ada)["items"]] == [order["id"]]


def test_totals_on_a_free_order_need_no_money(store):
    order = store.buy(store.product(price=0, stock=1))
    assert order["status"] == "confirmed" and order["totals"]["total"]["amount"] == 0
    assert fulfil(store, order)["status"] == "completed"


def test_a_key_that_may_change_orders_needs_no_other_scope_for_it(store):
    """It may do what its scope says, and was told that there was no such order."""
    sku = store.product(stock=2)
    order = store.buy(sku, 2)
    made = store.call("POST", "/api-keys", 201, json={"name": "warehouse", "scopes": ["orders:write"]}, headers=store.owner)
    assert next(iter(made.json())) == "secret", "the prefix begins like a key, too: whoever looks for one finds it first"
    warehouse = bearer(made.json()["secret"])
    one = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}
    sent = store.call("POST", f"/orders/{order['id']}/fulfilments", 201, json=one, headers=warehouse | key()).json()
    assert sent["fulfilment_status"] == "partially_fulfilled"
    store.call("GET", "/orders", 403, headers=warehouse)


def test_a_cancellation_answers_once_the_money_is_free(store):
    order = store.buy(store.product(stock=5))
    done = store.call("POST", f"/orders/{order['id']}/cancel", 200, json={}, headers=store.owner | key()).json()
    assert (done["status"], done["payment"]["status"]) == ("cancelled", "voided")
    untouched = store.order(store.cart((store.product(stock=0), 1)))
    assert untouched["status"] == "cancelled"
    # The bug: after a refund of a part, the answer came while the rest was still on its way.
    order = store.buy(store.product(price=1000, stock=5), quantity=2)
    part = {"amount": store.money(500)}
    store.call("POST", f"/orders/{order['id']}/refunds", 201, json=part, headers=store.owner | key())
    done = store.call("POST", f"/orders/{order['id']}/cancel", 200, json={}, headers=store.owner | key()).json()
    assert (done["status"], done["payment"]["status"]) == ("cancelled", "refunded")
    assert {refund["status"] for refund in done["refunds"]} == {"done"}


def test_amounts_beyond_what_a_double_holds_are_exact(store):
    amount = 2**53 + 1
    order = store.buy(store.product(price=amount, stock=5), quantity=3)
    assert order["totals"]["subtotal"] == store.money(3 * amount)
