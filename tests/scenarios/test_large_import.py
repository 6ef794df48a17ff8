"""A catalogue far larger than the memory that its import may take. SOUK_IMPORT_ROWS says how many rows it has."""

import csv
import io
import os
import pathlib
import re

from shop import wait_for

rows_each = 50  # Of a product: half of them variants, half pictures.
rows = int(os.environ.get("SOUK_IMPORT_ROWS", "200000")) // rows_each * rows_each
bad_every = 1000
# What the settings' defaults allow: 40 MiB at rest, 40 for pages, 16 for blocks, 24 for three write buffers. An import that
# kept its rows would need the double for them alone: one takes some 900 bytes.
memory_mib_max = 120
head = ["Handle", "Title", "Option1 Name", "Option1 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty",
        "Variant Price", "Image Src", "Image Alt Text"]  # fmt: skip


def catalogue():
    """The file, and the numbers of its rows that cannot be taken in, as a spreadsheet counts."""
    out, bad = io.StringIO(), []
    writer = csv.writer(out)
    writer.writerow(head)
    for number in range(rows):
        product, part = divmod(number, rows_each)
        title = [f"Thing number {product}, in blue", "Size"] if part == 0 else ["", ""]
        price = f"{part + 1}.50"
        if number % bad_every == bad_every // 2 + 1:
            price = "no price"
            bad.append(number + 2)
        variant = [f"size {part}", f"S{number}", "shopify", 9, price, "", ""]
        picture = ["", "", "", "", "", f"https://img.example.com/{number}.png", f"Side {part}"]
        writer.writerow([f"thing-{product}", *title, *(variant if part < rows_each // 2 else picture)])
    return out.getvalue().encode(), bad


def peak_mib(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def test_two_hundred_thousand_rows_are_all_accounted_for_in_bounded_memory(own_souk):
    store = own_souk.new_store()
    text, bad = catalogue()
    pid = own_souk.process.pid
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # The peak counts from here.
    headers = store.owner | {"Content-Type": "text/csv"}
    path = f"/imports/{store.call('POST', '/imports', 202, content=text, headers=headers).json()['id']}"

    def over():
        now = store.get(path, headers=store.owner)
        return now if now["status"] in ("completed", "failed") else None

    done = wait_for(over, 500, every=0.5)
    assert (done["status"], done["rows"]) == ("completed", rows)
    assert (done["products_created"], done["products_updated"], done["products_unchanged"]) == (rows // rows_each, 0, 0)
    assert [e["row"] for e in done["errors"]] == bad and done["errors_total"] == len(bad)
    assert peak_mib(pid) < memory_mib_max
    exported = store.call("GET", "/exports/products.csv", 200, headers=store.owner).text
    found = list(csv.DictReader(io.StringIO(exported)))
    skus, pictures = ({row[column] for row in found if row[column]} for column in ("Variant SKU", "Image Src"))
    assert len(skus) + len(pictures) + len(bad) == rows
    assert peak_mib(pid) < memory_mib_max
