"""Stock as staff see and set it, and pictures as they are uploaded."""

import base64

import pytest

from shop import next_name, wait_for

png = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def adjust(store, sku, expect, **body):
    answer = store.call("POST", f"/inventory/{sku}/adjustments", json=body, headers=store.owner)
    assert answer.status_code in (expect, 201 if expect == 200 else expect), answer.text
    return answer.json()


def test_deltas_add_up_and_never_go_below_zero(store):
    sku = store.product(stock=5)
    assert adjust(store, sku, 201, delta=3, reason="found")["stock_on_hand"] == 8
    assert adjust(store, sku, 201, delta=-8, reason="lost")["available"] == 0
    refused = adjust(store, sku, 409, delta=-1, reason="lost")
    assert refused["code"] and store.stock(sku)["stock_on_hand"] == 0
    history = store.get(f"/inventory/{sku}/adjustments", headers=store.owner)["items"]
    assert [h["delta"] for h in history[:2]] == [-8, 3]


def test_a_set_is_a_compare_and_swap(store):
    sku = store.product(stock=5)
    assert adjust(store, sku, 201, set=9, expected=5)["stock_on_hand"] == 9
    assert adjust(store, sku, 409, set=1, expected=5)["code"] == "stock_changed"
    assert store.stock(sku)["stock_on_hand"] == 9


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"set": -4, "expected": 5}, {"/set"}), ({"set": 4}, {"/expected"}), ({"expected": 4}, {"/set"}),
        ({"set": "4", "expected": 5}, {"/set"}), ({"set": 4, "expected": 5, "colour": 1}, {"/colour"}),
    ],
)  # fmt: skip
def test_a_wrong_set_is_told_as_one(store, body, pointers):
    sku = store.product(stock=5)
    refused = adjust(store, sku, 422, **body)
    assert {e["pointer"] for e in refused["errors"]} == pointers


@pytest.mark.parametrize(
    "body", [{}, {"delta": 1}, {"delta": 1.5, "reason": "x"}, {"delta": 1, "reason": "x", "set": 1, "expected": 5},
             {"delta": "1", "reason": "x"}, {"delta": 1, "reason": ""}],
)  # fmt: skip
def test_other_wrong_adjustments_are_refused(store, body):
    sku = store.product(stock=5)
    assert adjust(store, sku, 422, **body)["errors"]
    assert store.stock(sku)["stock_on_hand"] == 5


def test_what_is_reserved_cannot_be_taken_away(store):
    sku = store.product(stock=5)
    order = store.buy(sku, 3, method="manual_timeout", wait=None, expect=(202,))
    wait_for(lambda: store.stock(sku)["stock_reserved"] == 3)
    assert store.stock(sku)["available"] == 2 and store.stock(sku)["stock_on_hand"] == 5
    assert adjust(store, sku, 409, delta=-3, reason="lost")["code"] == "stock_below_zero"
    product = store.get(f"/products/{store.product_id(sku)}")
    assert product["variants"][0]["available"] == 2
    store.settled(order, "cancelled")
    wait_for(lambda: store.stock(sku)["available"] == 5)


def test_untracked_variants_never_run_out(store):
    sku = next_name("u-")
    store.product(sku=sku, variants=[{"sku": sku, "price": store.money(5), "stock": "untracked"}])
    assert store.buy(sku, 5000)["status"] == "confirmed"
    shown = store.get(f"/products/{store.product_id(sku)}")["variants"][0]
    assert (shown["stock"], shown["available"]) == ("untracked", None)


def test_skus_with_odd_characters_have_an_address(store):
    for sku in ("A/B 1", "Ünï-1", "50%", "a+b", "x?y#z"):
        store.product(sku=sku, variants=[{"sku": sku, "price": store.money(1)}])
        path = "/inventory/" + "".join(f"%{b:02X}" for b in sku.encode())
        assert store.get(path, headers=store.owner)["sku"] == sku
        store.call("POST", path + "/adjustments", 201, json={"delta": 1, "reason": "x"}, headers=store.owner)


