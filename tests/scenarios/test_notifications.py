"""What leaves the shop by itself: webhooks with their deliveries and secrets, and mails."""

import base64
import hashlib
import hmac
import json
import re
import time

import event_shapes
import pytest
import standardwebhooks
from test_webhooks import Receiver

from shop import Souk, key, wait_for


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def hook(store, receiver, *events, expect=201, **more):
    body = {"url": receiver.url, "events": list(events) or ["*"]} | more
    return store.call("POST", "/webhooks", expect, json=body, headers=store.owner).json()


def deliveries(store, made):
    return store.get(f"/webhooks/{made['id']}/deliveries", headers=store.owner)["items"]


def test_an_endpoint_has_every_member_and_its_secret_is_shown_once(store, receiver):
    made = hook(store, receiver, "souk.order.placed.v1", description="Mine")
    assert re.fullmatch(r"wh_[0-9A-HJKMNP-TV-Z]{26}", made["id"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_") and 24 <= len(base64.b64decode(secret[6:])) <= 64
    assert (made["url"], made["events"], made["description"]) == (receiver.url, ["souk.order.placed.v1"], "Mine")
    assert store.get(f"/webhooks/{made['id']}", headers=store.owner) == made
    listed = store.get("/webhooks", headers=store.owner)["items"]
    assert made in listed and secret not in json.dumps(listed)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"url": "ftp://x.example.com"}, "/url"), ({"url": "nonsense"}, "/url"), ({"url": ""}, "/url"), ({"events": []}, "/events"),
     ({"events": ["order.paid"]}, "/events/0"), ({"secret": "mine"}, "/secret"), ({"url": 5}, "/url")],
)  # fmt: skip
def test_wrong_endpoints_are_refused(store, receiver, body, pointer):
    body = {"url": receiver.url, "events": ["*"]} | body
    told = store.call("POST", "/webhooks", 422, json=body, headers=store.owner).json()
    assert pointer in [e["pointer"] for e in told["errors"]]


def test_private_addresses_are_refused_unless_the_operator_allows_them(tmp_path):
    with Souk(tmp_path, SOUK_WEBHOOKS_ALLOW_PRIVATE="false") as souk:
        store = souk.new_store()
        for host in (
            "127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "[::1]", "[fe80::1]", "0.0.0.0",
            "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "[fd00::1]", "100.64.0.1",
        ):  # fmt: skip
            body = {"url": f"https://{host}/hook", "events": ["*"]}
            answer = store.call("POST", "/webhooks", json=body, headers=store.owner)
            if answer.status_code == 201:  # Names are looked up when it is sent.
                assert host in ("localhost",), host
            else:
                assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/url", host
        plain = {"url": "http://example.com/hook", "events": ["*"]}
        store.call("POST", "/webhooks", 422, json=plain, headers=store.owner)


