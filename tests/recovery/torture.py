#!/usr/bin/env python3
"""Kills a souk at random moments while shoppers are at it, and has the checker say what was lost, doubled or oversold.

    tests/recovery/torture.py [--minutes N] [--threads N] [--apart LEAST MOST] [--seed N]
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sys
import threading
import time

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "scenarios")]

import announcements  # noqa: E402
import checker  # noqa: E402
import httpx  # noqa: E402
from journal import Journal  # noqa: E402
from receiver import Receiver  # noqa: E402
from restarts import Restarts  # noqa: E402
from shop import Souk, bearer  # noqa: E402
from shoppers import Shopper, kinds_of_writes  # noqa: E402

# Seconds. What may lawfully wait after the last kill: a mail for the end of its lease (15 s) and then for its message's
# backoff (up to 27 s), a delivery for the end of its lease (30 s), a message whose failure was not recorded (60 s).
# counted from the last time that less was wrong than before: after minutes of load, thousands of events are still to be
# delivered.
settling_max = 100
calm_s = 35  # Longer than the longest lease: whatever a kill cut short has been taken up again.
scopes = [f"{what}:{way}" for what in ("catalog", "inventory", "orders") for way in ("read", "write")]
scopes += ["webhooks:write", "notifications:read"]


class Torture:
    """One run in a folder of its own."""

    def __init__(self, folder, seed, threads, kills_apart=(0.3, 3.0), **settings):
        self.folder, self.seed, self.threads, self.kills_apart = pathlib.Path(folder), seed, threads, kills_apart
        self.folder.mkdir(parents=True, exist_ok=True)
        self.souk = Souk(self.folder, **{"SOUK_ORDERS_PAYMENT_DEADLINE_S": 5} | settings)
        self.random = random.Random(seed)
        self.journal = Journal(self.folder / "journal.jsonl")
        self.receiver = Receiver(self.journal)
        self.early_kills = 0

    def open_shop(self):
        self.store = self.souk.new_store(slug="torture")
        self.journal.stock({self.store.product(stock=n, price=p): n for n, p in [(5, 999), (40, 333)] + [(2000, 1250)] * 10})
        self.staff = self.key()
        made = self.store.call("POST", "/webhooks", 201, json={"url": self.receiver.url, "events": ["*"]}, headers=self.store.owner)
        self.webhook = made.json()["id"]
        self.restarts = Restarts(self.journal, self.connect, self.store.base, self.staff, self.seed)

    def connect(self):
        return httpx.Client(base_url=self.souk.url, timeout=60, verify=False)  # Nothing to verify, and no certificates to load.

    def key(self):
        """An API key: it outlives any access token."""
        made = self.store.call("POST", "/api-keys", 201, json={"name": "t", "scopes": scopes}, headers=self.store.owner)
        return bearer(made.json()["secret"])

    def kill(self):
        if (code := self.souk.process.poll()) is not None:
            self.journal.odd(f"the server ended by itself: {code}")
        self.journal.kill(time.time())
        self.souk.stop(signal.SIGKILL)
        self.souk.log.close()
        self.restarts.join()

    def start(self):
        """Starts it; one time in six it is killed while it starts."""
        if self.random.random() < 1 / 6:
            early = threading.Timer(self.random.uniform(0.0, 0.15), self.kill_early)
            early.start()
            with contextlib.suppress(AssertionError):
                self.souk.start()
            early.join()
            code = self.souk.process.poll()
            if code is None:
                return
            if code != -signal.SIGKILL:
                self.journal.odd(f"the server did not start: {code}")
            self.souk.stop()
        self.souk.start()

    def kill_early(self):
        process = self.souk.process
        if process and process.poll() is None:
            self.journal.kill(time.time())
            self.early_kills += 1
            process.kill()
            process.wait(30)

    @contextlib.contextmanager
    def shoppers(self):
        """They are at it for as long as the block runs; afterwards all have their answers."""
        stop = threading.Event()
        shoppers = [
            Shopper(i, self.seed, self.journal, self.souk.url, self.store.base, self.staff, stop)
            for i in range(self.threads)
        ]
        for shopper in shoppers:
            shopper.start()
        try:
            yield
        finally:
            stop.set()
        for shopper in shoppers:
            shopper.join(150)
            if shopper.is_alive():
                self.journal.odd(f"{shopper.name} still waits for an answer")
        self.reads = sum(shopper.reads for shopper in shoppers)

    def load(self, seconds, kills_min):
        end = time.monotonic() + seconds
        with self.shoppers():
            while time.monotonic() < end or len(self.journal.kills) < kills_min:
                time.sleep(self.random.uniform(*self.kills_apart))
                self.kill()
                time.sleep(self.random.choice([0, 0, 0.2]))
                self.start()
                self.restarts.begin()
            self.restarts.join()

    def payments(self, orders):
        """Order id -> the manual provider's rows of it, as `souk ledger query payments` prints them. Asks the control socket
        itself: a process for each of tens of thousands of orders takes too long."""
        found, home = {}, os.open(self.souk.data, os.O_RDONLY)  # A socket's path may not be as long as a folder's.
        for order in orders:
            options = {"table": "payments", "partition": f"{self.store.id}#order#{order}"}
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(f"/proc/self/fd/{home}/control")
                control.sendall(json.dumps({"name": "ledger query", "options": options}).encode() + b"\n")
                with control.makefile("rb") as answer:
                    rows, code = answer.read().split(b"\0")
            assert int(code) == 0, rows
            found[order] = [json.loads(row)["body"] for row in rows.splitlines()]
        os.close(home)
        return found

    def look(self):
        return checker.observe(
            self.souk.http, self.store.base, self.staff, self.admin, self.webhook, self.souk.data / "outbox", self.journal
        )

    def settle(self, calm):
        """(complaints, state) once nothing is wrong twice, `calm` seconds apart, or it has had its time."""
        start, good_since, least = time.monotonic(), None, None
        while True:
            looking = time.monotonic()
            self.admin = self.souk.admin()  # A token lives for a quarter of an hour, and settling may take longer.
            state = self.look()
            wrong = checker.shown(self.journal, state)
            now = time.monotonic()
            with open(self.folder / "settling.txt", "a") as notes:
                left = collections.Counter(complaint.split(":")[0] for complaint in wrong)
                notes.write(f"{now - start:6.1f} s {dict(left)} {wrong[:3]}\n")
            good_since = None if wrong else good_since or now
            if least is None or len(wrong) < least:
                least, better_at = len(wrong), now
            if good_since and now - good_since >= calm or wrong and now - better_at > settling_max:
                state.provider = self.payments(checker.ever_named(self.journal, state))
                return checker.complaints(self.journal, state), state
            time.sleep(max(1, (now - looking) / 2))  # Looking at everything must not hold up what is looked for.

    def run(self, seconds, calm=3, kills_min=0):
        """(complaints, figures). The load lasts until both are reached."""
        start = time.monotonic()
        with self.souk:
            self.open_shop()
            self.load(seconds, kills_min)
            loaded = time.monotonic()
            wrong, state = self.settle(calm)
        self.receiver.close()
        figures = self.figures(state) | {"load_s": round(loaded - start), "settling_s": round(time.monotonic() - loaded)}
        (self.folder / "figures.json").write_text(json.dumps(figures | {"complaints": wrong}, indent=1))
        return wrong, figures

    def figures(self, state):
        journal, statuses = self.journal, [o["status"] for o in state.orders]
        return {
            "seed": self.seed, "threads": self.threads, "kills": len(journal.kills), "kills_while_starting": self.early_kills,
            "orders": len(statuses), **{status: statuses.count(status) for status in sorted(set(statuses))},
            "acknowledged_writes": journal.acknowledged(), "acknowledged": dict(journal.acknowledged_by_kind()),
            "retries": journal.retries, "reads": self.reads,
            "refused": journal.refusals(), "mails": len(state.mails), "mails_repeated": announcements.repeats(state),
            "webhooks": len(journal.hooks), "webhooks_repeated": len(journal.hooks) - len({h["id"] for h in journal.hooks}),
            "payments_of_the_provider": sum(map(len, state.provider.values())), **self.restarts.figures(),
        }  # fmt: skip


def short_of(figures, seconds, threads, apart_max):
    """What a run did too little of to say anything. Lenient: a slow machine does several times as much."""
    least = {
        "kills": seconds / (apart_max + 15), "checks_after_restarts": seconds / (apart_max + 15) / 2,
        "orders": seconds / 60 * threads, "acknowledged_writes": seconds / 60 * threads * 5,
    }  # fmt: skip
    for name, count in least.items():
        if figures[name] < max(1, count):
            yield f"too little happened: {figures[name]} {name}, wanted {max(1, count):.0f} or more"
    for kind in kinds_of_writes:
        if not figures["acknowledged"].get(kind):
            yield f"too little happened: no {kind} was acknowledged"
    if figures["left_unchecked"]:
        yield f"{figures['left_unchecked']} places were left unchecked"


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--apart", type=float, nargs=2, default=[0.3, 3.0], metavar="S", help="seconds between kills, least and most")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    options = parser.parse_args(words)
    folder = here.parent.parent / f"build/torture/{options.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {options.seed}, {options.threads} shoppers, {options.minutes:g} minutes, in {folder}", flush=True)
    wrong, figures = Torture(folder, options.seed, options.threads, options.apart).run(options.minutes * 60, calm=calm_s)
    wrong += short_of(figures, options.minutes * 60, options.threads, max(options.apart))
    for name, value in figures.items():
        print(f"{name:22} {value}")
    for complaint in wrong[:50]:
        print(f"WRONG {complaint}")
    if wrong:
        print(f"{len(wrong)} violations (seed {options.seed}); the journal, the log and the data are in {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print("nothing lost, doubled, oversold or left over")
    return 0


if __name__ == "__main__":
    sys.exit(main())
