"""A message that cannot be delivered: to the dead letters, and back once it can."""

import email
import email.policy
import json
import pathlib
import re
import subprocess

import pytest

from shop import Souk, free_port, wait_for

server = """
import json, pathlib, sys, time
from aiosmtpd.controller import Controller

class Moody:
    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = pathlib.Path(sys.argv[2]).read_text()
        if refusal and address.startswith("poison"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with open(sys.argv[3], "a") as out:
            out.write(json.dumps([envelope.rcpt_tos, envelope.content.decode()]) + "\\n")
        return "250 OK"

Controller(Moody(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("ready", flush=True)
time.sleep(600)
"""


class MoodySouk(Souk):
    """Sends its mails to a server that refuses those to poison… while `refusal` holds an answer."""

    def __init__(self, folder):
        self.refusal, self.kept = pathlib.Path(folder) / "refusal", pathlib.Path(folder) / "mails"
        self.refusal.write_text("550 5.1.1 no such mailbox")
        self.kept.touch()
        port = free_port()
        self.server = subprocess.Popen(
            ["/usr/bin/python3", "-c", server, str(port), self.refusal, self.kept], stdout=subprocess.PIPE
        )
        assert self.server.stdout.readline() == b"ready\n"
        super().__init__(
            folder, SOUK_MAIL_HOST="127.0.0.1", SOUK_MAIL_PORT=port, SOUK_MAIL_ENCRYPTION="none", SOUK_MAIL_FROM="souk@shop.example"
        )

    def __exit__(self, *args):
        super().__exit__(*args)
        self.server.kill()
        self.server.wait()

    def mails(self, to=None):
        lines = [json.loads(line) for line in self.kept.read_text().splitlines()]
        return [email.message_from_string(text, policy=email.policy.default) for tos, text in lines if to in (None, *tos)]


@pytest.fixture(scope="module")
def moody(tmp_path_factory):
    with MoodySouk(tmp_path_factory.mktemp("moody")) as souk:
        yield souk


def letters(souk, admin, query=""):
    answer = souk.http.get(f"/v1/admin/dead-letters{query}", headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def poison(souk, store, name, refusal="550 5.1.1 no such mailbox"):
    souk.refusal.write_text(refusal)
    order = store.order(store.cart((store.product(stock=1), 1), address=f"poison-{name}@example.com"))
    assert order["status"] == "confirmed"  # The shop goes on whatever becomes of its mails.
    return order


def mail_status(store, order):
    items = store.get("/notifications", headers=store.owner)["items"]
    return [n["status"] for n in items if n["to"] == order["email"]]


def test_a_refused_mail_is_a_dead_letter_until_it_is_redriven(moody):
    admin, store = moody.admin(), moody.new_store()
    order = poison(moody, store, "one")
    letter = wait_for(lambda: next((d for d in letters(moody, admin) if d["event"]["subject"] == order["id"]), None))
    assert letter["event_type"] == "souk.order.confirmed.v1" and "550" in letter["reason"]
    assert mail_status(store, order) == ["failed"]
    assert letters(moody, admin, f"?queue={letter['queue']}")
    moody.refusal.write_text("")
    body = {"queue": letter["queue"], "ids": [letter["id"]]}
    redriven = moody.http.post("/v1/admin/dead-letters/redrive", json=body, headers=admin)
    assert redriven.status_code == 200 and redriven.json()["redriven"] == 1
    wait_for(lambda: moody.mails(order["email"]))
    wait_for(lambda: mail_status(store, order) == ["sent"])
    assert letter["id"] not in [d["id"] for d in letters(moody, admin)]
    assert len(moody.mails(order["email"])) == 1


def deaths(souk):
    """Of mails: as they are counted, and as they are logged."""
    found = re.search(r'^souk_dead_letters_total\{queue="notifications-mails"\} (\d+)$', souk.http.get("/metrics").text, re.M)
    logged = [json.loads(line) for line in (souk.folder / "log.jsonl").read_text().splitlines() if '"message died' in line]
    return int(found[1]) if found else 0, [line["level"] for line in logged]


@pytest.mark.parametrize("refusal", ["550 5.1.1 no such mailbox", "450 4.2.1 busy"])
def test_a_message_that_dies_is_counted_and_logged_once(moody, refusal):
    """The bug: that nothing more would be tried was said nowhere. At once, or after all tries."""
    store, (before, _) = moody.new_store(), deaths(moody)
    poison(moody, store, f"dies-{refusal[:3]}", refusal)
    counted, levels = wait_for(lambda: (now := deaths(moody))[0] > before and now, seconds=90)
    assert counted == before + 1 and levels == ["error"] * counted
    moody.refusal.write_text("")


@pytest.mark.parametrize("body", [None, {}, "ids"])
def test_everything_is_redriven_unless_some_are_named(moody, body):
    admin, store = moody.admin(), moody.new_store()
    order = poison(moody, store, f"all-{body}".lower().replace("{}", "empty"))
    letter = wait_for(lambda: next((d for d in letters(moody, admin) if d["event"]["subject"] == order["id"]), None))
    moody.refusal.write_text("")
    sent = {"ids": [letter["id"]]} if body == "ids" else body
    redriven = moody.http.post("/v1/admin/dead-letters/redrive", json=sent, headers=admin)
    assert redriven.status_code == 200 and redriven.json()["redriven"] >= 1, redriven.text
    wait_for(lambda: mail_status(store, order) == ["sent"])


def test_dead_letters_are_the_platform_s_alone(moody):
    store = moody.new_store()
    for headers in (store.owner, store.customer()):
        assert moody.http.get("/v1/admin/dead-letters", headers=headers).status_code in (401, 403)
        assert moody.http.post("/v1/admin/dead-letters/redrive", json={}, headers=headers).status_code in (401, 403)
    assert moody.http.get("/v1/admin/dead-letters").status_code == 401
    admin = moody.admin()
    none = moody.http.post("/v1/admin/dead-letters/redrive", json={"queue": "no-such-queue"}, headers=admin)
    assert none.status_code == 422 and none.json()["errors"][0]["pointer"] == "/queue"
