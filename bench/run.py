#!/usr/bin/env python3
"""The figures of the README, each beside its yardstick in the same run: nginx for reads, a bare log + fdatasync for writes.

    ./dev bench [--seconds N] [--rounds N] [--only reads|writes|start]
    ./dev bench --only instructions [--update] [PATH…]     bench/instructions.py
    ./dev bench --curves [CURVE…]                          bench/curves.py

Yardstick and Souk take turns, round by round; the medians are compared. CPU is what the server's processes used (user and
system), so that it does not matter how busy wrk was. Absolute times on a shared machine are noise: read the ratios. Where
a ratio misses its target, the run says so and fails.
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import sys
import tempfile
import time

import curves
import instructions
import start
from load import (
    CommitCounter, Nginx, Souk, bare_log, bytes_logged, catalogue, connections, import_catalogue, lua, memory_mib, middle,
    open_carts, root, wrk,
)  # fmt: skip
from targets import Targets


def reads(souk, store, folder, seconds, rounds):
    """Of one product and of a page: what it is, nginx's figures and Souk's, and the most CPU it may use beside nginx."""
    one, page = f"{souk.url}{store.base}/products/thing-7", f"{souk.url}{store.base}/products?limit=20"
    bodies = {"one": souk.http.get(one).content, "page": souk.http.get(page).content}
    nginx = Nginx(folder, bodies)
    try:
        for name, url in (("one", one), ("page", page)):
            theirs, ours = [], []
            for _ in range(rounds):
                theirs.append(wrk(nginx.url(name), seconds, nginx.process.pid))
                ours.append(wrk(url, seconds, souk.process.pid))
            what, cpu_target = ("products/{handle}", "≤ 1.3") if name == "one" else ("products (20 of 4,000)", "≤ 2.5")
            yield f"GET {what}, {len(bodies[name]):,} bytes", middle(theirs), middle(ours), cpu_target
    finally:
        nginx.stop()


def cart_writes(souk, store, folder, seconds, rounds):
    carts = open_carts(souk, [store.base] * connections)
    add = json.dumps({"sku": "S1", "quantity": 1})
    script = lua(folder / "carts.lua", [("POST", f"{cart}/items", {}, add) for cart in carts])
    # What one addition writes into the log: measured, not guessed.
    before = bytes_logged(souk)
    for cart in carts[:20]:
        souk.http.post(f"{cart}/items", json={"sku": "S1", "quantity": 1}).raise_for_status()
    each = max(100, (bytes_logged(souk) - before) // 20)
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(bare_log(folder, each, seconds))
        ours.append(wrk(souk.url, seconds, souk.process.pid, script=script))
    what = f"cart writes, durable, {connections} connections, {each} bytes of log each"
    return what, statistics.median(bare), middle(ours)


def orders(souk, store, count=400):
    """Orders settled per second through the whole saga at 64 clients, and the commits that each of them caused."""
    carts = [store.cart((f"S{i % 500}", 1)) for i in range(count)]
    with CommitCounter(souk) as commits, concurrent.futures.ThreadPoolExecutor(connections) as pool:
        before = commits.settled()  # What went before is over.
        start = time.monotonic()
        settled = list(pool.map(lambda cart: store.order(cart, wait=20)["status"], carts))
        took = time.monotonic() - start
        assert set(settled) == {"confirmed"}, set(settled)
        return count / took, (commits.settled() - before) / count


def print_reads(rows, targets):
    print("| read | nginx requests/s | souk | ratio | target | nginx CPU µs | souk | ratio | target |")
    print("|---|---|---|---|---|---|---|---|---|")
    for what, nginx, souk, cpu_target in rows:
        rate, cpu = souk.rate / nginx.rate, souk.cpu_us / nginx.cpu_us
        print(f"| {what} | {nginx.rate:,.0f} | {souk.rate:,.0f} | {rate:.2f} "
              f"| {targets.judge(f'{what}: requests a second beside nginx', rate, '≥ 0.8')} "
              f"| {nginx.cpu_us:.1f} | {souk.cpu_us:.1f} | {cpu:.2f} "
              f"| {targets.judge(f'{what}: CPU beside nginx', cpu, cpu_target)} |", flush=True)  # fmt: skip


def print_writes(what, bare, ours, targets):
    ratio = ours.rate / bare
    print("\n| write | bare log/s | souk/s | ratio | target | souk CPU µs |\n|---|---|---|---|---|---|")
    print(f"| {what} | {bare:,.0f} | {ours.rate:,.0f} | {ratio:.2f} | {targets.judge(f'{what}: beside a bare log', ratio, '≥ 0.5')} "
          f"| {ours.cpu_us:.0f} |", flush=True)  # fmt: skip


def figures(chosen, targets):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Souk(folder, SOUK_LOG_LEVEL="error") as souk:
            at_rest = memory_mib(souk.process.pid)
            store = souk.new_store()
            catalogue(folder / "catalogue.csv", chosen.products)
            imported = chosen.products / import_catalogue(souk, store, folder / "catalogue.csv")
            if chosen.only != "writes":
                print_reads(reads(souk, store, folder, chosen.seconds, chosen.rounds), targets)
            if chosen.only != "reads":
                print_writes(*cart_writes(souk, store, folder, chosen.seconds, chosen.rounds), targets)
            rate, commits = orders(souk, store)
            print(f"\norders settled per second, 64 clients (the clients are Python, on the same cores): {rate:,.0f}, "
                  f"{commits:.1f} commits per order")
            print(f"import: {imported:,.0f} products per second")
            print(f"memory: {at_rest:.0f} MiB at rest ({targets.judge('memory at rest, MiB', at_rest, '≤ 40')}), "
                  f"{memory_mib(souk.process.pid):.0f} MiB after all this")  # fmt: skip


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--products", type=int, default=4000)
    options.add_argument("--only", choices=["reads", "writes", "start", "instructions"], help="one part alone")
    options.add_argument("--update", action="store_true", help="of the instructions: keep what is counted now")
    options.add_argument("--curves", action="store_true")
    options.add_argument("names", nargs="*", help="of paths or curves")
    chosen = options.parse_args()
    if chosen.curves:
        return curves.main(chosen.names)
    if chosen.only == "instructions":
        return instructions.main([*(["--update"] if chosen.update else []), *chosen.names])
    targets = Targets()
    bootstrap = root / "build/lambda/src/apps/bootstrap/bootstrap"
    if chosen.only in (None, "start") and bootstrap.exists():
        start.start(str(bootstrap), targets)
    if chosen.only != "start":
        figures(chosen, targets)
    return targets.verdict()


if __name__ == "__main__":
    sys.exit(main())
