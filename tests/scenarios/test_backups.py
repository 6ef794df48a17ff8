"""Backups as their operator lives with them: which are there, which is restored, what goes wrong."""

import os
import re
import shutil
import signal
import subprocess

import pytest

import shop


def sku_count(souk, store):
    return len(souk.command("export", "--store", store.slug).stdout.splitlines()) - 1


@pytest.fixture
def two_backups(own_souk, tmp_path):
    """Of a store with one product, and with two. The newest holds a mail that the oldest does not."""
    store = own_souk.new_store()
    store.product(stock=1)
    folder = tmp_path / "backups"
    own_souk.command("backup", folder)
    store.product(stock=1)
    (own_souk.data / "outbox/late.eml").write_text("a mail")
    own_souk.command("backup", folder)
    return own_souk, store, folder


def restored(souk, folder, target, *words):
    souk.command("restore", folder, "--data", target, *words)
    souk.stop()
    souk.settings["SOUK_DATA"] = str(target)


def test_an_older_backup_can_be_chosen(two_backups, tmp_path):
    souk, store, folder = two_backups
    listed = souk.command("backups", folder).stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["1", "2"] and all(re.search(r"20\d\d-.*Z .* MiB", line) for line in listed)
    assert "no backup 7" in souk.command("restore", folder, "--data", tmp_path / "a", "--backup", "7", check=69).stderr
    restored(souk, folder, tmp_path / "a", "--backup", "1")
    assert sku_count(souk, store) == 1 and not (tmp_path / "a/outbox/late.eml").exists()


def test_the_newest_backup_is_restored_or_nothing(two_backups, tmp_path):
    """The bug: where a file of the newest was missing, an older one was restored, and it was called a success."""
    souk, store, folder = two_backups
    shutil.rmtree(folder / "ledger/private/2")
    assert "not whole" in souk.command("backups", folder).stdout.splitlines()[1]
    refused = souk.command("restore", folder, "--data", tmp_path / "a", check=69)
    assert "backup 2" in refused.stderr and "1 of 20" in refused.stderr and not (tmp_path / "a/ledger").exists()
    restored(souk, folder, tmp_path / "a", "--backup", "1")
    assert sku_count(souk, store) == 1


def test_a_damaged_backup_leaves_no_half_of_a_ledger(two_backups, tmp_path):
    """The bug: the next try was told that the directory is not empty."""
    souk, store, folder = two_backups
    for log in (folder / "ledger/private/2").glob("*.log"):
        log.write_bytes(log.read_bytes()[:-4] + b"!!!!")
    assert "backup 2" in souk.command("restore", folder, "--data", tmp_path / "a", check=70).stderr
    restored(souk, folder, tmp_path / "a", "--backup", "1")
    assert sku_count(souk, store) == 1


def test_what_was_deleted_leaves_the_backups_with_the_last_that_held_it(own_souk, tmp_path):
    """The bug: it stayed in the folder for ever, and came back with every restore."""
    folder = tmp_path / "backups"
    mail = own_souk.data / "outbox/gone.eml"
    mail.parent.mkdir(exist_ok=True)
    mail.write_text("a mail")
    own_souk.command("backup", folder)
    mail.unlink()
    for _ in range(6):
        own_souk.command("backup", folder)
    assert (folder / "outbox/gone.eml").exists()
    own_souk.command("restore", folder, "--data", tmp_path / "a")
    assert not (tmp_path / "a/outbox/gone.eml").exists()
    own_souk.command("restore", folder, "--data", tmp_path / "b", "--backup", "1")
    assert (tmp_path / "b/outbox/gone.eml").exists()
    own_souk.command("backup", folder)
    assert not (folder / "outbox/gone.eml").exists()
    assert len(own_souk.command("backups", folder).stdout.splitlines()) == len(list((folder / "files").iterdir())) == 7


