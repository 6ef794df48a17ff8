"""The same scenarios as on one machine, over HTTP, on AWS's services: DynamoDB Local, and moto for SNS, SQS, Cognito, S3
and SES."""

import os
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

import container
from conftest import started_alone

scenarios = container.root / "tests/scenarios"
# Files whose scenarios are about one machine alone, with the reason.
not_here = {
    "test_command_line.py": "the command line of one machine",
    "test_dead_letters.py": "starts a souk of its own, with a mail server that changes its mind",
    "test_idle.py": "looks at the process of one machine",
    "test_large_import.py": "measures the memory of the process of one machine",
    "test_large_orders.py": "a thousand additions, each of which reads all of them again, take an emulator too long",
    "test_race_rounds.py": "starts a souk of its own",
    "test_openapi.py": "the document is the same program's",
    "test_recovery.py": "stops and kills its own process",
    "test_standards.py": "starts a souk of its own, for SMTP and its own keys",
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


@pytest.mark.parametrize("file", files)
def test_scenarios(running, file, tmp_path):
    report = tmp_path / "report.xml"
    environment = os.environ | {
        "SOUK_ELSEWHERE": str(running.description), "SOUK_BINARY": container.binary,
        "SOUK_FIRST_NUMBER": str(10_000 * (1 + files.index(file))),
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", scenarios / file, "-q", "-p", "no:cacheprovider", f"--junitxml={report}"],
        env=environment, cwd=container.root, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    print(f"{file}: {len(cases) - len(failed) - len(skipped)} passed, {len(failed)} failed, {len(skipped)} skipped")
    assert cases and not failed, f"{ran.stdout[-6000:]}\n{running.log[-2000:]}"
