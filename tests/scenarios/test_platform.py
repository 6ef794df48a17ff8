"""Stores, those who work in them, and those who run the platform."""

import re

import pytest

from shop import bearer, key, next_name, password


@pytest.fixture(scope="module")
def admin(souk):
    return souk.admin()


def test_an_administrator_needs_no_name(own_souk):
    own_souk.command("admin", "create", "--email", "bare@example.com", SOUK_ADMIN_PASSWORD=password)
    root = bearer(own_souk.sign_in("/v1", "bare@example.com")["access_token"])
    assert own_souk.http.get("/v1/admin/stores", headers=root).status_code == 200


def test_a_store_has_every_member(souk):
    owner = souk.staff()
    body = {
        "slug": next_name("full-"), "name": "Full", "currency": "EUR", "locale": "de-DE",
        "domains": [next_name("full") + ".example.com"], "tax": {"rate_basis_points": 1900, "included": True},
        "shipping_methods": [{"id": "post", "name": "Post", "price": {"amount": 490, "currency": "EUR"}}],
        "moderation": "required",
    }  # fmt: skip
    made = souk.http.post("/v1/stores", json=body, headers=owner)
    assert made.status_code == 201
    store = made.json()
    assert body.items() <= store.items() and (store["status"], store["version"]) == ("open", 1)
    assert re.fullmatch(r"store_[0-9A-HJKMNP-TV-Z]{26}", store["id"])
    for name in (store["id"], store["slug"]):
        assert souk.http.get(f"/v1/stores/{name}").json() == store
    mine = souk.http.get("/v1/stores", headers=owner).json()["items"]
    assert [(s["id"], s["role"]) for s in mine] == [(store["id"], "owner")]


def test_defaults_are_plain(souk):
    store = souk.new_store().body
    assert store["tax"] == {"rate_basis_points": 0, "included": False} or store["tax"]["rate_basis_points"] == 0
    assert (store["shipping_methods"], store["domains"], store["moderation"]) == ([], [], "none")


def test_settings_change_and_the_currency_stays(souk):
    store = souk.new_store()
    slug = next_name("moved-")
    changed = store.call("PATCH", "", 200, json={"name": "Moved", "slug": slug}, headers=store.owner).json()
    assert (changed["name"], changed["slug"], changed["version"]) == ("Moved", slug, 2)
    store.call("GET", "", 404)
    store.base = f"/v1/stores/{slug}"
    for wrong, pointer in [
        ({"currency": "USD"}, "/currency"), ({"slug": "A B"}, "/slug"), ({"name": ""}, "/name"), ({"status": "open"}, "/status"),
        ({"tax": {"rate_basis_points": -1, "included": True}}, "/tax/rate_basis_points"), ({"moderation": "x"}, "/moderation"),
        ({"tax": {"rate_basis_points": 19.5, "included": True}}, "/tax/rate_basis_points"), ({"locale": "english!"}, "/locale"),
        ({"domains": ["http://x/"]}, "/domains/0"), ({"id": store.id}, "/id"),
        ({"shipping_methods": [{"id": "a", "name": "A", "price": {"amount": 1, "currency": "USD"}}]},
         "/shipping_methods/0/price/currency"),
    ]:  # fmt: skip
        told = store.call("PATCH", "", 422, json=wrong, headers=store.owner).json()
        assert pointer in [e["pointer"] for e in told["errors"]], (wrong, told)
    assert store.get("")["version"] == 2


def test_slugs_and_domains_are_taken_once(souk):
    store, other = souk.new_store(domains=[next_name("taken") + ".example.com"]), souk.new_store()
    for wrong, code in (({"slug": store.slug}, "slug_taken"), ({"domains": store.body["domains"]}, "domain_taken")):
        assert other.call("PATCH", "", 409, json=wrong, headers=other.owner).json()["code"] == code
    body = {"slug": store.slug, "name": "Again", "currency": "EUR"}
    assert souk.http.post("/v1/stores", json=body, headers=store.owner).status_code == 409
    store.call("PATCH", "", 200, json={"domains": []}, headers=store.owner)
    other.call("PATCH", "", 200, json={"domains": store.body["domains"]}, headers=other.owner)


def test_members_come_change_and_go(souk):
    store = souk.new_store()
    address = next_name("member") + "@example.com"
    who = bearer(souk.sign_up("/v1", address)["access_token"])
    add = {"email": address, "role": "support"}
    member = store.call("POST", "/members", 201, json=add, headers=store.owner).json()
    assert (member["email"], member["role"]) == (address, "support")
    store.call("POST", "/members", 409, json=add, headers=store.owner)
    path = f"/members/{member['user_id']}"
    assert [s["role"] for s in souk.http.get("/v1/stores", headers=who).json()["items"]] == ["support"]
    store.call("GET", "/webhooks", 403, headers=who)
    store.call("PATCH", path, 200, json={"role": "admin"}, headers=store.owner)
    store.call("GET", "/webhooks", 200, headers=who)
    store.call("PATCH", path, 403, json={"role": "owner"}, headers=who)
    told = store.call("PATCH", path, 422, json={"role": "king"}, headers=store.owner).json()
    assert told["errors"][0]["pointer"] == "/role"
    store.call("DELETE", path, 204, headers=store.owner)
    assert store.call("GET", "/webhooks", headers=who).status_code in (403, 404)
    store.call("DELETE", path, 404, headers=store.owner)
    unknown = store.call("POST", "/members", json=add | {"email": "never@example.com"}, headers=store.owner)
    assert unknown.status_code in (404, 422)


