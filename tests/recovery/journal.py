"""What the clients know: every write with its answer, every kill, every webhook that came. No Souk code."""

import collections
import json
import threading
import time


class Journal:
    """A record of writes, kept in memory and as lines of a file."""

    def __init__(self, file=None, initial=None):
        self.initial = dict(initial or {})  # Stock by SKU before the load.
        self.writes, self.hooks, self.kills, self.oddities = [], [], [], []
        self.retries = self.before_kill = 0  # How many writes there were at the last kill.
        self.lock = threading.Lock()
        self.file = open(file, "a", buffering=1) if file else None

    def line(self, **entry):
        if self.file:
            self.file.write(json.dumps(entry) + "\n")

    def stock(self, initial):
        self.initial = dict(initial)
        self.line(initial=self.initial)

    def write(self, kind, key, asked, status, answer, attempts=1):
        """A write and the answer that ended it; status None: never answered."""
        entry = {"kind": kind, "key": key, "asked": asked, "status": status, "answer": answer, "attempts": attempts}
        with self.lock:
            self.writes.append(entry)
            self.retries += attempts - 1
            self.line(at=time.time(), write=entry)
        return entry

    def odd(self, what):
        """An answer that no shopper should ever see."""
        with self.lock:
            self.oddities.append(what)
            self.line(at=time.time(), odd=what)

    def kill(self, at):
        with self.lock:
            self.kills.append(at)
            self.before_kill = len(self.writes)
            self.line(at=at, kill=len(self.kills))

    def hook(self, event):
        event = {"at": time.time()} | event
        with self.lock:
            self.hooks.append(event)
            self.line(at=event["at"], hook=event)

    def of(self, kind):
        """The acknowledged writes of a kind."""
        return [w for w in self.writes if w["kind"] == kind and w["status"] and w["status"] < 300]

    def acknowledged(self):
        return sum(1 for w in self.writes if w["status"] and w["status"] < 300)

    def acknowledged_by_kind(self):
        return collections.Counter(w["kind"] for w in self.writes if w["status"] and w["status"] < 300)

    def refusals(self):
        """How often a write of a kind was refused, by kind and code."""
        found = {}
        for w in self.writes:
            if w["status"] and w["status"] >= 300:
                name = f"{w['kind']} {w['status']} {(w['answer'] or {}).get('code')}"
                found[name] = found.get(name, 0) + 1
        return found
