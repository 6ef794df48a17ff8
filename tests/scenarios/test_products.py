"""The catalogue as shopkeepers write it and shoppers read it."""

import re

import pytest

from shop import next_name


def create(store, expect=201, **body):
    return store.call("POST", "/products", expect, json={"title": "Thing"} | body, headers=store.owner).json()


def shirt(store, **more):
    return create(
        store, title="Green Shirt", vendor="Acme", product_type="Shirts", description="<p>Warm</p>",
        options=[{"name": "Size"}, {"name": "Colour"}], tags=["Summer", "Cotton"],
        seo={"title": "Shirt!", "description": "Buy"}, metadata={"season": "2026"},
        variants=[
            {
                "sku": next_name("sh-"), "price": store.money(1999), "compare_at_price": store.money(2999),
                "option_values": {"Size": "S", "Colour": "Green"}, "barcode": "4006381333931", "weight_grams": 180,
            },
            {"sku": next_name("sh-"), "price": store.money(2099), "option_values": {"Size": "M", "Colour": "Green"},
             "stock": "untracked"},
        ],
        **more,
    )  # fmt: skip


def test_a_product_has_every_member_and_shoppers_see_no_stock_rooms(store):
    made = shirt(store)
    assert re.fullmatch(r"prod_[0-9A-HJKMNP-TV-Z]{26}", made["id"])
    assert made["status"] == "draft" and made["version"] == 1 and made["handle"].startswith("green-shirt")
    assert made["options"] == [{"name": "Size", "values": ["S", "M"]}, {"name": "Colour", "values": ["Green"]}]
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made[name])
    store.call("GET", f"/products/{made['id']}", 404)
    store.call("GET", f"/products/{made['handle']}", 404)
    store.call("POST", f"/products/{made['id']}/publish", 200, headers=store.owner)
    seen = store.get(f"/products/{made['handle']}")
    assert seen == store.get(f"/products/{made['id']}")
    assert set(seen) == {
        "id", "handle", "title", "description", "vendor", "product_type", "tags", "category_ids", "status", "approved",
        "options", "variants", "media", "seo", "metadata", "created_at", "updated_at", "version",
    }  # fmt: skip
    public = {
        "id", "sku", "title", "option_values", "price", "compare_at_price", "barcode", "weight_grams", "available", "stock",
    }  # fmt: skip
    assert all(set(variant) == public for variant in seen["variants"])
    for_staff = store.get(f"/products/{made['id']}", headers=store.owner)
    assert {"stock_on_hand", "stock_reserved"} <= set(for_staff["variants"][0])
    listed = store.get("/products", headers=store.customer())["items"]
    assert all("stock_on_hand" not in v for p in listed for v in p["variants"])


def test_drafts_and_archived_products_are_for_staff_alone(store):
    made = shirt(store)
    product = f"/products/{made['id']}"

    def seen_by(headers):
        listed = store.get("/products?limit=100", headers=headers)["items"]
        return store.call("GET", product, headers=headers).status_code, made["id"] in [p["id"] for p in listed]

    for verb, status, public in (
        ("publish", "published", True), ("unpublish", "draft", False), ("publish", "published", True),
        ("archive", "archived", False),
    ):  # fmt: skip
        changed = store.call("POST", f"{product}/{verb}", 200, headers=store.owner).json()
        assert changed["status"] == status
        assert seen_by(None) == ((200, True) if public else (404, False)), verb
        assert seen_by(store.owner) == (200, True)
    listed = store.get("/products?status=archived", headers=store.owner)["items"]
    assert made["id"] in [p["id"] for p in listed]


def test_an_unpublished_product_cannot_be_bought(store):
    sku = store.product(stock=5)
    cart = store.cart((sku, 1))
    hidden = store.product(stock=5, publish=False)
    refused = store.call("POST", f"/carts/{cart['id']}/items", json={"sku": hidden, "quantity": 1})
    assert refused.status_code in (404, 409, 422)
    store.call("POST", f"/products/{store.product_id(sku)}/unpublish", 200, headers=store.owner)
    assert store.get(f"/carts/{cart['id']}")["items"][0]["sellable"] is False
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    refused = store.call("POST", "/orders", 409, json=body, headers={"Idempotency-Key": next_name("k")})
    assert refused.json()["errors"][0]["pointer"].startswith("/items/0")


