"""Catalogues in Shopify's CSV, both dialects, over HTTP and back."""

import csv
import io

import pytest

from shop import key, root, wait_for

data = root.parent / "shared/data"
classic = """Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Image Alt Text,SEO Title,SEO Description,Status
tee,"A ""fine"" tee","<p>Soft,
warm</p>",Acme,Shirts,"summer, cotton",TRUE,Size,S,Colour,Red,TEE-S-R,150,shopify,4,19.99,25.00,123456,https://img.example.com/1.png,1,Front,Tee!,Buy it,active
tee,,,,,,,,M,,Red,TEE-M-R,160,shopify,0,19.99,,,https://img.example.com/2.png,2,Back,,,
tee,,,,,,,,,,,,,,,,,,https://img.example.com/3.png,3,,,,
mug,Mug,,Acme,Ware,,FALSE,Title,Default Title,,,MUG,300,,,7.5,,,,,,,,draft
"""  # fmt: skip
modern = """Title,URL handle,Description,Vendor,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Price,Compare-at price,Inventory tracker,Inventory quantity,Weight value (grams)
Tee,tee,<p>Soft</p>,Acme,Shirts,"summer, cotton",TRUE,Active,TEE-S,123,Size,S,19.99,25.00,shopify,4,150
,tee,,,,,,,TEE-M,,,M,20.49,,shopify,7,160
"""


def start(store, text, expect=202, **headers):
    content = text if isinstance(text, bytes) else text.encode()
    headers = store.owner | {"Content-Type": "text/csv"} | headers
    return store.call("POST", "/imports", expect, content=content, headers=headers)


def ended(store, text):
    """The import once it is over."""
    started = start(store, text)
    path = f"/imports/{started.json()['id']}"
    assert started.headers["Location"].endswith(path)

    def over():
        now = store.get(path, headers=store.owner)
        return now if now["status"] in ("completed", "failed") else None

    return wait_for(over, 600 if store.souk.patient else 60)


def counts(done):
    return done["products_created"], done["products_updated"], len(done["errors"])


def export(store):
    answer = store.call("GET", "/exports/products.csv", 200, headers=store.owner)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer.text


def test_the_classic_dialect_makes_products_variants_and_pictures(souk):
    store = souk.new_store()
    done = ended(store, classic)
    assert {"id", "status", "rows", "products_created", "products_updated", "errors"} <= done.keys()
    assert (done["status"], done["rows"]) == ("completed", 4) and counts(done) == (2, 0, 0), done
    tee = store.get("/products/tee", headers=store.owner)
    assert tee["title"] == 'A "fine" tee' and tee["description"] == "<p>Soft,\nwarm</p>"
    assert (tee["vendor"], tee["product_type"], tee["tags"]) == ("Acme", "Shirts", ["summer", "cotton"])
    assert tee["status"] == "published" and tee["seo"] == {"title": "Tee!", "description": "Buy it"}
    small, medium = tee["variants"]
    assert small["option_values"] == {"Size": "S", "Colour": "Red"} and small["sku"] == "TEE-S-R"
    assert small["price"] == {"amount": 1999, "currency": "EUR"} and small["compare_at_price"]["amount"] == 2500
    assert (small["weight_grams"], small["barcode"], small["stock_on_hand"]) == (150, "123456", 4)
    assert medium["option_values"]["Size"] == "M" and medium["compare_at_price"] is None
    assert [(m["url"][-5:], m["alt"]) for m in tee["media"]] == [("1.png", "Front"), ("2.png", "Back"), ("3.png", "")]
    mug = store.get("/products/mug", headers=store.owner)
    assert mug["status"] == "draft" and mug["options"] == [] and mug["variants"][0]["stock"] == "untracked"
    store.call("GET", "/products/mug", 404)


def test_the_2026_dialect_too(souk):
    store = souk.new_store()
    assert counts(ended(store, modern)) == (1, 0, 0)
    tee = store.get("/products/tee")
    assert [(v["sku"], v["price"]["amount"], v["available"], v["weight_grams"]) for v in tee["variants"]] == [
        ("TEE-S", 1999, 4, 150), ("TEE-M", 2049, 7, 160),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [classic, modern])
def test_a_rerun_changes_nothing_and_a_change_updates(souk, text):
    store = souk.new_store()
    ended(store, text)
    before = store.get("/products?limit=100", headers=store.owner)
    assert counts(ended(store, text)) == (0, 0, 0)
    assert store.get("/products?limit=100", headers=store.owner) == before
    assert counts(ended(store, text.replace("19.99,25.00", "18.99,25.00"))) == (0, 1, 0)
    assert store.get("/products/tee")["variants"][0]["price"]["amount"] == 1899


