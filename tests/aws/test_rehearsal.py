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
modules = ("test_purchase", "test_races", "test_webhooks", "test_openapi")
pytest.register_assert_rewrite(*modules)

import shop  # noqa: E402

# An emulator in Python on the machine that also runs the tests: everything takes longer.
shop.wait_for.__defaults__ = (120, 0.25)

# Scenarios that cannot be the same there, each with its reason. They are left out and counted at the end of the run.
left_out = {
    "test_a_guest_buys_and_is_mailed": "MiniStack drops the display name of a raw message's From; the rest is below",
    "test_concurrent_additions_are_all_counted": "twenty races for one row take MiniStack longer than API Gateway waits",
    "test_schemathesis_finds_no_fault": "an emulator's own answers (404, 405, 502) are not in the document",
    "test_two_hundred_buyers_for_the_last_unit": "MiniStack runs a process for each concurrent call: 200 do not "
    "fit a test machine. ledger_dynamodb races on DynamoDB Local instead",
    "test_the_committed_document_is_the_served_one": "the document's routes for metrics and media are of the one-machine home",
}

variables = {
    "ORDERS_PAYMENT_DEADLINE_S": "2",
    "WEBHOOKS_ALLOW_PRIVATE": "true",
}
sweep_every = 2  # Unit: seconds. EventBridge's schedules are a minute apart.


class DeployedSouk(shop.Souk):
    """The API of a deployment; what shop.Souk does with a process, this does with AWS."""

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
    for name, reason in left_out.items():
        tell(f"LEFT OUT {name}: {reason}")
    assert set(left_out) <= scenarios
    assert len(scenarios) - len(left_out) >= 20


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


def test_no_function_was_refused_anything(deployed):
    """MiniStack held every call to the caller's role; what it refuses, it logs."""
    refused = [line for line in deployed.peer.log.splitlines() if "AccessDenied" in line or "not authorized" in line]
    assert refused == []
