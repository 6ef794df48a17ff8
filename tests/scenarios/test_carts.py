"""Carts: of guests, of customers, merged, priced, taxed and sent."""

import datetime
import re

import pytest

from shop import key, wait_for

address = {"name": "Ada", "line1": "1 Road", "city": "Town", "postal_code": "12345", "country": "DE"}


def add(store, cart, sku, quantity, expect=201, **options):
    body = {"sku": sku, "quantity": quantity}
    return store.call("POST", f"/carts/{cart['id']}/items", expect, json=body, **options).json()


def test_a_new_cart_has_every_member(store):
    made = store.call("POST", "/carts", 201, json={})
    cart = made.json()
    assert made.headers["Location"].endswith(f"/carts/{cart['id']}")
    assert {
        "id", "status", "customer_id", "email", "items", "shipping_address", "shipping_method_id", "totals", "currency",
        "expires_at", "version",
    } <= cart.keys()  # fmt: skip
    ids = [cart["id"], *(store.cart(address=None)["id"] for _ in range(9))]  # Each a ULID, whatever its random bits are.
    assert all(re.fullmatch(r"cart_[0-7][0-9A-HJKMNP-TV-Z]{25}", i) for i in ids), ids
    assert (cart["status"], cart["items"], cart["version"], cart["currency"]) == ("open", [], 1, "EUR")
    zero = {"amount": 0, "currency": "EUR"}
    assert cart["totals"] == dict.fromkeys(("subtotal", "discount", "shipping", "tax", "total"), zero)
    expires = datetime.datetime.fromisoformat(cart["expires_at"])
    assert expires > datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    assert store.get(f"/carts/{cart['id']}") == cart


def test_a_cart_can_be_made_with_items_and_email(store):
    sku = store.product(price=100)
    body = {"email": "full@example.com", "items": [{"sku": sku, "quantity": 2}]}
    cart = store.call("POST", "/carts", 201, json=body).json()
    assert (cart["email"], cart["items"][0]["quantity"]) == ("full@example.com", 2)
    twice = store.call("POST", "/carts", 201, json={"items": body["items"] + [{"sku": sku, "quantity": 3}]}).json()
    assert [i["quantity"] for i in twice["items"]] == [5]
    refused = store.call("POST", "/carts", json={"items": [{"sku": "none", "quantity": 2}]})
    assert refused.status_code in (404, 422) and refused.json()["errors"][0]["pointer"] == "/items/0/sku"


def test_items_are_added_by_sku_or_variant_and_add_up(store):
    sku = store.product(price=250, title="Two fifty")
    variant = store.get(f"/products/{store.product_id(sku)}")["variants"][0]["id"]
    cart = store.cart(address=None)
    add(store, cart, sku, 2)
    body = {"variant_id": variant, "quantity": 3}
    cart = store.call("POST", f"/carts/{cart['id']}/items", 201, json=body).json()
    assert len(cart["items"]) == 1
    line = cart["items"][0]
    assert {
        "id", "product_id", "variant_id", "sku", "title", "quantity", "unit_price", "total", "price_changed",
    } <= line.keys()  # fmt: skip
    assert line["id"].startswith("line_") and line["variant_id"] == variant and "Two fifty" in line["title"]
    assert (line["quantity"], line["total"], line["price_changed"]) == (5, store.money(1250), False)
    assert cart["totals"]["subtotal"] == cart["totals"]["total"] == store.money(1250)


def test_all_that_is_wrong_with_an_item_is_told_at_once(store):
    path = f"/carts/{store.cart()['id']}/items"
    for body, pointers in [
        ({}, {"/sku", "/quantity"}),
        ({"quantity": 0}, {"/sku", "/quantity"}),
        ({"variant_id": "x", "quantity": 0}, {"/variant_id", "/quantity"}),
        ({"sku": "x", "variant_id": "var_" + "0" * 26, "quantity": 1}, {"/variant_id"}),
        ({"sku": "x", "quantity": 1, "gift": True}, {"/gift"}),
    ]:
        told = store.call("POST", path, 422, json=body).json()["errors"]
        assert {e["pointer"] for e in told} == pointers, (body, told)
    told = store.call("POST", "/carts", 422, json={"items": [{"quantity": 0}], "email": "x"}).json()["errors"]
    assert {e["pointer"] for e in told} == {"/items/0/sku", "/items/0/quantity", "/email"}