def test_where_the_store_moderates_only_approved_products_are_sold(souk):
    store = souk.new_store(moderation="required")
    sku = store.product(stock=1)
    product = f"/products/{store.product_id(sku)}"
    assert store.get(product, headers=store.owner)["approved"] is False
    store.call("GET", product, 404)
    assert store.get("/products")["items"] == []
    refused = store.call("POST", f"/carts/{store.cart()['id']}/items", json={"sku": sku, "quantity": 1})
    assert refused.status_code in (404, 409, 422)
    assert store.call("POST", f"{product}/approve", 200, headers=store.owner).json()["approved"] is True
    store.call("GET", product, 200)
    assert store.buy(sku)["status"] == "confirmed"
    store.call("PATCH", "", 200, json={"moderation": "none"}, headers=store.owner)
    other = store.product(stock=1)
    store.call("GET", f"/products/{store.product_id(other)}", 200)


def test_patch_changes_what_is_sent_and_null_clears(store):
    made = shirt(store)
    path = f"/products/{made['id']}"
    change = {"title": "Blue Shirt", "vendor": None, "tags": ["New"], "metadata": {"season": None, "more": "x"}}
    changed = store.call("PATCH", path, 200, json=change, headers=store.owner).json()
    assert changed["title"] == "Blue Shirt" and changed["vendor"] in ("", None) and changed["tags"] == ["New"]
    assert changed["metadata"] == {"more": "x"} and changed["description"] == made["description"]
    assert changed["handle"] == made["handle"] and changed["version"] == made["version"] + 1
    renamed = store.call("PATCH", path, 200, json={"handle": next_name("blue-")}, headers=store.owner).json()
    assert store.get(f"/products/{renamed['handle']}", headers=store.owner)["id"] == made["id"]
    store.call("GET", f"/products/{made['handle']}", 404, headers=store.owner)
    create(store, handle=made["handle"])  # The old handle is free again.


def test_handles_and_skus_are_the_store_s_own(souk, store):
    sku = store.product(title="Unique thing")
    handle = store.get(f"/products/{store.product_id(sku)}")["handle"]
    taken = create(store, 409, handle=handle)
    assert (taken["code"], taken["errors"][0]["pointer"]) == ("handle_taken", "/handle")
    taken = create(store, 409, variants=[{"sku": sku, "price": store.money(1)}])
    assert (taken["code"], taken["errors"][0]["pointer"]) == ("sku_taken", "/variants/0/sku")
    other = souk.new_store()
    create(other, handle=handle, variants=[{"sku": sku, "price": other.money(1)}])
    assert create(store, title="Unique thing")["handle"] != handle


def test_a_refused_product_leaves_nothing_behind(store):
    sku, free = store.product(), next_name("free-")
    create(store, 409, handle=free, variants=[{"sku": sku, "price": store.money(1)}])
    store.call("GET", f"/products/{free}", 404, headers=store.owner)
    create(store, handle=free)


def test_variants_come_and_go(store):
    made = shirt(store)
    path = f"/products/{made['id']}/variants"
    large = {"sku": next_name("l-"), "price": store.money(2199), "option_values": {"Size": "L", "Colour": "Green"}}
    grown = store.call("POST", path, 201, json=large, headers=store.owner).json()
    assert [v["option_values"]["Size"] for v in grown["variants"]] == ["S", "M", "L"]
    new = grown["variants"][2]
    assert re.fullmatch(r"var_[0-9A-HJKMNP-TV-Z]{26}", new["id"]) and grown["options"][0]["values"] == ["S", "M", "L"]
    again = store.call("POST", path, json=large | {"sku": next_name("l-")}, headers=store.owner)
    assert again.status_code in (409, 422) and again.json()["errors"]
    missing = store.call("POST", path, json={"price": store.money(1), "option_values": {}}, headers=store.owner)
    assert missing.status_code == 422 and missing.json()["errors"]
    one = f"{path}/{new['id']}"
    changed = store.call("PATCH", one, 200, json={"price": store.money(5), "sku": "renamed-l"}, headers=store.owner)
    variant = changed.json()["variants"][2]
    assert (variant["price"]["amount"], variant["sku"]) == (5, "renamed-l")
    store.call("GET", "/inventory/renamed-l", 200, headers=store.owner)
    store.call("GET", f"/inventory/{large['sku']}", 404, headers=store.owner)
    store.call("DELETE", one, 204, headers=store.owner)
    store.call("DELETE", one, 404, headers=store.owner)
    store.call("GET", "/inventory/renamed-l", 404, headers=store.owner)


