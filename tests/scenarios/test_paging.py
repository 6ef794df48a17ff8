"""Lists come in pages; a cursor is worth something only where it came from."""

import base64

import pytest

from shop import bearer


def walk(store, path, limit, headers=None):
    """All items of a list, page by page; checks every page's shape."""
    items, cursor, seen = [], None, set()
    while True:
        mark = "&" if "?" in path else "?"
        page = store.get(path + f"{mark}limit={limit}" + (f"&cursor={cursor}" if cursor else ""), headers=headers)
        assert page.keys() == {"items", "next_cursor"}
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
        assert isinstance(cursor, str) and cursor not in seen
        seen.add(cursor)


@pytest.fixture(scope="module")
def catalogue(souk):
    store = souk.new_store()
    for i in range(25):
        store.product(sku=f"P{i:02}", price=100 * (i % 5 + 1), title=f"Thing {24 - i:02}", tags=["odd"] if i % 2 else [])
    return store


def test_twenty_unless_asked_otherwise_and_at_most_a_hundred(catalogue):
    assert len(catalogue.get("/products")["items"]) == 20
    assert len(catalogue.get("/products?limit=1")["items"]) == 1
    full = catalogue.get("/products?limit=100")
    assert len(full["items"]) == 25 and full["next_cursor"] is None
    for limit in ("0", "101", "-1", "x", "1.5", ""):
        refused = catalogue.call("GET", f"/products?limit={limit}")
        assert refused.status_code == 400, limit


@pytest.mark.parametrize("limit", [1, 7, 20, 25, 100])
@pytest.mark.parametrize("who", ["guest", "staff"])
def test_a_walk_meets_every_item_once(catalogue, limit, who):
    headers = catalogue.owner if who == "staff" else None
    ids = [p["id"] for p in walk(catalogue, "/products", limit, headers)]
    assert len(ids) == len(set(ids)) == 25


@pytest.mark.parametrize("query", ["sort=title", "sort=-title", "sort=price", "sort=-price", "sort=created"])
def test_pages_keep_the_order_of_the_whole(catalogue, query):
    whole = [p["id"] for p in catalogue.get(f"/products?{query}&limit=100")["items"]]
    assert [p["id"] for p in walk(catalogue, f"/products?{query}", 4)] == whole


@pytest.mark.parametrize("query", ["tag=odd", "price_min=300", "price_max=200", "q=thing", "in_stock=false", "q=thing+07"])
def test_filtered_lists_page_too(catalogue, query):
    whole = [p["id"] for p in catalogue.get(f"/products?{query}&limit=100")["items"]]
    assert whole and [p["id"] for p in walk(catalogue, f"/products?{query}", 2)] == whole


def test_what_is_added_or_removed_meanwhile_disturbs_no_walk(souk):
    store = souk.new_store()
    for i in range(6):
        store.product(sku=f"M{i}", title=f"M{i}")
    first = store.get("/products?sort=title&limit=3")
    store.product(sku="A", title="A before")
    gone = store.product_id("M4")
    store.call("DELETE", f"/products/{gone}", 204, headers=store.owner)
    rest = store.get(f"/products?sort=title&limit=10&cursor={first['next_cursor']}")
    assert [p["title"] for p in first["items"] + rest["items"]] == ["M0", "M1", "M2", "M3", "M5"]


def test_a_cursor_is_bound_to_its_query(catalogue):
    cursor = catalogue.get("/products?sort=title&limit=2")["next_cursor"]
    catalogue.call("GET", f"/products?sort=title&limit=5&cursor={cursor}", 200)
    for query in ("sort=-title", "sort=price", "", "sort=title&tag=odd", "sort=title&q=thing", "sort=title&price_min=1"):
        refused = catalogue.call("GET", f"/products?{query}&limit=2&cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor"), query


def test_a_cursor_is_bound_to_its_store_and_audience(souk, catalogue):
    other = souk.new_store()
    for i in range(3):
        other.product()
    cursor = catalogue.get("/products?limit=2")["next_cursor"]
    assert other.call("GET", f"/products?limit=2&cursor={cursor}").status_code == 400
    hidden = catalogue.get("/products?limit=2", headers=catalogue.owner)["next_cursor"]
    assert catalogue.call("GET", f"/products?limit=2&cursor={hidden}").status_code == 400


