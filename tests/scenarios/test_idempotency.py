"""A key makes a POST happen once: the same answer again, another body refused, nothing done twice."""

import concurrent.futures
import uuid

import pytest

from shop import key, wait_for

small_csv = "Handle,Title,Variant SKU,Variant Price\n{0},{0},{0},1.00\n"


def twice(call):
    """The answer of two equal calls, which must be one effect."""
    first, second = call(), call()
    assert first.is_success, first.text
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers.get("Idempotent-Replayed") == "true", second.text
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers.get("Content-Type") == first.headers.get("Content-Type")
    assert second.headers.get("Location") == first.headers.get("Location")
    return first


def test_every_post_of_the_shop_honours_a_key(store):
    sku = store.product(stock=10)
    product = store.product_id(sku)
    cart = store.cart()
    ada = store.customer()
    guest_cart = store.cart((sku, 1))
    address = {"name": "A", "line1": "1 Road", "city": "Town", "postal_code": "1", "country": "DE"}
    for path, body, headers in [
        ("/carts", {}, {}),
        ("/carts", None, {}),
        (f"/carts/{cart['id']}/items", {"sku": sku, "quantity": 2}, {}),
        (f"/carts/{guest_cart['id']}/merge", None, ada),
        ("/me/addresses", address, ada),
        ("/products", {"title": "Once"}, store.owner),
        (f"/products/{product}/archive", None, store.owner),
        (f"/products/{product}/unpublish", None, store.owner),
        (f"/products/{product}/publish", None, store.owner),
        (f"/products/{product}/approve", None, store.owner),
        (f"/inventory/{sku}/adjustments", {"delta": 5, "reason": "found"}, store.owner),
        ("/categories", {"name": "Once"}, store.owner),
        ("/media", {"content_type": "image/png", "size": 100}, store.owner),
        ("/webhooks", {"url": "http://127.0.0.1:9/x", "events": ["*"]}, store.owner),
        ("/api-keys", {"name": "once", "scopes": ["catalog:read"]}, store.owner),
    ]:
        headers = headers | key()
        twice(lambda: store.call("POST", path, json=body, headers=headers))
    assert store.stock(sku)["stock_on_hand"] == 15
    assert store.get(f"/carts/{cart['id']}")["items"][0]["quantity"] == 2
    assert len(store.get("/me/addresses", headers=ada)["items"]) == 1
    assert [p["title"] for p in store.get("/products?limit=100", headers=store.owner)["items"]].count("Once") == 1


def test_variants_sign_ups_and_stores_happen_once_too(souk, store):
    made = store.call(
        "POST", "/products", 201, headers=store.owner,
        json={"title": "Shirt", "variants": [{"price": store.money(1), "option_values": {"Size": "S"}}]},
    ).json()  # fmt: skip
    headers = store.owner | key()
    more = {"price": store.money(2), "option_values": {"Size": "M"}}
    grown = twice(lambda: store.call("POST", f"/products/{made['id']}/variants", json=more, headers=headers)).json()
    assert len(grown["variants"]) == 2
    once = key()
    account = {"email": "once@example.com", "password": "correct horse battery", "name": "Once"}
    twice(lambda: store.call("POST", "/auth/sign-up", json=account, headers=once))
    headers = store.owner | key()
    body = {"slug": "once-only", "name": "Once", "currency": "EUR"}
    twice(lambda: souk.http.post("/v1/stores", json=body, headers=headers))


def test_sessions_and_administration_happen_once_too(souk, store):
    admin = souk.admin()
    souk.sign_up(store.base, "twice@example.com")
    who = {"email": "twice@example.com", "password": "correct horse battery staple"}
    once = key()
    session = twice(lambda: store.call("POST", "/auth/sign-in", json=who, headers=once)).json()
    old = {"refresh_token": session["refresh_token"]}
    once = key()
    fresh = twice(lambda: store.call("POST", "/auth/refresh", json=old, headers=once)).json()
    assert fresh["refresh_token"] != session["refresh_token"]
    once = key()
    out = {"refresh_token": fresh["refresh_token"]}
    twice(lambda: store.call("POST", "/auth/sign-out", json=out, headers=once))
    once = key()
    twice(lambda: store.call("POST", "/auth/forgot-password", json={"email": who["email"]}, headers=once))
    for path in (f"stores/{store.id}/suspend", f"stores/{store.id}/resume"):
        headers = admin | key()
        twice(lambda: souk.http.post(f"/v1/admin/{path}", headers=headers))
    assert store.get("")["status"] == "open"


def test_orders_fulfilments_refunds_and_cancellations_replay(store):
    sku = store.product(price=1000, stock=10)
    cart = store.cart((sku, 3))
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    headers = key() | {"Prefer": "wait=15"}
    order = twice(lambda: store.call("POST", "/orders", json=body, headers=headers)).json()
    line = order["lines"][0]["id"]
    one = {"lines": [{"line_id": line, "quantity": 1}]}
    staff = store.owner | key()
    twice(lambda: store.call("POST", f"/orders/{order['id']}/fulfilments", json=one, headers=staff))
    staff = store.owner | key()
    twice(lambda: store.call("POST", f"/orders/{order['id']}/refunds", json=one, headers=staff))
    seen = store.read_order(order)
    assert len(seen["refunds"]) == 1 and len(seen["fulfilments"]) == 1
    other = store.buy(sku)
    staff = store.owner | key()
    twice(lambda: store.call("POST", f"/orders/{other['id']}/cancel", json={}, headers=staff))