def test_a_delivery_is_the_cloud_event_signed_with_its_trace(store, receiver):
    made = hook(store, receiver, "souk.order.confirmed.v1")
    trace = "0af7651916cd43dd8448eb211c80319c"
    cart = store.cart((store.product(stock=1), 1))
    order = store.order(cart, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    wait_for(lambda: receiver.got)
    headers, body = receiver.got[0]
    headers = {name.lower(): value for name, value in headers.items()}
    event = json.loads(body)
    assert {"id", "source", "specversion", "type", "subject", "time", "data"} <= event.keys()
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", "souk.order.confirmed.v1", order["id"])
    assert event["source"] == f"/stores/{store.id}/orders" and re.fullmatch(r"evt_[0-9A-HJKMNP-TV-Z]{26}", event["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
    assert headers["content-type"].split(";")[0] in ("application/json", "application/cloudevents+json")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"].split(" ") == [wanted]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert "token" not in event["data"]["order"]
    assert trace in event.get("traceparent", "") + headers.get("traceparent", "")


def test_only_events_asked_for_are_sent_and_only_to_their_store(souk, store, receiver):
    hook(store, receiver, "souk.order.placed.v1", "souk.order.cancelled.v1")
    other = souk.new_store()
    other.buy(other.product(stock=1))
    store.buy(store.product(stock=1), method="manual_decline")
    wait_for(lambda: len(receiver.got) >= 2)
    assert sorted(receiver.events()) == ["souk.order.cancelled.v1", "souk.order.placed.v1"]
    assert all(json.loads(body)["source"].startswith(f"/stores/{store.id}/") for _, body in receiver.got)


def broken_promises(store, receiver):
    """Where what was received is not as docs/api/events.yaml lists it: members missing, unlisted or of other types."""
    openapi = store.http.get("/openapi.json").json()
    return sorted({fault for _, body in list(receiver.got) for fault in event_shapes.faults(json.loads(body), openapi)})


def test_the_events_of_a_sale(store, receiver):
    hook(store, receiver)
    order = store.buy(store.product(stock=6), 2)  # Below the five at which stock is low.
    store.call("POST", f"/orders/{order['id']}/fulfilments", 201, json={}, headers=store.owner | key())
    store.call("POST", f"/orders/{order['id']}/refunds", 201, json={}, headers=store.owner | key())
    wanted = {f"souk.{name}.v1" for name in (
        "product.published", "order.placed", "stock.reserved", "order.confirmed", "stock.low", "order.fulfilled", "order.refunded",
    )}  # fmt: skip
    wait_for(lambda: not wanted - set(receiver.events()))
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(receiver.got)
    assert broken_promises(store, receiver) == []


def test_the_events_of_sales_that_fail_and_of_a_shopper_who_comes(store, receiver):
    hook(store, receiver)
    sku = store.product(stock=1)
    carts = [store.cart((sku, 1)), store.cart((sku, 1))]
    store.order(carts[0], method="manual_decline")
    wait_for(lambda: "souk.stock.released.v1" in receiver.events())
    store.set_stock(sku, 0)
    store.order(carts[1])
    store.call("PATCH", f"/products/{store.product_id(sku)}", 200, json={"title": "Changed"}, headers=store.owner)
    store.customer()
    wanted = {f"souk.{name}.v1" for name in (
        "product.published", "product.changed", "order.placed", "stock.reserved", "stock.rejected", "stock.released",
        "order.cancelled", "user.signed_up", "user.confirmed",
    )}  # fmt: skip
    wait_for(lambda: not wanted - set(receiver.events()))
    assert broken_promises(store, receiver) == []


def test_deliveries_are_listed_newest_first_and_can_be_sent_again(store, receiver):
    made = hook(store, receiver, "souk.order.placed.v1")
    orders = [store.buy(store.product(stock=1)) for _ in range(2)]
    wait_for(lambda: [d["status"] for d in deliveries(store, made)] == ["delivered"] * 2)
    newest = deliveries(store, made)[0]
    assert re.fullmatch(r"whd_[0-9A-HJKMNP-TV-Z]{26}", newest["id"])
    assert {"id", "event_id", "event_type", "status", "attempts", "created_at"} <= newest.keys()
    assert (newest["event_type"], newest["attempts"]) == ("souk.order.placed.v1", 1)
    wait_for(lambda: len(receiver.got) == 2)
    path = f"/webhooks/{made['id']}/deliveries/{newest['id']}/redeliver"
    assert store.call("POST", path, headers=store.owner).status_code in (200, 202)
    wait_for(lambda: len(receiver.got) == 3)
    again = json.loads(receiver.got[2][1])
    assert again["id"] == newest["event_id"] and again["subject"] == orders[1]["id"]
    store.call("POST", f"/webhooks/{made['id']}/deliveries/whd_{'0' * 26}/redeliver", 404, headers=store.owner)


def test_a_fresh_secret_signs_beside_the_former(store, receiver):
    made = hook(store, receiver, "souk.order.placed.v1")
    fresh = store.call("POST", f"/webhooks/{made['id']}/rotate-secret", 200, headers=store.owner).json()
    assert fresh["secret"] != made["secret"]
    store.buy(store.product(stock=1))
    wait_for(lambda: receiver.got)
    headers, body = receiver.got[0]
    headers = {name.lower(): value for name, value in headers.items()}
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (made["secret"], fresh["secret"]):
        assert standardwebhooks.Webhook(secret).verify(body, headers)


def test_a_disabled_or_removed_endpoint_gets_nothing(store, receiver):
    made = hook(store, receiver, "souk.order.placed.v1")
    path = f"/webhooks/{made['id']}"
    assert store.call("PATCH", path, 200, json={"status": "disabled"}, headers=store.owner).json()["status"] == "disabled"
    witness = Receiver()
    other = hook(store, witness, "souk.order.placed.v1")
    store.buy(store.product(stock=1))
    wait_for(lambda: witness.got)
    assert receiver.got == []
    store.call("PATCH", path, 200, json={"status": "enabled"}, headers=store.owner)
    store.call("DELETE", f"/webhooks/{other['id']}", 204, headers=store.owner)
    store.buy(store.product(stock=1))
    wait_for(lambda: receiver.got)
    assert len(witness.got) == 1
    store.call("GET", f"/webhooks/{other['id']}", 404, headers=store.owner)
    witness.close()


def test_redirects_are_not_followed_and_count_as_failures(store, receiver):
    made = hook(store, receiver, "souk.order.placed.v1")
    receiver.status = 302
    store.buy(store.product(stock=1))
    seen = wait_for(lambda: [d for d in deliveries(store, made) if d["last_status"]])[0]
    assert seen["status"] == "pending" and seen["last_status"] == 302 and seen["next_attempt_at"]


# Mails


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def mailed(souk, address, count):
    return wait_for(lambda: (found := souk.mails(address)) and len(found) >= count and found)


def test_every_step_of_an_order_is_mailed_in_text_and_html(souk):
    store = souk.new_store(name="Smith & Söhne <Shop>")
    address = "steps@example.com"
    sku = store.product(price=1234, stock=9, title="Tea & <Cake>")
    order = store.order(store.cart((sku, 2), address=address))
    mailed(souk, address, 1)
    body = {"tracking": {"carrier": "Post", "number": "RR42", "url": "https://post.example.com/RR42"}}
    store.call("POST", f"/orders/{order['id']}/fulfilments", 201, json=body, headers=store.owner | key())
    mailed(souk, address, 2)
    body = {"amount": store.money(1000), "reason": "scratched"}
    store.call("POST", f"/orders/{order['id']}/refunds", 201, json=body, headers=store.owner | key())
    mails = mailed(souk, address, 3)
    for mail in mails:
        html = mail.get_body(("html",)).get_content()
        assert "Smith & Söhne" in str(mail["From"]) and str(order["number"]) in mail["Subject"] + text_of(mail)
        assert "<Cake>" not in html and mail["Message-ID"] and mail["Date"] and mail["To"] == address
    confirmed, sent, refunded = mails
    assert "Tea & <Cake>" in text_of(confirmed) and "24.68" in text_of(confirmed)
    assert "Tea &amp; &lt;Cake&gt;" in confirmed.get_body(("html",)).get_content()
    assert "RR42" in text_of(sent) and "10.00" in text_of(refunded)
    declined = store.order(store.cart((sku, 1), address="declined@example.com"), method="manual_decline")
    assert declined["status"] == "cancelled" and mailed(souk, "declined@example.com", 1)


def test_amounts_in_mails_have_the_currency_s_decimals(souk):
    for currency, text in (("JPY", "1,234|1234|1 234"), ("KWD", "1[.,]234")):
        store = souk.new_store(currency=currency)
        address = f"{currency.lower()}@decimals.example.com"
        store.order(store.cart((store.product(price=1234, stock=1), 1), address=address))
        body = text_of(mailed(souk, address, 1)[0])
        assert re.search(text, body) and "12.34" not in body, body


def test_mails_are_listed_without_what_they_say(souk):
    store = souk.new_store()
    store.customer("listed@example.com")
    store.order(store.cart((store.product(stock=1), 1), address="bought@example.com"))
    listed = wait_for(
        lambda: (items := store.get("/notifications", headers=store.owner)["items"]) and len(items) >= 2 and items
    )
    assert {n["to"] for n in listed} == {"listed@example.com", "bought@example.com"}
    wait_for(lambda: {n["status"] for n in store.get("/notifications", headers=store.owner)["items"]} == {"sent"})
    code = souk.code_mailed_to("listed@example.com")
    assert code not in json.dumps(store.get("/notifications", headers=store.owner))
    store.call("GET", "/notifications", 401)
