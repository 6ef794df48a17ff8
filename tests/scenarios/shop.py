"""Drives the souk binary as an operator, a shopper and a shopkeeper would: over its command line and HTTP."""

import email
import email.policy
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import uuid

import httpx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from ports import free_port  # noqa: E402

root = pathlib.Path(__file__).resolve().parent.parent.parent
binary = os.environ.get("SOUK_BINARY", str(root / "build/release/src/apps/souk/souk"))
counter = itertools.count(int(os.environ.get("SOUK_FIRST_NUMBER", "1")))  # Names, unique on a souk that others use too.
password = "correct horse battery staple"


def wait_for(check, seconds=20, every=0.02):
    """The first true value of check(); fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s; last value: {value!r}")
        time.sleep(every)


class Souk:
    """One process of the binary on a data directory. Restartable."""

    patient = False  # Whether an order may take longer than its answer waits: emulators of AWS do.
    launcher = ()  # Words before the command, to run it in surroundings of its own.

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "SOUK_DATA": str(self.data),
            "SOUK_HTTP_PORT": str(self.port),
            "SOUK_LIMITS_REQUESTS_PER_SECOND": "0",
            "SOUK_LIMITS_SIGN_INS_PER_SECOND": "0",
            "SOUK_WEBHOOKS_ALLOW_PRIVATE": "true",
            "SOUK_ORDERS_PAYMENT_DEADLINE_S": "2",
            "SOUK_LOG_LEVEL": "warning",
        } | {name: str(value) for name, value in settings.items()}
        self.process = None
        self.mails_read = {}  # By the file's name: there are thousands of them where crowds buy.
        self.http = httpx.Client(base_url=self.url, timeout=60, limits=httpx.Limits(max_connections=300))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, failure, *_):
        code = self.stop()
        self.http.close()
        # Tests kill it, and nothing else does: a crash while it drains is seen nowhere else.
        assert failure or code in (None, 0, -signal.SIGKILL), f"it ended with {code}: {self.folder}/log.jsonl"

    def environment(self):
        # What the tests themselves are told is no setting of the souk.
        return {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")} | self.settings

    def start(self):
        if os.environ.get("SOUK_ELSEWHERE"):
            import pytest  # Not there where the benchmarks use this file.

            pytest.skip("starts a souk of its own")
        self.log = open(self.folder / "log.jsonl", "ab")
        self.process = subprocess.Popen(
            [*self.launcher, binary, "serve"], env=self.environment(), stdout=self.log, stderr=self.log, cwd=self.folder
        )
        wait_for(self.ready, 30)

    def ready(self):
        assert self.process.poll() is None, (self.folder / "log.jsonl").read_text()
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)
        code = self.process.returncode if self.process else None
        self.process = None
        return code

    def restart(self, how=signal.SIGTERM):
        self.stop(how)
        self.start()

    def command(self, *words, check=0, text=None, timeout=120, **environment):
        done = subprocess.run(
            [binary, *map(str, words)], env=self.environment() | environment, cwd=self.folder,
            capture_output=True, text=True, input=text, timeout=timeout,
        )  # fmt: skip
        assert check is None or done.returncode == check, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    # Mails land as files when no server is configured.

    def mails(self, to=None):
        names = sorted(os.listdir(self.data / "outbox")) if (self.data / "outbox").exists() else []
        for name in names:
            if name.endswith(".eml") and name not in self.mails_read:
                text = (self.data / "outbox" / name).read_bytes()
                self.mails_read[name] = email.message_from_bytes(text, policy=email.policy.default)
        found = [self.mails_read[name] for name in names if name in self.mails_read]
        return [mail for mail in found if to is None or mail["To"] and to in mail["To"]]

    def forget_mails(self):
        for name in os.listdir(self.data / "outbox") if (self.data / "outbox").exists() else []:
            if name.endswith(".eml"):
                (self.data / "outbox" / name).unlink()
        self.mails_read.clear()

    def code_mailed_to(self, address, after=0):
        """The code in the newest mail to the address that came after the first `after` ones."""

        def code():
            for mail in reversed(self.mails(address)[after:]):
                digits = re.search(r"\b(\d{6})\b", mail.get_body(("plain",)).get_content())
                if digits:
                    return digits[1]
            return None

        return wait_for(code)

    # People and stores.

    def sign_up(self, base, address, name="Ada"):
        """A confirmed account's tokens. `base` is /v1 for staff or /v1/stores/{store} for customers."""
        before = len(self.mails(address))
        made = self.http.post(f"{base}/auth/sign-up", json={"email": address, "password": password, "name": name})
        assert made.status_code == 202, made.text
        confirmed = self.http.post(
            f"{base}/auth/confirm-sign-up", json={"email": address, "code": self.code_mailed_to(address, before)}
        )
        assert confirmed.status_code in (200, 204), confirmed.text
        return self.sign_in(base, address)

    def sign_in(self, base, address, secret=password):
        answer = self.http.post(f"{base}/auth/sign-in", json={"email": address, "password": secret})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def staff(self):
        return bearer(self.sign_up("/v1", f"staff{next(counter)}@example.com")["access_token"])

    def admin(self):
        address = f"root{next(counter)}@example.com"
        self.command("admin", "create", "--email", address, "--name", "Root", SOUK_ADMIN_PASSWORD=password)
        return bearer(self.sign_in("/v1", address)["access_token"])

    def new_store(self, **settings):
        owner = self.staff()
        slug = settings.pop("slug", f"shop-{next(counter)}")
        body = {"slug": slug, "name": slug.title(), "currency": "EUR"} | settings
        made = self.http.post("/v1/stores", json=body, headers=owner)
        assert made.status_code == 201, made.text
        return Store(self, made.json(), owner)


