#!/usr/bin/env python3
"""How Souk's costs grow: each curve is measured point by point and kept in docs/benchmarks.json, from which bench/report.py
makes docs/benchmarks.md and its plots.

    ./dev bench --curves [CURVE[:POINT,POINT…]…]     all curves (an hour), or some, or some of their points

Read CPU per request, which is the server's own, before rates and latencies: the clients share the machine's cores. Where
what is to be level grows by more than report.py allows, the run says so and fails.
"""

import contextlib
import datetime
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

import instructions
import report
from load import (
    Souk, Store, bare_log, bytes_logged, catalogue, connections, cpu_seconds, disk_mib, import_catalogue, item, lua,
    memory_mib, middle, open_carts, order_requests, reset_peak, root, send_all, wait_until_quiet, wrk,
)  # fmt: skip
from targets import Targets

seconds, rounds = 3, 3
catalogue_file_rows = 200_000
orders_per_s_max = 1200  # More than there are; where they ran out, the last would be asked for once more.


def load(souk, requests, script, clients=connections, times=rounds):
    return middle(loads(souk, requests, script, clients, times))


def loads(souk, requests, script, clients=connections, times=rounds):
    lua(script, requests)
    return [wrk(souk.url, seconds, souk.process.pid, clients, script) for _ in range(times)]


def p99_of(some):
    """Of the quietest of some loads, in ms: whatever else the machine does only adds to it."""
    return min(each.p99_ms for each in some)


def gets(paths):
    return [("GET", path, {}, None) for path in paths]


def restarts(souk, times=3):
    """Milliseconds from exec to ready, and the memory then, once what was written is compacted."""
    wait_until_quiet(souk.process.pid)
    took = []
    for _ in range(times):
        souk.stop()
        begin = time.monotonic()
        souk.start()
        took.append((time.monotonic() - begin) * 1000)
    at_start = memory_mib(souk.process.pid)
    wait_until_quiet(souk.process.pid)
    return statistics.median(took), at_start


