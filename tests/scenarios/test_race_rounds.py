"""Races, round after round: exactly one wins each, and stock comes out even. `./dev races` runs a hundred rounds."""

import collections
import os
import uuid

import httpx
import pytest
from shop import Souk, key, wait_for
from test_races import at_once

rounds = range(int(os.environ.pop("SOUK_RACE_ROUNDS", "2")))  # Taken away: souk refuses settings that it does not know.
buyers = 500
connections = 50


@pytest.fixture(scope="module")
def souk(tmp_path_factory):
    """With a deadline that no order of the crowd passes, however busy the machine is."""
    with Souk(tmp_path_factory.mktemp("souk"), SOUK_ORDERS_PAYMENT_DEADLINE_S=900) as running:
        yield running


@pytest.fixture
def store(souk):
    """Of each round: its owner's token lasts a quarter of an hour, a hundred rounds longer."""
    souk.forget_mails()  # Tens of thousands, which every look for a code would list.
    return souk.new_store()


@pytest.fixture(scope="module")
def crowd(souk):
    """A client with a connection for each buyer."""
    limits = httpx.Limits(max_connections=buyers, max_keepalive_connections=buyers)
    with httpx.Client(base_url=souk.url, timeout=90, limits=limits) as http:
        yield http


def order_of(cart):
    return {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}


def codes(answers):
    return collections.Counter(f"{a.status_code} {a.json().get('code', '')}".strip() for a in answers)


def stock_settles(store, sku, on_hand):
    def seen():
        now = store.stock(sku)
        return now if now["stock_reserved"] == 0 and now["stock_on_hand"] == on_hand else None

    assert wait_for(seen)["available"] == on_hand


