"""The same scenarios as on one machine, over HTTP, on AWS's services: DynamoDB Local, and moto for SNS, SQS, Cognito, S3
and SES."""

import json
import os
import subprocess
import sys
import time
import urllib.request
import xml.etree.ElementTree as xml

import boto3
import pytest

import container
import declared
import peers
import stacks
from conftest import started_alone

scenarios = container.root / "tests/scenarios"
# Files whose scenarios are about one machine alone, with the reason.
not_here = {
    "test_backups.py": "the command line of one machine",
    "test_command_line.py": "the command line of one machine",
    "test_dead_letters.py": "starts a souk of its own, with a mail server that changes its mind",
    "test_idle.py": "looks at the process of one machine",
    "test_large_import.py": "measures the memory of the process of one machine",
    "test_large_orders.py": "a thousand additions, each of which reads all of them again, take an emulator too long",
    "test_neighbours.py": "starts a souk of its own",
    "test_race_rounds.py": "starts a souk of its own",
    "test_openapi.py": "the document is the same program's",
    "test_recovery.py": "stops and kills its own process",
    "test_standards.py": "starts a souk of its own, for SMTP and its own keys",
}
# Scenarios of the other files that cannot be the same on moto.
left_out = {
    "test_a_picture_goes_up_by_its_address_and_onto_a_product": "moto shows pictures to nobody without credentials, as S3 does",
    "test_an_address_takes_one_picture_of_its_size_and_type": "moto holds nobody to the size that was signed",
    "test_a_stores_pages_may_send_pictures": "pictures go to the bucket, whose CORS rule test_templates.py looks at",
}
# What a purchase consists of; the others take an emulator's time, so they run where somebody asks for all.
first = {"test_carts.py", "test_idempotency.py", "test_orders.py", "test_purchase.py", "test_races.py"}
everything = os.environ.get("SOUK_ALL_SCENARIOS") == "1"
files = sorted(
    path.name
    for path in scenarios.glob("test_*.py")
    if path.name not in not_here and (everything or path.name in first)
)


@pytest.fixture(scope="module")
def running(peer):
    database = peer("dynamodb_local")
    with started_alone("moto") as moto, container.running(database, moto) as one:
        yield one


def queues(running):
    """The messages that wait in each queue or are being worked on, by the queue's name without the prefix."""
    sqs = boto3.client(
        "sqs", endpoint_url=running.moto.url, region_name=peers.region,
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = {}
    for url in sqs.list_queues(QueueNamePrefix=container.prefix)["QueueUrls"]:
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        found[url.rsplit("/", 1)[1].removeprefix(container.prefix)] = sum(map(int, counts.values()))
    return found


def mails_once_idle(running):
    """How many mails SES was given, once no queue holds anything."""
    quiet_since, end = None, time.monotonic() + 120
    while quiet_since is None or time.monotonic() < quiet_since + 2:
        waiting = {name: count for name, count in queues(running).items() if count and not name.endswith("-dead")}
        quiet_since = None if waiting else quiet_since or time.monotonic()
        assert time.monotonic() < end, f"still waiting: {waiting}"
        time.sleep(0.2)
    with urllib.request.urlopen(f"{running.moto.url}/moto-api/data.json", timeout=30) as answer:
        return len(json.load(answer)["ses"]["RawMessage"])


def command(running, *words):
    return subprocess.run(
        [container.binary, *words], env=running.environment, cwd=running.folder, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


def test_its_relay_keeps_what_cannot_be_published_where_the_functions_do(running):
    dead = {name for name in queues(running) if name.endswith("-relay-dead")}
    assert dead == {f"{service}-relay-dead" for service in stacks.services}


@pytest.mark.parametrize("file", files)
def test_scenarios(running, file, tmp_path):
    report = tmp_path / "report.xml"
    environment = os.environ | {
        "SOUK_ELSEWHERE": str(running.description), "SOUK_BINARY": container.binary,
        "SOUK_FIRST_NUMBER": str(10_000 * (1 + files.index(file))),
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", scenarios / file, "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
         "-k", " and ".join(f"not {name}" for name in left_out)],
        env=environment, cwd=container.root, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    print(f"{file}: {len(cases) - len(failed) - len(skipped)} passed, {len(failed)} failed, {len(skipped)} skipped")
    assert cases and not failed, f"{ran.stdout[-6000:]}\n{running.log[-2000:]}"


def test_what_a_relay_lost_is_published_again_and_changes_nothing_twice(running):
    """Runs after the scenarios, whose events are all there still and have all been acted upon."""
    before = mails_once_idle(running)
    assert before, "the scenarios sent none"
    again = command(running, "aws", "republish", "--since", "2020-01-01T00:00:00Z")
    assert again.returncode == 0, again.stdout + again.stderr
    published = {line.split(":")[0]: int(line.split()[1]) for line in again.stdout.splitlines()}
    assert published.keys() == set(declared.tables()) and published["orders"] > 0, again.stdout
    assert mails_once_idle(running) == before
    none = command(running, "aws", "republish", "--since", "2999-01-01T00:00:00Z")
    assert none.stdout == "".join(f"{table}: 0 published\n" for table in published)
    wrong = command(running, "aws", "republish", "--since", "yesterday")
    assert wrong.returncode == 64 and "--since" in wrong.stderr
