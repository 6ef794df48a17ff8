"""An idle server sleeps: its timers wake it, each for one look at an index in memory, and no queue is asked for anything."""

import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

from shop import wait_for

seconds = 10
# Seconds between two wakes of a thread that does nothing else.
timers = {
    # Source: Services::chores in src/apps/services/services.cc.
    "notifications.deliveries": 1, "notifications.deliveries.2": 1, "orders.deadlines": 5, "products.unfinished": 30,
    "carts.abandoned": 60,
    # Source: RocksDB 7.8, db/periodic_task_scheduler.cc: it would flush the information log that Souk has switched off.
    "RocksDB": 10,
} | {f"deadlines of the connections of loop {i}": 60 for i in range(os.cpu_count())}  # fmt: skip
# So often may they wake: the first of a timer's wakes may come at once. The workers of the queues are not among them, since
# commits wake them: were each to ask its queue once in that time, there would be more threads and more wakes than this.
wakes_max = sum(seconds // period + 1 for period in timers.values())
# A sweep that finds nothing wakes whom it locked out and sleeps again, and on a busy machine it may have to wait for the lock
# itself, once more under strace; a loop arms its timer twice besides. One poll of each queue a second would be 70 calls more.
calls_max = 3 * wakes_max + 2 * os.cpu_count()


def after_a_sale(souk):
    """The server's pid, once all that a sale causes is over."""
    store = souk.new_store()
    store.buy(store.product(stock=10))
    pid = souk.process.pid
    wait_for(lambda: souk.mails("shopper@example.com"))
    wait_for(lambda: len(woken(pid, 1)) <= 4, 60)
    return pid


def woken(pid, length):
    """How often each of the threads that slept and woke in so many seconds did so, by its id."""

    def counts():
        return {
            task.name: int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)[1])
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
        }

    before = counts()
    time.sleep(length)
    after = counts()
    return {task: count - before.get(task, 0) for task, count in after.items() if count != before.get(task, 0)}


def test_only_timers_wake_an_idle_server(own_souk):
    found = woken(after_a_sale(own_souk), seconds)
    assert len(found) <= len(timers), f"threads that woke, and how often: {found}"
    assert sum(found.values()) <= wakes_max, f"threads that woke, and how often: {found}"


def test_an_idle_server_makes_few_system_calls_and_none_to_the_disk(own_souk):
    if not shutil.which("strace") or os.geteuid() != 0:
        pytest.skip("needs strace, and root to attach it")
    pid = after_a_sale(own_souk)
    counted = own_souk.folder / "strace.txt"
    words = ["timeout", "-s", "INT", str(seconds), "strace", "-f", "-c", "-U", "calls,name", "-p", str(pid), "-o", counted]
    subprocess.run(words, stderr=subprocess.DEVNULL)
    calls = {name: int(count) for count, name in re.findall(r"^\s*(\d+)\s+(\w+)$", counted.read_text(), re.M)}
    assert 0 < calls.pop("total") <= calls_max, counted.read_text()
    assert not {"openat", "read", "pread64", "write", "pwrite64", "fdatasync", "sendto"} & calls.keys(), counted.read_text()