@pytest.mark.parametrize("text", [classic, modern])
def test_what_is_exported_imports_to_the_same_catalogue(souk, text):
    store, copy = souk.new_store(), souk.new_store()
    ended(store, text)
    exported = export(store)
    assert counts(ended(store, exported)) == (0, 0, 0)
    assert counts(ended(copy, exported))[2] == 0
    assert sorted(export(copy).splitlines()) == sorted(exported.splitlines())
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert {"Handle", "Title", "Variant SKU", "Variant Price"} <= rows[0].keys()

    def plain(shop):
        keep = ("handle", "title", "description", "tags", "status", "options", "seo", "product_type", "vendor")
        of_variant = ("sku", "price", "compare_at_price", "barcode", "weight_grams", "stock", "available", "option_values")
        items = shop.get("/products?limit=100&sort=title", headers=shop.owner)["items"]
        return [
            {k: p[k] for k in keep}
            | {"variants": [{k: v[k] for k in of_variant} for v in p["variants"]], "media": [m["alt"] for m in p["media"]]}
            for p in items
        ]

    assert plain(copy) == plain(store)


def test_products_keep_the_order_of_their_file(souk):
    store, copy = souk.new_store(), souk.new_store()
    handles = [f"p-{(i * 37) % 100:02}" for i in range(100)]
    ended(store, "Handle,Title,Variant SKU,Variant Price\n" + "".join(f"{h},{h},{h},1.00\n" for h in handles))
    assert [p["handle"] for p in store.get("/products?sort=created&limit=100", headers=store.owner)["items"]] == handles
    exported = export(store)
    assert [row["Handle"] for row in csv.DictReader(io.StringIO(exported))] == handles
    ended(copy, exported)
    assert export(copy) == exported


# The real catalogues where they lie beside the checkout, else a demo store's.
catalogues = [data / name for name in ("gift-shop-2026-headers.csv", "gift-shop.csv") if (data / name).exists()]
catalogues = catalogues or [root / "src/apps/souk/catalogues/medina.csv"]


def handle(row):
    return row.get("Handle") or row["URL handle"]


def content(row):
    """What a row brings to its product: a variant, a picture or both."""
    cells = (row.get("Variant SKU") or row.get("SKU"), row.get("Image Src") or row.get("Product image URL"))
    return {(handle(row), cell) for cell in cells if cell}


@pytest.mark.parametrize("path", catalogues, ids=lambda path: path.name)
def test_a_whole_catalogue_comes_in(souk, path):
    store = souk.new_store(currency="GBP")
    text = path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    done = ended(store, text)
    assert done["status"] == "completed" and done["rows"] == len(rows)
    assert done["errors_total"] == len(done["errors"]), "all of them are told"
    refused = {e["row"] for e in done["errors"]}
    assert len(refused) < len(rows) / 50
    first = export(store)
    landed = {pair for row in csv.DictReader(io.StringIO(first)) for pair in content(row)}
    for number, row in enumerate(rows, 2):  # The header is row 1.
        assert content(row), f"row {number} holds what the export can show"
        assert (number in refused) != (content(row) <= landed), f"row {number} is refused or in the catalogue: {row}"
    products = {handle(row) for number, row in enumerate(rows, 2) if number not in refused}
    assert (done["products_created"], done["products_updated"], done["products_unchanged"]) == (len(products), 0, 0)
    again = ended(store, text)
    assert (again["rows"], again["errors"]) == (done["rows"], done["errors"])
    assert (again["products_created"], again["products_updated"], again["products_unchanged"]) == (0, 0, len(products))
    assert export(store) == first
    copy = souk.new_store(currency="GBP")
    ended(copy, first)
    assert sorted(export(copy).splitlines()) == sorted(first.splitlines())


def test_images_stand_where_the_file_says_also_those_that_are_there(souk):
    store = souk.new_store()
    ended(store, classic)
    swapped = classic.replace("1.png,1,", "1.png,2,").replace("2.png,2,", "2.png,1,")
    for text, order in ((swapped, ["2.png", "1.png", "3.png"]), (classic, ["1.png", "2.png", "3.png"])):
        assert counts(ended(store, text)) == (0, 1, 0) and counts(ended(store, text)) == (0, 0, 0)
        media = store.get("/products/tee")["media"]
        assert [m["url"][-5:] for m in media] == order
    store.call("PATCH", "/products/tee", 200, json={"media": media[::-1]}, headers=store.owner)
    assert [m["url"][-5:] for m in store.get("/products/tee")["media"]] == ["3.png", "2.png", "1.png"]


def test_a_catalogue_in_any_script_comes_in_and_back(souk):
    store, copy = souk.new_store(), souk.new_store()
    text = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n日本,日本,サイズ,大,1\n日本,,サイズ,小,2\n中国,中国,,,3\n---,Dashes,,,4\n"
    assert counts(ended(store, text)) == (3, 0, 0) and counts(ended(store, text)) == (0, 0, 0)
    exported = export(store)
    assert counts(ended(store, exported)) == (0, 0, 0) and counts(ended(copy, exported)) == (3, 0, 0)
    assert export(copy) == exported


