"""Every route of the API's table is there."""

import pytest

from shop import key, next_name

address = {"name": "A", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
table = """
GET S; GET S/products; GET S/products/x; GET S/categories; POST S/carts; GET S/carts/x; PATCH S/carts/x;
POST S/carts/x/items; PATCH S/carts/x/items/x; DELETE S/carts/x/items/x; PUT S/carts/x/shipping-address;
PUT S/carts/x/email; POST S/orders; GET S/orders/x;
POST S/auth/sign-up; POST S/auth/confirm-sign-up; POST S/auth/resend-confirmation; POST S/auth/sign-in;
POST S/auth/refresh; POST S/auth/sign-out; POST S/auth/forgot-password; POST S/auth/confirm-forgot-password;
GET S/me; PATCH S/me; GET S/me/addresses; POST S/me/addresses; GET S/me/addresses/x; PATCH S/me/addresses/x;
DELETE S/me/addresses/x; GET S/me/orders; POST S/carts/x/merge; POST S/orders/x/cancel;
POST /v1/auth/sign-up; POST /v1/auth/confirm-sign-up; POST /v1/auth/resend-confirmation; POST /v1/auth/sign-in;
POST /v1/auth/refresh; POST /v1/auth/sign-out; POST /v1/auth/forgot-password; POST /v1/auth/confirm-forgot-password;
GET /v1/me; POST /v1/stores; GET /v1/stores; PATCH S; GET S/members; POST S/members; PATCH S/members/x;
DELETE S/members/x; GET S/api-keys; POST S/api-keys; DELETE S/api-keys/x; POST S/products; PATCH S/products/x;
DELETE S/products/x; POST S/products/x/publish; POST S/products/x/unpublish; POST S/products/x/archive;
POST S/products/x/approve; GET S/products/x/variants; POST S/products/x/variants; PATCH S/products/x/variants/x;
DELETE S/products/x/variants/x; GET S/inventory/x; POST S/inventory/x/adjustments; POST S/categories;
PATCH S/categories/x; GET S/categories/x; DELETE S/categories/x; POST S/media; POST S/imports; GET S/imports/x;
GET S/exports/products.csv; GET S/orders; GET S/orders/x/timeline; POST S/orders/x/fulfilments;
POST S/orders/x/refunds; GET S/webhooks; POST S/webhooks; GET S/webhooks/x; PATCH S/webhooks/x;
DELETE S/webhooks/x; GET S/webhooks/x/deliveries; POST S/webhooks/x/deliveries/x/redeliver; GET S/notifications;
GET /v1/admin/stores; POST /v1/admin/stores/x/suspend; POST /v1/admin/stores/x/resume; GET /v1/admin/dead-letters;
POST /v1/admin/dead-letters/redrive; GET /healthz; GET /readyz; GET /metrics; GET /openapi.json;
GET /.well-known/jwks.json
"""
routes = [route.strip() for route in table.replace("\n", " ").split(";") if route.strip()]


@pytest.mark.parametrize("route", routes)
def test_the_route_is_there(souk, store, route):
    method, path = route.split()
    answer = souk.http.request(method, path.replace("S", store.base, 1) if path.startswith("S") else path)
    if answer.is_error:
        assert answer.status_code != 405 and answer.json()["code"] != "route_not_found", answer.text


def test_whatever_is_made_says_where_it_is(store):
    """The Location of every 201 and 202 can be read."""
    owner, ada = store.owner, store.customer()
    sku = store.product(stock=9)
    hook = {"url": "http://127.0.0.1:9/", "events": ["souk.product.published.v1"]}
    cart = store.cart((sku, 2))
    member = next_name("member-") + "@example.com"
    store.souk.sign_up("/v1", member)
    variant = {"price": store.money(1), "option_values": {"Size": "L"}}
    order = store.order(store.cart((sku, 2)))
    thing = store.call("POST", "/products", 201, json={"title": "Thing"}, headers=owner).json()
    made = [
        store.http.post("/v1/stores", json={"slug": next_name("made-"), "name": "M", "currency": "EUR"}, headers=owner),
        store.call("POST", "/products", json={"title": "Made"}, headers=owner),
        store.call("POST", f"/products/{thing['id']}/variants", json=variant, headers=owner),
        store.call("POST", "/categories", json={"name": "Made"}, headers=owner),
        store.call("POST", f"/inventory/{sku}/adjustments", json={"delta": 1, "reason": "found"}, headers=owner),
        store.call("POST", "/members", json={"email": member, "role": "support"}, headers=owner),
        store.call("POST", "/api-keys", json={"name": "k", "scopes": ["orders:read"]}, headers=owner),
        store.call("POST", "/webhooks", json=hook, headers=owner),
        store.call("POST", "/imports", content="Handle,Title\n", headers=owner | {"Content-Type": "text/csv"}),
        store.call("POST", "/me/addresses", json=address, headers=ada),
        store.call("POST", "/carts", headers=ada),
        store.call("POST", f"/carts/{cart['id']}/items", json={"sku": sku, "quantity": 1}),
        store.call("POST", f"/orders/{order['id']}/fulfilments", headers=owner | key()),
        store.call("POST", f"/orders/{order['id']}/refunds", headers=owner | key()),
    ]
    for answer in made:
        assert answer.status_code in (201, 202), answer.text
        path = answer.headers["Location"]
        who = ada if "/me/" in path or "/carts/" in path and answer.request.url.path.endswith("/carts") else owner
        seen = store.http.get(path, headers={} if path.endswith(cart["id"]) else who)
        assert seen.status_code == 200, (path, seen.text)


def test_one_address_is_read_by_its_id(store):
    ada, bob = store.customer(), store.customer()
    made = store.call("POST", "/me/addresses", 201, json=address, headers=ada)
    path = f"/me/addresses/{made.json()['id']}"
    seen = store.call("GET", path, 200, headers=ada)
    assert seen.json() == made.json() and seen.headers["ETag"] == made.headers["ETag"]
    store.call("GET", path, 404, headers=bob)
    store.call("GET", "/me/addresses/addr_" + "0" * 26, 404, headers=ada)


def test_the_variants_of_a_product_are_a_list_of_their_own(store):
    sku = store.product(stock=2)
    product = store.get(f"/products/{store.product_id(sku)}", headers=store.owner)
    listed = store.get(f"/products/{product['id']}/variants", headers=store.owner)
    assert listed == {"items": product["variants"], "next_cursor": None}


def test_an_unknown_auth_verb_is_404(souk, store):
    for base in ("/v1", store.base):
        assert souk.http.post(f"{base}/auth/sign-over", json={}, headers=key()).status_code == 404
