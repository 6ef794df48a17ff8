"""Everything between the functions, deployed on MiniStack with a stand-in for the binary: routes, authorizer, streams,
topic, filters, queues, dead letters, schedules, and the roles that permit all of it."""

import json
import pathlib
import re
import time

import httpx
import pytest

import declared
import peer_install
import peers
import rehearsal
from conftest import available

wait_max = 90  # Units: seconds. Schedules run each minute.


def wait_for(check, seconds=wait_max):
    """The first true value of check()."""
    end = time.monotonic() + seconds
    while not (value := check()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
    return value


@pytest.fixture(scope="module")
def echo_log(tmp_path_factory):
    return tmp_path_factory.mktemp("echo") / "log.jsonl"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory, echo_log):
    available(peer_install.install_node)
    available(peer_install.install_python)
    script = (pathlib.Path(__file__).parent / "echo_bootstrap.py").read_text()
    lambda_zip = tmp_path_factory.mktemp("zip") / "souk.zip"
    lambda_zip.write_bytes(rehearsal.zip_of(f"#!{peer_install.python}\n{script}"))
    with rehearsal.deployed(lambda_zip, {"ECHO_LOG": str(echo_log)}) as running:
        yield running


@pytest.fixture(scope="module")
def api(deployed):
    with httpx.Client(base_url=deployed.url, timeout=60) as client:
        yield client


@pytest.fixture
def told(echo_log):
    """What functions have told since the test began, as far as it has the given members."""
    began = echo_log.stat().st_size if echo_log.exists() else 0

    def since(**wanted):
        text = echo_log.read_bytes()[began:].decode() if echo_log.exists() else ""
        lines = [json.loads(line) for line in text.splitlines()]
        return [line for line in lines if wanted.items() <= line.items()]

    return since


@pytest.fixture(scope="module")
def token(deployed):
    """An access token of the pool."""
    pool = {"UserPoolId": deployed.exports["UserPoolId"]}
    accounts = deployed.client("cognito-idp")
    accounts.admin_create_user(**pool, Username="somebody", MessageAction="SUPPRESS")
    accounts.admin_set_user_password(**pool, Username="somebody", Password="correct horse", Permanent=True)
    proven = accounts.admin_initiate_auth(
        **pool, ClientId=deployed.exports["UserPoolClientId"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "somebody", "PASSWORD": "correct horse"},
    )  # fmt: skip
    return proven["AuthenticationResult"]["AccessToken"]


def called(api, key, **options):
    """The answer to a request of that route."""
    method, pattern = key.split()
    return api.request(method, re.sub(r"\{(\w+)\}", r"some-\1", pattern), **options)


def routes(guarded):
    for key, (service, audiences) in declared.routes().items():
        if key not in declared.elsewhere and (audiences <= declared.by_token_alone) == guarded:
            yield key, service


def test_every_open_route_reaches_its_function(api):
    for key, service in routes(guarded=False):
        said = called(api, key).json()
        assert (said["handler"], said["route"]) == (f"{service}.http", key)


def test_guarded_routes_turn_away_who_has_no_token(api, token):
    header, payload, signature = token.split(".")
    forged = f"{header}.{payload}.{signature[:-8]}{'AAAAAAAA' if signature[-8:] != 'AAAAAAAA' else 'BBBBBBBB'}"
    for key, _ in routes(guarded=True):
        assert called(api, key).status_code == 401, key
        assert called(api, key, headers={"Authorization": f"Bearer {forged}"}).status_code == 401, key
        assert called(api, key, headers={"Authorization": "Bearer sk_0123456789"}).status_code == 401, key


def test_guarded_routes_let_tokens_through(api, token):
    for key, service in routes(guarded=True):
        said = called(api, key, headers={"Authorization": f"Bearer {token}"}).json()
        assert (said["handler"], said["route"]) == (f"{service}.http", key)
        assert said["claims"]["token_use"] == "access"


def test_what_no_route_takes_goes_to_the_gateway(api):
    # OPTIONS would go there too; MiniStack answers it itself, with 403 where the API has no CORS of its own.
    for method, path in (("GET", "/nothing/here"), ("PUT", "/v1/stores"), ("DELETE", "/v1/stores/shop/products")):
        said = api.request(method, path).json()
        assert (said["handler"], said["route"]) == (f"{declared.operator_service}.http", "$default"), path


def put_row(deployed, table, row):
    deployed.client("dynamodb").put_item(
        TableName=rehearsal.prefix + table, Item={name: {"S": value} for name, value in row.items()}
    )


@pytest.mark.parametrize("kind", ["souk.order.confirmed.v1", "souk.import.requested.v1", "souk.stock.low.v1"])
def test_an_outbox_row_reaches_every_subscriber_and_nobody_else(deployed, told, kind):
    body = json.dumps({"specversion": "1.0", "id": f"evt_{kind}", "type": kind})
    put_row(deployed, "orders", {"pk": "outbox#07", "sk": f"evt_{kind}", "e": body})
    wanted = {rehearsal.prefix + queue for queue, (_, types) in declared.subscriptions().items() if kind in types}
    assert wanted
    wait_for(lambda: {line["queue"] for line in told(body=body)} >= wanted)
    time.sleep(2)  # For those who should not hear of it.
    assert {line["queue"] for line in told(body=body)} == wanted
    assert {line["handler"] for line in told(body=body)} == {queue.split("-")[2] + ".reactions" for queue in wanted}


def test_every_tables_outbox_is_relayed_and_its_rows_are_not(deployed, told):
    for table in sorted(declared.tables()):
        body = json.dumps({"type": "souk.nobody.cares.v1"})
        put_row(deployed, table, {"pk": f"store_{table}#row", "sk": "row", "b": "plain"})
        put_row(deployed, table, {"pk": f"outbox#{table}", "sk": "evt_1", "e": body})
    wait_for(lambda: {line["row"] for line in told() if "row" in line} >= {f"outbox#{t}" for t in declared.tables()})
    assert not [line for line in told() if line.get("row", "").startswith("store_")]


def test_a_message_that_keeps_failing_ends_among_its_dead_letters(deployed, told):
    queues = deployed.client("sqs")
    live, dead = deployed.queue_url("orders-stock"), deployed.queue_url("orders-stock-dead")
    queues.set_queue_attributes(QueueUrl=live, Attributes={"VisibilityTimeout": "5"})
    bodies = {"this will fail", "this is well"}
    for body in bodies:
        queues.send_message(QueueUrl=live, MessageBody=body)
    letters = wait_for(lambda: queues.receive_message(QueueUrl=dead).get("Messages"))
    assert [letter["Body"] for letter in letters] == ["this will fail"]
    assert len(told(body="this will fail")) == 5
    assert len(told(body="this is well")) == 1


def test_sweeps_run_by_themselves_and_know_the_secret(told):
    wanted = {f"{service}.sweep" for service in declared.chores()}
    wait_for(lambda: {line["handler"] for line in told(secret_bytes=32)} >= wanted)


def test_nothing_was_forbidden(deployed, echo_log):
    problems = [line for line in echo_log.read_text().splitlines() if "problem" in json.loads(line)]
    assert problems == []
    assert deployed.peer.process.poll() is None
    assert all(peers.is_loopback(address) for address in peers.listening(deployed.peer.process.pid))