def test_stock_below_zero_is_taken_as_zero_with_a_warning(souk):
    store = souk.new_store()
    head = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Published\n"
    done = ended(store, head + "a,A,A-1,1.00,shopify,3,TRUE\nb,B,B-1,1.00,shopify,-4,TRUE\nc,C,C-1,1.00,shopify,-1,TRUE\n")
    assert (done["status"], done["products_created"], done["errors"]) == ("completed", 3, []), done
    assert [w for w in done["warnings"] if "below 0" in w and "row 3" in w] == done["warnings"] != []
    assert [store.stock(sku)["stock_on_hand"] for sku in ("A-1", "B-1", "C-1")] == [3, 0, 0]


def test_bad_rows_are_told_with_row_and_column_and_good_ones_land(souk):
    store = souk.new_store()
    head = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty,Variant Grams,Published\n"
    done = ended(
        store,
        head + "good,Good,G-1,1.00,5,10,TRUE\nprice,P,P-1,one,5,10,TRUE\nneg,N,N-1,-1.00,5,10,TRUE\n"
        "qty,Q,Q-1,1.00,many,10,TRUE\ndup,D,G-1,1.00,5,10,TRUE\n"
        "dec,D,D-1,1.005,5,10,TRUE\nlast,Last,L-1,2.00,5,10,TRUE\n"
        'line,"L\tM",L-2,2.00,5,10,TRUE\n',
    )
    assert done["status"] == "completed" and done["products_created"] == 2, done
    told = {(e["row"], e["column"]) for e in done["errors"]}
    assert {r for r, _ in told} == {3, 4, 5, 6, 7, 9}, done["errors"]
    assert {(3, "Variant Price"), (4, "Variant Price"), (5, "Variant Inventory Qty"), (6, "Variant SKU"), (9, "Title")} <= told
    assert all(e["detail"] for e in done["errors"])
    assert sorted(p["handle"] for p in store.get("/products")["items"]) == ["good", "last"]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\n\n", b"no,known,columns\n1,2,3\n", b"Handle,Title\n\"broken,Broken\n", b"\xff\xfe\x00bad", b"{}",
        b"Handle,Title,Variant Price\nx,X,1.00,extra,more\n", b"Handle,Title,Variant SKU,Variant Price\nx\x00,X,S,1.00\n",
    ],
)  # fmt: skip
def test_what_is_no_catalogue_is_refused_or_told(souk, text):
    store = souk.new_store()
    answer = store.call("POST", "/imports", content=text, headers=store.owner | {"Content-Type": "text/csv"})
    if answer.status_code == 202:
        path = f"/imports/{answer.json()['id']}"
        over = wait_for(lambda: (now := store.get(path, headers=store.owner))["status"] in ("completed", "failed") and now)
        assert over["errors"] and over["products_created"] == 0, over
    else:
        assert answer.status_code in (400, 415, 422), answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert store.get("/products", headers=store.owner)["items"] == []


def test_a_byte_order_mark_crlf_and_quotes_are_fine(souk):
    store = souk.new_store()
    text = b"\xef\xbb\xbf" + classic.replace("\n", "\r\n").encode()
    assert counts(ended(store, text)) == (2, 0, 0)
    charset = {"Content-Type": "text/csv; charset=utf-8"}
    start(store, classic, **charset)


def test_imports_are_for_those_who_may_write_the_catalogue(souk):
    store = souk.new_store()
    assert store.call("POST", "/imports", content=classic, headers={"Content-Type": "text/csv"}).status_code == 401
    answer = store.call("POST", "/imports", content=classic, headers=store.customer() | {"Content-Type": "text/csv"})
    assert answer.status_code == 403
    assert store.call("POST", "/imports", content=classic, headers=store.owner | {"Content-Type": "text/plain"}).status_code == 415
    store.call("GET", "/imports/imp_" + "0" * 26, 404, headers=store.owner)
    assert store.call("GET", "/exports/products.csv").status_code == 401


def test_an_import_s_stock_respects_what_is_reserved(souk):
    store = souk.new_store()
    ended(store, modern)
    store.buy("TEE-S", 3, method="manual_timeout", wait=None, expect=(202,))
    wait_for(lambda: store.stock("TEE-S")["stock_reserved"] == 3)
    done = ended(store, modern.replace("shopify,4,150", "shopify,1,150"))
    assert done["errors"][0]["column"] == "Inventory quantity" and store.stock("TEE-S")["stock_on_hand"] == 4


def test_an_import_waits_through_a_restart(own_souk):
    store = own_souk.new_store()
    rows = "".join(f"p{i},P {i},P-{i},1.00\n" for i in range(3000))
    started = start(store, "Handle,Title,Variant SKU,Variant Price\n" + rows, **key()).json()
    own_souk.restart(9)
    path = f"/imports/{started['id']}"
    over = wait_for(lambda: (now := store.get(path, headers=store.owner))["status"] == "completed" and now, 60)
    assert (over["rows"], over["products_created"], over["errors"]) == (3000, 3000, [])
