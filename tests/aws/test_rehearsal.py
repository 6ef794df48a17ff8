"""The scenarios of tests/scenarios, over the API that osls deployed on MiniStack: the same tests, another Souk.

Needs the packed Lambda binary for x86_64 (SOUK_LAMBDA_ZIP, or what `./dev aws package` left)."""

import contextlib
import email.message
import email.policy
import json
import os
import pathlib
import sys
import threading
import time
import types

import botocore.exceptions
import httpx
import pytest

import peer_install
import peers
import rehearsal
import stacks
from conftest import available

sys.path.insert(0, str(stacks.root / "tests/scenarios"))
modules = (
    "test_purchase", "test_races", "test_webhooks", "test_openapi", "test_carts", "test_stock", "test_orders", "test_products",
    "test_platform", "test_accounts", "test_lists", "test_paging", "test_versions", "test_walls", "test_imports",
)  # fmt: skip
# Files whose scenarios are not run over a deployed API, each with its reason.
not_here = {
    "test_backups": "the command line of one machine",
    "test_command_line": "the command line of one machine",
    "test_dead_letters": "starts a souk of its own, with a mail server that changes its mind; the queues' own are below",
    "test_gateway": "half of it starts a souk of its own; callers' limits and kept pages are off in functions",
    "test_idempotency": "not tried yet: every write of the API twice, each a call of a function; it runs in test_container.py",
    "test_idle": "looks at the process of one machine",
    "test_large_orders": "a thousand additions to a cart, each a call of a function",
    "test_large_import": "measures the memory of the process of one machine",
    "test_neighbours": "starts a souk of its own; a function sweeps once a minute",
    "test_notifications": "starts a souk of its own; what mails and webhooks say runs in test_container.py",
    "test_problems": "compares paths, which begin with MiniStack's own prefix here; routes of accounts and of the platform get API "
    "Gateway's words, not ours",
    "test_race_rounds": "starts a souk of its own; hundreds at once are more processes than a test machine has room for",
    "test_recovery": "stops and kills its own process",
    "test_routes": "asks without a credential, which API Gateway answers in its own words; test_templates.py compares routes",
    "test_same_everywhere": "not tried yet; it runs in test_container.py where all scenarios do",
    "test_standards": "starts a souk of its own, for SMTP and its own keys",
}
pytest.register_assert_rewrite(*modules)

import shop  # noqa: E402

# An emulator in Python on the machine that also runs the tests: everything takes longer.
shop.wait_for.__defaults__ = (120, 0.25)

# Scenarios that cannot be the same there, each with its reason. They are left out and counted at the end of the run.
left_out = {
    "test_an_administrator_needs_no_name": "starts a souk of its own",
    "test_an_import_waits_through_a_restart": "starts a souk of its own, and kills it",
    "test_a_picture_goes_up_by_its_address_and_onto_a_product": "pictures are shown by CloudFront, which is none here; "
    "what can be done without is below",
    "test_a_whole_catalogue_comes_in": "hundreds of products take MiniStack longer than the minute that is waited for an import",
    "test_an_address_takes_one_picture_of_its_size_and_type": "the same",
    "test_head_is_answered_as_get_is": "HEAD is no route of the deployed API (docs/aws.md)",
    "test_skus_with_odd_characters_have_an_address": "MiniStack takes %2F in a path for a slash before it looks for the route",
    "test_a_guest_buys_and_is_mailed": "MiniStack drops the display name of a raw message's From; the rest is below",
    "test_a_cancellation_answers_once_the_money_is_free": "the answer waits for five seconds; MiniStack takes longer",
    "test_concurrent_additions_are_all_counted": "twenty races for one row take MiniStack longer than API Gateway waits",
    "test_schemathesis_finds_no_fault": "an emulator's own answers (404, 405, 502) are not in the document",
    "test_two_hundred_buyers_for_the_last_unit": "MiniStack runs a process for each concurrent call: 200 do not "
    "fit a test machine. ledger_dynamodb races on DynamoDB Local instead",
    "test_the_committed_document_is_the_served_one": "the document's routes for metrics and media are of the one-machine home",
}

variables = {
    "ORDERS_PAYMENT_DEADLINE_S": "6",  # More than a busy test machine takes for an order.
    "WEBHOOKS_ALLOW_PRIVATE": "true",
}
sweep_every = 2  # Unit: seconds. EventBridge's schedules are a minute apart.