@contextlib.contextmanager
def fresh():
    """A souk of its own and a folder to work in, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, Souk(folder, SOUK_LOG_LEVEL="error") as souk:
        yield souk, pathlib.Path(folder)


def catalogue_point(products):
    point = {"products": products}
    with fresh() as (souk, folder):
        store = souk.new_store()
        reset_peak(souk.process.pid)
        took = used = 0.0
        for first in range(0, products, catalogue_file_rows):
            count = min(catalogue_file_rows, products - first)
            catalogue(folder / "catalogue.csv", count, first)
            before = cpu_seconds(souk.process.pid)
            took += import_catalogue(souk, store, folder / "catalogue.csv")
            used += cpu_seconds(souk.process.pid) - before
        point["import_rows_per_s"] = products / took
        point["import_cpu_us"] = used * 1e6 / products
        point["import_peak_mib"] = memory_mib(souk.process.pid, "VmHWM")
        point["disk_mib"] = disk_mib(souk.data / "ledger")
        point["start_ms"], point["start_mib"] = restarts(souk)
        picks = [random.randrange(products) for _ in range(20_000)]
        script = folder / "load.lua"
        for name, paths in {
            "cached": [f"{store.base}/products/thing-{picks[0]}"],
            # Of each round but the first the cache holds all these pages.
            "any": [f"{store.base}/products/thing-{i}" for i in picks],
            "search_one": [f"{store.base}/products?q=s{i}&limit=5" for i in picks],
            "search_many": [f"{store.base}/products?q=blue&sort=price&price_min={i % 9000}" for i in picks],
        }.items():
            done = load(souk, gets(paths), script)
            point[f"{name}_cpu_us"], point[f"{name}_p99_ms"] = done.cpu_us, done.p99_ms
        carts = open_carts(souk, [store.base] * connections)
        done = load(souk, [("POST", f"{carts[i % connections]}/items", {}, item(1)) for i in picks], script)
        point["cart_cpu_us"] = done.cpu_us
        point["used_mib"] = memory_mib(souk.process.pid)
    return point


def stores_point(stores, products=10_000):
    """The same number of products in all, spread over so many stores."""
    point = {"stores": stores}
    with fresh() as (souk, folder):
        first = souk.new_store()
        made = [first.body] + send_all(souk, [
            ("POST", "/v1/stores", first.owner, json.dumps({"slug": f"s{i}", "name": f"S {i}", "currency": "EUR"}))
            for i in range(stores - 1)
        ])  # fmt: skip
        bases = [Store(souk, body, first.owner).base for body in made]
        price = {"amount": 1250, "currency": "EUR"}
        shelf = [
            (bases[i % stores], i // stores, json.dumps({
                "handle": f"thing-{i // stores}", "title": f"Thing {i // stores} in blue", "status": "published",
                "variants": [{"sku": f"S{i // stores}", "price": price, "stock_on_hand": 1_000_000}],
            })) for i in range(products)
        ]  # fmt: skip
        send_all(souk, [("POST", f"{base}/products", first.owner, body) for base, _, body in shelf])
        point["disk_mib"] = disk_mib(souk.data / "ledger")
        point["start_ms"], point["start_mib"] = restarts(souk)
        random.shuffle(shelf)
        script = folder / "load.lua"
        pages = gets([f"{base}/products/thing-{number}" for base, number, _ in shelf])
        reads = loads(souk, pages, script, times=3 * rounds)
        point["read_cpu_us"], point["read_p99_ms"] = middle(reads).cpu_us, p99_of(reads)
        checkouts = []
        for turn in range(2 * rounds):
            carts = open_carts(souk, [random.choice(bases) for _ in range(seconds * orders_per_s_max)])
            lua(script, order_requests(carts, f"stores-{stores}-{turn}"))
            checkouts.append(wrk(souk.url, seconds, souk.process.pid, 16, script))
        point["checkout_cpu_us"], point["checkout_p99_ms"] = middle(checkouts).cpu_us, p99_of(checkouts)
        point["used_mib"] = memory_mib(souk.process.pid)
    counts = instructions.counted(["product_page_made_anew", "place_order"], stores)
    point["read_instructions"] = counts["product_page_made_anew"]
    point["checkout_instructions"] = counts["place_order"]
    return point


def cart_point(lines):
    path = "add_to_cart" if lines == 1 else f"add_to_cart_of_{lines}_lines"
    point = {"lines": lines, "write_instructions": instructions.counted([path])[path]}
    with fresh() as (souk, folder):
        store = souk.new_store()
        catalogue(folder / "catalogue.csv", 1000)
        import_catalogue(souk, store, folder / "catalogue.csv")
        carts = open_carts(souk, [store.base] * 16, lines)
        point["disk_mib"] = disk_mib(souk.data / "ledger")
        point["start_ms"], point["start_mib"] = restarts(souk)
        point["answer_bytes"] = len(souk.http.get(carts[0]).content)
        before = bytes_logged(souk)
        souk.http.post(f"{carts[0]}/items", content=item(0), headers={"Content-Type": "application/json"})
        each = max(100, bytes_logged(souk) - before)
        script = folder / "load.lua"
        done = load(souk, gets(carts), script, 16)
        point["read_cpu_us"], point["read_p99_ms"] = done.cpu_us, done.p99_ms
        bare, writes = [], []
        for turn in range(rounds):
            bare.append(bare_log(folder, each, seconds, 16))
            writes.append(load(souk, [("POST", f"{c}/items", {}, item(lines // 2)) for c in carts], script, 16, 1))
        done = middle(writes)
        point["write_cpu_us"], point["write_p99_ms"], point["write_rate"] = done.cpu_us, done.p99_ms, done.rate
        point["beside_bare_log"] = done.rate / statistics.median(bare)
        point["used_mib"] = memory_mib(souk.process.pid)
    return point


def clients_point(clients):
    point = {"clients": clients}
    with fresh() as (souk, folder):
        store = souk.new_store()
        catalogue(folder / "catalogue.csv", 1000)
        import_catalogue(souk, store, folder / "catalogue.csv")
        script = folder / "load.lua"
        done = load(souk, gets([f"{store.base}/products/thing-{i}" for i in range(1000)]), script, clients)
        point["read_rate"], point["read_cpu_us"], point["read_p99_ms"] = done.rate, done.cpu_us, done.p99_ms
        # One client would fill one cart to the most pieces that a line may have.
        carts = open_carts(souk, [store.base] * max(clients, connections))
        done = load(souk, [("POST", f"{cart}/items", {}, item(1)) for cart in carts], script, clients)
        point["write_rate"], point["write_cpu_us"], point["write_p99_ms"] = done.rate, done.cpu_us, done.p99_ms
        point["used_mib"] = memory_mib(souk.process.pid)
        # What the clients wrote is what this curve leaves on the disk, and what a start finds.
        point["disk_mib"] = disk_mib(souk.data / "ledger")
        point["start_ms"], point["start_mib"] = restarts(souk)
    return point


def backlog_point(messages):
    with tempfile.TemporaryDirectory() as folder:
        program = root / "build/release/bench/backlog"
        subprocess.run([program, "fill", folder, str(messages)], check=True)
        ran = subprocess.run([program, "work", folder], check=True, stdout=subprocess.PIPE, text=True)
        return {"messages": messages, "disk_mib": disk_mib(folder)} | json.loads(ran.stdout)


def idle_point(length):
    """Seconds of doing nothing, after some work: with a kernel's count of system calls, and without."""
    with fresh() as (souk, folder):
        store = souk.new_store()
        sku = store.product(stock=10)
        store.buy(sku)
        time.sleep(5)
        pid = souk.process.pid
        before = cpu_seconds(pid)
        time.sleep(length)
        used = cpu_seconds(pid) - before
        counted = folder / "strace"
        subprocess.run(["timeout", "-s", "INT", str(length), "strace", "-f", "-c", "-p", str(pid), "-o", counted],
                       stderr=subprocess.DEVNULL)  # fmt: skip
        total = re.search(r"^100\.00\s+\S+\s+\d*\s+(\d+).*total$", counted.read_text(), re.M)
        return {"seconds": length, "cpu_ms": used * 1000, "system_calls": int(total[1]),
                "start_mib": memory_mib(pid)}  # fmt: skip


