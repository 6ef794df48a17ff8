"""How soon a Lambda binary asks for its first event: from exec to the first GET …/next of the Runtime API, beside `node`
doing nothing but that; the binary's size and its memory at that moment; and empty requests per second through its loop."""

import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import threading
import time

node_script = """
const http = require('http')
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
http.get({ host, port, path: '/2018-06-01/runtime/invocation/next' }, () => {})
"""
settings = {
    "SOUK_STAGE": "bench", "SOUK_TABLE_PREFIX": "souk-bench-", "SOUK_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:souk",
    "SOUK_QUEUE_URL_PREFIX": "http://127.0.0.1:1/souk-bench-", "SOUK_USER_POOL_ID": "eu-west-1_bench",
    "SOUK_USER_POOL_CLIENT_ID": "bench", "SOUK_MEDIA_BUCKET": "bench", "SOUK_MEDIA_URL": "http://127.0.0.1:1",
    "SOUK_MAIL_FROM": "a@shop.example", "SOUK_PUBLIC_URL": "http://127.0.0.1:1", "SOUK_SECRET": "x" * 32,
    "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}  # fmt: skip


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Hands out events, then keeps the one who asks for more waiting."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.done, self.left = threading.Event(), threading.Event(), 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def do_GET(self):
        self.server.asked.set()
        if self.server.left == 0:
            self.server.done.set()
            time.sleep(3600)
        self.server.left -= 1
        self.answer(200, event, {"Lambda-Runtime-Aws-Request-Id": "r", "Lambda-Runtime-Deadline-Ms": "99999999999999"})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(202, b"{}", {})

    def answer(self, status, body, headers):
        self.send_response_only(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


event = json.dumps({
    "version": "2.0", "routeKey": "GET /healthz", "rawPath": "/healthz", "rawQueryString": "", "headers": {},
    "requestContext": {"http": {"method": "GET", "path": "/healthz", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
                       "stage": "$default"},
    "isBase64Encoded": False,
}).encode()  # fmt: skip


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def environment(address):
    return settings | {"AWS_LAMBDA_RUNTIME_API": address, "_HANDLER": "stores.http", "PATH": os.environ["PATH"]}


def started(command):
    """Milliseconds to the first bytes of `next`, and KiB of memory then. Spawned without copying this process, and listened
    for without a thread: neither is the binary's to pay."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = environment(f"127.0.0.1:{listener.getsockname()[1]}")
        program = shutil.which(command[0])
        begin = time.perf_counter()
        child = os.posix_spawn(program, command, own)
        connection, _ = listener.accept()
        assert b"/invocation/next" in connection.recv(4096)
        took = (time.perf_counter() - begin) * 1000
        memory = resident_kib(child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        connection.close()
        return took, memory


def seconds_for(command, events):
    server = RuntimeApi()
    server.left = events
    process = subprocess.Popen(command, env=environment(server.address), stdout=subprocess.DEVNULL)
    assert server.asked.wait(30), f"{command[0]} did not ask for an event"
    begin = time.perf_counter()
    assert server.done.wait(120)
    took = time.perf_counter() - begin
    process.kill()
    process.wait()
    server.shutdown()
    return took


def start(bootstrap, rounds=15, events=2000):
    ours, node = [], []
    for _ in range(rounds):
        ours.append(started([bootstrap]))
        node.append(started(["node", "-e", node_script]))
    mine, other = (statistics.median(one[0] for one in runs) for runs in (ours, node))
    print("\n| the Lambda binary | souk | node | target |\n| --- | --- | --- | --- |")
    print(f"| exec to the first `next`, median of {rounds} | {mine:.1f} ms | {other:.1f} ms ({other / mine:.1f} x) | ≥ 10 x |")
    print(f"| size, stripped | {pathlib.Path(bootstrap).stat().st_size / 1e6:.1f} MB | – | ≤ 8 MB |")
    memory = [statistics.median(one[1] for one in runs) / 1024 for runs in (ours, node)]
    print(f"| resident then | {memory[0]:.1f} MiB | {memory[1]:.1f} MiB | – |")
    seconds = seconds_for([bootstrap], events)
    print(f"| requests per second through its loop (the Runtime API is Python) | {events / seconds:,.0f} | – | – |")
