"""Files of the data directory that are damaged or gone: the start says which and what to do, or nothing is missing."""

import shutil
import signal

import pytest
from shop import Souk

orders = 12


def flip(file, at):
    content = bytearray(file.read_bytes())
    content[at] ^= 0x10
    file.write_bytes(content)


def cut(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def zero(file):
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1024] = bytes(1024)
    file.write_bytes(content)


def newest(folder, pattern):
    return max((f for f in folder.glob(pattern) if f.stat().st_size), key=lambda f: f.name)


# What is damaged, how, and a word that the refusal must hold besides the folder's name.
damages = {
    "a log cut short": ("ledger/*.log", cut, ".log"),
    "a bit of the log": ("ledger/*.log", lambda f: flip(f, f.stat().st_size // 2), "is damaged"),
    "a page of the log": ("ledger/*.log", zero, ".log"),
    "an empty log": ("ledger/*.log", lambda f: f.write_bytes(b""), "ends too early"),
    "no log": ("ledger/*.log", lambda f: f.unlink(), "ends too early"),
    "no table": ("ledger/*.sst", lambda f: f.unlink(), ".sst"),
    "a table cut short": ("ledger/*.sst", cut, ".sst"),
    "an empty table": ("ledger/*.sst", lambda f: f.write_bytes(b""), ".sst"),
    "no manifest": ("ledger/MANIFEST-*", lambda f: f.unlink(), "MANIFEST"),
    "an empty manifest": ("ledger/MANIFEST-*", lambda f: f.write_bytes(b""), "damaged"),
    "a bit of the manifest": ("ledger/MANIFEST-*", lambda f: flip(f, 60), "damaged"),
    "no CURRENT": ("ledger/CURRENT", lambda f: f.unlink(), "CURRENT"),
    "an empty CURRENT": ("ledger/CURRENT", lambda f: f.write_bytes(b""), "CURRENT"),
    "an empty format": ("ledger/souk.format", lambda f: f.write_bytes(b""), "souk.format"),
    "no format": ("ledger/souk.format", lambda f: f.unlink(), "souk.format"),
    "an empty secret": ("secret", lambda f: f.write_bytes(b""), "secret"),
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """(souk, store, its orders) of a souk that was killed, with orders in a table file and in the log."""
    souk = Souk(tmp_path_factory.mktemp("damaged"))
    souk.start()
    store = souk.new_store()
    sku = store.product(stock=100)
    bought = [store.buy(sku) for _ in range(orders // 2)]
    souk.restart(signal.SIGKILL)  # Recovery moves the log into a table file.
    bought += [store.buy(sku) for _ in range(orders // 2)]
    souk.stop(signal.SIGKILL)
    souk.log.close()
    shutil.copytree(souk.data, souk.folder / "whole", ignore=shutil.ignore_patterns("control"))
    yield souk, store, bought
    souk.stop()
    souk.http.close()


@pytest.fixture
def afresh(killed):
    souk = killed[0]
    souk.stop(signal.SIGKILL)
    shutil.rmtree(souk.data)
    shutil.copytree(souk.folder / "whole", souk.data)
    return killed


def test_undamaged_it_starts_and_has_everything(afresh):
    souk, store, bought = afresh
    souk.start()
    for order in bought:
        assert store.read_order(order)["status"] == "confirmed"


@pytest.mark.parametrize("name", damages)
def test_the_start_is_refused_with_the_file_and_what_to_do(afresh, name):
    souk, _, _ = afresh
    pattern, damage, word = damages[name]
    damage(newest(souk.data, pattern))
    refused = souk.command("serve", check=None)
    assert refused.returncode in (69, 70), refused
    assert str(souk.data) in refused.stderr and word in refused.stderr, refused.stderr
    assert "estore" in refused.stderr or "does not hold a ledger" in refused.stderr, refused.stderr


def test_a_bit_of_a_table_is_never_served_as_if_it_were_right(afresh):
    souk, store, bought = afresh
    table = newest(souk.data, "ledger/*.sst")
    for at in range(100, table.stat().st_size - 600, 2000):
        flip(table, at)
    started = True
    try:
        souk.start()
    except AssertionError:
        started = False
    told = 0
    for order in bought if started else []:
        answer = store.call("GET", f"/orders/{order['id']}", headers=store.owner)
        assert answer.status_code != 404, "an acknowledged order is denied"
        told += answer.status_code >= 500
        if answer.status_code == 200:
            assert answer.json()["lines"] == order["lines"] and answer.json()["totals"] == order["totals"]
    assert told or not started
    assert "damaged" in (souk.folder / "log.jsonl").read_text()


def test_a_backup_brings_it_back(killed, tmp_path):
    souk, store, bought = killed
    souk.stop(signal.SIGKILL)
    shutil.rmtree(souk.data)
    shutil.copytree(souk.folder / "whole", souk.data)
    souk.command("backup", tmp_path / "backup")
    newest(souk.data, "ledger/*.sst").write_bytes(b"")
    assert souk.command("serve", check=None).returncode != 0
    shutil.rmtree(souk.data)
    souk.command("restore", tmp_path / "backup", "--data", souk.data)
    souk.start()
    for order in bought:
        assert store.read_order(order)["status"] == "confirmed"