# Pictures


def request(store, size=len(png), kind="image/png"):
    body = {"content_type": kind, "size": size, "alt": "A dot"}
    return store.call("POST", "/media", 201, json=body, headers=store.owner).json()


def put(store, upload, content=png, **headers):
    url = upload["upload"]["url"]
    return store.http.request(upload["upload"]["method"], url, content=content, headers=upload["upload"]["headers"] | headers)


def test_a_picture_goes_up_by_its_address_and_onto_a_product(souk, store):
    upload = request(store)
    assert upload["id"].startswith("med_") and upload["url"].startswith(souk.url)
    assert souk.http.get(upload["url"]).status_code == 404
    assert put(store, upload).status_code in (200, 201, 204)
    seen = souk.http.get(upload["url"])
    assert seen.content == png and seen.headers["Content-Type"] == "image/png"
    product = store.product_id(store.product())
    body = {"media": [{"id": upload["id"], "alt": "One dot"}]}
    changed = store.call("PATCH", f"/products/{product}", 200, json=body, headers=store.owner).json()
    assert changed["media"] == [{"id": upload["id"], "url": upload["url"], "alt": "One dot"}]


def test_an_address_takes_one_picture_of_its_size_and_type(souk, store):
    upload = request(store)
    assert put(store, upload, png + b"x").status_code in (400, 409, 413, 422)
    assert put(store, upload, png[:-1]).status_code in (400, 409, 422)
    assert put(store, upload, **{"Content-Type": "image/jpeg"}).status_code in (400, 403, 415, 422)
    assert put(store, upload, b"<svg/>" + b" " * (len(png) - 6)).status_code in (400, 415, 422)
    assert souk.http.get(upload["url"]).status_code == 404
    url = upload["upload"]["url"]
    for forged in (
        url.replace(upload["id"], "med_" + "0" * 26), url.replace("size=", "size=1"), url[:-3] + "AAA",
        url.split("?")[0], url.replace("image%2Fpng", "text%2Fhtml"), url.replace("expires=1", "expires=9"),
    ):  # fmt: skip
        assert souk.http.put(forged, content=png, headers=upload["upload"]["headers"]).status_code in (400, 403, 404)
    assert put(store, upload).status_code in (200, 201, 204)
    other = b"\x89PNG\r\n\x1a\n" + b"\x00" * (len(png) - 8)
    assert put(store, upload, other).status_code in (200, 204, 409)
    assert souk.http.get(upload["url"]).content == png


def test_keys_are_the_server_s_and_paths_do_not_wander(souk, store):
    for body in ({"content_type": "image/png", "size": 10, "key": "../x"}, {"content_type": "image/svg+xml", "size": 10},
                 {"content_type": "image/png", "size": 0}, {"content_type": "image/png", "size": 10**10}, {}):  # fmt: skip
        assert store.call("POST", "/media", json=body, headers=store.owner).status_code == 422
    for path in ("/media/../etc/passwd", "/media/%2e%2e/secret", f"/media/{store.id}/..%2f..%2fx", f"/media/{store.id}/x.png"):
        assert souk.http.get(path).status_code in (400, 404)


def test_what_was_never_uploaded_or_is_another_s_cannot_be_attached(souk, store):
    product = store.product_id(store.product())
    upload = request(store)
    change = {"media": [{"id": upload["id"]}]}
    refused = store.call("PATCH", f"/products/{product}", 422, json=change, headers=store.owner).json()
    assert refused["errors"][0]["pointer"] == "/media/0/id"
    put(store, upload)
    other = souk.new_store()
    theirs = other.product_id(other.product())
    refused = other.call("PATCH", f"/products/{theirs}", 422, json=change, headers=other.owner).json()
    assert refused["errors"][0]["pointer"] == "/media/0/id"
