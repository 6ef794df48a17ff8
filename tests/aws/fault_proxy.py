"""A proxy before an AWS endpoint that does what networks and services do at their worst, by a seed:

    refused     the service throttles or fails; nothing has happened
    cut before  the connection breaks before the request arrives; nothing has happened
    cut after   the request arrives and has its effect, and the connection breaks before the answer comes
    lied        the request has its effect, and the answer says 500
    slow        the answer comes late
    conflicted  a transaction met another one at its rows

and, where there are messages, what SNS and SQS permit themselves:

    sent twice      a message that is sent or published arrives twice
    received twice  messages that somebody received are visible to others all the same
    shuffled        messages are received in another order
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
of_queues = [(403, "RequestThrottled"), (500, "InternalFailure"), (503, "ServiceUnavailable")]
of_topics = [(400, "Throttling"), (500, "InternalFailure"), (503, "ServiceUnavailable")]
kinds = ["refused", "cut before", "cut after", "lied", "slow"]
losing = ["cut after", "lied"]  # These lose an answer.
# By what is called. Weighted towards them: there are few of those calls.
special_kinds = {
    "TransactWriteItems": ["conflicted"],
    "SendMessageBatch": ["sent twice"] * 3,
    "PublishBatch": ["sent twice"] * 3,
    "ReceiveMessage": ["received twice", "shuffled"] * 3,
}
slow = 0.8  # Units: seconds.


def conflict(transaction):
    """Every item of the transaction is another one's for the moment."""
    count = len(json.loads(transaction)["TransactItems"])
    code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    reasons = [{"Code": "TransactionConflict", "Message": "injected"}] * count
    return json.dumps({"__type": code, "Message": "injected", "CancellationReasons": reasons}).encode()


class FaultProxy(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, target: str, share: float, seed: int, spared: tuple[str, ...]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.share, self.spared = urllib.parse.urlsplit(target).netloc, share, spared
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.counted, self.calls = collections.Counter(), 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fate(self, action: str) -> str | None:
        with self.lock:
            self.calls += 1
            if self.random.random() >= self.share:
                return None
            possible = [kind for kind in kinds if kind not in losing or action not in self.spared]
            return self.random.choice(possible + special_kinds.get(action, []))

    def count(self, kind: str) -> None:
        with self.lock:
            self.counted[kind] += 1

    def handle_error(self, request, client_address):
        pass  # Broken connections are what this is for.


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        action = self.action(body)
        fate = self.server.fate(action)
        if fate == "refused":
            self.server.count(fate)
            return self.refuse(*self.server.random.choice(self.refusals()))
        if fate == "conflicted":
            self.server.count(fate)
            return self.answer(400, conflict(body), {})
        if fate == "cut before":
            self.server.count(fate)
            return self.cut()
        if fate == "sent twice":
            self.onward(body)
        status, text, headers = self.onward(body)
        if fate in ("received twice", "shuffled"):
            messages = json.loads(text).get("Messages", []) if status == 200 else []
            if fate == "received twice" and messages:
                self.show(json.loads(body)["QueueUrl"], messages)
            elif len(messages) > 1:
                self.server.random.shuffle(messages)
                text = json.dumps({"Messages": messages}).encode()
            else:
                fate = None  # There is nothing to do it to.
        if fate:
            self.server.count(fate)
        if fate == "cut after":
            return self.cut()
        if fate == "lied":
            return self.refuse(*self.refusals()[-2])
        if fate == "slow":
            time.sleep(slow)
        return self.answer(status, text, headers)

    def onward(self, body, **changed):
        """What the service says: status, body, headers."""
        onward = http.client.HTTPConnection(self.server.target, timeout=30)
        with contextlib.closing(onward):
            onward.request("POST", self.path, body, dict(self.headers) | changed)
            given = onward.getresponse()
            text = given.read()
            headers = {k: v for k, v in given.getheaders() if k.lower().startswith(("x-amz", "content-type"))}
        return given.status, text, headers

    def show(self, queue, messages):
        """The messages become visible to others at once."""
        for message in messages:
            body = {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            text = json.dumps(body).encode()
            changed = {"X-Amz-Target": "AmazonSQS.ChangeMessageVisibility", "Content-Length": str(len(text))}
            for name in list(self.headers):
                if name.lower() in ("x-amz-target", "content-length"):
                    del self.headers[name]
            status, problem, _ = self.onward(text, **changed)
            assert status == 200, problem

    def action(self, body):
        target = self.headers.get("X-Amz-Target", "")
        return target.rpartition(".")[2] or dict(urllib.parse.parse_qsl(body.decode())).get("Action", "")

    def refusals(self):
        target = self.headers.get("X-Amz-Target", "")
        return of_topics if not target else of_queues if target.startswith("AmazonSQS.") else refusals

    def refuse(self, status, code):
        if self.headers.get("X-Amz-Target"):
            text = json.dumps({"__type": code, "message": "injected"})
            return self.answer(status, text.encode(), {})
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>injected</Message></Error></ErrorResponse>"
        return self.answer(status, text.encode(), {"Content-Type": "text/xml"})

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
def before(target: str, share: float, seed: int, spared: tuple[str, ...] = ()) -> Iterator[FaultProxy]:
    """Stands in front of `target`; `share` of all calls meet a fault. No answer of the `spared` actions is lost."""
    proxy = FaultProxy(target, share, seed, spared)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
