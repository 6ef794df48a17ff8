"""What one answer says, the next one says too: orders of lines and entries, entity tags, pages, headers, names."""

import pytest
from shop import key, wait_for


@pytest.fixture(scope="module")
def shopped(souk):
    return souk.new_store(domains=["same.example.com"])


origin = {"Origin": "https://same.example.com"}


def seen(store, path, headers=None):
    answer = store.call("GET", path, 200, headers=headers)
    return answer.json(), answer.headers["ETag"]


# Carts


def test_a_cart_of_several_items_keeps_their_order(store):
    skus = [store.product(stock=9) for _ in range(6)]
    for _ in range(3):
        made = store.call("POST", "/carts", 201, json={"items": [{"sku": sku, "quantity": 1} for sku in skus]})
        assert [line["sku"] for line in made.json()["items"]] == skus
        assert seen(store, f"/carts/{made.json()['id']}") == (made.json(), made.headers["ETag"])


def test_a_merged_cart_is_answered_as_it_is_read(store):
    one, *others = [store.product(stock=9) for _ in range(5)]
    ada = store.customer()
    own = store.cart((one, 1), headers=ada, address=None)
    guest = store.call("POST", "/carts", 201, json={"items": [{"sku": sku, "quantity": 1} for sku in others]}).json()
    merged = store.call("POST", f"/carts/{guest['id']}/merge", 200, headers=ada)
    assert merged.json()["id"] == own["id"] and {line["sku"] for line in merged.json()["items"]} == {one, *others}
    assert seen(store, f"/carts/{own['id']}", ada) == (merged.json(), merged.headers["ETag"])


def test_a_cart_is_being_ordered_from_the_moment_that_its_order_is_accepted(store):
    sku = store.product(stock=50)
    for _ in range(5):
        cart = store.cart((sku, 1))
        store.order(cart, wait=0, expect=(202,))
        assert store.get(f"/carts/{cart['id']}")["status"] in ("ordering", "ordered")