def test_lines_change_and_go(store):
    one, two = store.product(price=100), store.product(price=30)
    cart = store.cart((one, 1), (two, 1))
    line = f"/carts/{cart['id']}/items/{cart['items'][0]['id']}"
    changed = store.call("PATCH", line, 200, json={"quantity": 9999}).json()
    assert changed["totals"]["subtotal"]["amount"] == 999930 and changed["version"] == cart["version"] + 1
    for quantity in (0, 10000, -1, "2"):
        assert store.call("PATCH", line, 422, json={"quantity": quantity}).json()["errors"][0]["pointer"] == "/quantity"
    left = store.call("DELETE", line, 200).json()
    assert [i["sku"] for i in left["items"]] == [two]
    store.call("DELETE", line, 404)
    store.call("PATCH", line, 404, json={"quantity": 1})


def test_a_line_never_exceeds_9999(store):
    sku = store.product()
    cart = store.cart((sku, 9000))
    refused = add(store, cart, sku, 1000, expect=422)
    assert refused["errors"][0]["pointer"] == "/quantity"
    assert store.get(f"/carts/{cart['id']}")["items"][0]["quantity"] == 9000
    add(store, cart, sku, 999)


@pytest.mark.parametrize(
    "body",
    [{"quantity": 1}, {"sku": "x"}, {"sku": "none", "quantity": 1}, {"variant_id": "var_" + "0" * 26, "quantity": 1},
     {"sku": "x", "variant_id": "var_" + "0" * 26, "quantity": 1}, {"variant_id": "x", "quantity": 1}, {"sku": "", "quantity": 1}],
)  # fmt: skip
def test_items_that_cannot_be_are_refused_with_a_pointer(store, body):
    cart = store.cart()
    refused = store.call("POST", f"/carts/{cart['id']}/items", json=body)
    assert refused.status_code in (404, 409, 422), refused.text
    assert refused.json()["errors"][0]["pointer"] in ("/sku", "/variant_id", "/quantity", "")
    assert store.get(f"/carts/{cart['id']}")["version"] == cart["version"]


def test_unknown_carts_are_404(store):
    for cart in ("cart_" + "0" * 26, "cart_x", "order_" + "0" * 26, "x"):
        for method, path, body in (
            ("GET", "", None), ("PATCH", "", {"email": "a@example.com"}), ("PUT", "/email", {"email": "a@example.com"}),
            ("POST", "/items", {"sku": "x", "quantity": 1}), ("PUT", "/shipping-address", address),
        ):  # fmt: skip
            store.call(method, f"/carts/{cart}{path}", 404, json=body)


