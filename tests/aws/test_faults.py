"""Checkout on AWS's adapters while DynamoDB, its streams, SNS and SQS throttle, fail, lie and break connections, and messages
come twice and in another order: no unit sold twice, no order lost or doubled, no payment without an order.
SOUK_FAULT_PROXY_ORDERS sets how many orders (default 60) by how many shoppers at once (SOUK_FAULT_PROXY_SHOPPERS, default 6),
against real emulators behind a proxy that injects the faults. The same adapters, on models of the services in memory, with
faults injected there, are what tests/aws_saga runs."""

import concurrent.futures
import contextlib
import json
import os
import random
import sys
import time

import boto3
import httpx
import pytest

import container
import fault_proxy
import peers
from conftest import started_alone

sys.path.insert(0, str(container.root / "tests/scenarios"))
import elsewhere  # noqa: E402
import shop  # noqa: E402

orders = int(os.environ.get("SOUK_FAULT_PROXY_ORDERS", "60"))
seed = int(os.environ.get("SOUK_FAULT_SEED", "1"))
shares = {"database": 0.08, "SQS": 0.15, "SNS": 0.5}  # Of all calls; those to SNS are few.
# Messages whose receipt is lost are seen again after a minute: too long for the short run.
spared = ("ReceiveMessage",) if orders < 200 else ()
# Of many, some message is received in vain as often as it takes to become a dead letter: its order waits for its deadline.
patience = 240 if orders < 200 else 1500  # Units: seconds.
shoppers = int(os.environ.get("SOUK_FAULT_PROXY_SHOPPERS", "6"))
goods = max(2, orders // 100)
retries_max = 60


@pytest.fixture(scope="module")
def souk(peer, tmp_path_factory):
    with contextlib.ExitStack() as stack:
        moto = stack.enter_context(started_alone("moto"))
        targets = {"database": peer("dynamodb_local").url, "SQS": moto.url, "SNS": moto.url}
        proxies = {
            name: stack.enter_context(fault_proxy.before(url, 0, seed + i, spared))
            for i, (name, url) in enumerate(targets.items())
        }
        messages = {name: proxies[name].url for name in ("SQS", "SNS")}
        running = stack.enter_context(container.running(proxies["database"], moto, **messages))
        elsewhere.described = str(running.description)
        one = stack.enter_context(elsewhere.Elsewhere(tmp_path_factory.mktemp("souk")))
        one.proxies = proxies
        one.database = boto3.client(
            "dynamodb", endpoint_url=targets["database"], region_name=peers.region,
            aws_access_key_id=peers.credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=peers.credentials["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
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


def set_shares(proxies, shares):
    for name, proxy in proxies.items():
        proxy.share = shares.get(name, 0)


def test_checkout_holds_while_everything_fails(souk, tell):
    store = souk.new_store()
    stock = 2 * orders // (3 * goods)
    skus = [store.product(stock=stock) for _ in range(goods)]
    set_shares(souk.proxies, shares)

    def buy_and_wait(number):
        """Whoever has no answer yet orders nothing more: a queue of thousands is more than moto bears."""
        placed = buy(store, skus, random.Random(seed * 100_000 + number))
        return shop.wait_for(lambda: at_rest(store, placed), patience, 1)

    with concurrent.futures.ThreadPoolExecutor(shoppers) as pool:
        settled = list(pool.map(buy_and_wait, range(orders)))
    set_shares(souk.proxies, {})
    for name, proxy in souk.proxies.items():
        tell(f"{name}: {orders} orders, {proxy.calls} calls, {proxy.counted.total()} faults: {dict(proxy.counted)}")

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
    assert confirmed and len(confirmed) <= goods * stock
    compare_with_the_provider(souk.database, store, settled)
    happened = {name: set(proxy.counted) for name, proxy in souk.proxies.items()}
    assert souk.proxies["database"].counted.total() > orders
    assert {*fault_proxy.kinds, "conflicted"} <= happened["database"], happened
    assert {*fault_proxy.kinds, "received twice", "shuffled"} <= happened["SQS"], happened
    assert "sent twice" in happened["SNS"] and len(happened["SNS"]) > 3, happened  # Few calls: not each kind comes.


def at_rest(store, order):
    now = insist(lambda: store.call("GET", f"/orders/{order['id']}", headers=store.owner)).json()
    return now if now["status"] in ("confirmed", "cancelled") else None


def rows(database, store, table, sort):
    """Order's id -> what the store's row of it says, read past Souk."""
    found = {}
    for page in database.get_paginator("scan").paginate(TableName=container.prefix + table, ConsistentRead=True):
        for item in page["Items"]:
            owner, _, order = item["pk"]["S"].partition("#order#")
            if owner == store.id and item["sk"]["S"] == sort:
                found[order] = json.loads(item["b"]["S"])
    return found


def compare_with_the_provider(database, store, settled):
    """What it holds is what the orders say: the money of each confirmed order once, and of no other."""
    confirmed = {one["id"]: one for one in settled if one["status"] == "confirmed"}
    every = {one["id"] for one in settled}

    def released():
        """A cancellation gives the money back in a step of its own, after it."""
        held = rows(database, store, "payments", "payment")
        return held if all(is_released(payment) for order, payment in held.items() if order not in confirmed) else None

    held = shop.wait_for(released, 240, 0.5)
    assert set(confirmed) <= set(held) <= every
    known = rows(database, store, "orders", "head")
    assert set(known) == every
    for order, one in confirmed.items():
        payment = held[order]
        assert (payment["status"], payment["cancelled"], payment["refunds"]) == ("authorised", False, []), payment
        assert payment["amount"] == one["totals"]["total"]["amount"] and payment["currency"] == store.currency, payment
        assert payment["authorise_key"] == order and payment["reference"] == known[order]["payment"]["reference"]
    references = [payment["reference"] for payment in held.values() if payment["reference"]]
    assert len(references) == len(set(references))


def is_released(payment):
    """Nothing is reserved, and nothing was taken."""
    assert payment["status"] in ("none", "authorised", "declined") and payment["refunds"] == [], payment
    return payment["cancelled"] or payment["status"] in ("none", "declined")
