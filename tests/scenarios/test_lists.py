"""Filters, sorts and search: of products for shoppers, of orders for staff."""

import datetime

import pytest

from shop import wait_for


@pytest.fixture(scope="module")
def shelf(souk):
    """Four products whose every difference can be asked for."""
    store = souk.new_store()
    toys = store.call("POST", "/categories", 201, json={"name": "Toys"}, headers=store.owner).json()["id"]
    for sku, title, price, stock, tags, vendor, categories in [
        ("B-1", "banana Bread", 500, 0, ["Food", "sweet"], "Baker", []),
        ("A-1", "Apple pie", 1500, 5, ["food"], "Baker", []),
        ("C-1", "Cat toy", 300, 2, ["pets"], "Katz & Söhne", [toys]),
        ("D-1", "Apple toy, wooden", 2500, 1, [], "Katz", [toys]),
    ]:
        store.product(sku=sku, title=title, price=price, stock=stock, tags=tags, vendor=vendor, category_ids=categories)
    store.product(sku="E-1", title="Apple secret", stock=1, publish=False, tags=["food"])
    store.toys = toys
    return store


def skus(store, query, headers=None):
    items = store.get(f"/products?limit=100&{query}", headers=headers)["items"]
    return [p["variants"][0]["sku"][0] for p in items]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=title", "ADBC"), ("sort=-title", "CBDA"), ("sort=price", "CBAD"), ("sort=-price", "DABC"),
        ("sort=created", "BACD"), ("sort=-created", "DCAB"), ("", "DCAB"),
        ("tag=food&sort=title", "AB"), ("tag=Food&sort=title", "AB"), ("tag=sweet", "B"), ("tag=none", ""),
        ("category=toys&sort=price", "CD"), ("category=none", ""), ("q=apple&sort=price", "AD"), ("q=APPLE toy", "D"),
        ("q=A-1", "A"), ("q=baker&sort=price", "BA"), ("q=katz&sort=price", "CD"), ("q=söhne", "C"), ("q=zebra", ""),
        ("q=app&sort=price", "AD"), ("q=appl wood", "D"), ("q=SOHNE", "C"), ("q=banán", "B"), ("q=nana", ""), ("q=-1", "DCAB"),
        ("price_min=500&sort=price", "BAD"), ("price_max=500&sort=price", "CB"), ("price_min=501&price_max=2499", "A"),
        ("in_stock=true&sort=title", "ADC"), ("in_stock=false", "B"), ("category=toys&q=apple&in_stock=true", "D"),
        ("tag=food&price_max=600", "B"), ("q=toy&tag=pets&sort=-price", "C"),
    ],
)  # fmt: skip
def test_filters_and_sorts(shelf, query, found):
    # Titles sort without regard to case: Apple pie, Apple toy, banana, Cat.
    assert "".join(skus(shelf, query)) == found


def test_a_category_is_named_by_id_too_and_staff_see_what_is_hidden(shelf):
    assert skus(shelf, f"category={shelf.toys}&sort=price") == ["C", "D"]
    assert skus(shelf, "tag=food&sort=title", shelf.owner) == ["A", "E", "B"]
    assert skus(shelf, "status=draft", shelf.owner) == ["E"]
    assert "E" not in skus(shelf, "status=draft")


def test_lists_follow_changes_at_once(souk):
    store = souk.new_store()
    sku = store.product(title="Old name", price=100, stock=1, tags=["old"])
    product = f"/products/{store.product_id(sku)}"
    variant = store.get(product)["variants"][0]["id"]
    store.call("PATCH", product, 200, json={"title": "New title", "tags": ["new"]}, headers=store.owner)
    store.call("PATCH", f"{product}/variants/{variant}", 200, json={"price": store.money(900)}, headers=store.owner)
    store.set_stock(sku, 0)
    for query, count in [
        ("tag=old", 0), ("tag=new", 1), ("q=old", 0), ("q=title", 1), ("price_max=100", 0), ("price_min=900", 1),
        ("in_stock=true", 0), ("in_stock=false", 1),
    ]:  # fmt: skip
        assert len(store.get(f"/products?{query}")["items"]) == count, query
    store.call("DELETE", product, 204, headers=store.owner)
    assert store.get("/products")["items"] == []


@pytest.fixture(scope="module")
def sold(souk):
    store = souk.new_store()
    sku = store.product(stock=100)
    ada, bob = store.customer(), store.customer()
    store.ids = {who: store.get("/me", headers=headers)["id"] for who, headers in (("ada", ada), ("bob", bob))}
    store.orders = [
        store.order(store.cart((sku, 1), headers=who), method=method, headers=who)
        for who, method in ((ada, "manual"), (bob, "manual"), (ada, "manual_decline"), (None, "manual"))
    ]
    store.call(
        "POST", f"/orders/{store.orders[1]['id']}/fulfilments", 201, json={},
        headers=store.owner | {"Idempotency-Key": "fulfil"},
    )  # fmt: skip
    wait_for(lambda: store.read_order(store.orders[2])["status"] == "cancelled")
    return store


def found(store, query):
    ids = [o["id"] for o in store.get(f"/orders?{query}", headers=store.owner)["items"]]
    return [[o["id"] for o in store.orders].index(i) for i in ids]


def test_orders_are_listed_newest_first_by_status_and_customer(sold):
    assert found(sold, "") == [3, 2, 1, 0]
    assert found(sold, "status=confirmed") == [3, 0]
    assert found(sold, "status=cancelled") == [2]
    assert found(sold, "status=completed") == [1]
    assert found(sold, "status=pending") == []
    assert found(sold, f"customer={sold.ids['ada']}") == [2, 0]
    assert found(sold, f"customer={sold.ids['ada']}&status=cancelled") == [2]
    assert found(sold, f"customer={sold.ids['bob']}&status=cancelled") == []
    assert found(sold, "customer=user_" + "0" * 26) == []


def test_orders_are_listed_by_time(sold):
    placed = [o["placed_at"] for o in sold.orders]
    assert found(sold, f"from={placed[1]}&to={placed[3]}") == [2, 1]
    assert found(sold, f"from={placed[2]}&status=confirmed") == [3]
    later = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert found(sold, f"from={later}") == [] and found(sold, f"to={later}") == [3, 2, 1, 0]
    with_offset = later.replace("Z", "%2B02:00")
    assert found(sold, f"to={with_offset}") == []


@pytest.mark.parametrize("query", ["status=lost", "customer=ada", "from=yesterday", "to=12", "email=a", "from=2026-13-01T00:00:00Z"])
def test_wrong_order_filters_are_400(sold, query):
    refused = sold.call("GET", f"/orders?{query}", 400, headers=sold.owner).json()
    assert refused["errors"]


