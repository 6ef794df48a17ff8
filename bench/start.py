"""How soon a Lambda binary asks for its first event: from exec to the first GET …/next of the Runtime API, beside `node`
doing nothing but that; the binary's size and its memory at that moment; and requests per second through its loop, beside
loops in node and Python that parse the same event and answer as much. The Runtime API is bench/runtime_api.cc for all."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests/aws"))

import first_start  # noqa: E402

runtime_api = root / "build/release/bench/runtime_api"
ticks = os.sysconf("SC_CLK_TCK")

node_script = """
const http = require('http')
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
http.get({ host, port, path: '/2018-06-01/runtime/invocation/next' }, () => {})
"""
# What a function must do at least: take an event, read it, answer it, over one kept connection.
node_loop = """
const http = require('http')
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
const call = (method, path, body, then) => {
  const headers = body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}
  const request = http.request({ host, port, agent, method, headers, path: '/2018-06-01/runtime/invocation/' + path }, (answer) => {
    const parts = []
    answer.on('data', (part) => parts.push(part))
    answer.on('end', () => then(answer, Buffer.concat(parts)))
  })
  request.end(body)
}
const next = () => call('GET', 'next', null, (answer, bytes) => {
  const event = JSON.parse(bytes)
  const body = JSON.stringify({ status: 'ok', path: event.rawPath })
  const result = { statusCode: 200, headers: { 'content-type': 'application/json' }, body, isBase64Encoded: false }
  call('POST', answer.headers['lambda-runtime-aws-request-id'] + '/response', JSON.stringify(result), next)
})
next()
"""
python_loop = """
import http.client, json, os
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
path = "/2018-06-01/runtime/invocation/"
while True:
    connection.request("GET", path + "next")
    answer = connection.getresponse()
    event = json.loads(answer.read())
    body = json.dumps({"status": "ok", "path": event["rawPath"]})
    result = {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body, "isBase64Encoded": False}
    headers = {"content-type": "application/json"}
    connection.request("POST", path + answer.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", json.dumps(result), headers)
    connection.getresponse().read()
"""

event = json.dumps({
    "version": "2.0", "routeKey": "GET /healthz", "rawPath": "/healthz", "rawQueryString": "", "headers": {},
    "requestContext": {"http": {"method": "GET", "path": "/healthz", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
                       "stage": "$default"},
    "isBase64Encoded": False,
})  # fmt: skip


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def environment(address):
    return first_start.settings | {"AWS_LAMBDA_RUNTIME_API": address, "_HANDLER": "stores.http", "PATH": os.environ["PATH"]}


def started(command):
    """Milliseconds to the first bytes of `next`, and KiB of memory then. Spawned without copying this process, and listened
    for without a thread: neither is the binary's to pay."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = environment(f"127.0.0.1:{listener.getsockname()[1]}")
        program = shutil.which(command[0])
        begin = time.perf_counter()
        child = os.posix_spawn(program, command, own)
        connections = [listener.accept()[0]]
        if (said := connections[0].recv(4096)).startswith(first_start.registers):  # node is no extension.
            connections[0].sendall(first_start.registered)
            connections.append(listener.accept()[0])
            said = connections[1].recv(4096)
        assert b"/invocation/next" in said
        took = (time.perf_counter() - begin) * 1000
        memory = resident_kib(child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for connection in connections:
            connection.close()
        return took, memory


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / ticks


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def through_the_loop(command, events):
    """Requests per second, and microseconds of CPU that the function used for each."""
    api_command = [runtime_api, str(events), event]
    with running(api_command, stdout=subprocess.PIPE, text=True) as api:
        address = api.stdout.readline().strip()
        with running(command, env=environment(address), stdout=subprocess.DEVNULL) as function:
            seconds = float(api.stdout.readline())
            return events / seconds, cpu_seconds(function.pid) / events * 1e6


def start(bootstrap, targets, rounds=15, events=10_000):
    ours, node = [], []
    for _ in range(rounds):
        ours.append(started([bootstrap]))
        node.append(started(["node", "-e", node_script]))
    mine, other = (statistics.median(one[0] for one in runs) for runs in (ours, node))
    print("\n| the Lambda binary | souk | node | target |\n| --- | --- | --- | --- |")
    faster, megabytes = other / mine, pathlib.Path(bootstrap).stat().st_size / 1e6
    print(f"| exec to the first `next`, median of {rounds} | {mine:.1f} ms | {other:.1f} ms ({faster:.1f} x) "
          f"| {targets.judge('times a function starts sooner than node', faster, '≥ 10')} |")  # fmt: skip
    print(f"| size, stripped, MB | {megabytes:.1f} | – | {targets.judge('the size of a function, MB', megabytes, '≤ 8')} |")
    memory = [statistics.median(one[1] for one in runs) / 1024 for runs in (ours, node)]
    print(f"| resident then | {memory[0]:.1f} MiB | {memory[1]:.1f} MiB | – |")
    loop(bootstrap, 5, events)


def loop(bootstrap, rounds, events):
    loops = {"souk": [bootstrap], "node": ["node", "-e", node_loop], "python": [sys.executable, "-c", python_loop]}
    runs = {name: [] for name in loops}
    for _ in range(rounds):
        for name, command in loops.items():
            runs[name].append(through_the_loop(command, events))
    print(f"\n| the loop, {events:,} events, median of {rounds} | " + " | ".join(loops) + " |")
    print("| --- |" + " --- |" * len(loops))
    for i, what in enumerate(["requests a second", "CPU of a request, start included, µs"]):
        medians = [statistics.median(one[i] for one in runs[name]) for name in loops]
        print(f"| {what} | " + " | ".join(f"{one:,.0f}" for one in medians) + " |")
