"""What belongs to another store is not there; roles and key scopes reach as far as they say."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from shop import bearer, key, next_name, password


@pytest.fixture(scope="module")
def two(souk):
    """A store with one of everything, and another."""
    store, other = souk.new_store(), souk.new_store()
    ada = store.customer()
    sku = store.product(stock=20)
    product = store.product_id(sku)
    bought = store.order(store.cart((sku, 1), headers=ada), headers=ada)
    variant = store.get(f"/products/{product}")["variants"][0]["id"]
    cart = store.cart((sku, 1))
    address = {"name": "A", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
    hook = store.call(
        "POST", "/webhooks", 201, json={"url": "http://127.0.0.1:9/", "events": ["*"]}, headers=store.owner
    ).json()
    delivery = store.call("POST", f"/webhooks/{hook['id']}/test", 202, headers=store.owner).json()
    one_key = store.call(
        "POST", "/api-keys", 201, json={"name": "k", "scopes": ["orders:read"]}, headers=store.owner
    ).json()
    csv = {"content": "Handle,Title,Variant SKU,Variant Price\nw,W,W-1,1.00\n"}
    imported = store.call(
        "POST", "/imports", 202, **csv, headers=store.owner | {"Content-Type": "text/csv"}
    ).json()
    ids = {
        "sku": sku, "product": product, "handle": store.get(f"/products/{product}")["handle"], "variant": variant,
        "order": bought["id"], "cart": cart["id"], "line": cart["items"][0]["id"], "hook": hook["id"],
        "delivery": delivery["id"], "key": one_key["id"], "import": imported["id"],
        "category": store.call("POST", "/categories", 201, json={"name": "C"}, headers=store.owner).json()["id"],
        "address": store.call("POST", "/me/addresses", 201, json=address, headers=ada).json()["id"],
        "member": store.get("/members", headers=store.owner)["items"][0]["user_id"], "order_line": bought["lines"][0]["id"],
    }  # fmt: skip
    return store, other, ids, ada


foreign = [
    ("GET", "/products/{product}", None), ("GET", "/products/{handle}", None),
    ("PATCH", "/products/{product}", {"title": "Mine"}), ("DELETE", "/products/{product}", None),
    ("POST", "/products/{product}/publish", None), ("POST", "/products/{product}/unpublish", None),
    ("POST", "/products/{product}/archive", None), ("POST", "/products/{product}/approve", None),
    ("POST", "/products/{product}/variants", {"price": {"amount": 1, "currency": "EUR"}}),
    ("PATCH", "/products/{product}/variants/{variant}", {"title": "Mine"}),
    ("DELETE", "/products/{product}/variants/{variant}", None),
    ("GET", "/inventory/{sku}", None), ("GET", "/inventory/{sku}/adjustments", None),
    ("POST", "/inventory/{sku}/adjustments", {"delta": 1, "reason": "x"}),
    ("PATCH", "/categories/{category}", {"name": "Mine"}), ("DELETE", "/categories/{category}", None),
    ("GET", "/imports/{import}", None), ("GET", "/orders/{order}", None), ("GET", "/orders/{order}/timeline", None),
    ("POST", "/orders/{order}/cancel", {}), ("POST", "/orders/{order}/fulfilments", {}),
    ("POST", "/orders/{order}/refunds", {}), ("GET", "/webhooks/{hook}", None),
    ("PATCH", "/webhooks/{hook}", {"description": "x"}), ("DELETE", "/webhooks/{hook}", None),
    ("GET", "/webhooks/{hook}/deliveries", None), ("POST", "/webhooks/{hook}/rotate-secret", None),
    ("POST", "/webhooks/{hook}/test", None), ("POST", "/webhooks/{hook}/deliveries/{delivery}/redeliver", None),
    ("DELETE", "/api-keys/{key}", None), ("PATCH", "/members/{member}", {"role": "admin"}),
    ("DELETE", "/members/{member}", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), foreign)
def test_an_owner_finds_nothing_of_another_store(two, method, path, body):
    _, other, ids, _ = two
    answer = other.call(method, path.format(**ids), json=body, headers=other.owner | key())
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/carts/{cart}", None), ("PATCH", "/carts/{cart}", {"email": "x@example.com"}),
        ("PUT", "/carts/{cart}/email", {"email": "x@example.com"}),
        ("POST", "/carts/{cart}/items", {"sku": "{sku}", "quantity": 1}), ("POST", "/carts/{cart}/merge", None),
        ("PATCH", "/carts/{cart}/items/{line}", {"quantity": 2}), ("DELETE", "/carts/{cart}/items/{line}", None),
        ("PATCH", "/me/addresses/{address}", {"city": "Mine"}), ("DELETE", "/me/addresses/{address}", None),
        ("POST", "/orders/{order}/cancel", {}), ("GET", "/orders/{order}", None),
        ("POST", "/orders", {"cart_id": "{cart}", "cart_version": 1, "payment": {"provider": "manual"}}),
    ],
)  # fmt: skip
def test_a_customer_finds_nothing_of_another_store_or_customer(two, method, path, body):
    store, other, ids, _ = two
    text = json.dumps(body) if body is not None else None
    for name, value in ids.items():
        text = text and text.replace("{" + name + "}", value)
    headers = {"Content-Type": "application/json"} if text else {}
    answer = other.call(method, path.format(**ids), content=text, headers=other.customer() | key() | headers)
    assert answer.status_code == 404, answer.text
    if "cart" not in path and path != "/orders":
        answer = store.call(method, path.format(**ids), content=text, headers=store.customer() | key() | headers)
        assert answer.status_code == 404, answer.text


def test_foreign_ids_in_bodies_are_refused(two):
    store, other, ids, _ = two
    mine = other.product_id(other.product())
    for body, pointer in [
        ({"category_ids": [ids["category"]]}, "/category_ids/0"),
        ({"media": [{"id": "med_" + "0" * 26}]}, "/media/0/id"),
        ({"variants": [{"id": ids["variant"]}]}, "/variants/0/id"),
    ]:
        refused = other.call("PATCH", f"/products/{mine}", 422, json=body, headers=other.owner)
        assert [e["pointer"] for e in refused.json()["errors"]] == [pointer]
    cart = other.cart()
    for item in ({"sku": ids["sku"]}, {"variant_id": ids["variant"]}):
        refused = other.call("POST", f"/carts/{cart['id']}/items", json=item | {"quantity": 1})
        assert refused.status_code in (404, 422), refused.text
    mixed = other.order(other.cart((other.product(stock=1), 1)))
    for path in ("fulfilments", "refunds"):
        body = {"lines": [{"line_id": ids["order_line"], "quantity": 1}]}
        refused = other.call("POST", f"/orders/{mixed['id']}/{path}", json=body, headers=other.owner | key())
        assert refused.status_code in (404, 422), refused.text


def test_credentials_of_one_store_mean_nothing_in_another(souk, two):
    store, other, _, ada = two
    secret = store.call(
        "POST", "/api-keys", 201, json={"name": "all", "scopes": ["orders:read"]}, headers=store.owner
    ).json()["secret"]
    assert secret.startswith("sk_")
    assert other.call("GET", "/orders", headers=bearer(secret)).status_code == 401
    assert other.call("GET", "/me", headers=ada).status_code == 401
    assert souk.http.get("/v1/me", headers=ada).status_code in (401, 403)
    assert souk.http.get("/v1/stores", headers=bearer(secret)).status_code in (401, 403)
    assert other.call("GET", "/orders", headers=store.owner).status_code in (403, 404)
    assert other.call("PATCH", "", json={"name": "Mine"}, headers=store.owner).status_code in (403, 404)
    assert store.call("GET", "/me", headers=store.owner).status_code in (401, 403)


may = [
    # method, path, body, roles besides the owner
    ("GET", "/orders", None, {"admin", "orders", "support"}),
    ("POST", "/orders/order_x/refunds", {}, {"admin", "orders"}),
    ("POST", "/products", {"title": "By role"}, {"admin", "catalog"}),
    ("POST", "/inventory/none/adjustments", {"delta": 1, "reason": "x"}, {"admin", "catalog", "orders"}),
    ("GET", "/inventory/none", None, {"admin", "catalog", "orders", "support"}),
    ("PATCH", "", {"locale": "en-GB"}, {"admin"}),
    ("GET", "/members", None, {"admin", "catalog", "orders", "support"}),
    ("POST", "/members", {"email": "nobody@example.com", "role": "support"}, {"admin"}),
    ("GET", "/api-keys", None, {"admin"}),
    ("GET", "/webhooks", None, {"admin"}),
    ("GET", "/notifications", None, {"admin", "orders", "support"}),
    ("POST", "/categories", {}, {"admin", "catalog"}),
    ("GET", "/exports/products.csv", None, {"admin", "catalog", "orders", "support"}),
]


def test_roles_reach_as_far_as_they_say(souk, two):
    store, _, _, _ = two
    for role in ("admin", "catalog", "orders", "support"):
        address = next_name("role") + "@example.com"
        who = bearer(souk.sign_up("/v1", address)["access_token"])
        assert store.call("GET", "/orders", headers=who).status_code in (403, 404)
        store.call("POST", "/members", 201, json={"email": address, "role": role}, headers=store.owner)
        for method, path, body, roles in may:
            answer = store.call(method, path, json=body, headers=who | key())
            assert (answer.status_code != 403) == (role in roles), (role, method, path, answer.text)


def test_a_key_does_what_its_scopes_name_and_no_more(two):
    store, _, ids, _ = two
    made = store.call(
        "POST", "/api-keys", 201, json={"name": "reader", "scopes": ["orders:read", "catalog:read"]}, headers=store.owner
    ).json()
    reader = bearer(made["secret"])
    for path in ("/orders", f"/orders/{ids['order']}", f"/orders/{ids['order']}/timeline", "/products", "/exports/products.csv"):
        store.call("GET", path, 200, headers=reader)
    for method, path, body in [
        ("POST", "/products", {"title": "x"}), ("GET", "/members", None), ("POST", f"/orders/{ids['order']}/refunds", {}),
        ("GET", f"/inventory/{ids['sku']}", None), ("POST", "/api-keys", {"name": "x", "scopes": ["store:read"]}),
        ("PATCH", "", {"name": "x"}),
    ]:  # fmt: skip
        assert store.call(method, path, json=body, headers=reader | key()).status_code == 403, path
    listed = store.get("/api-keys?limit=100", headers=store.owner)["items"]
    mine = next(k for k in listed if k["id"] == made["id"])
    assert "secret" not in mine and made["secret"] not in json.dumps(listed)
    store.call("DELETE", f"/api-keys/{made['id']}", 204, headers=store.owner)
    assert store.call("GET", "/orders", headers=reader).status_code == 401


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def test_forged_and_mistaken_tokens_are_refused(souk):
    tokens = souk.sign_up("/v1", "forger@example.com")
    head, body, signature = tokens["access_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    public = json.dumps(souk.http.get("/.well-known/jwks.json").json()["keys"][0]).encode()
    signed = f"{b64({'alg': 'HS256', 'typ': 'JWT'})}.{body}"
    forged = [
        f"{b64({'alg': 'none'})}.{body}.", f"{b64({'alg': 'none'})}.{body}.{signature}",
        f"{signed}.{b64(hmac.new(public, signed.encode(), hashlib.sha256).digest())}",
        f"{head}.{b64(claims | {'sub': 'user_' + '0' * 26})}.{signature}",
        f"{head}.{b64(claims | {'exp': int(time.time()) + 10**6})}.{signature}",
        f"{head}.{body}.{signature[:-6]}AAAAAA", f"{head}.{body}", tokens["refresh_token"], password,
    ]  # fmt: skip
    assert souk.http.get("/v1/me", headers=bearer(tokens["access_token"])).status_code == 200
    for token in forged:
        assert souk.http.get("/v1/me", headers=bearer(token)).status_code == 401, token
