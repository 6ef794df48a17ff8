"""The disk of the data directory fills up under load: nothing acknowledged is lost, and it says what is wrong."""

import contextlib
import os
import signal
import subprocess
import time

import checker
import pytest
from shop import wait_for
from torture import Torture

disk_mib = 64
room_left_mib = 12  # What the load has to fill.


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with `disk_mib`."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mib}m", "souk-test", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small disk here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def shop(small_disk, tmp_path):
    """A shop on the small disk, with a ballast that leaves little room."""
    torture = Torture(tmp_path / "run", seed=7, threads=8, SOUK_DATA=small_disk / "data")
    torture.souk.data = small_disk / "data"
    torture.ballast, torture.rest = small_disk / "ballast", small_disk / "rest"
    with torture.souk:
        torture.open_shop()
        torture.admin = torture.souk.admin()
        weigh_down(torture)
        yield torture
    torture.receiver.close()


def weigh_down(shop):
    disk = os.statvfs(shop.ballast.parent)
    free = disk.f_bavail * disk.f_frsize
    shop.ballast.write_bytes(b"x" * max(0, free - room_left_mib * 1024 * 1024))


def probe(shop):
    return shop.souk.http.post(f"{shop.store.base}/carts", json={})


def fill(shop):
    """Until a write is refused for want of room."""

    def refused():
        answer = probe(shop)
        return answer if answer.status_code != 201 else None

    return wait_for(refused, 60)


def eat_the_rest(shop):
    """Another program takes what Souk kept free, or has freed since."""
    no_record_now(shop)
    with open(shop.rest, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def make_room(shop):
    shop.rest.unlink()
    shop.ballast.unlink()
    no_record_now(shop)


def no_record_now(shop):
    """What a mail server took as the disk filled up, or until there was room, could not be recorded: as if a kill cut it short."""
    shop.journal.kill(time.time())


def refuses_writes_and_serves_reads(shop, refused):
    assert refused.status_code == 503, refused.text
    problem = refused.json()
    assert problem["code"] == "ledger_unavailable" and "disk is full" in problem["detail"].lower(), problem
    assert "/" not in problem["detail"], "no path of the server's"
    assert int(refused.headers["Retry-After"]) > 0
    products = shop.souk.http.get(f"{shop.store.base}/products")
    assert products.status_code == 200 and products.json()["items"]
    shop.store.get("/orders", headers=shop.staff)
    told = shop.souk.http.get("/readyz")
    assert told.status_code == 503 and "disk is full" in told.json()["detail"].lower()
    assert "souk_ledger_writable 0" in shop.souk.http.get("/metrics").text
    assert "the ledger refuses commits" in (shop.folder / "log.jsonl").read_text()
    assert shop.souk.http.get("/healthz").status_code == 200


def dies_and_starts_on_the_full_disk(shop):
    shop.kill()
    with contextlib.suppress(AssertionError):  # It may find room enough to start; then it refuses writes.
        shop.souk.start()
    if shop.souk.process.poll() is not None:
        assert shop.souk.process.returncode == 69
        assert "no space left" in (shop.folder / "log.jsonl").read_text().lower()
    else:
        eat_the_rest(shop)  # The log of before is in its tables now, and so deleted.
        wait_for(lambda: "souk_ledger_writable 0" in shop.souk.http.get("/metrics").text, 20)
    shop.souk.stop(signal.SIGKILL)


def test_a_full_disk_refuses_writes_serves_reads_heals_and_loses_nothing(shop):
    with shop.shoppers():
        refused = fill(shop)
        eat_the_rest(shop)
        refuses_writes_and_serves_reads(shop, refused)
        make_room(shop)
        wait_for(lambda: probe(shop).status_code == 201, 20)
        wait_for(shop.souk.ready, 5)
        assert "souk_ledger_writable 1" in shop.souk.http.get("/metrics").text
        weigh_down(shop)
        fill(shop)
        eat_the_rest(shop)
        dies_and_starts_on_the_full_disk(shop)
        make_room(shop)
        shop.souk.start()
        wait_for(lambda: probe(shop).status_code == 201, 20)
    shop.kill()  # What waited for its lease or its retry is due at once.
    shop.souk.start()
    wrong, _ = shop.settle(calm=0)
    assert wrong == []
    assert shop.journal.acknowledged() > 50


def test_the_checker_would_notice(shop):
    """The audit of the tests above is not blind: an order that was never placed is missed."""
    asked = {"email": "nobody@torture.example", "items": {}, "method": "manual"}
    shop.journal.write("order", "k", asked, 201, {"id": "order_1", "number": 1, "status": "confirmed"})
    assert any("order_1" in wrong for wrong in checker.shown(shop.journal, shop.look()))