def test_a_product_may_be_made_first_and_its_variants_added_to_it(store):
    bare = store.call("POST", "/products", 201, json={"title": "Tee"}, headers=store.owner).json()
    assert (bare["status"], bare["variants"], bare["options"]) == ("draft", [], [])
    path = f"/products/{bare['id']}"
    refused = store.call("POST", f"{path}/publish", 409, headers=store.owner).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("no_variants", "/variants")
    for size in ("S", "M"):
        body = {"sku": next_name("tee-"), "price": store.money(900), "option_values": {"Size": size}}
        made = store.call("POST", f"{path}/variants", 201, json=body, headers=store.owner)
        assert made.headers["Location"].endswith(path)
    sold = store.call("POST", f"{path}/publish", 200, headers=store.owner).json()
    assert sold["options"] == [{"name": "Size", "values": ["S", "M"]}] and len(sold["variants"]) == 2
    assert store.get(path)["variants"][0]["price"] == store.money(900)
    body = {"title": "Tee", "status": "published"}
    refused = store.call("POST", "/products", 422, json=body, headers=store.owner).json()
    assert refused["errors"][0]["pointer"] == "/variants"


def test_a_category_shows_what_is_below_it_and_is_read_alone(store):
    top = store.call("POST", "/categories", 201, json={"name": "Kitchen"}, headers=store.owner)
    body = {"name": "Pans", "parent_id": top.json()["id"]}
    low = store.call("POST", "/categories", 201, json=body, headers=store.owner).json()
    made = shirt(store, category_ids=[low["id"]], status="published")
    assert [p["id"] for p in store.get("/products?category=kitchen")["items"]] == [made["id"]]
    assert store.http.get(top.headers["Location"]).json() == top.json()
    assert store.get("/categories/pans") == low
    store.call("GET", "/categories/none", 404)
    again = store.call("POST", "/categories", 201, json={"name": "Pans"}, headers=store.owner).json()
    assert again["handle"] == "pans-2"


def test_a_deleted_product_frees_its_names_and_is_gone_from_carts(store):
    sku = store.product(stock=3)
    product = store.get(f"/products/{store.product_id(sku)}")
    cart = store.cart((sku, 1))
    store.call("DELETE", f"/products/{product['id']}", 204, headers=store.owner)
    for path in (f"/products/{product['id']}", f"/products/{product['handle']}", f"/inventory/{sku}"):
        store.call("GET", path, 404, headers=store.owner)
    assert store.get(f"/carts/{cart['id']}")["items"][0]["sellable"] is False
    create(store, handle=product["handle"], variants=[{"sku": sku, "price": store.money(1)}])


@pytest.mark.parametrize(("currency", "text"), [("JPY", "1999"), ("KWD", "1.999"), ("EUR", "19.99")])
def test_money_is_whole_minor_units_in_every_currency(souk, currency, text):
    store = souk.new_store(currency=currency)
    sku = store.product(price=1999, stock=3)
    order = store.order(store.cart((sku, 2), address=f"{currency.lower()}@example.com"))
    assert order["totals"]["total"] == {"amount": 3998, "currency": currency}
    exported = store.call("GET", "/exports/products.csv", 200, headers=store.owner).text
    assert f",{text}," in exported
    foreign = {"price": {"amount": 1, "currency": "USD"}}
    assert create(store, 422, variants=[foreign])["errors"][0]["pointer"].startswith("/variants/0/price")


def test_categories_are_read_by_anyone_and_filter_products(store):
    parent = store.call("POST", "/categories", 201, json={"name": "Clothes"}, headers=store.owner).json()
    assert re.fullmatch(r"cat_[0-9A-HJKMNP-TV-Z]{26}", parent["id"]) and parent["handle"] == "clothes"
    body = {"name": "Shirts", "parent_id": parent["id"]}
    child = store.call("POST", "/categories", 201, json=body, headers=store.owner).json()
    assert child["parent_id"] == parent["id"]
    assert {parent["id"], child["id"]} <= {c["id"] for c in store.get("/categories")["items"]}
    made = shirt(store, category_ids=[child["id"]], status="published")
    for name in (child["id"], child["handle"]):
        assert [p["id"] for p in store.get(f"/products?category={name}")["items"]] == [made["id"]]
    renamed = store.call("PATCH", f"/categories/{child['id']}", 200, json={"name": "Tops"}, headers=store.owner).json()
    assert renamed["name"] == "Tops" and renamed["version"] == child["version"] + 1
    bad = {"parent_id": child["id"]}
    assert store.call("PATCH", f"/categories/{parent['id']}", json=bad, headers=store.owner).status_code in (409, 422)
    assert store.call("POST", "/categories", json={"name": ""}, headers=store.owner).status_code == 422
    again = store.call("POST", "/categories", json={"name": "C", "handle": "clothes"}, headers=store.owner)
    assert again.status_code == 409
    store.call("DELETE", f"/categories/{parent['id']}", 409, headers=store.owner)
    store.call("DELETE", f"/categories/{child['id']}", headers=store.owner)
