"""A proxy before an AWS endpoint that does what networks and services do at their worst, by a seed:

    refused    the service throttles or fails; nothing has happened
    cut before the connection breaks before the request arrives; nothing has happened
    cut after  the request arrives and has its effect, and the connection breaks before the answer comes
    lied       the request has its effect, and the answer says 500
    slow       the answer comes late
"""

import collections
import contextlib
import http.client
import http.server
import json
import random
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator

refusals = [
    (400, "com.amazonaws.dynamodb.v20120810#ThrottlingException"),
    (400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"),
    (500, "com.amazonaws.dynamodb.v20120810#InternalServerError"),
    (503, "ServiceUnavailable"),
]
kinds = ["refused", "cut before", "cut after", "lied", "slow"]
slow = 0.8  # Units: seconds.


class FaultProxy(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, target: str, share: float, seed: int):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.share = urllib.parse.urlsplit(target).netloc, share
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.counted, self.calls = collections.Counter(), 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fate(self) -> str | None:
        with self.lock:
            self.calls += 1
            if self.random.random() >= self.share:
                return None
            kind = self.random.choice(kinds)
            self.counted[kind] += 1
            return kind

    def handle_error(self, request, client_address):
        pass  # Broken connections are what this is for.


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fate = self.server.fate()
        if fate == "refused":
            status, code = self.server.random.choice(refusals)
            return self.answer(status, json.dumps({"__type": code, "message": "injected"}).encode(), {})
        if fate == "cut before":
            return self.cut()
        onward = http.client.HTTPConnection(self.server.target, timeout=30)
        with contextlib.closing(onward):
            onward.request("POST", self.path, body, dict(self.headers))
            given = onward.getresponse()
            text = given.read()
            headers = {k: v for k, v in given.getheaders() if k.lower().startswith(("x-amz", "content-type"))}
        if fate == "cut after":
            return self.cut()
        if fate == "lied":
            failed = json.dumps({"__type": refusals[2][1], "message": "injected after the effect"}).encode()
            return self.answer(500, failed, {})
        if fate == "slow":
            time.sleep(slow)
        return self.answer(given.status, text, headers)

    def answer(self, status, body, headers):
        self.send_response_only(status)
        for name, value in ({"Content-Type": "application/x-amz-json-1.0"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def cut(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def before(target: str, share: float, seed: int) -> Iterator[FaultProxy]:
    """Stands in front of `target`; `share` of all calls meet a fault."""
    proxy = FaultProxy(target, share, seed)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
