"""System calls on the log fail once, then work again: what could not be synced is never acknowledged, and no more is
taken until a restart, because the kernel has forgotten which pages it could not write."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import pytest
from shop import Souk, key, wait_for

faults = {
    "fdatasync": ["--inject=fdatasync:error=EIO:when=1"],
    "write": ["--inject=write:error=EIO:when=1"],
}


@contextlib.contextmanager
def failing(souk, call):
    """From now on, until the block ends, the first such call on the log of each thread fails."""
    if not shutil.which("strace") or os.geteuid() != 0:
        pytest.skip("needs strace, and root to attach it")
    logs = sorted((souk.data / "ledger").glob("*.log"))
    paths = [word for log in logs for word in ("-P", str(log))]
    notes = souk.folder / "strace.txt"
    tracer = subprocess.Popen(
        ["strace", "-f", "-p", str(souk.process.pid), "-e", f"trace={call}", *paths, *faults[call], "-o", notes],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    attached = tracer.stderr.readline()
    assert "attached" in attached, attached
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)  # It lets go.
        tracer.wait(10)
    assert "(INJECTED)" in notes.read_text()


@pytest.mark.parametrize("call", faults)
def test_what_the_disk_did_not_take_is_not_acknowledged(tmp_path, call):
    with Souk(tmp_path) as souk:
        store = souk.new_store()
        sku = store.product(stock=10)
        time.sleep(1)  # What the last answers caused is committed too.
        adjust = {"json": {"delta": -3, "reason": "count"}, "headers": store.owner | key()}
        with failing(souk, call):
            answer = store.call("POST", f"/inventory/{sku}/adjustments", **adjust)
        assert answer.status_code == 503, answer.text
        assert answer.json()["code"] in ("unknown_outcome", "ledger_unavailable")
        # The disk works again, and yet:
        later = store.call("POST", "/carts", json={})
        assert later.status_code == 503 and later.json()["code"] == "ledger_unavailable", later.text
        assert souk.http.get("/readyz").status_code == 503
        assert "souk_ledger_writable 0" in souk.http.get("/metrics").text
        assert "the ledger refuses commits" in (tmp_path / "log.jsonl").read_text()
        assert store.stock(sku)["stock_on_hand"] == 10
        assert store.get("/products")["items"]
        souk.restart()
        repeated = store.call("POST", f"/inventory/{sku}/adjustments", **adjust)
        assert repeated.status_code == 201, repeated.text
        assert store.stock(sku)["stock_on_hand"] == 7, "once, whether or not the first try reached the disk"
        wait_for(souk.ready)
