"""The operator's commands: on a running souk and on one that is not."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

import shop
from shop import Souk

csv = """Handle,Title,Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price
tea,Green tea,Hill,"drink, tea",TRUE,Size,Small,TEA-S,shopify,5,3.50
tea,,,,,,Large,TEA-L,shopify,7,6.00
cup,Cup,Hill,ware,TRUE,Title,Default Title,CUP,shopify,3,4.25
"""


def test_help_is_everywhere(souk):
    for words in ([], ["serve"], ["import"], ["admin", "create"], ["ledger", "query"], ["dead-letters", "redrive"]):
        assert "--help" in souk.command(*words, "--help").stdout


def test_it_tells_its_version(souk):
    assert re.fullmatch(r"souk \d+\.\d+\.\d+\n", souk.command("--version").stdout)


def test_wrong_usage_is_64(souk):
    assert souk.command("nonsense", check=None).returncode == 64
    assert souk.command("import", check=None).returncode == 64


def test_all_configuration_mistakes_are_told_at_once(tmp_path):
    souk = Souk(tmp_path)
    (tmp_path / "souk.toml").write_text(
        '[http]\nport = "x"\ncolour = 1\npublic_url = "https://:80"\n[mail]\nencryption = "maybe"\nfrom = "me"\n'
    )
    done = souk.command("serve", check=78, SOUK_NONSENSE="1", SOUK_LIMITS_REQUESTS_PER_SECOND="-5")
    for mistake in ("http.port", "http.colour", "mail.encryption", "public_url", "mail.from", "SOUK_NONSENSE", "SOUK_LIMITS_REQUESTS_PER_SECOND"):
        assert mistake in done.stderr


def test_addresses_and_files_that_cannot_be_used_are_told_at_once(tmp_path):
    """The bug: they were told one by one, as bad input, once the shop was open. Commands do without the files."""
    souk = Souk(tmp_path)
    (tmp_path / "souk.toml").write_text(
        '[http]\naddress = "everywhere"\ntrusted_proxies = "10.0.0.1, proxy"\ntls_certificate = "gone.pem"\ntls_key = "."\n'
        '[mail]\nca_file = "gone.pem"\n[webhooks]\nca_file = "gone.pem"\n'
    )
    done = souk.command("serve", "--config", tmp_path / "souk.toml", check=78)
    files = ("http.tls_certificate", "http.tls_key", "mail.ca_file", "webhooks.ca_file")
    for mistake in ("http.address", '"proxy" is no IP address', *files):
        assert mistake in done.stderr
    assert "10.0.0.1" not in done.stderr
    one = souk.command("dead-letters", "list", "--config", tmp_path / "souk.toml", check=78)
    assert "http.address" in one.stderr and not any(mistake in one.stderr for mistake in files)


def test_a_key_of_another_certificate_is_a_mistake_of_the_configuration(tmp_path):
    for name in ("a", "b"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-keyout", tmp_path / f"{name}.key", "-out", tmp_path / f"{name}.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    pair = {"SOUK_HTTP_TLS_CERTIFICATE": str(tmp_path / "a.pem"), "SOUK_HTTP_TLS_KEY": str(tmp_path / "b.key")}
    assert "b.key cannot be used: key values mismatch" in Souk(tmp_path).command("serve", check=78, **pair).stderr


@pytest.mark.parametrize("running", [True, False])
def test_import_and_export(own_souk, tmp_path, running):
    store = own_souk.new_store()
    file = tmp_path / "catalogue.csv"
    file.write_text(csv)
    if not running:
        own_souk.stop()
    first = own_souk.command("import", "--store", store.slug, file)
    assert "2 products created" in first.stdout and "100 %" in first.stdout
    again = own_souk.command("import", "--store", store.slug, file)
    assert "0 products created" in again.stdout and "2 unchanged" in again.stdout
    exported = own_souk.command("export", "--store", store.slug).stdout
    (tmp_path / "again.csv").write_text(exported)
    assert "2 unchanged" in own_souk.command("import", "--store", store.slug, tmp_path / "again.csv").stdout


def test_bad_rows_are_refused_and_good_ones_land(own_souk, tmp_path):
    store = own_souk.new_store()
    file = tmp_path / "bad.csv"
    file.write_text(csv + "bad,Bad,Hill,,TRUE,Title,Default Title,BAD,shopify,3,four\n")
    done = own_souk.command("import", "--store", store.slug, file, check=65)
    assert "row" in done.stdout and "Variant Price" in done.stdout
    assert len(store.get("/products")["items"]) == 2


def test_the_ledger_can_be_looked_into(own_souk):
    store = own_souk.new_store()
    order = store.buy(store.product(stock=1))
    row = own_souk.command("ledger", "get", "orders", f"{store.id}#order#{order['id']}", "head").stdout
    assert '"status":"confirmed"' in row
    rows = own_souk.command("ledger", "query", "orders", f"{store.id}#order#{order['id']}").stdout
    assert len(rows.splitlines()) == 2
    assert own_souk.command("ledger", "get", "orders", "no", "such", check=66)


def test_the_demo_walks_a_purchase(tmp_path):
    souk = Souk(tmp_path)
    done = souk.command("demo")
    assert re.search(r"order \d+ is confirmed, payment authorised", done.stdout), done.stdout
    assert list(pathlib.Path(souk.data / "outbox").glob("*.eml"))
    with souk:
        assert souk.http.get("/v1/stores/kumo").json()["currency"] == "JPY"
        assert souk.http.get("/v1/stores/medina/products?limit=100").json()["items"]


def test_what_kubernetes_tells_of_a_service_called_souk_is_no_setting(tmp_path):
    told = {"SOUK_PORT": "tcp://10.0.0.1:80", "SOUK_PORT_80_TCP_ADDR": "10.0.0.1", "SOUK_SERVICE_HOST": "10.0.0.1"}
    Souk(tmp_path).command("ledger", "get", "--help", **told)
    refused = Souk(tmp_path).command("serve", check=78, **told | {"SOUK_HTTP_PROT": "80"})
    assert "SOUK_HTTP_PROT" in refused.stderr and "SOUK_SERVICE" not in refused.stderr


def test_a_mistyped_directory_becomes_no_shop(own_souk, tmp_path):
    """The bug: it was made, and backed up over the backups of the shop that was meant."""
    store = own_souk.new_store()
    own_souk.command("backup", tmp_path / "backup")
    kept = {file: file.read_bytes() for file in (tmp_path / "backup").rglob("*") if file.is_file()}
    for words in (["backup", tmp_path / "backup"], ["export", "--store", store.slug], ["dead-letters", "list"]):
        done = own_souk.command(*words, "--data", tmp_path / "typo", check=66)
        assert "There is no shop in" in done.stderr and done.stdout == ""
    assert not (tmp_path / "typo").exists()
    assert kept == {file: file.read_bytes() for file in (tmp_path / "backup").rglob("*") if file.is_file()}


def test_another_shops_backup_is_not_written_over(own_souk, tmp_path):
    own_souk.command("backup", tmp_path / "backup")
    other = {"SOUK_DATA": str(tmp_path / "other"), "SOUK_ADMIN_PASSWORD": "correct horse battery"}
    own_souk.command("admin", "create", "--email", "a@shop.example", **other)
    assert "another shop" in own_souk.command("backup", tmp_path / "backup", check=69, **other).stderr


def test_a_restore_refuses_a_folder_with_anything_of_a_shop(own_souk, tmp_path):
    """The bug: a secret that was left there stayed, and could open none of the restored shop's."""
    own_souk.command("backup", tmp_path / "backup")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/secret").write_bytes(b"x" * 32)
    done = own_souk.command("restore", tmp_path / "backup", "--data", tmp_path / "new", check=69)
    assert "/secret: is there already" in done.stderr
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["secret"]
    # The bug: a refusal by the ledger left the secret of the backup behind.
    whole = shutil.copytree(tmp_path / "backup", tmp_path / "whole")
    shutil.rmtree(tmp_path / "backup/ledger")
    own_souk.command("restore", tmp_path / "backup", "--data", tmp_path / "later", check=69)
    assert [file.name for file in (tmp_path / "later").rglob("*")] == []
    own_souk.command("restore", whole, "--data", tmp_path / "later")
    (tmp_path / "later/secret").unlink()
    shutil.rmtree(tmp_path / "later/keys")
    own_souk.command("restore", whole, "--data", tmp_path / "later", check=69)
    assert not (tmp_path / "later/secret").exists() and not (tmp_path / "later/keys").exists()
    (tmp_path / "backup/secret").unlink()
    assert "cannot be read" in own_souk.command("restore", tmp_path / "backup", "--data", tmp_path / "n", check=69).stderr