def next_name(word):
    return f"{word}{next(counter)}"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


class Store:
    """One store, seen by its owner and by shoppers."""

    def __init__(self, souk, body, owner):
        self.souk, self.body, self.owner = souk, body, owner
        self.id, self.slug, self.currency = body["id"], body["slug"], body["currency"]
        self.base = f"/v1/stores/{self.slug}"
        self.http = souk.http

    def call(self, method, path, expect=None, **options):
        answer = self.http.request(method, self.base + path, **options)
        if expect is not None:
            assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def get(self, path, expect=200, **options):
        return self.call("GET", path, expect, **options).json()

    def money(self, amount):
        return {"amount": amount, "currency": self.currency}

    def product(self, sku=None, price=1000, stock=None, title=None, publish=True, **more):
        """A product with one variant, for sale; its SKU."""
        sku = sku or f"SKU-{next(counter)}"
        body = {"title": title or f"Thing {sku}", "variants": [{"sku": sku, "price": self.money(price)}]} | more
        made = self.call("POST", "/products", 201, json=body, headers=self.owner).json()
        if stock is not None:
            self.set_stock(sku, stock)
        if publish:
            self.call("POST", f"/products/{made['id']}/publish", 200, headers=self.owner)
        return sku

    def product_id(self, sku):
        return self.get(f"/inventory/{sku}", headers=self.owner)["product_id"]

    def set_stock(self, sku, quantity):
        now = self.stock(sku)["stock_on_hand"]
        self.call(
            "POST", f"/inventory/{sku}/adjustments",
            json={"set": quantity, "expected": now}, headers=self.owner,
        ).raise_for_status()  # fmt: skip

    def stock(self, sku):
        return self.get(f"/inventory/{sku}", headers=self.owner)

    def cart(self, *items, address="shopper@example.com", headers=None):
        """A cart with (sku, quantity) items, ready to be ordered."""
        cart = self.call("POST", "/carts", 201, headers=headers).json()
        for sku, quantity in items:
            cart = self.call(
                "POST", f"/carts/{cart['id']}/items", 201, json={"sku": sku, "quantity": quantity}, headers=headers
            ).json()
        if address:
            cart = self.call("PUT", f"/carts/{cart['id']}/email", 200, json={"email": address}, headers=headers).json()
        return cart

    def order(self, cart, method="manual", wait=15, expect=(201,), headers=None, idempotency=None):
        answer = self.http.post(
            f"{self.base}/orders",
            json={
                "cart_id": cart["id"],
                "cart_version": cart["version"],
                "payment": {"provider": "manual", "method": method},
            },
            headers=(headers or {}) | (idempotency or key()) | ({"Prefer": f"wait={wait}"} if wait else {}),
        )
        if wait and answer.status_code == 202 and self.souk.patient:
            return self.settled(answer.json(), "confirmed", "cancelled")
        assert answer.status_code in expect, f"{answer.status_code} {answer.text}"
        return answer.json()

    def buy(self, sku, quantity=1, **options):
        return self.order(self.cart((sku, quantity)), **options)

    def read_order(self, order):
        return self.get(f"/orders/{order['id']}", headers=self.owner)

    def payment_of(self, order):
        """What the manual provider itself keeps of the order's payment; nothing if it was never asked."""
        row = self.souk.command(
            "ledger", "get", "payments", f"{self.id}#order#{order['id']}", "payment", check=None
        )
        assert row.returncode in (0, 66), row.stderr
        return json.loads(row.stdout)["body"] if row.returncode == 0 else None

    def settled(self, order, *statuses):
        """The order once it has one of these statuses."""

        def seen():
            now = self.read_order(order)
            return now if now["status"] in statuses else None

        return wait_for(seen, 120 if self.souk.patient else 20)

    def customer(self, address=None):
        tokens = self.souk.sign_up(self.base, address or f"customer{next(counter)}@example.com")
        return bearer(tokens["access_token"])
