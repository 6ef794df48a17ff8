"""Versions and tags: nobody overwrites what they have not seen, and nobody downloads what they have."""

import pytest

from shop import key


@pytest.fixture(scope="module")
def things(souk):
    """Path, headers and a harmless change for everything that has a version."""
    store = souk.new_store()
    ada = store.customer()
    sku = store.product()
    product = store.get(f"/products/{store.product_id(sku)}", headers=store.owner)
    category = store.call("POST", "/categories", 201, json={"name": "C"}, headers=store.owner).json()
    hook = {"url": "http://127.0.0.1:9/", "events": ["souk.product.published.v1"]}
    hook = store.call("POST", "/webhooks", 201, json=hook, headers=store.owner).json()
    address = {"name": "A", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
    address = store.call("POST", "/me/addresses", 201, json=address, headers=ada).json()
    member = "second@versions.example.com"
    souk.sign_up("/v1", member)
    body = {"email": member, "role": "support"}
    member = store.call("POST", "/members", 201, json=body, headers=store.owner).json()
    cart = store.cart((sku, 1))
    line = cart["items"][0]["id"]
    return store, {
        "store": ("PATCH", "", {"name": "New"}, store.owner, store.body["version"]),
        "product": ("PATCH", f"/products/{product['id']}", {"title": "New"}, store.owner, product["version"]),
        "category": ("PATCH", f"/categories/{category['id']}", {"name": "N"}, store.owner, category["version"]),
        "webhook": ("PATCH", f"/webhooks/{hook['id']}", {"description": "N"}, store.owner, hook["version"]),
        "address": ("PATCH", f"/me/addresses/{address['id']}", {"city": "N"}, ada, address["version"]),
        "me": ("PATCH", "/me", {"name": "New"}, ada, store.get("/me", headers=ada)["version"]),
        "member": ("PATCH", f"/members/{member['user_id']}", {"role": "orders"}, store.owner, member["version"]),
        "cart": ("PATCH", f"/carts/{cart['id']}", {"email": "n@example.com"}, None, cart["version"]),
        "cart line": ("PATCH", f"/carts/{cart['id']}/items/{line}", {"quantity": 2}, None, cart["version"] + 1),
        "cart e-mail": ("PUT", f"/carts/{cart['id']}/email", {"email": "p@example.com"}, None, cart["version"] + 2),
    }


names = [
    "store", "product", "category", "webhook", "address", "me", "member", "cart", "cart line", "cart e-mail",
]  # fmt: skip


@pytest.mark.parametrize("name", names)
def test_a_stale_version_is_412_and_the_present_one_is_taken(things, name):
    store, all_things = things
    method, path, change, headers, version = all_things[name]
    headers = headers or {}
    for stale in (version + 5, 10**12, 0):
        refused = store.call(method, path, 412, json=change, headers=headers | {"If-Match": f'"{stale}"'})
        body = refused.json()
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert (body["code"], body["current_version"]) == ("version_mismatch", version)
    done = store.call(method, path, 200, json=change, headers=headers | {"If-Match": f'"{version}"'})
    assert done.json()["version"] == version + 1
    assert done.headers["ETag"].strip(chr(34)).split("-")[0] == str(version + 1)
    refused = store.call(method, path, 412, json=change, headers=headers | {"If-Match": f'"{version}"'})
    assert refused.json()["current_version"] == version + 1


@pytest.mark.parametrize("tag", ['"nonsense"', '"1", "2"', 'W/"1"'])
def test_a_tag_that_is_not_the_present_one_is_412_whatever_it_looks_like(store, tag):
    cart = store.cart()
    for _ in range(3):
        cart = store.call("PATCH", f"/carts/{cart['id']}", 200, json={"email": f"v{cart['version']}@example.com"}).json()
    refused = store.call("PATCH", f"/carts/{cart['id']}", json={"email": "x@example.com"}, headers={"If-Match": tag})
    assert refused.status_code == 412, refused.text


def test_one_of_several_tags_is_enough_and_a_star_is_any(store):
    cart = store.cart()
    for tag in (f'"77", "{cart["version"]}"', "*"):
        store.call("PATCH", f"/carts/{cart['id']}", 200, json={"email": "a@example.com"}, headers={"If-Match": tag})


def test_a_key_has_a_version_too(store):
    body = {"name": "k", "scopes": ["orders:read"]}
    made = store.call("POST", "/api-keys", 201, json=body, headers=store.owner)
    path = f"/api-keys/{made.json()['id']}"
    assert made.json()["version"] == 1 and made.headers["ETag"] == '"1"'
    assert store.call("GET", path, 200, headers=store.owner).headers["ETag"] == '"1"'
    refused = store.call("DELETE", path, 412, headers=store.owner | {"If-Match": '"2"'})
    assert refused.json()["current_version"] == 1
    store.call("DELETE", path, 204, headers=store.owner | {"If-Match": '"1"'})


def test_deleting_asks_for_the_version_too(store):
    product = store.call("POST", "/products", 201, json={"title": "Gone"}, headers=store.owner).json()
    path = f"/products/{product['id']}"
    refused = store.call("DELETE", path, 412, headers=store.owner | {"If-Match": '"9"'})
    assert refused.json()["current_version"] == product["version"]
    store.call("DELETE", path, 204, headers=store.owner | {"If-Match": f'"{product["version"]}"'})
    store.call("GET", path, 404, headers=store.owner)
    store.call("DELETE", path, 404, headers=store.owner | {"If-Match": '"1"'})
    cart = store.cart((store.product(), 1))
    line = f"/carts/{cart['id']}/items/{cart['items'][0]['id']}"
    store.call("DELETE", line, 412, headers={"If-Match": '"99"'})
    store.call("DELETE", line, 200, headers={"If-Match": f'"{cart["version"]}"'})


def test_a_change_that_changes_nothing_keeps_the_version(store):
    product = store.call("POST", "/products", 201, json={"title": "Still"}, headers=store.owner).json()
    same = store.call("PATCH", f"/products/{product['id']}", 200, json={"title": "Still"}, headers=store.owner).json()
    assert same["version"] == product["version"] and same["updated_at"] == product["updated_at"]


def test_every_body_with_a_version_has_its_strong_tag(store):
    sku = store.product(stock=1)
    order = store.buy(sku)
    product = store.product_id(sku)
    cart = store.cart()
    for path, headers in [
        ("", store.owner), (f"/products/{product}", store.owner), (f"/orders/{order['id']}", store.owner),
        (f"/carts/{cart['id']}", None), ("", None), (f"/products/{product}", None), ("/me", store.customer()),
    ]:  # fmt: skip
        answer = store.call("GET", path, 200, headers=headers)
        tag = answer.headers["ETag"]
        assert tag.startswith('"') and tag.endswith('"'), path
        assert tag[1:-1].split("-")[0] == str(answer.json()["version"]), path


def test_a_cart_is_304_until_its_body_changes_and_its_tag_is_taken_until_its_version_does(souk):
    post = [{"id": "post", "name": "Post", "price": {"amount": 490, "currency": "EUR"}}]
    store = souk.new_store(shipping_methods=post)
    sku = store.product(price=1000)
    product = store.get(f"/products/{store.product_id(sku)}")
    variant = f"/products/{product['id']}/variants/{product['variants'][0]['id']}"
    path = f"/carts/{store.cart((sku, 1))['id']}"
    shown = store.call("PATCH", path, 200, json={"shipping_method_id": "post"})
    for method, change_path, change in [
        ("PATCH", variant, {"price": store.money(900)}), ("POST", f"/products/{product['id']}/unpublish", None),
        ("PATCH", "", {"shipping_methods": [post[0] | {"price": store.money(990)}]}), ("PATCH", "", {"shipping_methods": []}),
    ]:  # fmt: skip
        same = store.call("GET", path, 304, headers={"If-None-Match": shown.headers["ETag"]})
        assert same.content == b"" and same.headers["ETag"] == shown.headers["ETag"]
        store.call(method, change_path, 200, json=change, headers=store.owner)
        seen = store.call("GET", path, 200, headers={"If-None-Match": shown.headers["ETag"]})
        assert seen.json() != shown.json() and seen.json()["version"] == shown.json()["version"]
        shown = seen
    version = shown.json()["version"]
    for i, tag in enumerate([shown.headers["ETag"], f'"{version + 1}"', f'"{version + 2}-another"']):
        store.call("PATCH", path, 200, json={"email": f"n{i}@example.com"}, headers={"If-Match": tag})
        store.call("PATCH", path, 412, json={"email": "x@example.com"}, headers={"If-Match": tag})


def test_the_tag_of_a_repeated_answer_is_its_own_and_is_taken(store):
    path = f"/carts/{store.cart()['id']}"
    body, once = {"sku": store.product(), "quantity": 1}, key()
    first, again = (store.call("POST", f"{path}/items", 201, json=body, headers=once) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true" and again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"] == store.call("GET", path, 200).headers["ETag"]
    store.call("PATCH", path, 200, json={"email": "r@example.com"}, headers={"If-Match": again.headers["ETag"]})
    store.call("PATCH", path, 412, json={"email": "x@example.com"}, headers={"If-Match": again.headers["ETag"]})


@pytest.mark.parametrize("path", ["", "/products", "/products/{sku}", "/categories"])
def test_public_pages_are_304_until_they_change(souk, path):
    store = souk.new_store()
    sku = store.product(sku="tagged", title="tagged", stock=3)
    path = path.format(sku=sku)
    first = store.call("GET", path, 200)
    tag = first.headers["ETag"]
    assert "max-age" in first.headers["Cache-Control"] and "public" in first.headers["Cache-Control"]
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = store.call("GET", path, 304, headers={"If-None-Match": sent})
        assert same.content == b"" and same.headers["ETag"] == tag
        assert same.headers["Cache-Control"] == first.headers["Cache-Control"]
    store.call("GET", path, 200, headers={"If-None-Match": '"other"'})
    store.call("PATCH", "", 200, json={"name": "Renamed"}, headers=store.owner)
    store.call("POST", "/categories", 201, json={"name": "New"}, headers=store.owner)
    store.product()
    store.call("PATCH", f"/products/{store.product_id(sku)}", 200, json={"vendor": "New"}, headers=store.owner)
    fresh = store.call("GET", path, 200, headers={"If-None-Match": tag})
    assert fresh.headers["ETag"] != tag and fresh.content != first.content


@pytest.mark.parametrize("path", ["", "/products", "/products/{sku}", "/categories"])
def test_pages_read_with_a_credential_are_304_too_and_nobody_else_s(souk, path):
    store = souk.new_store()
    path = path.format(sku=store.product(sku="tagged", title="tagged", stock=3))
    for headers in (store.owner, store.customer()):
        first = store.call("GET", path, 200, headers=headers)
        assert first.headers["Cache-Control"] == "private, no-cache" and "Authorization" in first.headers["Vary"]
        again = store.call("GET", path, 304, headers=headers | {"If-None-Match": first.headers["ETag"]})
        assert again.content == b"" and again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("path", ["/openapi.json", "/.well-known/jwks.json", "/.well-known/openid-configuration"])
def test_documents_for_everyone_are_304_too(souk, path):
    seen = souk.http.get(path)
    assert seen.headers["Cache-Control"].startswith("public") and seen.headers["ETag"].startswith('"')
    again = souk.http.get(path, headers={"If-None-Match": seen.headers["ETag"]})
    assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == seen.headers["ETag"]


def test_head_is_answered_as_get_is(store):
    first = store.call("GET", "/products", 200)
    head = store.call("HEAD", "/products", 200)
    assert head.content == b"" and head.headers["Content-Length"] == str(len(first.content))
    assert head.headers["ETag"] == first.headers["ETag"]
    assert store.call("HEAD", "/products", headers={"If-None-Match": head.headers["ETag"]}).status_code == 304


def test_a_page_shows_stock_and_prices_at_once(store):
    sku = store.product(price=100, stock=1)
    product = store.get(f"/products/{store.product_id(sku)}")
    path = f"/products/{product['handle']}"
    for seen in (1, 7, 0):
        store.set_stock(sku, seen)
        assert store.get(path)["variants"][0]["available"] == seen
    variant = product["variants"][0]["id"]
    change = {"price": store.money(250)}
    store.call("PATCH", f"/products/{product['id']}/variants/{variant}", 200, json=change, headers=store.owner)
    assert store.get(path)["variants"][0]["price"]["amount"] == 250
    store.call("POST", f"/products/{product['id']}/unpublish", 200, headers=store.owner)
    store.call("GET", path, 404)
    store.call("POST", f"/products/{product['id']}/publish", 200, headers=store.owner)
    store.call("GET", path, 200)


def test_what_is_private_is_not_kept_by_caches(store):
    cart, ada = store.cart(), store.customer()
    sku = store.product(stock=1)
    order = store.buy(sku)
    for path, headers in [
        (f"/carts/{cart['id']}", None), ("/me", ada), ("/me/orders", ada), ("/orders", store.owner),
        (f"/orders/{order['id']}", {"X-Order-Token": order["token"]}), ("/products", store.owner),
    ]:  # fmt: skip
        answer = store.call("GET", path, 200, headers=headers)
        assert any(word in answer.headers["Cache-Control"] for word in ("no-store", "private")), path


def test_the_orders_versions_guard_fulfilments_too(store):
    order = store.buy(store.product(stock=1))
    path = f"/orders/{order['id']}/fulfilments"
    refused = store.call("POST", path, 412, json={}, headers=store.owner | key() | {"If-Match": '"1"'})
    assert refused.json()["current_version"] == store.read_order(order)["version"]
