"""Checkout on AWS's adapters while DynamoDB and its streams throttle, fail, lie and break connections: no unit sold twice,
no order lost or doubled, no payment without an order. SOUK_FAULT_ORDERS sets how many orders (default 60)."""

import concurrent.futures
import os
import random
import sys
import time

import httpx
import pytest

import container
import fault_proxy
from conftest import started_alone

sys.path.insert(0, str(container.root / "tests/scenarios"))
import elsewhere  # noqa: E402
import shop  # noqa: E402

orders = int(os.environ.get("SOUK_FAULT_ORDERS", "60"))
seed = int(os.environ.get("SOUK_FAULT_SEED", "1"))
share = 0.08  # Of all calls to DynamoDB.
shoppers = 6
retries_max = 60


@pytest.fixture(scope="module")
def souk(peer, tmp_path_factory):
    with fault_proxy.before(peer("dynamodb_local").url, 0, seed) as proxy, started_alone("moto") as moto:
        with container.running(proxy, moto) as running:
            elsewhere.described = str(running.description)
            with elsewhere.Elsewhere(tmp_path_factory.mktemp("souk")) as one:
                one.proxy, one.running = proxy, running
                yield one
    elsewhere.described = None


def insist(call):
    """The answer, however often it takes: a client that repeats itself under the same key. Nothing but 503 is for retrying."""
    for _ in range(retries_max):
        try:
            answer = call()
        except httpx.TransportError:
            continue
        if answer.status_code not in (500, 503, 409) or answer.json().get("code") not in (
            "ledger_busy", "ledger_unavailable", "unknown_outcome", "contention", "unavailable", "identity_unavailable",
            "idempotency_key_in_flight",
        ):  # fmt: skip
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{answer.status_code} {answer.text}")


def buy(store, skus, chance):
    """An order placed by a stubborn shopper, and its idempotency key."""
    sku, method = chance.choice(skus), chance.choice(["manual"] * 4 + ["manual_decline"])
    key = shop.key()
    cart = insist(lambda: store.call("POST", "/carts", headers=key)).json()
    key = shop.key()
    cart = insist(lambda: store.call("POST", f"/carts/{cart['id']}/items", json={"sku": sku, "quantity": 1}, headers=key)).json()
    cart = insist(lambda: store.call("PUT", f"/carts/{cart['id']}/email", json={"email": "a@example.com"})).json()
    key = shop.key()
    body = {"cart_id": cart["id"], "payment": {"provider": "manual", "method": method}}
    first = insist(lambda: store.http.post(f"{store.base}/orders", json=body, headers=key))
    assert first.status_code == 202, first.text
    again = insist(lambda: store.http.post(f"{store.base}/orders", json=body, headers=key))
    assert again.json()["id"] == first.json()["id"]
    return first.json()


def test_checkout_holds_while_the_database_fails(souk):
    store = souk.new_store()
    stock = orders // 3
    skus = [store.product(stock=stock) for _ in range(2)]
    souk.proxy.share = share
    with concurrent.futures.ThreadPoolExecutor(shoppers) as pool:
        chances = [random.Random(seed * 1000 + i) for i in range(orders)]
        placed = list(pool.map(lambda chance: buy(store, skus, chance), chances))
    settled = [shop.wait_for(lambda o=one: at_rest(store, o), 240, 0.5) for one in placed]
    souk.proxy.share = 0
    faults = dict(souk.proxy.counted)
    print(f"{orders} orders, {souk.proxy.calls} calls, {sum(faults.values())} faults: {faults}")

    assert len({one["id"] for one in settled}) == orders
    assert len({one["number"] for one in settled}) == orders
    confirmed = [one for one in settled if one["status"] == "confirmed"]
    for one in settled:
        expected = {"confirmed": {"authorised", "captured"}, "cancelled": {"none", "declined", "voided"}}[one["status"]]
        assert one["payment"]["status"] in expected, one
    for sku in skus:
        sold = sum(line["quantity"] for one in confirmed for line in one["lines"] if line["sku"] == sku)
        shop.wait_for(lambda s=sku: store.stock(s)["stock_reserved"] == 0, 240, 0.5)
        assert store.stock(sku)["stock_on_hand"] == stock - sold
    assert confirmed and len(confirmed) <= 2 * stock
    assert sum(faults.values()) > orders and set(faults) == set(fault_proxy.kinds)


def at_rest(store, order):
    now = insist(lambda: store.call("GET", f"/orders/{order['id']}", headers=store.owner)).json()
    return now if now["status"] in ("confirmed", "cancelled") else None