curves = {
    "catalogue": (catalogue_point, (1000, 10_000, 100_000, 1_000_000)),
    "stores": (stores_point, (1, 10, 100, 1000, 10_000)),
    "cart": (cart_point, (1, 10, 100, 1000)),
    "clients": (clients_point, (1, 10, 100, 1000)),
    "backlog": (backlog_point, (0, 1000, 10_000, 100_000, 1_000_000)),
    "idle": (idle_point, (60,)),
}


def machine():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores ({model[1] if model else 'unknown'}), {os.uname().sysname} {os.uname().release}"


def keep(name, point):
    """Puts a point in its place among those that are kept; one of another day does not stay beside it."""
    known = json.loads(report.kept.read_text()) if report.kept.exists() else {}
    today = {"date": datetime.date.today().isoformat(), "machine": machine(), "command": f"./dev bench --curves {name}"}
    curve = known.get(name, {})
    first = next(iter(point))
    points = curve.get("points", []) if {k: curve.get(k) for k in today} == today else []
    points = sorted([p for p in points if p[first] != point[first]] + [point], key=lambda p: p[first])
    rounded = [{k: v if isinstance(v, int) else float(f"{v:.4g}") for k, v in p.items()} for p in points]
    report.kept.write_text(json.dumps(known | {name: today | {"points": rounded}}, indent=1) + "\n")


def main(words):
    targets = Targets()
    for word in words or curves:
        name, _, only = word.partition(":")
        if name not in curves:
            sys.exit(f"There is no curve {name}; there are {', '.join(curves)}.")
        measure, points = curves[name]
        for point in map(int, only.split(",")) if only else points:
            start = time.monotonic()
            seen = measure(point)
            print(f"{name} {point} ({time.monotonic() - start:.0f} s): "
                  + ", ".join(f"{k} {v:,.4g}" for k, v in seen.items()), flush=True)  # fmt: skip
            keep(name, seen)
        for line in report.judge(name, json.loads(report.kept.read_text())[name]["points"], targets):
            print(line, flush=True)
    report.main()
    return targets.verdict()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
