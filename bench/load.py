"""What all benchmarks measure with: wrk for load, the kernel's clock of a process for CPU, and requests sent in bulk to
prepare what is measured."""

import dataclasses
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import threading
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests/scenarios"))
os.environ.setdefault("SOUK_BINARY", str(root / "build/release/src/apps/souk/souk"))

from shop import Souk, Store, free_port  # noqa: E402, F401

connections = 64


def cpu_seconds(pid):
    """User and system time of a process and its children that live, to the nanosecond."""
    # Source: clock_getcpuclockid(3); Linux makes a process's clock id from its pid like this.
    return sum(time.clock_gettime((~p << 3) | 2) for p in [pid, *children(pid)])


def wait_until_quiet(pid):
    """RocksDB compacts what was written for some time: its threads' work is not that of the requests that come then."""
    while True:
        before = cpu_seconds(pid)
        time.sleep(2)
        if cpu_seconds(pid) - before < 0.02:
            return


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_mib(pid, what="VmRSS"):
    """Resident memory now, or (VmHWM) at its highest."""
    return int(re.search(rf"{what}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def reset_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def disk_mib(folder):
    return sum(f.stat().st_blocks * 512 for f in pathlib.Path(folder).rglob("*") if f.is_file()) / 2**20


@dataclasses.dataclass
class Load:
    rate: float  # Requests a second.
    cpu_us: float  # Of the server, a request.
    p50_ms: float
    p99_ms: float


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk(url, seconds, pid, clients=connections, script=None):
    before = cpu_seconds(pid)
    words = ["wrk", "-t", "1", "-c", str(clients), "-d", f"{seconds}s", "--latency", "--timeout", "30s", url]
    if script:
        words[1:1] = ["-s", str(script)]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", out)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    assert not bad and requests, f"{url}: {out}"
    at = {int(p): milliseconds(t) for p, t in re.findall(r"^ +(50|99)% +(\S+) *$", out, re.M)}
    return Load(float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), used * 1e6 / requests, at[50], at[99])


def middle(loads):
    """Of each figure the median."""
    return Load(*(statistics.median(values) for values in zip(*map(dataclasses.astuple, loads))))


def lua(file, requests):
    """A wrk script that sends these requests in turn, for ever: (method, path, headers, body) each."""
    listing = file.with_suffix(".txt")
    with open(listing, "w") as out:
        for method, path, headers, body in requests:
            out.write("\t".join([method, path, headers.get("Idempotency-Key", ""), body or ""]) + "\n")
    file.write_text(
        "local requests, n = {}, 0\n"
        "init = function()\n"
        f'  for line in io.lines("{listing}") do\n'
        '    local method, path, key, body = line:match("([^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t(.*)")\n'
        "    local headers = {}\n"
        '    if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end\n'
        '    if key ~= "" then headers["Idempotency-Key"] = key; headers["Prefer"] = "wait=20" end\n'
        "    requests[#requests + 1] = wrk.format(method, path, headers, body)\n"
        "  end\nend\n"
        "request = function()\n  n = n % #requests + 1\n  return requests[n]\nend\n"
    )
    return file


class Nginx:
    """Serves files of given sizes."""

    def __init__(self, folder, bodies):
        self.port = free_port()
        www = folder / "www"
        www.mkdir()
        for name, body in bodies.items():
            (www / name).write_bytes(body)
        conf = folder / "nginx.conf"
        conf.write_text(
            f"worker_processes {os.cpu_count()};\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\ndaemon off;\n"
            "user root;\nevents { worker_connections 4096; }\n"
            "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;\n"
            f"default_type application/json; server {{ listen 127.0.0.1:{self.port} reuseport; root {www}; }} }}\n"
        )
        self.process = subprocess.Popen(["nginx", "-c", conf, "-p", folder], stderr=subprocess.DEVNULL)
        time.sleep(0.5)

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


def bare_log(folder, bytes_each, seconds, writers=connections):
    """Appends a second that a log with fdatasync and nothing else takes."""
    program = root / "build/release/bench/bare_log"
    words = [program, folder / "bare", str(writers), str(bytes_each), str(seconds)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def bytes_logged(souk):
    """What the ledger's logs hold now."""
    return sum(f.stat().st_size for f in (souk.data / "ledger").glob("**/*.log") if f.name[0].isdigit())


def log_records(log, start=0):
    """The bytes of the ledger's log from some offset on, without the heads of its blocks' pieces, so that no record is torn."""
    # Source: RocksDB, db/log_format.h: blocks of 32 KiB; a piece is a checksum, a length and a type before its bytes. A block's
    # last bytes are zero where no head fits.
    block, head = 32 * 1024, 7
    log.seek(0)
    text, at, out = log.read(), 0, bytearray()
    while at + head <= len(text):
        length = int.from_bytes(text[at + 4 : at + 6], "little")
        if block - at % block < head or length == 0:
            at += block - at % block
            continue
        if at >= start:
            out += text[at + head : at + head + length]
        at += head + length
    return out


class CommitCounter:
    """How many commits the ledger takes while this is entered: each leaves its token in the log, once."""

    # A put of the key "t" and 32 hexadecimal digits, whose value takes 8 bytes.
    # Source: Staging::commit in src/adapters/ledger_rocksdb, ServiceLedger::commit in src/domain/ports, RocksDB's write_batch.cc.
    token = re.compile(rb"\x01\x21t[0-9a-f]{32}\x08")

    def __init__(self, souk):
        self.folder, self.logs, self.over = souk.data / "ledger", {}, threading.Event()
        self.watch = threading.Thread(target=self.look)

    def __enter__(self):
        self.open_logs(at=os.SEEK_END)
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.watch.join()
        for log, _ in self.logs.values():
            log.close()

    def open_logs(self, at=os.SEEK_SET):
        """A log that is open can be read to its end after the ledger has removed it; one lasts for seconds at least."""
        for file in self.folder.glob("*.log"):
            if file.name[0].isdigit() and file.name not in self.logs:
                log = open(file, "rb")
                self.logs[file.name] = log, log.seek(0, at)

    def look(self):
        while not self.over.wait(0.05):
            self.open_logs()

    def settled(self):
        """The commits so far, once no more come: what an order causes goes on after its answer."""
        before, seen = -1, 0
        while seen != before:
            time.sleep(1)
            before, seen = seen, sum(len(self.token.findall(log_records(log, at))) for log, at in list(self.logs.values()))
        return seen


def send_all(souk, requests, lanes=16, depth=8):
    """Sends (method, path, headers, body) each, as fast as the server takes them; their JSON answers, in order."""
    answers = [None] * len(requests)
    faults = []

    def lane(first):
        try:
            mine = range(first, len(requests), lanes)
            with socket.create_connection(("127.0.0.1", souk.port)) as wire, wire.makefile("rb") as reader:
                for start in range(0, len(mine), depth):
                    batch = mine[start : start + depth]
                    wire.sendall(b"".join(rendered(*requests[i]) for i in batch))
                    for i in batch:
                        answers[i] = read_answer(reader, requests[i])
        except Exception as fault:  # A thread's faults would be lost.
            faults.append(fault)

    threads = [threading.Thread(target=lane, args=(i,)) for i in range(min(lanes, len(requests)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return answers


def rendered(method, path, headers, body):
    head = f"{method} {path} HTTP/1.1\r\nHost: souk\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items())
    if body is None:
        return f"{head}\r\n".encode()
    text = body.encode()
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text


def read_answer(reader, request):
    status, length = int(reader.readline().split()[1]), 0
    while (line := reader.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = reader.read(length)
    assert 200 <= status < 300, f"{request[:2]}: {status} {body.decode()[:300]}"
    return json.loads(body) if body else None


# What is sold, and what is bought.


def catalogue(path, products, first=0):
    with open(path, "w") as out:
        out.write("Handle,Title,Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,"
                  "Variant Inventory Qty,Variant Price\n")
        for i in range(first, first + products):
            out.write(f'thing-{i},"Thing number {i}, in blue",Hill,"tag{i % 20}",TRUE,Title,Default Title,S{i},shopify,1000000,'
                      f"{i % 90 + 1}.50\n")


def import_catalogue(souk, store, path):
    """Seconds that it took."""
    start = time.monotonic()
    words = [os.environ["SOUK_BINARY"], "import", "--store", store.slug, str(path)]
    subprocess.run(words, env=souk.environment(), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def item(number):
    return json.dumps({"sku": f"S{number}", "quantity": 1})


def open_carts(souk, store_bases, lines=1, numbers=1000):
    """A cart with an e-mail in each of the stores; its path. Lines are of S0, S1 …"""
    at_once = 40
    items = [{"sku": f"S{i % numbers}", "quantity": 1} for i in range(lines)]
    first = json.dumps({"email": "shopper@example.com", "items": items[:at_once]})
    made = send_all(souk, [("POST", f"{base}/carts", {}, first) for base in store_bases])
    paths = [f"{base}/carts/{cart['id']}" for base, cart in zip(store_bases, made)]
    for more in items[at_once:]:
        send_all(souk, [("POST", f"{path}/items", {}, json.dumps(more)) for path in paths])
    return paths


def order_requests(cart_paths, series):
    for number, path in enumerate(cart_paths):
        base, cart = path.rsplit("/carts/", 1)
        body = json.dumps({"cart_id": cart, "payment": {"provider": "manual", "method": "manual"}})
        yield "POST", f"{base}/orders", {"Idempotency-Key": f"{series}-{number:020}"}, body