def test_address_and_shipping_method(souk):
    methods = [
        {"id": "post", "name": "Post", "price": {"amount": 490, "currency": "EUR"}},
        {"id": "bike", "name": "Bike", "price": {"amount": 0, "currency": "EUR"}},
    ]
    store = souk.new_store(shipping_methods=methods)
    cart = store.cart((store.product(price=1000, stock=9), 2))
    path = f"/carts/{cart['id']}"
    cart = store.call("PUT", path + "/shipping-address", 200, json=address).json()
    assert address.items() <= cart["shipping_address"].items()
    for wrong in ({}, address | {"country": "Germany"}, address | {"line1": ""}, address | {"planet": "Earth"}):
        assert store.call("PUT", path + "/shipping-address", 422, json=wrong).json()["errors"]
    cart = store.call("PATCH", path, 200, json={"shipping_method_id": "post"}).json()
    assert cart["totals"]["shipping"]["amount"] == 490 and cart["totals"]["total"]["amount"] == 2490
    refused = store.call("PATCH", path, 422, json={"shipping_method_id": "rocket"}).json()
    assert refused["errors"][0]["pointer"] == "/shipping_method_id"
    elsewhere = {"name": "B", "line1": "2", "city": "U", "country": "FR"}
    moved = store.call("PATCH", path, 200, json={"shipping_address": elsewhere}).json()
    assert moved["shipping_address"].items() >= elsewhere.items()
    wrong = store.call("PATCH", path, 422, json={"shipping_address": elsewhere | {"country": "Spain"}}).json()
    assert wrong["errors"][0]["pointer"] == "/shipping_address/country"
    assert store.call("PATCH", path, 200, json={"shipping_address": None}).json()["shipping_address"] is None
    cart = store.call("PATCH", path, 200, json={"shipping_address": address}).json()
    order = store.order(cart)
    assert order["totals"]["shipping"]["amount"] == 490 and order["totals"]["total"]["amount"] == 2490
    assert address.items() <= order["shipping_address"].items() and order["shipping_method_id"] == "post"
    other = store.call("PATCH", f"/carts/{store.cart()['id']}", 200, json={"shipping_method_id": "bike"}).json()
    cleared = store.call("PATCH", f"/carts/{other['id']}", 200, json={"shipping_method_id": None}).json()
    assert cleared["shipping_method_id"] is None


@pytest.mark.parametrize(
    ("included", "rate", "items", "tax", "total"),
    [
        (False, 1900, [(999, 1), (333, 3)], 190 + 190, 1998 + 380),  # 189.81 and 189.81 each round up.
        (True, 1900, [(999, 1), (333, 3)], 160 + 160, 1998),  # 159.5 rounds half up.
        (False, 1000, [(5, 1), (15, 1), (4, 1)], 1 + 2 + 0, 24 + 3), (False, 0, [(999, 2)], 0, 1998),
        (True, 10000, [(1, 1), (3, 1)], 1 + 2, 4), (False, 250, [(20, 1), (60, 1)], 1 + 2, 83),
    ],
)  # fmt: skip
def test_tax_is_rounded_half_up_per_line(souk, included, rate, items, tax, total):
    store = souk.new_store(tax={"rate_basis_points": rate, "included": included})
    cart = store.cart(*[(store.product(price=price, stock=99), quantity) for price, quantity in items])
    assert (cart["totals"]["tax"]["amount"], cart["totals"]["total"]["amount"]) == (tax, total)
    order = store.order(cart)
    assert order["totals"] == cart["totals"] and order["payment"]["amount"] == cart["totals"]["total"]


def test_sums_are_exact_far_beyond_what_doubles_hold(store):
    dear = 99_999_999_999_999
    cart = store.call("POST", "/carts", 201, json={}).json()
    cart = add(store, cart, store.product(price=dear), 3)
    cart = add(store, cart, store.product(price=1), 1)
    assert cart["totals"]["total"]["amount"] == 3 * dear + 1
    refused = store.call("POST", f"/carts/{cart['id']}/items", json={"sku": store.product(price=dear), "quantity": 9999})
    assert refused.status_code in (201, 422)


def test_a_changed_price_shows_until_it_is_accepted(store):
    sku = store.product(price=1000, stock=5)
    cart = store.cart((sku, 2))
    product = store.get(f"/products/{store.product_id(sku)}")
    variant = f"/products/{product['id']}/variants/{product['variants'][0]['id']}"
    store.call("PATCH", variant, 200, json={"price": store.money(900)}, headers=store.owner)
    line = store.get(f"/carts/{cart['id']}")["items"][0]
    assert line["price_changed"] is True and line["unit_price"]["amount"] == 1000
    accepted = store.call("PATCH", f"/carts/{cart['id']}", 200, json={"accept_prices": True}).json()
    assert accepted["items"][0]["price_changed"] is False and accepted["totals"]["total"]["amount"] == 1800
    assert store.order(accepted)["totals"]["total"]["amount"] == 1800