def test_the_replay_stays_the_first_answer_though_the_order_moved_on(store):
    sku = store.product(price=1000, stock=10)
    cart = store.cart((sku, 2))
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    headers = key() | {"Prefer": "wait=15"}
    placed = store.call("POST", "/orders", 201, json=body, headers=headers)
    order = placed.json()
    one = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}
    staff = store.owner | key()
    first = store.call("POST", f"/orders/{order['id']}/refunds", 201, json=one, headers=staff)
    store.call("POST", f"/orders/{order['id']}/refunds", 201, json=one, headers=store.owner | key())
    again = store.call("POST", f"/orders/{order['id']}/refunds", 201, json=one, headers=staff)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == first.json()
    again = store.call("POST", "/orders", 201, json=body, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == placed.json()


def test_a_retry_while_the_first_try_waits_is_409_and_spoils_nothing(store):
    """The first answer of a key that waits was changed by a retry that waited less."""
    sku = store.product(stock=10)
    cart = store.cart((sku, 1))
    body = {"cart_id": cart["id"], "cart_version": cart["version"],
            "payment": {"provider": "manual", "method": "manual_timeout"}}  # fmt: skip
    one = key()

    def place(prefer):
        return store.call("POST", "/orders", json=body, headers=one | prefer)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(place, {"Prefer": "wait=20"})
        wait_for(lambda: store.stock(sku)["stock_reserved"] == 1)
        for prefer in ({"Prefer": "wait=1"}, {}, {"Prefer": "wait=10"}):
            retried = place(prefer)
            assert (retried.status_code, retried.json()["code"]) == (409, "idempotency_key_in_flight")
            assert retried.headers["Retry-After"] == "1"
        first = waiting.result()
    # Where an order has longer to be paid than its answer waits, that is the pending one.
    assert first.status_code == 201 or store.souk.patient and first.status_code == 202, first.text
    assert "Idempotent-Replayed" not in first.headers
    again = place({})
    assert again.status_code == first.status_code and again.json() == first.json()
    assert again.headers.get_list("Idempotent-Replayed") == ["true"]


def test_another_body_path_or_query_under_the_key_is_422(store):
    one = key()
    made = store.call("POST", "/carts", 201, json={}, headers=one).json()
    sku = store.product()
    for path, body in [
        ("/carts", {"email": "a@example.com"}),
        (f"/carts/{made['id']}/items", {"sku": sku, "quantity": 1}),
    ]:
        refused = store.call("POST", path, 422, json=body, headers=one)
        assert refused.json()["code"] == "idempotency_key_reused"
    assert store.get(f"/carts/{made['id']}")["items"] == []


@pytest.mark.parametrize("other", ["same-length", "another length"])
def test_another_file_under_an_import_s_key_is_422(store, other):
    headers = store.owner | key() | {"Content-Type": "text/csv"}
    first = small_csv.format("abcd")
    second = small_csv.format("wxyz" if other == "same-length" else "longer-one")
    twice(lambda: store.call("POST", "/imports", content=first, headers=headers))
    refused = store.call("POST", "/imports", content=second, headers=headers)
    assert refused.status_code == 422 and refused.json()["code"] == "idempotency_key_reused"


def test_keys_are_told_apart_by_store_and_caller(souk, store):
    other = souk.new_store()
    one = key()
    ada, bob = store.customer(), store.customer()
    ids = [
        shop.call("POST", "/carts", 201, json={}, headers=who | one).json()["id"]
        for shop, who in [(store, {}), (other, {}), (store, ada), (store, bob)]
    ]
    assert len(set(ids)) == 4


def test_a_refused_request_does_not_use_up_its_key(store):
    sku = store.product(stock=1)
    one = key()
    cart = store.cart()
    items = f"/carts/{cart['id']}/items"
    store.call("POST", items, 422, json={"sku": sku, "quantity": 0}, headers=one)
    store.call("POST", items, 201, json={"sku": sku, "quantity": 1}, headers=one)


def test_a_quoted_key_is_the_same_key(store):
    word = uuid.uuid4().hex
    first = store.call("POST", "/carts", 201, json={}, headers={"Idempotency-Key": f'"{word}"'})
    again = store.call("POST", "/carts", 201, json={}, headers={"Idempotency-Key": word})
    assert again.json()["id"] == first.json()["id"]


def test_a_key_at_its_longest_is_taken_and_patch_and_put_ignore_it(store):
    long = {"Idempotency-Key": "k" * 255}
    cart = store.call("POST", "/carts", 201, json={}, headers=long).json()
    for address in ("a@example.com", "b@example.com"):
        changed = store.call("PUT", f"/carts/{cart['id']}/email", 200, json={"email": address}, headers=long).json()
        assert changed["email"] == address


def test_a_key_survives_a_restart(own_souk):
    store = own_souk.new_store()
    one = key()
    made = store.call("POST", "/carts", 201, json={}, headers=one).json()
    own_souk.restart()
    again = store.call("POST", "/carts", 201, json={}, headers=one)
    assert again.json() == made and again.headers["Idempotent-Replayed"] == "true"


def test_at_once_with_one_key_it_happens_once_and_others_get_409_or_the_answer(store):
    sku = store.product(stock=0)
    headers = store.owner | key()
    body = {"delta": 1, "reason": "once"}
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(
                lambda _: store.call("POST", f"/inventory/{sku}/adjustments", json=body, headers=headers), range(32)
            )
        )
    assert {a.status_code for a in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"idempotency_key_in_flight"}
    assert sum(a.status_code == 201 and "Idempotent-Replayed" not in a.headers for a in answers) == 1
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 1)