def test_a_picture_that_the_backup_lacks_is_told(two_backups, tmp_path):
    souk, _, folder = two_backups
    (folder / "outbox/late.eml").unlink()
    told = souk.command("restore", folder, "--data", tmp_path / "a", check=65)
    assert "lacks outbox/late.eml" in told.stderr and "Restored backup 2" in told.stdout


def test_a_backup_inside_of_the_shop_is_refused_and_writes_nothing(own_souk):
    own_souk.new_store()
    for place in ("ledger/x", "outbox/x", "media"):
        assert "inside of" in own_souk.command("backup", own_souk.data / place, check=69).stderr
    assert not (own_souk.data / "ledger/x").exists() and not (own_souk.data / "outbox/x").exists()


def test_two_backups_at_once_do_not_hurt_each_other(own_souk, tmp_path):
    """The bug: they were told that the disk had failed, and left half of a backup."""
    own_souk.new_store()
    words = [shop.binary, "backup", tmp_path / "backups"]
    for _ in range(4):
        both = [subprocess.Popen(words, env=own_souk.environment(), stderr=subprocess.PIPE, text=True) for _ in range(3)]
        told = [(one.communicate()[1], one.returncode) for one in both]
        assert any(status == 0 for _, status in told)
        assert all(status == 0 or (status == 69 and "Another backup" in said) for said, status in told), told
    assert "not whole" not in own_souk.command("backups", tmp_path / "backups").stdout


def test_a_lost_secret_is_not_replaced(own_souk):
    """The bug: a new one was made without a word, and nothing that was sealed could be opened any more."""
    own_souk.new_store()
    own_souk.stop()
    (own_souk.data / "secret").rename(own_souk.data / "elsewhere")
    assert "secret is missing" in own_souk.command("serve", check=69).stderr
    (own_souk.data / "elsewhere").rename(own_souk.data / "secret")
    shutil.rmtree(own_souk.data / "keys")
    own_souk.start()
    assert "sign in again" in (own_souk.folder / "log.jsonl").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_nobody_else_opens_a_shop(own_souk):
    """The bug: a backup by root left files behind that the service could not read, and it did not start again."""
    store = own_souk.new_store()
    own_souk.stop()
    for path in [own_souk.data, *own_souk.data.rglob("*")]:
        os.chown(path, 65534, 65534)
    before = {path: path.stat().st_uid for path in own_souk.data.rglob("*")}
    for words in (["backup", own_souk.data.parent / "b"], ["export", "--store", store.slug], ["serve"], ["salvage"]):
        assert "belongs to the user with the id 65534" in own_souk.command(*words, check=69).stderr
    assert {path: path.stat().st_uid for path in own_souk.data.rglob("*")} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_who_may_not_look_is_told_so(own_souk):
    """The bug: an uncaught exception and a core dump."""
    own_souk.new_store()
    own_souk.stop()
    own_souk.data.chmod(0o700)
    own_souk.data.parent.chmod(0o755)
    words = [shop.binary, "dead-letters", "list"]
    done = subprocess.run(words, env=own_souk.environment(), user=65534, cwd="/", stderr=subprocess.PIPE, text=True)
    assert done.returncode == 69 and "Permission denied" in done.stderr


def test_an_import_stops_with_who_asked_for_it(own_souk, tmp_path):
    """The bug: it went on in the server, and its end was told to nobody."""
    store = own_souk.new_store()
    rows = "".join(f"p{i},Product {i},s{i},1\n" for i in range(20_000))
    (tmp_path / "many.csv").write_text("Handle,Title,Variant SKU,Variant Price\n" + rows)
    words = [shop.binary, "import", "--store", store.slug, tmp_path / "many.csv"]
    with subprocess.Popen(words, env=own_souk.environment(), stdout=subprocess.PIPE) as importing:
        importing.stdout.read(10)
        importing.send_signal(signal.SIGINT)
    seen = -1
    for _ in range(20):
        now = sku_count(own_souk, store)
        if now == seen:
            break
        seen = now
    assert now == seen < 20_000
    own_souk.command("import", "--store", store.slug, tmp_path / "many.csv")
    assert sku_count(own_souk, store) == 20_000
