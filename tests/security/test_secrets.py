"""What is secret is told to its owner and to nobody else: not to the log, the metrics, the traces, nor to whoever finds the disk."""

import base64
import gzip
import hashlib
import hmac
import http.server
import re
import struct
import threading
import time

import pytest

from shop import Souk, bearer, key, password, wait_for
from world import path_of

mail = "secret.person@example.com"


class Collector:
    """Takes spans as an OTLP collector does, and keeps them as text."""

    def __init__(self):
        self.got = got = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                packed = self.headers.get("Content-Encoding") == "gzip"
                got.append((gzip.decompress(body) if packed else body).decode())
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def one_time_code(secret):
    """RFC 6238: six digits of now."""
    secret = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(secret, struct.pack("!Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('!I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Story:
    """A purchase, an account, keys and webhooks, with every mistake on the way; `known` is all that must stay secret."""

    def __init__(self, souk):
        self.souk, self.known = souk, {"password": password}
        self.store = souk.new_store()
        self.known["owner's access token"] = self.store.owner["Authorization"].split(" ")[1]
        self.account()
        self.keys()
        self.webhooks()
        self.purchase()
        self.operator()

    def post(self, path, headers=None, **body):
        return self.souk.http.post(f"{self.store.base}{path}", json=body, headers=headers)

    def keep(self, name, value):
        assert value
        self.known[name] = value
        return value

    def account(self):
        before = len(self.souk.mails(mail))
        self.post("/auth/sign-up", email=mail, password=password, name="S")
        self.keep("first code", self.souk.code_mailed_to(mail, before))
        before = len(self.souk.mails(mail))
        self.post("/auth/resend-confirmation", email=mail)
        code = self.keep("second code", self.souk.code_mailed_to(mail, before))
        self.post("/auth/confirm-sign-up", email=mail, code=self.keep("wrong code", f"{(int(code) + 1) % 1_000_000:06}"))
        assert self.post("/auth/confirm-sign-up", email=mail, code=code).status_code == 200
        pair = self.souk.sign_in(self.store.base, mail)
        self.keep("access token", pair["access_token"])
        self.keep("refresh token", pair["refresh_token"])
        assert self.post("/auth/sign-in", email=mail, password=self.keep("wrong password", "wrong but a secret yet")).status_code == 401
        before = len(self.souk.mails(mail))
        self.post("/auth/forgot-password", email=mail)
        code = self.keep("reset code", self.souk.code_mailed_to(mail, before))
        new = self.keep("new password", "a brand new horse battery")
        assert self.post("/auth/confirm-forgot-password", email=mail, code=code, new_password="short").status_code == 422
        assert self.post("/auth/confirm-forgot-password", email=mail, code=code, new_password=new, typo=1).status_code == 422
        assert self.post("/auth/confirm-forgot-password", email=mail, code=code, new_password=new).status_code == 200
        again = self.souk.sign_in(self.store.base, mail, new)
        first = self.keep("used refresh token", again["refresh_token"])
        sealed = {"Idempotency-Key": self.keep("idempotency key", "idem-" + "k" * 40)}
        self.keep("new refresh token", self.post("/auth/refresh", sealed, refresh_token=first).json()["refresh_token"])
        assert self.post("/auth/refresh", refresh_token=first).status_code == 401
        who = bearer(self.souk.sign_in(self.store.base, mail, new)["access_token"])
        self.keep("another access token", who["Authorization"].split(" ")[1])
        address = self.store.call("POST", "/auth/totp", headers=who).json()["otpauth_url"]
        secret = self.keep("one-time secret", re.search(r"secret=(\w+)", address)[1])
        code = self.keep("one-time code", one_time_code(secret))
        assert self.post("/auth/totp/confirm", who, code=code).status_code in (200, 204)
        self.post("/auth/sign-in", email=mail, password=new, totp="000000")
        self.store.call("GET", f"/me?access_token={self.known['access token']}")

    def keys(self):
        made = self.store.call("POST", "/api-keys", 201, json={"name": "k", "scopes": ["orders:read"]}, headers=self.store.owner)
        secret = self.keep("api key", made.json()["secret"])
        self.store.call("GET", "/orders", 200, headers=bearer(secret))
        self.store.call("GET", "/members", 403, headers=bearer(secret))
        self.store.call("GET", f"/orders?key={secret}", 400, headers=bearer(secret))
        self.souk.http.get(f"/v1/{secret}", headers=bearer(secret))
        self.store.call("DELETE", f"/api-keys/{made.json()['id']}", 204, headers=self.store.owner)
        self.store.call("GET", "/orders", 401, headers=bearer(secret))

    def webhooks(self):
        hook = {"url": "http://127.0.0.1:9/hook?token=" + self.keep("token in a webhook's address", "T" * 40), "events": ["*"]}
        made = self.store.call("POST", "/webhooks", 201, json=hook, headers=self.store.owner | key()).json()
        self.keep("webhook secret", made["secret"])
        rotated = self.store.call("POST", f"/webhooks/{made['id']}/rotate-secret", 200, headers=self.store.owner).json()
        self.keep("new webhook secret", rotated["secret"])
        self.store.call("POST", f"/webhooks/{made['id']}/test", 202, headers=self.store.owner)

    def purchase(self):
        cart = self.store.cart((self.store.product(stock=3), 1), address="buyer@example.com")
        self.keep("cart id", cart["id"])
        order = self.store.order(cart)
        token = self.keep("order token", order["token"])
        self.store.call("GET", f"/orders/{order['id']}", 200, headers={"X-Order-Token": token})
        declined = self.store.cart((self.store.product(stock=3), 1))
        self.keep("second cart id", declined["id"])
        self.keep("second order token", self.store.order(declined, "manual_decline")["token"])
        open_cart = self.keep("open cart id", self.store.cart((self.store.product(), 1))["id"])
        self.store.call("GET", f"/carts/{open_cart}", 200)
        self.store.call("GET", f"/carts/{open_cart}?x=1", 400)
        self.store.call("PUT", f"/carts/{open_cart}", 405)
        media = self.store.call("POST", "/media", 201, json={"content_type": "image/png", "size": 9}, headers=self.store.owner).json()
        address = media["upload"]["url"]
        self.keep("upload's signature", re.search(r"signature=([^&]+)", address)[1])
        self.souk.http.put(path_of(address), content=b"not a png", headers={"Content-Type": "image/png"})

    def operator(self):
        self.souk.admin()
        self.souk.command("admin", "create", "--email", "x@example.com", check=None, SOUK_ADMIN_PASSWORD=self.keep("weak password", "x!y2"))
        self.souk.command("keys", "rotate")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(what must stay secret, what was told where)."""
    folder, collector = tmp_path_factory.mktemp("story"), Collector()
    with Souk(folder, SOUK_LOG_LEVEL="debug", SOUK_TRACE_OTLP_ENDPOINT=collector.url) as souk:
        story = Story(souk)
        metrics = souk.http.get("/metrics").text
        souk.stop()
        wait_for(lambda: collector.got)
        collector.close()
        where = {"log": (folder / "log.jsonl").read_text(), "metrics": metrics, "spans": "".join(collector.got)}
        disk = {str(f.relative_to(souk.data)): f.read_bytes() for f in souk.data.rglob("*") if f.is_file()}
    return story.known, where, disk


@pytest.mark.parametrize("place", ["log", "metrics", "spans"])
def test_nothing_secret_is_told_to_whoever_watches(told, place):
    known, where, _ = told
    assert {"log": '"serving"', "metrics": "souk_http_requests_total", "spans": "traceId"}[place] in where[place]
    # Six digits turn up in numbers by chance: a code counts as told where it stands alone.
    leaked = [what for what, secret in known.items() if re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w)", where[place])]
    assert leaked == []
    assert not re.search(r"eyJ[\w-]+\.[\w-]+|\bsk_[\w-]{20}|whsec_|\brt_\w{20}|\bcart_\w{26}", where[place])
    assert "@example.com" not in where[place], "an e-mail address is nobody's business either"


def test_every_step_was_traced_and_the_reuse_of_a_token_logged(told):
    """Else the silence above would prove nothing."""
    _, where, _ = told
    assert "a used refresh token came back" in where["log"]
    for route in ("get_cart", "customer_sign_in", "get_order", "revoke_api_key", "upload_media"):
        assert route in where["spans"], route


def test_nothing_secret_lies_on_the_disk(told):
    """Mails apart, which go to a folder for want of a server, and the address of a webhook, which its store's staff may read."""
    known, _, disk = told
    known = {what: secret for what, secret in known.items() if what != "token in a webhook's address"}
    leaked = {
        (what, name) for what, secret in known.items() for name, content in disk.items()
        if not name.startswith("outbox/") and not re.fullmatch(r"\d{6}", secret) and secret.encode() in content
    }  # fmt: skip
    assert leaked == set()
    assert any(name.startswith("ledger/") and b"souk.order.confirmed" in content for name, content in disk.items())


def test_the_folder_and_its_keys_are_for_their_owner_alone(tmp_path):
    with Souk(tmp_path) as souk:
        souk.sign_up("/v1", "a@example.com")
        open_to_others = [
            str(path.relative_to(souk.data)) for path in [souk.data, *souk.data.rglob("*")]
            if path.stat().st_mode & 0o077 and (path == souk.data or re.search(r"\.pem$|secret|key", path.name))
        ]  # fmt: skip
        assert open_to_others == []
