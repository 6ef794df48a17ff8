"""What the clients know: every write with its answer, every kill, every webhook that came. No Souk code."""

import http.server
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

    def refusals(self):
        """How often a write of a kind was refused, by kind and code."""
        found = {}
        for w in self.writes:
            if w["status"] and w["status"] >= 300:
                name = f"{w['kind']} {w['status']} {(w['answer'] or {}).get('code')}"
                found[name] = found.get(name, 0) + 1
        return found


class Receiver:
    """Takes webhooks and journals each as {id, type, subject, header_id}."""

    def __init__(self, journal):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                seen = {name: event.get(name) for name in ("id", "type", "subject", "time")}
                journal.hook(seen | {"header_id": self.headers["webhook-id"]})
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, *_):
                pass  # The sender was killed.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