def test_forged_cursors_are_refused(catalogue):
    cursor = catalogue.get("/products?limit=2")["next_cursor"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for i in (0, len(raw) // 2, len(raw) - 1):
        forged = bytearray(raw)
        forged[i] ^= 1
        text = base64.urlsafe_b64encode(bytes(forged)).rstrip(b"=").decode()
        assert catalogue.call("GET", f"/products?limit=2&cursor={text}").status_code == 400
    for text in ("x", "A" * 50, cursor[:-4], cursor + "AAAA", "%00", "1", "A" * 3000):
        assert catalogue.call("GET", f"/products?limit=2&cursor={text}").status_code == 400, text


def test_every_list_pages(souk):
    store = souk.new_store()
    admin = souk.admin()
    ada = store.customer()
    sku = store.product(stock=50)
    for i in range(3):
        store.call("POST", "/categories", 201, json={"name": f"C{i}"}, headers=store.owner)
        store.call("POST", "/api-keys", 201, json={"name": f"K{i}", "scopes": ["catalog:read"]}, headers=store.owner)
        body = {"url": f"http://127.0.0.1:9/{i}", "events": ["souk.product.published.v1"]}
        hook = store.call("POST", "/webhooks", 201, json=body, headers=store.owner).json()
        address = {"name": f"A{i}", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
        store.call("POST", "/me/addresses", 201, json=address, headers=ada)
        store.call("POST", f"/inventory/{sku}/adjustments", 201, json={"delta": 1, "reason": "x"}, headers=store.owner)
        member = f"member{i}@{store.slug}.example.com"
        souk.sign_up("/v1", member)
        store.call("POST", "/members", 201, json={"email": member, "role": "support"}, headers=store.owner)
        store.order(store.cart((sku, 1), headers=ada), headers=ada)
        store.call("POST", f"/webhooks/{hook['id']}/test", 202, headers=store.owner)
    for path, headers, least in [
        ("/categories", None, 3), ("/orders", store.owner, 3), ("/members", store.owner, 4), ("/me/orders", ada, 3),
        ("/api-keys", store.owner, 3), ("/me/addresses", ada, 3), (f"/inventory/{sku}/adjustments", store.owner, 3),
        ("/notifications", store.owner, 1), (f"/webhooks/{hook['id']}/deliveries", store.owner, 1),
    ]:  # fmt: skip
        ids = [item.get("id") or item.get("user_id") for item in walk(store, path, 1, headers)]
        assert len(ids) == len(set(ids)) >= least, path
        refused = store.call("GET", path + "?cursor=forged", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor"), path
    for path, headers in (("/v1/stores", store.owner), ("/v1/admin/stores", admin), ("/v1/admin/dead-letters", admin)):
        page = souk.http.get(path + "?limit=1", headers=headers)
        assert page.status_code == 200 and page.json().keys() == {"items", "next_cursor"}
        assert souk.http.get(path + "?cursor=forged", headers=headers).status_code == 400


def test_short_lists_take_a_limit_and_page_too(souk):
    store = souk.new_store()
    order = store.buy(store.product(stock=1))
    for i in range(3):
        body = {"url": f"http://127.0.0.1:9/{i}", "events": ["souk.product.published.v1"]}
        store.call("POST", "/webhooks", 201, json=body, headers=store.owner)
    for path in ("/webhooks", f"/orders/{order['id']}/timeline"):
        whole = store.get(path, headers=store.owner)["items"]
        assert walk(store, path, 2, store.owner) == whole and len(whole) == 3


def test_a_customer_s_cursor_is_not_another_s(souk):
    store = souk.new_store()
    sku = store.product(stock=9)
    ada, bob = store.customer(), store.customer()
    for who in (ada, bob):
        for _ in range(2):
            store.order(store.cart((sku, 1), headers=who), headers=who)
    cursor = store.get("/me/orders?limit=1", headers=ada)["next_cursor"]
    assert store.call("GET", f"/me/orders?limit=1&cursor={cursor}", headers=bob).status_code == 400
    assert store.call("GET", f"/orders?limit=1&cursor={cursor}", headers=store.owner).status_code == 400


def test_stores_of_a_person_page(souk):
    owner = souk.staff()
    for i in range(3):
        body = {"slug": f"many-{i}", "name": "M", "currency": "EUR"}
        souk.http.post("/v1/stores", json=body, headers=owner).raise_for_status()
    first = souk.http.get("/v1/stores?limit=2", headers=owner).json()
    rest = souk.http.get(f"/v1/stores?limit=2&cursor={first['next_cursor']}", headers=owner).json()
    assert len({s["id"] for s in first["items"] + rest["items"]}) == 3 and rest["next_cursor"] is None
    stranger = bearer(souk.sign_up("/v1", "stranger@example.com")["access_token"])
    assert souk.http.get(f"/v1/stores?limit=2&cursor={first['next_cursor']}", headers=stranger).status_code == 400
    assert souk.http.get("/v1/stores", headers=stranger).json() == {"items": [], "next_cursor": None}
