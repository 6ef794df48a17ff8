"""Checks the shop after each restart, while the shoppers go on: that what was acknowledged before the kill is there, and what
must hold at every moment. No Souk code."""

import collections
import concurrent.futures
import contextlib
import random
import statistics
import threading
import time
import urllib.parse

import httpx

import checker
from journal import Journal

at_once = 8  # Requests: few beside 64 shoppers', enough to get a share of their interpreter.
older_max = 40  # Orders that were checked before and are looked at again, each time.
at_every_moment = [checker.orders_once, checker.other_writes, checker.counters, checker.steps, checker.order_halves]


def place_of(write):
    """Where a write shows: (folder of the API, id); None where it may take a while."""
    if write["kind"] in ("order", "cancel", "refund", "fulfilment"):
        return "orders", write["answer"]["id"]
    if write["kind"] == "adjustment":
        return "inventory", write["asked"]["sku"]
    return ("carts", write["asked"]["cart"]) if write["kind"] == "abandon" else None


class Restarts:
    """What is wrong after a restart goes to the journal as odd, with the kill's number and the moment."""

    def __init__(self, journal, connect, base, staff, seed):
        self.journal, self.connect, self.base, self.staff = journal, connect, base, staff
        self.random = random.Random(f"{seed}/restarts")
        self.writes = collections.defaultdict(list)  # Place -> what was acknowledged there; of SKUs and carts, what is due.
        self.seen = {}  # An order's place -> what was seen of it last, as if that had been acknowledged.
        self.due = {}  # The places to look at, oldest first.
        self.numbers = {}  # Order number -> id.
        self.taken = 0
        self.thread = None
        self.looks, self.times, self.cut_short = [], [], 0

    def begin(self):
        """To be called when the shop serves again."""
        self.thread = threading.Thread(target=self.check, daemon=True, name="restarts")
        self.thread.start()

    def join(self):
        if self.thread:
            self.thread.join()

    def check(self):
        began, kills = time.monotonic(), len(self.journal.kills)

        def note(wrongs, where=""):
            try:
                for wrong in wrongs if len(self.journal.kills) == kills else []:
                    complain(wrong)
            except Exception as problem:
                if len(self.journal.kills) == kills:  # Only another kill excuses anything.
                    complain(f"{where} {problem!r}")

        def complain(what):
            moment = f"{time.monotonic() - began:.2f} s after it served again, {time.strftime('%H:%M:%S')}"
            self.journal.odd(f"after kill {kills}, {moment}: {what}")

        note(self.take())
        # Every SKU, due or not; then what is due, the newest first, for a kill may come any time; then some of the older orders.
        places = dict.fromkeys([*(("inventory", sku) for sku in self.journal.initial), *reversed(self.due)])
        older = [place for place in self.writes if place[0] == "orders" and place not in self.due]
        places |= dict.fromkeys(self.random.sample(older, min(older_max, len(older))))
        mine = threading.local()  # A client a thread: of one that threads share, a connection was closed under another's read.
        with contextlib.ExitStack() as clients, concurrent.futures.ThreadPoolExecutor(at_once) as pool:

            def look(place):
                if not hasattr(mine, "http"):
                    mine.http = clients.enter_context(self.connect())
                note(self.wrong_at(mine.http, place), place)

            list(pool.map(look, places))
        self.cut_short += len(self.journal.kills) != kills
        self.times.append(time.monotonic() - began)

    def take(self):
        """What was acknowledged before the last kill becomes due. Says which orders have one number."""
        taken, self.taken = self.taken, self.journal.before_kill
        for w in self.journal.writes[taken : self.taken]:
            if not w["status"] or w["status"] >= 300 or not (place := place_of(w)):
                continue
            self.writes[place].append(w)
            self.due.pop(place, None)
            self.due[place] = True
            if w["kind"] == "order" and self.numbers.setdefault(w["answer"]["number"], place[1]) != place[1]:
                yield f"orders {place[1]} and {self.numbers[w['answer']['number']]} have the number {w['answer']['number']}"

    def wrong_at(self, http, place):
        folder, name = place
        part, state = Journal(), checker.State()
        part.writes = self.writes[place] + self.seen.get(place, [])
        path = f"{self.base}/{folder}/{urllib.parse.quote(name, safe='')}"
        answer = http.get(path, headers=self.staff)
        if answer.status_code != 404:
            answer.raise_for_status()
        there = {name: answer.json()} if answer.status_code == 200 else {}
        if folder == "orders":
            state.orders = list(there.values())
        elif folder == "carts":
            state.carts = there
        else:
            state.stock, state.adjustments = there or {name: {}}, {name: self.history(http, path, part)}
        yield from (f"{check.__name__}: {wrong}" for check in at_every_moment for wrong in check(part, state))
        self.looks.append(folder)
        self.due.pop(place, None)
        if folder != "orders":
            self.writes[place] = []
        elif there:
            answer = {"id": name, "status": there[name]["status"]}
            self.seen[place] = [{"kind": "seen", "key": time.strftime("%H:%M:%S"), "status": 200, "answer": answer}]

    def history(self, http, path, part):
        """The SKU's adjustments, the newest first, until all that are due were among them."""
        missing, found = {w["key"] for w in part.writes}, []
        items = checker.each(http, f"{path}/adjustments", self.staff) if missing else []
        for item in items:
            found.append(item)
            missing.discard(item["reason"])
            if not missing:
                break
        return found

    def figures(self):
        times = self.times or [0]
        return {
            "checks_after_restarts": len(self.times), "cut_short_by_a_kill": self.cut_short,
            "looked_at": dict(collections.Counter(self.looks)), "left_unchecked": len(self.due),
            "check_s": [round(f(times), 2) for f in (min, statistics.mean, max)],  # The shortest, the mean, the longest.
        }  # fmt: skip
