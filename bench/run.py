#!/usr/bin/env python3
"""The figures of the README, each beside its yardstick in the same run: nginx for reads, a bare log + fdatasync for writes.

    ./dev bench [--seconds N] [--rounds N]

Yardstick and Souk take turns, round by round; the medians are compared. CPU is what the server's processes used (user and
system), so that it does not matter how busy wrk was. Absolute times on a shared machine are noise: read the ratios.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests/scenarios"))
os.environ.setdefault("SOUK_BINARY", str(root / "build/release/src/apps/souk/souk"))

import start  # noqa: E402
from shop import Souk  # noqa: E402

ticks = os.sysconf("SC_CLK_TCK")
connections = 64


def cpu_seconds(pid):
    """User and system time of a process and its children that live."""
    total = 0.0
    for p in [pid, *children(pid)]:
        fields = pathlib.Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def wrk(url, seconds, pid, script=None):
    """Requests per second, and the server's CPU microseconds per request."""
    before = cpu_seconds(pid)
    words = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", url]
    if script:
        words[1:1] = ["-s", script]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", out)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    assert not bad, f"{url}: {bad[0]}"
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), used * 1e6 / requests


class Nginx:
    """Serves files of given sizes."""

    def __init__(self, folder, bodies):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
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


def compare(name, rounds, yardstick, ours):
    """Runs both in turns; medians of (rate, cpu) each."""
    theirs_seen, ours_seen = [], []
    for _ in range(rounds):
        theirs_seen.append(yardstick())
        ours_seen.append(ours())
    medians = [[statistics.median(v) for v in zip(*seen)] for seen in (theirs_seen, ours_seen)]
    return name, *medians


def catalogue(path, products):
    with open(path, "w") as out:
        out.write("Handle,Title,Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,"
                  "Variant Inventory Qty,Variant Price\n")
        for i in range(products):
            out.write(f'thing-{i},"Thing number {i}, in blue",Hill,"tag{i % 20}",TRUE,Title,Default Title,S{i},shopify,1000000,'
                      f"{i % 90 + 1}.50\n")


def reads(souk, store, folder, seconds, rounds):
    one, page = f"{souk.url}{store.base}/products/thing-7", f"{souk.url}{store.base}/products?limit=20"
    bodies = {"one": souk.http.get(one).content, "page": souk.http.get(page).content}
    nginx = Nginx(folder, bodies)
    try:
        for name, url in (("one", one), ("page", page)):
            yield compare(
                f"GET {'products/{handle}' if name == 'one' else 'products (20 of 4,000)'}, {len(bodies[name]):,} bytes",
                rounds,
                lambda name=name: wrk(nginx.url(name), seconds, nginx.process.pid),
                lambda url=url: wrk(url, seconds, souk.process.pid),
            )
    finally:
        nginx.stop()


def cart_writes(souk, store, folder, seconds, rounds):
    carts = [store.call("POST", "/carts", 201).json()["id"] for _ in range(connections)]
    script = folder / "carts.lua"
    script.write_text(
        "local carts = {" + ",".join(f'"{c}"' for c in carts) + "}\nlocal n = 0\n"
        "request = function()\n  n = n + 1\n"
        f'  return wrk.format("POST", "{store.base}/carts/" .. carts[n % #carts + 1] .. "/items",\n'
        '    {["Content-Type"] = "application/json"}, \'{"sku":"S1","quantity":1}\')\nend\n'
    )
    # What one addition writes into the log: measured, not guessed.
    wal = souk.data / "ledger"

    def log_bytes():
        return sum(f.stat().st_size for f in wal.glob("**/*.log") if f.name[0].isdigit())

    before = log_bytes()
    for i in range(20):
        store.call("POST", f"/carts/{carts[i]}/items", 201, json={"sku": "S1", "quantity": 1})
    each = max(100, (log_bytes() - before) // 20)
    bare = root / "build/release/bench/bare_log"

    def yardstick():
        out = subprocess.run([bare, folder / "bare", str(connections), str(each), str(seconds)], capture_output=True,
                             text=True, check=True).stdout
        return float(out), 0.0

    return compare(
        f"cart writes, durable, {connections} connections, {each} bytes of log each", rounds, yardstick,
        lambda: wrk(souk.url, seconds, souk.process.pid, str(script)),
    )  # fmt: skip


def orders(souk, store, count=400):
    """Orders settled per second through the whole saga at 64 clients."""
    carts = [store.cart((f"S{i % 500}", 1)) for i in range(count)]
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        settled = list(pool.map(lambda cart: store.order(cart, wait=20)["status"], carts))
    took = time.monotonic() - start
    assert set(settled) == {"confirmed"}, set(settled)
    return count / took


def print_reads(rows):
    print("| read | nginx requests/s | souk | ratio | nginx CPU µs | souk | ratio |\n|---|---|---|---|---|---|---|")
    for what, (rate, cpu), (our_rate, our_cpu) in rows:
        print(f"| {what} | {rate:,.0f} | {our_rate:,.0f} | {our_rate / rate:.2f} | {cpu:.1f} | {our_cpu:.1f} "
              f"| {our_cpu / cpu:.2f} |", flush=True)


def print_writes(row):
    what, (bare, _), (ours, cpu) = row
    print("\n| write | bare log/s | souk/s | ratio | souk CPU µs |\n|---|---|---|---|---|")
    print(f"| {what} | {bare:,.0f} | {ours:,.0f} | {ours / bare:.2f} | {cpu:.0f} |", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--products", type=int, default=4000)
    options.add_argument("--only", choices=["reads", "writes", "start"], help="one part alone")
    chosen = options.parse_args()
    bootstrap = root / "build/lambda/src/apps/bootstrap/bootstrap"
    if chosen.only in (None, "start") and bootstrap.exists():
        start.start(str(bootstrap))
    if chosen.only == "start":
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Souk(folder, SOUK_LOG_LEVEL="error") as souk:
            at_rest = resident_mib(souk.process.pid)
            store = souk.new_store()
            catalogue(folder / "catalogue.csv", chosen.products)
            begun = time.monotonic()
            souk.command("import", "--store", store.slug, folder / "catalogue.csv")
            imported = chosen.products / (time.monotonic() - begun)
            if chosen.only != "writes":
                print_reads(reads(souk, store, folder, chosen.seconds, chosen.rounds))
            if chosen.only != "reads":
                print_writes(cart_writes(souk, store, folder, chosen.seconds, chosen.rounds))
            rate = orders(souk, store)
            print(f"\norders settled per second, 64 clients (the clients are Python, on the same cores): {rate:,.0f}")
            print(f"import: {imported:,.0f} products per second")
            print(f"memory: {at_rest:.0f} MiB at rest, {resident_mib(souk.process.pid):.0f} MiB after all this")


if __name__ == "__main__":
    main()
