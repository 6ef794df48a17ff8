"""The contract suites of the AWS adapters (gtest binaries of the dev build), each on its peers.

A suite runs once per peer, with that peer's address alone in its environment, so what belongs to other peers skips itself.
What it skips beyond that are the peer's gaps, which the suite names; they are printed and counted."""

import json
import os
import pathlib
import re
import subprocess

import pytest

import peers
import stacks

build = pathlib.Path(os.environ.get("SOUK_TEST_BUILD", stacks.root / "build/dev"))
time_max = 900  # Units: seconds, of one suite on one peer under ASan.

# Adapter, its binary with peer tests, peer, the variable that they read. Source: tests/adapters/*.
runs = [
    ("ledger_dynamodb", "ledger_dynamodb_peer_tests", "dynamodb_local", "SOUK_PEER_DYNAMODB"),
    ("bus_sns_sqs", "bus_sns_sqs_tests", "elasticmq", "SOUK_PEER_SQS_ELASTICMQ"),
    ("bus_sns_sqs", "bus_sns_sqs_tests", "moto", "SOUK_PEER_MOTO"),
    ("identity_cognito", "identity_cognito_peer_tests", "cognito_local", "SOUK_PEER_COGNITO_LOCAL"),
    ("identity_cognito", "identity_cognito_peer_tests", "moto", "SOUK_PEER_MOTO"),
    ("media_s3", "media_s3_tests", "moto", "SOUK_PEER_MOTO"),
    ("mail_ses", "mail_ses_tests", "moto", "SOUK_PEER_MOTO"),
]

# What an emulator cannot show, by its run; the suite says why. Anything else that is left out is a fault of ours.
of_queues = "Moto/MessageBusContract/0"
gaps_known = {
    ("bus_sns_sqs", "moto"): {
        f"{of_queues}.DeliversEveryMessageOfManyToOneReceiverOnly", f"{of_queues}.WakesAReceiverForEachOfManyMessages",
    },
} | {
    ("identity_cognito", name): {
        f"{called}/IdentitySessions.{test}/0" for test in ("SignInGivesATokenThatSaysWhoAndWhere", "AnAccessTokenExpires")
    } for name, called in (("cognito_local", "CognitoLocal"), ("moto", "Moto"))
}  # fmt: skip


def cases(report: dict, said: str):
    """(suite.name, result, why) of every test: result is COMPLETED, FAILED, SKIPPED or SUPPRESSED. The report of this
    gtest does not hold why a test was skipped; what it said while running does."""
    skipped = dict(re.findall(r"^\[ RUN      \] (\S+)\n((?:(?!\[ RUN).*\n)*?)\[  SKIPPED \]", said, re.M))
    for suite in report["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{suite['name']}.{case['name']}"
            why = " ".join(one["failure"] for one in case.get("failures", [])) or skipped.get(name, "")
            why = " ".join(line for line in why.splitlines() if not line.endswith(": Skipped"))
            yield name, "FAILED" if case.get("failures") else case["result"], why.strip()


@pytest.mark.parametrize("adapter,tests,name,variable", runs, ids=[f"{one[0]}-{one[2]}" for one in runs])
def test_the_contract_holds(peer, tmp_path, tell, adapter, tests, name, variable):
    binary = build / f"tests/adapters/{adapter}/{tests}"
    if not binary.exists():
        pytest.skip(f"{binary} is not built")
    running = peer(name)
    report = tmp_path / "report.json"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "SOUK_PEER_"))}
    done = subprocess.run(
        [binary, f"--gtest_output=json:{report}", "--gtest_color=no"],
        env=inherited | peers.credentials | {variable: running.url}, cwd=tmp_path, capture_output=True, text=True,
        timeout=time_max, check=False,
    )  # fmt: skip
    assert report.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    seen = list(cases(json.loads(report.read_text()), done.stdout))
    failed = [f"{case}: {why[:500]}" for case, result, why in seen if result == "FAILED"]
    skipped = [(case, why) for case, result, why in seen if result == "SKIPPED"]
    elsewhere = {case for case, why in skipped if "SOUK_PEER_" in why and variable not in why}
    gaps = [(case, why) for case, why in skipped if case not in elsewhere]
    passed = sum(result == "COMPLETED" for _, result, _ in seen)
    tell(f"{adapter} on {name}: {passed} passed, {len(failed)} failed, {len(gaps)} gaps of the peer, "
         f"{len(elsewhere)} for other peers")
    for case, why in gaps:
        tell(f"{adapter} on {name}: gap: {case}: {why[:200]}")
    assert {case for case, _ in gaps} == gaps_known.get((adapter, name), set())
    assert failed == [], "\n".join(failed)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert not [case for case, why in gaps if not why], "a skip without a reason"
    assert passed > 0