def test_what_it_writes_is_its_owners_alone(own_souk, tmp_path):
    """The bug: in a directory that was there before, everybody could read the accounts' hashes."""
    tmp_path.chmod(0o755)
    for name in ("mine", "backup"):
        (tmp_path / name).mkdir(mode=0o755)
    data = {"SOUK_DATA": str(tmp_path / "mine"), "SOUK_ADMIN_PASSWORD": "correct horse battery"}
    own_souk.command("admin", "create", "--email", "a@shop.example", **data)
    own_souk.command("backup", tmp_path / "backup", **data)
    open_to_others = [file for name in ("mine", "backup") for file in (tmp_path / name).rglob("*") if file.stat().st_mode & 0o077]
    assert open_to_others == []


@pytest.mark.parametrize("running", [True, False])
def test_what_went_wrong_is_told_apart_from_what_was_asked_for(own_souk, running):
    store = own_souk.new_store()
    if not running:
        own_souk.stop()
    done = own_souk.command("export", "--store", "nobody", check=66)
    assert done.stdout == "" and "There is no store" in done.stderr
    with open("/dev/full", "w") as full:
        words = [shop.binary, "export", "--store", store.slug]
        done = subprocess.run(words, env=own_souk.environment(), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 69 and "could not be written" in done.stderr


def test_a_password_that_is_typed_is_not_shown(own_souk):
    screen, keyboard = os.openpty()
    words = [shop.binary, "admin", "create", "--email", "typed@shop.example"]
    with subprocess.Popen(
        words, env=own_souk.environment(), stdin=keyboard, stdout=keyboard, stderr=keyboard, start_new_session=True
    ) as creating:
        seen = b""
        while b"Password: " not in seen:
            seen += os.read(screen, 1000)
        os.write(screen, b"correct horse battery\n")
        assert creating.wait(30) == 0
    seen += os.read(screen, 1000)
    os.close(keyboard)
    os.close(screen)
    assert b"can sign in now" in seen and b"horse" not in seen


def test_a_folder_is_no_configuration(souk, tmp_path):
    """The bug: it ended the process by an exception; Docker makes one of a file that is missing."""
    assert "cannot be opened" in souk.command("serve", "--config", tmp_path, check=78).stderr


@pytest.mark.parametrize("port", ["-5", "65536"])
def test_a_port_is_one(souk, port):
    assert "--port" in souk.command("serve", "--port", port, check=64).stderr


def test_mail_settings_that_cannot_work_are_mistakes(tmp_path):
    """The bug: mails came from souk@localhost.localdomain, and the password went over the wire for all to read."""
    souk = Souk(tmp_path)
    (tmp_path / "souk.toml").write_text(
        'foo = 1\n[mail]\nhost = "smtp.shop.example"\nusername = "shop"\nencryption = "none"\n[trace]\notlp_endpoint = "collector:4318"\n'
    )
    words = ["serve", "--config", tmp_path / "souk.toml"]
    lines = souk.command(*words, check=78, SOUK_MAIL_PASSWORD="secret").stderr.splitlines()
    told = {line.strip().split(": ")[-2]: line.count("foo") for line in lines[1:]}
    assert set(told) == {"foo", "mail.from", "mail.encryption", "trace.otlp_endpoint"} and told["foo"] == 1, lines
    assert "mail.username and mail.password" in souk.command(*words, check=78).stderr
    # A backup does without the password, which may be in the environment of the service alone.
    (tmp_path / "souk.toml").write_text('[mail]\nhost = "smtp.shop.example"\nfrom = "a@shop.example"\nusername = "shop"\n')
    command = ["dead-letters", "list", "--config", tmp_path / "souk.toml"]
    assert "There is no shop" in souk.command(*command, check=66).stderr
