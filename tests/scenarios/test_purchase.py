"""From an empty shop to a confirmed order and its mail, as guest and as customer; then what follows a sale."""

from shop import key, wait_for


def test_a_guest_buys_and_is_mailed(souk, store):
    sku = store.product(price=1250, stock=5)
    order = store.order(store.cart((sku, 2), address="guest@example.com"))
    assert order["status"] == "confirmed"
    assert order["payment"]["status"] == "authorised"
    assert order["totals"]["total"] == {"amount": 2500, "currency": "EUR"}
    assert store.stock(sku)["available"] == 3
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 3)
    mail = wait_for(lambda: souk.mails("guest@example.com"))[0]
    assert str(order["number"]) in mail["Subject"] or str(order["number"]) in mail.get_body(("plain",)).get_content()
    assert "25.00" in mail.get_body(("plain",)).get_content()
    assert "25.00" in mail.get_body(("html",)).get_content()
    assert store.body["name"] in str(mail["From"])


def test_a_guest_reads_the_order_with_its_token_alone(store):
    order = store.buy(store.product(stock=1))
    seen = store.get(f"/orders/{order['id']}", headers={"X-Order-Token": order["token"]})
    assert seen["status"] == "confirmed" and "token" not in seen
    store.call("GET", f"/orders/{order['id']}", 404)
    store.call("GET", f"/orders/{order['id']}", 404, headers={"X-Order-Token": "tok_" + "0" * 32})


def test_a_customer_buys_and_finds_the_order(store):
    ada = store.customer("ada@example.com")
    cart = store.cart((store.product(stock=3), 1), address=None, headers=ada)
    assert cart["email"] == "ada@example.com"
    order = store.order(cart, headers=ada)
    assert order["status"] == "confirmed" and order["customer_id"] and "token" not in order
    mine = store.get("/me/orders", headers=ada)
    assert [o["id"] for o in mine["items"]] == [order["id"]]
    store.call("GET", f"/orders/{order['id']}", 404, headers=store.customer())


def test_the_cart_is_closed_after_the_order(store):
    sku = store.product(stock=3)
    cart = store.cart((sku, 1))
    store.order(cart)
    wait_for(lambda: store.get(f"/carts/{cart['id']}")["status"] == "ordered")
    store.call("POST", f"/carts/{cart['id']}/items", 409, json={"sku": sku, "quantity": 1})


def test_a_second_order_of_a_cart_is_refused_in_the_same_words_at_any_time(store):
    cart = store.cart((store.product(stock=3), 1))
    first = store.order(cart, wait=0, expect=(202,))

    def second():
        body = {"cart_id": cart["id"], "payment": {"provider": "manual"}}
        refused = store.call("POST", "/orders", 409, json=body, headers=key()).json()
        return refused["code"], refused["order_id"]

    while store.get(f"/carts/{cart['id']}")["status"] != "ordered":
        assert second() == ("cart_already_ordered", first["id"])
    assert second() == ("cart_already_ordered", first["id"])


def test_without_a_wait_the_answer_is_202_with_a_place_to_look(store):
    cart = store.cart((store.product(stock=1), 1))
    answer = store.http.post(
        f"{store.base}/orders",
        json={"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}},
        headers=key(),
    )
    assert answer.status_code == 202
    token = answer.json()["token"]
    place = answer.headers["Location"]
    wait_for(lambda: store.http.get(place, headers={"X-Order-Token": token}).json()["status"] == "confirmed")


def test_out_of_stock_cancels_and_reopens_the_cart(store):
    sku = store.product(stock=1)
    first, second = store.cart((sku, 1)), store.cart((sku, 1))
    assert store.order(first)["status"] == "confirmed"
    order = store.order(second)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "out_of_stock")
    wait_for(lambda: store.get(f"/carts/{second['id']}")["status"] == "open")
    assert store.stock(sku)["stock_on_hand"] == 0


def test_a_declined_payment_cancels_and_gives_the_stock_back(store):
    sku = store.product(stock=2)
    order = store.buy(sku, method="manual_decline")
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "payment_declined")
    wait_for(lambda: store.stock(sku)["stock_reserved"] == 0)
    assert store.stock(sku)["stock_on_hand"] == 2


def test_a_payment_that_never_comes_is_cancelled_at_its_deadline(store):
    sku = store.product(stock=2)
    order = store.buy(sku, method="manual_timeout", wait=None, expect=(202,))
    cancelled = store.settled(order, "cancelled")
    assert cancelled["cancel_reason"] == "payment_timeout"
    wait_for(lambda: store.stock(sku)["stock_reserved"] == 0)