def test_what_a_cart_has_already_leaves_its_version_alone(store):
    cart = store.cart((store.product(stock=9), 2))
    path = f"/carts/{cart['id']}"
    address = {"name": "Ada", "line1": "1 Road", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    put = store.call("PUT", f"{path}/shipping-address", 200, json=address)
    again = store.call("PUT", f"{path}/shipping-address", 200, json=address)
    assert (again.json(), again.headers["ETag"]) == (put.json(), put.headers["ETag"])
    same = store.call("PATCH", f"{path}/items/{cart['items'][0]['id']}", 200, json={"quantity": 2})
    assert (same.json(), same.headers["ETag"]) == (put.json(), put.headers["ETag"])


def test_an_edit_accepts_changed_terms_though_it_changes_nothing_else(souk):
    store = souk.new_store()
    address = {"name": "Ada", "line1": "1 Road", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    cart = store.cart((store.product(stock=9), 2))
    path = f"/carts/{cart['id']}"
    for method, edit, body in (
        ("PUT", "/shipping-address", address), ("PUT", "/shipping-address", address),
        ("PATCH", f"/items/{cart['items'][0]['id']}", {"quantity": 2}),
    ):  # fmt: skip
        tax = store.get("", headers=store.owner)["tax"]["rate_basis_points"] + 100
        store.call("PATCH", "", 200, json={"tax": {"rate_basis_points": tax}}, headers=store.owner)
        before = store.get(path)
        edited = store.call(method, path + edit, 200, json=body).json()
        assert before["terms_changed"] and not edited["terms_changed"] and edited["version"] > before["version"]


def test_a_cart_that_is_being_ordered_refuses_also_what_it_has_already(store):
    address = {"name": "Ada", "line1": "1 Road", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    cart = store.cart((store.product(stock=9), 1))
    cart = store.call("PUT", f"/carts/{cart['id']}/shipping-address", 200, json=address).json()
    store.order(cart, wait=0, expect=(202,))
    refused = store.call("PUT", f"/carts/{cart['id']}/shipping-address", 409, json=address)
    assert refused.json()["code"] == "cart_not_open"


# Entity tags


def test_an_addresss_tag_changes_with_what_is_shown(store):
    ada = store.customer()
    address = {"name": "Ada", "line1": "1 Road", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    first, second = (store.call("POST", "/me/addresses", 201, json=address, headers=ada) for _ in range(2))
    path = f"/me/addresses/{first.json()['id']}"
    body, tag = seen(store, path, ada)
    assert (body, tag) == (first.json(), first.headers["ETag"]) and body["default"] is True
    unchanged = store.call("PATCH", path, 200, json={}, headers=ada)
    assert (unchanged.json(), unchanged.headers["ETag"]) == (body, tag)
    store.call("PATCH", f"/me/addresses/{second.json()['id']}", 200, json={"default": True}, headers=ada)
    later = store.call("GET", path, 200, headers=ada | {"If-None-Match": tag})
    assert later.json()["default"] is False and later.headers["ETag"] != tag
    store.call("PATCH", path, 200, json={"city": "Bern"}, headers=ada | {"If-Match": tag})


# Lists


def test_no_page_of_orders_is_empty_while_there_are_more(store):
    sku = store.product(stock=9)
    ada = store.customer()
    orders = [store.order(store.cart((sku, 1), headers=ada), headers=ada) for _ in range(4)]
    for order in orders[2:]:
        store.call("POST", f"/orders/{order['id']}/cancel", 200, headers=store.owner | key())
    who = store.read_order(orders[0])["customer_id"]
    found, cursor = [], ""
    while cursor is not None:
        page = store.get(
            "/orders", headers=store.owner,
            params={"customer": who, "status": "confirmed", "limit": 1} | ({"cursor": cursor} if cursor else {}),
        )  # fmt: skip
        assert page["items"] or page["next_cursor"] is None
        found += [order["id"] for order in page["items"]]
        cursor = page["next_cursor"]
    assert found == [orders[1]["id"], orders[0]["id"]]


def test_a_filtered_list_of_products_ends_with_its_last_page(souk):
    store = souk.new_store()
    for stock in (0, 5, 5, 0):
        store.product(stock=stock)
    page = store.get("/products", params={"in_stock": "true", "limit": 2})
    assert len(page["items"]) == 2 and page["next_cursor"] is None
    page = store.get("/products", params={"in_stock": "true", "limit": 1})
    last = store.get("/products", params={"in_stock": "true", "limit": 1, "cursor": page["next_cursor"]})
    assert len(last["items"]) == 1 and last["next_cursor"] is None


def test_a_timeline_tells_why_before_what_came_of_it(store):
    sku = store.product(stock=1)
    for _ in range(6):
        order = store.buy(sku, 2)
        assert order["status"] == "cancelled"
        entries = store.get(f"/orders/{order['id']}/timeline", headers=store.owner)["items"]
        assert [entry["type"] for entry in entries] == ["placed", "stock_rejected", "cancelled"]


# Browsers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/v1/stores/{}/products", 405), ("OPTIONS", "/v1/stores/{}/orders", 204), ("GET", "/v1/stores/{}/no", 404)],
)
def test_every_answer_about_a_store_is_readable_for_its_domain(shopped, method, path, status):
    answer = shopped.http.request(method, path.format(shopped.id), headers=origin)
    assert answer.status_code == status, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    stranger = shopped.http.request(method, path.format(shopped.id), headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_a_stores_pages_may_send_pictures(shopped):
    asked = origin | {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    answer = shopped.http.options(f"/media/{shopped.id}/x.png", headers=asked)
    assert answer.status_code == 204 and "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]


def test_a_browser_is_told_for_how_long_it_has_to_wait(own_souk):
    store = own_souk.new_store(domains=["same.example.com"])
    own_souk.stop()
    own_souk.settings["SOUK_LIMITS_REQUESTS_PER_SECOND"] = "1"
    own_souk.start()

    def refused():
        answer = store.call("GET", "/products", headers=origin)
        return answer if answer.status_code == 429 else None

    answer = wait_for(refused, every=0)
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


# Requests


def test_a_store_is_the_same_one_by_its_id_and_by_its_slug(store):
    once = key()
    first = store.http.post(f"/v1/stores/{store.slug}/carts", json={}, headers=once)
    again = store.http.post(f"/v1/stores/{store.id}/carts", json={}, headers=once)
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json() and again.headers["Idempotent-Replayed"] == "true"


def test_a_list_of_headers_may_come_in_several_lines(store):
    sku = store.product(stock=3)
    cart = store.cart((sku, 1))
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual", "method": "manual"}}
    headers = [*key().items(), ("Prefer", "respond-async"), ("Prefer", "wait=10")]
    assert store.call("POST", "/orders", 201, json=body, headers=headers).json()["status"] == "confirmed"
    _, tag = seen(store, f"/products/{store.product_id(sku)}")
    headers = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
    store.call("GET", f"/products/{store.product_id(sku)}", 304, headers=headers)


def test_a_patch_of_one_tax_member_keeps_the_other(souk):
    store = souk.new_store(tax={"rate_basis_points": 1900, "included": False})
    changed = store.call("PATCH", "", 200, json={"tax": {"included": True}}, headers=store.owner).json()
    assert changed["tax"] == {"rate_basis_points": 1900, "included": True}
    changed = store.call("PATCH", "", 200, json={"tax": {"rate_basis_points": 700}}, headers=store.owner).json()
    assert changed["tax"] == {"rate_basis_points": 700, "included": True}


def test_white_space_is_no_name(souk, store):
    refused = store.call("PATCH", "", 422, json={"name": "   "}, headers=store.owner).json()
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/name", "too_short")]
    store.call("POST", "/categories", 422, json={"name": "\t "}, headers=store.owner)
    made = {"email": "blank@example.com", "password": "correct horse battery", "name": " "}
    assert souk.http.post(f"{store.base}/auth/sign-up", json=made).status_code == 422


def test_a_handle_that_is_made_is_one_that_can_be_sent(store):
    name = "b" * 195 + " tail of it"
    made = store.call("POST", "/categories", 201, json={"name": name}, headers=store.owner).json()
    sent = {"handle": made["handle"]}
    store.call("PATCH", f"/categories/{made['id']}", 200, json=sent, headers=store.owner)