@pytest.mark.parametrize("number", rounds)
@pytest.mark.parametrize("units", [1, 100])
def test_of_five_hundred_buyers_as_many_get_it_as_there_are_units(store, crowd, units, number):
    sku = store.product(stock=units)
    carts = at_once(20, lambda i: [store.cart((sku, 1), address=f"b{i}-{j}@example.com") for j in range(buyers // 20)])
    flat = [cart for some in carts for cart in some]

    def place(i):
        headers = key() | {"Prefer": "wait=20"}
        answer = crowd.post(f"{store.base}/orders", json=order_of(flat[i]), headers=headers)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        return answer.json()

    orders = at_once(buyers, place)
    ends = collections.Counter((o["status"], o["cancel_reason"], o["payment"]["status"]) for o in orders)
    assert ends == {("confirmed", None, "authorised"): units, ("cancelled", "out_of_stock", "none"): buyers - units}
    stock_settles(store, sku, 0)


@pytest.mark.parametrize("number", rounds)
def test_one_cart_from_fifty_connections_is_one_order(store, crowd, number):
    sku = store.product(stock=60)
    cart = store.cart((sku, 2))
    answers = at_once(connections, lambda _: crowd.post(f"{store.base}/orders", json=order_of(cart), headers=key()))
    made = [a.json() for a in answers if a.status_code == 202]
    assert len(made) == 1 and {a.status_code for a in answers} == {202, 409}, codes(answers)
    store.settled(made[0], "confirmed")
    stock_settles(store, sku, 58)


@pytest.mark.parametrize("number", rounds)
def test_one_key_from_fifty_connections_is_one_order(store, crowd, number):
    sku = store.product(stock=60)
    cart, one_key = store.cart((sku, 2)), {"Idempotency-Key": uuid.uuid4().hex}
    answers = at_once(connections, lambda _: crowd.post(f"{store.base}/orders", json=order_of(cart), headers=one_key))
    assert {a.status_code for a in answers} <= {202, 409}, codes(answers)
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"idempotency_key_in_flight"}, codes(answers)
    made = {a.json()["id"] for a in answers if a.status_code == 202}
    assert len(made) == 1
    first = [a for a in answers if a.status_code == 202 and "Idempotent-Replayed" not in a.headers]
    assert len(first) == 1, "every other answer is marked as a replay"
    stock_settles(store, sku, 58)


@pytest.mark.parametrize("number", rounds)
def test_merge_adjustment_and_checkout_of_one_cart_have_one_winner(store, crowd, number):
    customer, sku, other = store.customer(), store.product(stock=100), store.product(stock=100)
    own = store.cart((other, 1), headers=customer)
    guest = store.cart((sku, 2))
    line = guest["items"][0]["id"]

    # Whoever is first of them wins the more often: each round another is.
    acts = [(i + number) % 4 for i in range(4 * 12)]

    def act(i):
        match acts[i]:
            case 0:
                return crowd.post(f"{store.base}/carts/{guest['id']}/merge", headers=customer)
            case 1:
                return crowd.post(f"{store.base}/orders", json=order_of(guest), headers=key())
            case 2:
                tag = {"If-Match": f'"{guest["version"]}"'}
                return crowd.patch(f"{store.base}/carts/{guest['id']}/items/{line}", json={"quantity": 3}, headers=tag)
            case _:
                body = {"delta": 1, "reason": "found one"}
                return crowd.post(f"{store.base}/inventory/{sku}/adjustments", json=body, headers=store.owner | key())

    answers = at_once(4 * 12, act)
    merged, placed, adjusted, found = ([a for a, one in zip(answers, acts) if one == kind] for kind in range(4))
    assert codes(found) == {"201": 12}
    assert {a.status_code for a in merged} <= {200, 409}, codes(merged)
    # A cart that went into another is not there any more, for whoever comes after the merge.
    assert {a.status_code for a in placed} <= {202, 404, 409}, codes(placed)
    assert {a.status_code for a in adjusted} <= {200, 404, 409, 412}, codes(adjusted)
    orders = [a.json() for a in placed if a.status_code == 202]
    assert len(orders) <= 1
    for order in orders:
        assert store.settled(order, "confirmed")["lines"][0]["quantity"] == 2, "what the shopper saw"
    changes = [a for a in adjusted if a.status_code == 200]
    assert len(changes) <= 1
    wanted = {sku: 3 if changes else 2}
    taken = {i["sku"]: i["quantity"] for i in store.get(f"/carts/{own['id']}", headers=customer)["items"]}
    assert taken.pop(other) == 1
    if orders:
        assert taken == {}, "what is ordered is in no other cart"
        assert {a.status_code for a in merged} == {409}, codes(merged)
    else:
        assert taken == wanted and {a.status_code for a in merged} == {200}, codes(merged)
    stock_settles(store, sku, 112 - (2 if orders else 0))


@pytest.mark.parametrize("number", rounds)
@pytest.mark.parametrize("what", ["cart", "product", "store"])
def test_of_fifty_patches_of_one_version_one_wins(store, crowd, what, number):
    if what == "cart":
        path, before, field = "/carts/{id}", store.cart(), "email"
        values, headers = [f"x{i}@example.com" for i in range(connections)], {}
    elif what == "product":
        before = store.get(f"/products/{store.product_id(store.product())}", headers=store.owner)
        path, field, values, headers = "/products/{id}", "title", [f"Title {i}" for i in range(connections)], store.owner
    else:
        before = store.get("", headers=store.owner)
        path, field, values, headers = "", "name", [f"Name {number}-{i}" for i in range(connections)], store.owner
    path = store.base + path.format(id=before["id"])
    tag = {"If-Match": f'"{before["version"]}"'}
    answers = at_once(connections, lambda i: crowd.patch(path, json={field: values[i]}, headers=headers | tag))
    assert codes(answers) == {"200": 1, "412 version_mismatch": connections - 1}
    winner = next(i for i, a in enumerate(answers) if a.status_code == 200)
    after = crowd.get(path, headers=headers | {"Cache-Control": "no-cache"}).json()
    assert after[field] == values[winner] and after["version"] == before["version"] + 1