def test_the_last_owner_stays(souk):
    store = souk.new_store()
    me = store.get("/members", headers=store.owner)["items"][0]["user_id"]
    store.call("PATCH", f"/members/{me}", 409, json={"role": "support"}, headers=store.owner)
    store.call("DELETE", f"/members/{me}", 409, headers=store.owner)


def test_a_key_cannot_give_what_its_maker_has_not(souk):
    store = souk.new_store()
    body = {"name": "keys", "scopes": ["api_keys:write", "orders:read"]}
    made = store.call("POST", "/api-keys", 201, json=body, headers=store.owner).json()
    more = {"name": "more", "scopes": ["catalog:write"]}
    assert store.call("POST", "/api-keys", json=more, headers=bearer(made["secret"])).status_code in (403, 422)
    for wrong in ({"name": "x", "scopes": []}, {"name": "x", "scopes": ["all"]}, {"name": "x"}, {"scopes": ["orders:read"]}):
        assert store.call("POST", "/api-keys", 422, json=wrong, headers=store.owner).json()["errors"]
    store.call("DELETE", "/api-keys/key_" + "0" * 26, 404, headers=store.owner)
    store.call("DELETE", "/api-keys/nonsense", 404, headers=store.owner)


def test_a_suspended_store_sells_nothing_until_it_is_resumed(souk, admin):
    store = souk.new_store()
    sku = store.product(stock=5)
    ada = store.customer()
    cart = store.cart((sku, 1))
    order = store.buy(sku)
    path = f"/v1/admin/stores/{store.id}"
    assert souk.http.post(f"{path}/suspend", headers=admin).json()["status"] == "suspended"
    assert store.get("")["status"] == "suspended"
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    for method, place, sent, headers in [
        ("GET", "/products", None, {}), ("GET", f"/products/{store.id}", None, {}), ("POST", "/carts", {}, {}),
        ("POST", "/orders", body, key()), ("GET", f"/carts/{cart['id']}", None, {}), ("GET", "/me", None, ada),
        ("POST", "/auth/sign-in", {"email": "a@example.com", "password": "x"}, {}), ("GET", "/categories", None, {}),
    ]:  # fmt: skip
        refused = store.call(method, place, 403, json=sent, headers=headers)
        assert refused.json()["code"] == "store_suspended", (method, place)
    store.call("GET", "/orders", 200, headers=store.owner)
    store.call("GET", f"/orders/{order['id']}", 200, headers=store.owner)
    assert souk.http.post(f"{path}/suspend", headers=admin).status_code == 200
    assert souk.http.post(f"{path}/resume", headers=admin).json()["status"] == "open"
    store.call("GET", "/products", 200)
    assert store.order(cart)["status"] == "confirmed"


def test_an_order_under_way_settles_though_its_store_was_suspended(souk, admin):
    store = souk.new_store()
    sku = store.product(stock=5)
    order = store.buy(sku, method="manual_timeout", wait=None, expect=(202,))
    souk.http.post(f"/v1/admin/stores/{store.id}/suspend", headers=admin).raise_for_status()
    assert store.settled(order, "cancelled")["cancel_reason"] == "payment_timeout"


def test_administration_is_for_administrators(souk, admin):
    store = souk.new_store()
    for headers, status in ((store.owner, 403), (store.customer(), (401, 403)), ({}, 401)):
        for method, path in (
            ("GET", "/v1/admin/stores"), ("POST", f"/v1/admin/stores/{store.id}/suspend"),
            ("POST", f"/v1/admin/stores/{store.id}/resume"), ("GET", "/v1/admin/dead-letters"),
        ):  # fmt: skip
            assert souk.http.request(method, path, headers=headers).status_code in (status if isinstance(status, tuple) else (status,))
    assert store.get("")["status"] == "open"
    for name in ("store_" + "0" * 26, "nonsense"):
        assert souk.http.post(f"/v1/admin/stores/{name}/suspend", headers=admin).status_code == 404
    listed = souk.http.get("/v1/admin/stores?limit=100", headers=admin).json()["items"]
    assert store.id in [s["id"] for s in listed]
    assert souk.http.get("/v1/me", headers=admin).json()["platform_admin"] is True
    assert store.call("GET", "/orders", headers=admin).status_code in (403, 404)