def test_nobody_pays_for_shipping_or_tax_that_was_not_shown(souk):
    store = souk.new_store(tax={"rate_basis_points": 1900, "included": False})

    def settings(**changes):
        store.call("PATCH", "", 200, json=changes, headers=store.owner)

    def methods(identifier, price):
        return [{"id": identifier, "name": "Post", "price": store.money(price)}]

    settings(shipping_methods=methods("post", 490))
    cart = store.cart((store.product(price=1000, stock=9), 1))
    chosen = store.call("PATCH", f"/carts/{cart['id']}", 200, json={"shipping_method_id": "post"}).json()
    assert chosen["totals"]["total"]["amount"] == 1000 + 190 + 490 and chosen["terms_changed"] is False

    def is_refused(code, *pointers):
        body = {"cart_id": cart["id"], "payment": {"provider": "manual", "method": "manual"}}
        problem = store.call("POST", "/orders", 409, json=body, headers=key()).json()
        assert (problem["code"], [e["pointer"] for e in problem["errors"]]) == (code, list(pointers))
        assert store.get(f"/carts/{cart['id']}")["status"] == "open"

    for changes in ({"shipping_methods": methods("post", 990)}, {"tax": {"rate_basis_points": 2100, "included": False}}):
        settings(**changes)
        assert store.get(f"/carts/{cart['id']}")["terms_changed"] is True
        is_refused("price_changed", "/totals")
        shown = store.call("PATCH", f"/carts/{cart['id']}", 200, json={"accept_prices": True}).json()
        assert shown["terms_changed"] is False
    settings(shipping_methods=methods("courier", 990))
    is_refused("item_unavailable", "/shipping_method_id")
    shown = store.call("PATCH", f"/carts/{cart['id']}", 200, json={"shipping_method_id": "courier"}).json()
    assert store.order(shown)["totals"] == shown["totals"]
    assert shown["totals"]["total"]["amount"] == 1000 + 210 + 990


def test_a_customer_s_cart_is_theirs_alone(store):
    ada, bob = store.customer(), store.customer()
    sku = store.product(stock=9)
    mine = store.cart((sku, 1), address=None, headers=ada)
    assert mine["customer_id"] == store.get("/me", headers=ada)["id"]
    for who in ({}, bob):
        store.call("GET", f"/carts/{mine['id']}", 404, headers=who)
        store.call("PATCH", f"/carts/{mine['id']}", 404, json={"email": "x@example.com"}, headers=who)
        add(store, mine, sku, 1, 404, headers=who)
        body = {"cart_id": mine["id"], "cart_version": mine["version"], "payment": {"provider": "manual"}}
        store.call("POST", "/orders", 404, json=body, headers=who | key())
    store.call("POST", f"/carts/{mine['id']}/merge", 404, headers=bob)


def test_merging_adds_up_once_and_takes_over_where_there_is_none(store):
    ada = store.customer()
    one, two = store.product(), store.product()
    guest = store.cart((one, 2), address=None)
    first = store.call("POST", f"/carts/{guest['id']}/merge", 200, headers=ada).json()
    assert first["customer_id"] and [i["quantity"] for i in first["items"]] == [2]
    other = store.cart((one, 1), (two, 4))
    for _ in range(3):
        merged = store.call("POST", f"/carts/{other['id']}/merge", 200, headers=ada).json()
        assert {i["sku"]: i["quantity"] for i in merged["items"]} == {one: 3, two: 4}
    assert merged["id"] == first["id"]
    # It lives on in the other: to everybody, also to whom it was merged for, it is gone.
    for who in ({}, ada):
        store.call("GET", f"/carts/{other['id']}", 404, headers=who)
        store.call("POST", f"/carts/{other['id']}/items", 404, json={"sku": one, "quantity": 1}, headers=who)
        body = {"cart_id": other["id"], "cart_version": 9, "payment": {"provider": "manual"}}
        store.call("POST", "/orders", 404, json=body, headers=who | key())
    store.call("POST", f"/carts/{store.cart()['id']}/merge", 401)


