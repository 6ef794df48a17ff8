"""Stops, kills and restarts in the middle of things."""

import signal
import socket
import subprocess
import time

import pytest

from shop import bearer, binary, wait_for


def test_a_restart_in_the_middle_of_a_checkout_finishes_it(own_souk):
    store = own_souk.new_store()
    sku = store.product(stock=30)
    carts = [store.cart((sku, 1)) for _ in range(10)]
    placed = [store.order(cart, wait=None, expect=(202,)) for cart in carts]
    own_souk.restart(signal.SIGKILL)
    for order in placed:
        store.settled(order, "confirmed")
    wait_for(lambda: store.stock(sku)["stock_reserved"] == 0)
    assert store.stock(sku)["stock_on_hand"] == 20


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_what_asks_it_to_end_drains_it(own_souk, how):
    own_souk.new_store()
    assert own_souk.stop(how) == 0
    own_souk.start()


def connected_operator(souk):
    """Somebody at the operator's socket who says nothing."""
    operator = socket.socket(socket.AF_UNIX)
    operator.connect(str(souk.data / "control"))
    return operator


def test_sigterm_does_not_wait_for_an_operator_who_says_nothing(own_souk):
    with connected_operator(own_souk):
        began = time.monotonic()
        assert own_souk.stop() == 0
        assert time.monotonic() - began < 5


def test_operators_do_not_wait_for_each_other(own_souk):
    with connected_operator(own_souk), connected_operator(own_souk):
        began = time.monotonic()
        assert "0 dead letters" in own_souk.command("dead-letters", "list").stdout
        assert time.monotonic() - began < 5


def test_sigterm_ends_an_import_which_goes_on_when_it_is_given_again(own_souk, tmp_path):
    store = own_souk.new_store()
    file = tmp_path / "many.csv"
    rows = "".join(f"h{i},Thing {i},S{i},1\n" for i in range(20_000))
    file.write_text("Handle,Title,Variant SKU,Variant Price\n" + rows)
    words = ["import", "--store", store.slug, file]
    importing = subprocess.Popen(
        [binary, *map(str, words)], env=own_souk.environment(), cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    wait_for(lambda: store.get("/products?limit=1", headers=store.owner)["items"])
    began = time.monotonic()
    assert own_souk.stop() == 0
    assert time.monotonic() - began < 10
    said, _ = importing.communicate(timeout=10)
    assert importing.returncode == 69, said
    own_souk.start()
    done = own_souk.command(*words, timeout=500)  # Under ThreadSanitizer, 150 rows a second.
    assert "0 rows refused" in done.stdout and "\n0 products created" not in done.stdout, "it was done already"


def test_a_second_souk_on_the_directory_is_refused(own_souk):
    refused = own_souk.command("serve", "--port", "0", check=None)
    assert refused.returncode == 69
    assert "Another souk is running" in refused.stderr


def test_backup_while_serving_and_restore(own_souk, tmp_path):
    store = own_souk.new_store()
    sku = store.product(stock=7)
    order = store.buy(sku, 2)
    own_souk.command("backup", tmp_path / "backup")
    later = store.product(stock=1)
    own_souk.stop()
    restored = tmp_path / "restored"
    own_souk.command("restore", tmp_path / "backup", "--data", restored)
    own_souk.settings["SOUK_DATA"] = str(restored)
    own_souk.start()
    assert store.read_order(order)["status"] == "confirmed"
    assert store.stock(sku)["stock_on_hand"] == 5
    store.call("GET", f"/inventory/{later}", 404, headers=store.owner)
    assert own_souk.command("restore", tmp_path / "backup", "--data", restored, check=None).returncode != 0


def test_rotated_keys_keep_tokens_valid(own_souk):
    store = own_souk.new_store()
    before = own_souk.http.get("/.well-known/jwks.json").json()
    own_souk.command("keys", "rotate")
    after = own_souk.http.get("/.well-known/jwks.json", headers={"Cache-Control": "no-cache"}).json()
    assert len(after["keys"]) == len(before["keys"]) + 1
    store.get("/orders", headers=store.owner)
    fresh = own_souk.sign_up("/v1", "later@example.com")["access_token"]
    assert own_souk.http.get("/v1/me", headers=bearer(fresh)).status_code == 200
