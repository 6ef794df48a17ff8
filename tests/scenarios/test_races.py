"""Many at once: exactly one wins, and nothing is lost or doubled."""

import collections
import concurrent.futures
import uuid

from shop import key, wait_for


def at_once(count, action):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [f.result() for f in [pool.submit(action, i) for i in range(count)]]


def assert_paid(store, order):
    """The manual provider has authorised this order's total, and nobody has voided or refunded it."""
    row = store.payment_of(order)
    assert (row["status"], row["cancelled"], row["refunds"]) == ("authorised", False, []), row
    assert {"amount": row["amount"], "currency": row["currency"]} == store.read_order(order)["totals"]["total"]


def test_two_hundred_buyers_for_the_last_unit(store):
    sku = store.product(stock=1)
    carts = at_once(50, lambda i: [store.cart((sku, 1), address=f"b{i}-{j}@example.com") for j in range(4)])
    flat = [cart for some in carts for cart in some]
    orders = []
    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        orders = [f.result() for f in [pool.submit(store.order, cart, wait=20) for cart in flat]]
    outcomes = collections.Counter((o["status"], o["cancel_reason"]) for o in orders)
    assert outcomes == {("confirmed", None): 1, ("cancelled", "out_of_stock"): 199}
    wait_for(lambda: store.stock(sku)["stock_reserved"] == 0)
    assert store.stock(sku)["stock_on_hand"] == 0
    for order in orders:
        payment = store.read_order(order)["payment"]["status"]
        assert payment == ("authorised" if order["status"] == "confirmed" else "none")
    # The provider's own books say so too: nobody else's money was ever asked for.
    kept = at_once(4, lambda i: [(order, store.payment_of(order)) for order in orders[i::4]])
    asked = [order for some in kept for order, row in some if row and row["status"] != "none"]
    assert [order["status"] for order in asked] == ["confirmed"]
    assert_paid(store, asked[0])


def test_one_key_from_fifty_connections_is_one_order(store):
    sku = store.product(stock=60)
    cart = store.cart((sku, 1))
    one_key = {"Idempotency-Key": uuid.uuid4().hex}

    def place(_):
        return store.http.post(
            f"{store.base}/orders",
            json={"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}},
            headers=one_key,
        )

    answers = at_once(50, place)
    assert {a.status_code for a in answers} <= {202, 409}
    made = {a.json()["id"] for a in answers if a.status_code == 202}
    assert len(made) == 1
    again = place(0)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json()["id"] in made
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 59)
    assert_paid(store, store.settled(again.json(), "confirmed"))


def test_one_cart_from_fifty_connections_is_one_order(store):
    sku = store.product(stock=60)
    cart = store.cart((sku, 1))
    answers = at_once(
        50,
        lambda _: store.http.post(
            f"{store.base}/orders",
            json={"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}},
            headers=key(),
        ),
    )
    assert collections.Counter(a.status_code for a in answers) == {202: 1, 409: 49}
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 59)
    made = next(a.json() for a in answers if a.status_code == 202)
    assert_paid(store, store.settled(made, "confirmed"))


def test_concurrent_additions_are_all_counted(store):
    sku = store.product(stock=1)
    cart = store.cart()
    at_once(
        20, lambda _: store.call("POST", f"/carts/{cart['id']}/items", 201, json={"sku": sku, "quantity": 1})
    )
    assert store.get(f"/carts/{cart['id']}")["items"][0]["quantity"] == 20


def test_of_concurrent_patches_with_one_version_one_wins(store):
    cart = store.cart()
    answers = at_once(
        20,
        lambda i: store.call(
            "PATCH", f"/carts/{cart['id']}", json={"email": f"x{i}@example.com"},
            headers={"If-Match": f'"{cart["version"]}"'},
        ),
    )  # fmt: skip
    assert collections.Counter(a.status_code for a in answers) == {200: 1, 412: 19}


def test_concurrent_adjustments_never_lose_one(store):
    sku = store.product(stock=100)
    at_once(
        20,
        lambda _: store.call(
            "POST", f"/inventory/{sku}/adjustments", json={"delta": -3, "reason": "count"}, headers=store.owner
        ).raise_for_status(),
    )
    assert store.stock(sku)["stock_on_hand"] == 40
