"""Deliveries, checked with the reference library; a receiver that is down; a message that can never be delivered."""

import http.server
import json
import threading

import pytest
import standardwebhooks

from shop import wait_for


class Receiver:
    """Answers what it is told to and keeps what it got."""

    def __init__(self):
        self.got, self.status = [], 200
        self.gate = threading.Event()  # Clear: what it has got waits for its answer.
        self.gate.set()
        self.patience = 10
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers.items()), body))
                outer.gate.wait(outer.patience)
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self):
        return [json.loads(body)["type"] for _, body in self.got]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def hook(store, receiver, events):
    return store.call(
        "POST", "/webhooks", 201, json={"url": receiver.url, "events": events}, headers=store.owner
    ).json()


def test_every_delivery_verifies_with_the_reference_library(store, receiver):
    made = hook(store, receiver, ["souk.order.confirmed.v1"])
    order = store.buy(store.product(stock=1))
    wait_for(lambda: receiver.got)
    headers, body = receiver.got[0]
    event = standardwebhooks.Webhook(made["secret"]).verify(body, {k.lower(): v for k, v in headers.items()})
    assert event["type"] == "souk.order.confirmed.v1"
    assert event["data"]["order"]["id"] == order["id"]
    assert headers["webhook-id"] == event["id"]
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(made["secret"]).verify(body + b" ", {k.lower(): v for k, v in headers.items()})


def test_a_receiver_that_was_down_gets_it_later(store, receiver):
    made = hook(store, receiver, ["souk.order.placed.v1"])
    receiver.status = 503
    store.buy(store.product(stock=1))
    wait_for(lambda: receiver.got)
    receiver.status = 200
    wait_for(lambda: len(receiver.got) >= 2, 30)

    def delivered():
        items = store.get(f"/webhooks/{made['id']}/deliveries", headers=store.owner)["items"]
        return items and items[0]["status"] == "delivered" and items[0]

    delivery = wait_for(delivered)
    before = len(receiver.got)
    store.call("POST", f"/webhooks/{made['id']}/deliveries/{delivery['id']}/redeliver", headers=store.owner)
    wait_for(lambda: len(receiver.got) > before)
    assert receiver.got[-1][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]


def test_a_delivery_that_is_under_way_is_not_sent_again(store, receiver):
    made = hook(store, receiver, ["souk.order.placed.v1"])
    path = f"/webhooks/{made['id']}/deliveries"
    receiver.gate.clear()
    try:
        store.buy(store.product(stock=1))
        wait_for(lambda: receiver.got)
        delivery = store.get(path, headers=store.owner)["items"][0]
        refused = store.call("POST", f"{path}/{delivery['id']}/redeliver", 409, headers=store.owner)
        assert refused.json()["code"] == "delivery_under_way"
    finally:
        receiver.gate.set()
    wait_for(lambda: store.get(path, headers=store.owner)["items"][0]["status"] == "delivered")
    store.call("POST", f"{path}/{delivery['id']}/redeliver", 202, headers=store.owner)
    wait_for(lambda: len(receiver.got) == 2)


def test_deliveries_that_fail_leave_the_version_alone(store, receiver):
    made = hook(store, receiver, ["souk.product.published.v1"])
    path = f"/webhooks/{made['id']}"
    before = store.call("GET", path, 200, headers=store.owner).headers["ETag"]
    receiver.status = 500
    store.product()
    wait_for(lambda: store.get(path, headers=store.owner)["failing_since"])
    seen = store.call("GET", path, 200, headers=store.owner | {"If-None-Match": before})
    assert seen.json()["version"] == made["version"] and seen.headers["ETag"] != before, "it shows something else"
    change = {"description": "mine"}
    store.call("PATCH", path, 200, json=change, headers=store.owner | {"If-Match": f'"{made["version"]}"'})
    store.call("DELETE", path, 204, headers=store.owner)


def test_gone_disables_the_endpoint(store, receiver):
    made = hook(store, receiver, ["souk.order.placed.v1"])
    receiver.status = 410
    store.buy(store.product(stock=1))
    wait_for(lambda: store.get(f"/webhooks/{made['id']}", headers=store.owner)["status"] == "disabled")


def test_codes_never_leave_by_webhook(souk, store, receiver):
    hook(store, receiver, ["*"])
    store.customer("secret@example.com")
    wait_for(lambda: "souk.user.confirmed.v1" in receiver.events())
    code = souk.code_mailed_to("secret@example.com")
    for _, body in receiver.got:
        assert b"code_sealed" not in body and code.encode() not in body
