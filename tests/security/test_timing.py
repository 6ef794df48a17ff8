"""How long an answer takes tells no stranger what is there: elsewhere and nowhere, known and unknown cost alike.

Gross differences only: a password hash, a wait for another machine. The quickest quarter of interleaved tries is compared, since
whatever else the machine does only makes them slower. TIMING_SLACK_MS=0.8 on an idle machine finds a commit as well; that
both sides make the same commits and hashes is counted by tests/adapters/identity_local, which no noise disturbs.
"""

import http.client
import json
import os
import statistics
import time

import pytest

import matrix
from shop import Souk, key, next_name, password
from world import ids_of_nothing

rounds = 16
slack_seconds = float(os.environ.get("TIMING_SLACK_MS", "6")) / 1000


class Stopwatch:
    """One connection, and how long its answers take."""

    def __init__(self, souk):
        self.connection = http.client.HTTPConnection("127.0.0.1", souk.port, timeout=30)
        self.connection.connect()

    def time(self, method, path, body, headers):
        content = None if body is None else json.dumps(body)
        headers = headers | ({"Content-Type": "application/json"} if content else {})
        started = time.perf_counter()
        self.connection.request(method, path, content, headers)
        answer = self.connection.getresponse()
        answer.read()
        return time.perf_counter() - started, answer.status


def quick(times):
    return statistics.median(sorted(times)[: max(3, len(times) // 4)])


def apart(one, other):
    """Whether two series differ grossly."""
    slow, fast = sorted((quick(one), quick(other)), reverse=True)
    return slow - fast > slack_seconds and slow > fast * 1.3


def compared(ask_one, ask_other, tries):
    """Three chances, since others use the machine as well: who can tell them apart can do it each time."""
    for _ in range(3):
        one, other = [], []
        for i in range(tries):
            one.append(ask_one(i))
            other.append(ask_other(i))
        if not apart(one, other):
            return None
    return f"{quick(one) * 1000:.2f} ms and {quick(other) * 1000:.2f} ms"


def test_a_hash_more_would_be_noticed(souk):
    """The yardstick's own fixture: a hash of a password apart is gross, nothing apart is not."""
    watch = Stopwatch(souk)
    body = {"email": "nobody@example.com", "password": password, "name": "N"}

    def hashed(_):
        return watch.time("POST", "/v1/auth/sign-up", body | {"email": next_name("new") + "@example.com"}, key())[0]

    def refused(_):
        return watch.time("POST", "/v1/auth/sign-up", {"no": 1}, key())[0]

    assert compared(hashed, refused, 4)
    assert compared(refused, refused, rounds) is None


named = [case for case in matrix.cases if case.of_store and case.names_something]


@pytest.mark.parametrize("case", named, ids=lambda case: case.operation)
def test_elsewhere_and_nowhere_take_equally_long(souk, world, case):
    who = world.principal("customer of b" if case.audience == "customer" else "owner of b")
    watch, foreign = Stopwatch(souk), world.ids("b", "a")
    missing = foreign | ids_of_nothing()

    def ask(ids):
        headers = world.headers[who] | (key() if case.method == "POST" else {})
        body = case.body if case.body is None else json.loads(
            json.dumps(case.body).replace("{sku}", ids["sku"]).replace("{cart}", ids["cart"])
        )  # fmt: skip
        return watch.time(case.method, case.path.format(**ids), body, headers)[0]

    assert compared(lambda _: ask(foreign), lambda _: ask(missing), rounds) is None


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A souk of its own with accounts that are known, and one where each has an allowance left."""
    with Souk(tmp_path_factory.mktemp("people")) as souk:
        known = [next_name("known") + "@example.com" for _ in range(6)]
        for mail in known:
            souk.sign_up("/v1", mail)
        yield souk, known


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("sign-in", {"password": "not the password"}), ("forgot-password", {}), ("resend-confirmation", {}),
        ("confirm-sign-up", {"code": "000000"}),
        ("confirm-forgot-password", {"code": "000000", "new_password": "quite another horse"}),
        ("sign-up", {"password": password, "name": "N"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_known_and_unknown_accounts_take_equally_long(people, verb, body):
    souk, known = people
    watch = Stopwatch(souk)
    unknown = [next_name("unknown") + "@example.com" for _ in known]
    seen = set()

    def ask(mail):
        took, status = watch.time("POST", f"/v1/auth/{verb}", body | {"email": mail}, key())
        seen.add(status)
        return took

    # Each account has a few tries a minute or an hour: one a round, and less than those in all.
    assert compared(lambda i: ask(known[i]), lambda i: ask(unknown[i]), len(known)) is None
    assert len(seen) == 1 and 429 not in seen, seen