def test_a_price_that_rose_is_refused_until_it_was_seen(store):
    sku = store.product(price=1000, stock=2)
    cart = store.cart((sku, 1))
    product = store.get(f"/products/{store.product_id(sku)}", headers=store.owner)
    variant = product["variants"][0]["id"]
    store.call(
        "PATCH", f"/products/{product['id']}/variants/{variant}", 200,
        json={"price": store.money(1100)}, headers=store.owner,
    )  # fmt: skip
    refused = store.http.post(
        f"{store.base}/orders",
        json={"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}},
        headers=key(),
    )
    assert refused.status_code == 409 and refused.json()["code"] == "price_changed"
    assert refused.json()["errors"][0]["pointer"] == "/items/0/unit_price"
    cart = store.call("PATCH", f"/carts/{cart['id']}", 200, json={"accept_prices": True}).json()
    assert store.order(cart)["totals"]["total"]["amount"] == 1100


def test_sending_in_parts_completes_the_order(souk, store):
    sku = store.product(stock=5)
    order = store.order(store.cart((sku, 3), address="parts@example.com"))
    line = order["lines"][0]["id"]
    part = {"lines": [{"line_id": line, "quantity": 1}], "tracking": {"carrier": "Post", "number": "RR123"}}
    sent = store.call(
        "POST", f"/orders/{order['id']}/fulfilments", 201, json=part, headers=store.owner | key()
    ).json()
    assert sent["fulfilment_status"] == "partially_fulfilled" and sent["payment"]["status"] == "captured"
    done = store.call("POST", f"/orders/{order['id']}/fulfilments", 201, headers=store.owner | key(), json={}).json()
    assert (done["status"], done["fulfilment_status"]) == ("completed", "fulfilled")
    wait_for(lambda: any("RR123" in m.get_body(("plain",)).get_content() for m in souk.mails("parts@example.com")))


def test_a_partial_then_the_rest_refunded_with_restock(store):
    sku = store.product(price=700, stock=4)
    order = store.buy(sku, 3)
    wait_for(lambda: store.stock(sku)["stock_reserved"] == 0)
    line = order["lines"][0]["id"]
    first = store.call(
        "POST", f"/orders/{order['id']}/refunds", 201, headers=store.owner | key(),
        json={"lines": [{"line_id": line, "quantity": 1, "restock": True}], "reason": "broken"},
    ).json()  # fmt: skip
    assert first["payment"]["status"] == "partially_refunded"
    assert first["refunds"][0]["amount"]["amount"] == 700
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 2)
    rest = store.call("POST", f"/orders/{order['id']}/refunds", 201, headers=store.owner | key(), json={}).json()
    assert rest["payment"]["status"] == "refunded"
    assert sum(r["amount"]["amount"] for r in rest["refunds"]) == 2100
    again = store.call("POST", f"/orders/{order['id']}/refunds", headers=store.owner | key(), json={})
    assert again.status_code == 409
    assert store.stock(sku)["stock_on_hand"] == 2


def test_cancelling_gives_stock_and_payment_back(store):
    sku = store.product(stock=2)
    ada = store.customer()
    order = store.order(store.cart((sku, 2), headers=ada), headers=ada)
    cancelled = store.call("POST", f"/orders/{order['id']}/cancel", 200, headers=ada, json={}).json()
    assert cancelled["status"] == "cancelled"
    wait_for(lambda: store.read_order(order)["payment"]["status"] == "voided")
    wait_for(lambda: store.stock(sku)["stock_on_hand"] == 2)


def test_the_timeline_tells_the_story(store):
    order = store.buy(store.product(stock=1))
    types = [e["type"] for e in store.get(f"/orders/{order['id']}/timeline", headers=store.owner)["items"]]
    assert types == ["placed", "stock_reserved", "confirmed"]


def test_two_stores_one_email_two_accounts(souk):
    one, two = souk.new_store(), souk.new_store(currency="JPY")
    first, second = one.customer("same@example.com"), two.customer("same@example.com")
    assert one.get("/me", headers=first)["id"] != two.get("/me", headers=second)["id"]
    one.call("GET", "/me", 401, headers=second)
    order = one.order(one.cart((one.product(stock=1), 1), headers=first), headers=first)
    two.call("GET", f"/orders/{order['id']}", 404, headers=second)
    two.call("GET", f"/orders/{order['id']}", 404, headers=two.owner)
    one.call("GET", f"/orders/{order['id']}", 404, headers=two.owner)


def test_merging_at_sign_in_is_harmless_to_repeat(store):
    sku = store.product(stock=9)
    ada = store.customer()
    own = store.cart((sku, 1), headers=ada)
    guest = store.cart((sku, 2))
    for _ in range(2):
        merged = store.call("POST", f"/carts/{guest['id']}/merge", 200, headers=ada).json()
        assert merged["id"] == own["id"]
        assert [item["quantity"] for item in merged["items"]] == [3]