def test_an_order_needs_items_email_and_the_version_that_was_seen(store):
    sku = store.product(stock=5)

    def refused(cart, **more):
        body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}} | more
        answer = store.call("POST", "/orders", json=body, headers=key())
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status_code, answer.json()["code"]

    assert refused(store.cart()) == (422, "cart_empty")
    assert refused(store.cart((sku, 1), address=None)) == (422, "email_required")
    cart = store.cart((sku, 1))
    assert refused(cart, cart_version=cart["version"] - 1)[0] == 409
    assert refused(cart, cart_version=cart["version"] + 1)[0] == 409
    assert refused(cart, cart_id="cart_" + "0" * 26)[0] == 404
    assert store.get(f"/carts/{cart['id']}")["status"] == "open"


def test_a_customer_s_order_of_a_guest_s_cart_takes_the_account_s_email_where_the_cart_has_none(store):
    sku = store.product(stock=5)
    ada = store.customer()
    account = store.get("/me", headers=ada)
    order = store.order(store.cart((sku, 1), address=None), headers=ada)
    assert (order["email"], order["customer_id"]) == (account["email"], account["id"])
    order = store.order(store.cart((sku, 1), address="gift@example.com"), headers=ada)
    assert (order["email"], order["customer_id"]) == ("gift@example.com", account["id"])


def test_a_cart_of_many_lines_is_reserved_whole_or_not_at_all(store):
    variants = [
        {"sku": f"MANY-{i}", "price": store.money(1), "option_values": {"Nr": str(i)}, "stock_on_hand": 2} for i in range(90)
    ]
    body = {"title": "Many", "status": "published", "options": [{"name": "Nr"}], "variants": variants}
    store.call("POST", "/products", 201, json=body, headers=store.owner)
    skus = [v["sku"] for v in variants]
    gone = store.product(stock=0)

    def order(*more):
        items = [{"sku": sku, "quantity": 1} for sku in skus[:40]]
        cart = store.call("POST", "/carts", 201, json={"email": "many@example.com", "items": items}).json()
        for sku in [*skus[40:], *more]:
            cart = add(store, cart, sku, 1)
        return store.order(cart, wait=20)

    refused = order(gone)
    assert (refused["status"], refused["cancel_reason"]) == ("cancelled", "out_of_stock")
    wait_for(lambda: all(store.stock(sku)["available"] == 2 for sku in skus))
    bought = order()
    assert bought["status"] == "confirmed" and len(bought["lines"]) == 90 and bought["totals"]["total"]["amount"] == 90
    wait_for(lambda: all(store.stock(sku)["stock_on_hand"] == 1 for sku in skus))


def test_an_address_is_shown_as_it_was_put(store):
    cart = store.cart()
    seen = store.call("PUT", f"/carts/{cart['id']}/shipping-address", 200, json=address).json()
    assert seen["shipping_address"] == address


def test_the_longest_title_of_a_line_is_within_what_the_document_says(store):
    names = ("A", "B", "C")
    variants = [
        {"sku": f"LONG-{n}", "price": store.money(1), "option_values": {name: n * 255 for name in names}} for n in "xy"
    ]
    body = {"title": "t" * 255, "options": [{"name": name, "values": ["x" * 255, "y" * 255]} for name in names]}
    made = store.call("POST", "/products", 201, json=body | {"variants": variants}, headers=store.owner).json()
    store.call("POST", f"/products/{made['id']}/publish", 200, headers=store.owner)
    title = store.cart(("LONG-x", 1))["items"][0]["title"]
    schemas = store.http.get("/openapi.json").json()["components"]["schemas"]
    assert len(title) == schemas["Cart"]["properties"]["items"]["items"]["properties"]["title"]["maxLength"]