class DeployedSouk(shop.Souk):
    """The API of a deployment; what shop.Souk does with a process, this does with AWS."""

    patient = True

    def __init__(self, deployed: rehearsal.Deployed, folder: pathlib.Path):
        self.deployed = deployed
        self.folder = folder
        self.url = deployed.url
        self.http = httpx.Client(base_url=self.url, timeout=90, limits=httpx.Limits(max_connections=60))
        self.sweeping = True
        threading.Thread(target=self.sweep, daemon=True).start()

    def __exit__(self, *_):
        self.sweeping = False
        self.http.close()

    def start(self):
        shop.wait_for(self.ready)

    def ready(self):
        answer = self.http.get("/readyz")
        return answer.status_code == 200

    def environment(self):
        """What the functions know, for the command line: an operator has it from their configuration, too."""
        function = self.deployed.client("lambda").get_function_configuration(FunctionName=f"{rehearsal.prefix}users-http")
        own = {"SOUK_HOME": "aws", "AWS_ENDPOINT_URL": self.deployed.peer.url} | peers.credentials
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SOUK_"))}
        return kept | function["Environment"]["Variables"] | own

    def sweep(self):
        """As the schedules do, more often."""
        functions = self.deployed.client("lambda")
        while self.sweeping:
            for service in ("orders", "notifications"):
                with contextlib.suppress(botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                    functions.invoke(FunctionName=f"{rehearsal.prefix}{service}-sweep", Qualifier="live", Payload=b"{}")
            time.sleep(sweep_every)

    def mails(self, to=None):
        answer = httpx.get(f"{self.deployed.peer.url}/_ministack/ses/messages", timeout=30)
        kept = sorted(answer.json()["messages"].get(rehearsal.account, []), key=lambda one: one["Timestamp"])
        return [mail_of(one) for one in kept if to is None or to in one["To"]]


def mail_of(message):
    """A mail as shop.Souk.mails gives them, of what MiniStack keeps: it takes messages apart."""
    mail = email.message.EmailMessage(policy=email.policy.default)
    mail["From"], mail["To"], mail["Subject"] = message["Source"], ", ".join(message["To"]), message["Subject"]
    mail.set_content(message["BodyText"])
    mail.add_alternative(message["BodyHtml"] or "", subtype="html")
    return mail


@pytest.fixture(scope="module")
def deployed():
    available(peer_install.install_node)
    available(peer_install.install_python)
    lambda_zip = rehearsal.named_zip()
    if lambda_zip is None:
        pytest.skip("there is no packed Lambda binary: ./dev aws package, or SOUK_LAMBDA_ZIP")
    with rehearsal.deployed(lambda_zip, variables) as running:
        yield running


@pytest.fixture(scope="module")
def souk(deployed, tmp_path_factory):
    with DeployedSouk(deployed, tmp_path_factory.mktemp("souk")) as running:
        yield running


@pytest.fixture(scope="module")
def store(souk):
    return souk.new_store()


scenarios = set()


def adopt(name: str) -> None:
    """Makes the scenarios of a module tests of this one, where `souk` and `store` are the deployed ones."""
    module = __import__(name)
    for key, value in vars(module).items():
        if key.startswith("test_") and isinstance(value, types.FunctionType):
            scenarios.add(key)
            if key not in left_out:
                globals()[key] = value
        elif hasattr(value, "_fixture_function") or type(value).__name__ == "FixtureFunctionDefinition":
            globals()[key] = value


for module_name in modules:
    adopt(module_name)


def test_every_scenario_is_adopted_or_left_out_by_name(tell):
    for name, reason in (left_out | not_here).items():
        tell(f"LEFT OUT {name}: {reason}")
    assert set(left_out) <= scenarios
    assert len(scenarios) - len(left_out) >= 60


def test_every_file_of_scenarios_is_run_or_named():
    files = {path.stem for path in (stacks.root / "tests/scenarios").glob("test_*.py")}
    assert files == {*modules, *not_here} and not set(modules) & set(not_here)


def test_a_guest_buys_and_is_mailed_what(souk, store):
    sku = store.product(price=1250, stock=5)
    order = store.order(store.cart((sku, 2), address="guest@example.com"))
    assert order["status"] == "confirmed"
    assert store.stock(sku)["available"] == 3
    mail = shop.wait_for(lambda: souk.mails("guest@example.com"))[0]
    assert str(order["number"]) in mail["Subject"] + mail.get_body(("plain",)).get_content()
    assert "25.00" in mail.get_body(("plain",)).get_content()
    assert "25.00" in mail.get_body(("html",)).get_content()


# Of the right shape, and of nothing that exists.
not_understood = {
    "specversion": "1.0", "id": "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "source": "/stores/none/orders",
    "type": "souk.order.placed.v1", "subject": "none", "time": "2026-01-01T00:00:00.000Z",
    "datacontenttype": "application/json", "data": {},
}  # fmt: skip


def test_a_message_that_cannot_be_understood_is_among_the_dead_letters_and_goes_back(deployed):
    queues = deployed.client("sqs")
    live, dead = deployed.queue_url("products-orders"), deployed.queue_url("products-orders-dead")
    event = not_understood
    attributes = {"type": {"DataType": "String", "StringValue": event["type"]}}
    queues.send_message(QueueUrl=live, MessageBody=json.dumps(event), MessageAttributes=attributes)

    def letters():
        return queues.receive_message(QueueUrl=dead, VisibilityTimeout=1, WaitTimeSeconds=1).get("Messages")

    assert json.loads(shop.wait_for(letters)[0]["Body"])["id"] == event["id"]
    # Put back as an operator would by hand (MiniStack has no StartMessageMoveTask), it is tried and buried once more.
    (letter,) = shop.wait_for(letters)
    queues.send_message(QueueUrl=live, MessageBody=letter["Body"], MessageAttributes=attributes)
    queues.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
    (again,) = shop.wait_for(letters)
    assert json.loads(again["Body"])["id"] == event["id"] and again["MessageId"] != letter["MessageId"]


def test_the_platform_sees_dead_letters_and_redrives_them(deployed, souk):
    if not pathlib.Path(shop.binary).exists():
        pytest.skip(f"{shop.binary} is not built: its `admin create` makes the administrator")
    admin = souk.admin()
    queues = deployed.client("sqs")
    body = json.dumps(not_understood | {"id": "evt_01ARZ3NDEKTSV4RRFFQ69G5FAW"})
    queues.send_message(QueueUrl=deployed.queue_url("carts-orders"), MessageBody=body)

    def letters():
        answer = souk.http.get("/v1/admin/dead-letters", params={"queue": "carts-orders"}, headers=admin)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    assert shop.wait_for(letters)[0]["queue"] == "carts-orders"
    answer = souk.http.post("/v1/admin/dead-letters/redrive", json={"queue": "carts-orders"}, headers=admin | shop.key())
    assert answer.status_code == 200 and answer.json()["redriven"] == 1, answer.text


def test_a_cart_that_was_left_behind_is_announced_by_the_sweep_of_carts(deployed, store):
    """With its total, for which the sweep reads products and the store."""
    cart = store.cart((store.product(price=700, stock=3), 2), address="left@example.com")
    (row,) = deployed.rows("carts", sort="cart", of=cart["email"])
    body = json.loads(row["b"]["S"])
    deployed.make_due("carts", row, body | {"touched": body["touched"] - 2 * 24 * 3600 * 1000})
    assert deployed.sweep("carts") == 1
    (row,) = deployed.rows("carts", sort="cart", of=cart["email"])
    assert "g2sk" not in row and json.loads(row["b"]["S"])["announced"] is True
    (event,) = [one for one in deployed.events("carts", "souk.cart.abandoned.v1") if cart["email"] in one]
    assert '"amount":1400' in event.replace("\\", ""), event


def test_a_file_goes_up_by_its_address_and_onto_a_product(store):
    """To S3 by the address that a function signed, and found there by the function before the product shows it."""
    png = b"\x89PNG\r\n\x1a\n" + bytes(40)
    made = store.call("POST", "/media", 201, json={"content_type": "image/png", "size": len(png)}, headers=store.owner).json()
    change = {"media": [{"id": made["id"]}]}
    path = f"/products/{store.product_id(store.product())}"
    refused = store.call("PATCH", path, 422, json=change, headers=store.owner).json()
    assert refused["errors"][0]["code"] == "media_not_uploaded"
    upload = made["upload"]
    sent = httpx.request(upload["method"], upload["url"], content=png, headers=upload["headers"], timeout=30)
    assert sent.status_code in (200, 201), sent.text
    changed = store.call("PATCH", path, 200, json=change, headers=store.owner).json()
    assert [one["url"] for one in changed["media"]] == [made["url"]]


def paid_back(deployed, order):
    """What the provider has given back of an order's payment."""
    (row,) = deployed.rows("payments", sort="payment", of=order["id"])
    return sum(refund["amount"] for refund in json.loads(row["b"]["S"])["refunds"])


def test_a_refund_whose_message_was_lost_is_paid_by_the_sweep_of_orders(deployed, store):
    order = store.buy(store.product(price=900, stock=3))
    assert order["status"] == "confirmed"
    with deployed.deaf("orders-payments"):
        path = f"/orders/{order['id']}/refunds"
        store.call("POST", path, 201, json={"amount": store.money(400)}, headers=store.owner | shop.key())
        (row,) = deployed.rows("orders", sort="head", of=order["id"])
        body = json.loads(row["b"]["S"])
        deployed.make_due("orders", row, body | {"money_due": body["money_due"] - 3600 * 1000})
        assert paid_back(deployed, order) == 0
        deployed.sweep("orders")  # Or the fixture's own, which runs beside the test.
        (refund,) = shop.wait_for(lambda: [one for one in store.read_order(order)["refunds"] if one["status"] != "pending"])
    assert refund["status"] == "done" and refund["amount"]["amount"] == 400
    assert store.read_order(order)["payment"]["status"] == "partially_refunded"
    assert paid_back(deployed, order) == 400


def test_no_function_was_refused_anything(deployed):
    """MiniStack held every call to the caller's role; what it refuses, it logs."""
    refused = [line for line in deployed.peer.log.splitlines() if "AccessDenied" in line or "not authorized" in line]
    assert refused == []
