"""The largest cart that there can be, through all that can happen to it."""

from shop import key, wait_for


def test_an_order_of_a_thousand_lines_is_placed_sent_and_refunded(souk):
    """Its answers do not fit into one row, nor all that its events could say into one message."""
    store = souk.new_store()
    lines = 1000
    header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Published\n"
    title = "A title as long as shops write them and all that one looks for in it"
    rows = [f"many-{i // 100},{title},Size,{i % 100},LINE-{i},1.00,5,true" for i in range(lines)]
    headers = store.owner | key() | {"Content-Type": "text/csv"}
    made = store.call("POST", "/imports", 202, content=header + "\n".join(rows) + "\n", headers=headers).json()

    def ended():
        now = store.get(f"/imports/{made['id']}", headers=store.owner)
        return now if now["status"] in ("completed", "failed") else None

    done = wait_for(ended, 60)
    assert done["status"] == "completed" and done["errors"] == [], done
    cart = store.cart()
    for i in range(lines):
        store.call("POST", f"/carts/{cart['id']}/items", 201, json={"sku": f"LINE-{i}", "quantity": 2})
    again = store.call("POST", f"/carts/{cart['id']}/items", 201, json={"sku": "LINE-0", "quantity": 1}, headers=(one_key := key()))
    replay = store.call("POST", f"/carts/{cart['id']}/items", 201, json={"sku": "LINE-0", "quantity": 1}, headers=one_key)
    assert replay.headers["Idempotent-Replayed"] == "true" and replay.content == again.content
    cart = store.get(f"/carts/{cart['id']}")
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    placed = store.call("POST", "/orders", 201, json=body, headers=(one_key := key()) | {"Prefer": "wait=20"})
    replay = store.call("POST", "/orders", 201, json=body, headers=one_key)
    assert replay.headers["Idempotent-Replayed"] == "true" and replay.json() == placed.json()
    order = placed.json()
    assert order["status"] == "confirmed" and len(order["lines"]) == lines
    for _ in range(2):  # Each names every line.
        parts = [{"line_id": line["id"], "quantity": 1} for line in order["lines"]]
        body = {"lines": parts, "tracking": {"carrier": "UPS", "number": "1Z"}}
        sent = store.call("POST", f"/orders/{order['id']}/fulfilments", 201, json=body, headers=store.owner | (one_key := key()))
        replay = store.call("POST", f"/orders/{order['id']}/fulfilments", 201, json=body, headers=store.owner | one_key)
        assert replay.json() == sent.json()
    body = {"lines": parts, "restock": True}
    refunded = store.call("POST", f"/orders/{order['id']}/refunds", 201, json=body, headers=store.owner | key()).json()
    assert [refund["status"] for refund in refunded["refunds"]] == ["done"], refunded["refunds"]
    wait_for(lambda: all(store.stock(f"LINE-{i}")["stock_on_hand"] == 4 for i in (1, 500, 999)))
