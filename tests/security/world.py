"""Three stores with one of everything each, and everyone who could knock at their doors."""

import contextlib
import json
import re
import socket
import threading
import time

import matrix
from shop import bearer, key, next_name

png = b"\x89PNG\r\n\x1a\n" + b"\0" * 92
as_png = {"Content-Type": "image/png"}
nowhere = {
    "product": "prod_", "order": "order_", "variant": "var_", "line": "line_", "webhook": "wh_", "delivery": "whd_", "key": "key_",
    "import": "imp_", "category": "cat_", "user": "user_", "address": "addr_", "id": "store_", "object": "med_", "order_line": "line_",
    "customer": "user_", "cart": "cart_",
}  # fmt: skip


def ids_of_nothing():
    """Ids as they are made, of things that never were."""
    made = {name: prefix + "01" + "0" * 24 for name, prefix in nowhere.items()}
    return made | {"sku": "none", "shipping": "none", "refresh": "rt_" + "A" * 60}


def path_with(case, ids):
    """The case's path and query; media lie at their store's id alone, by a file's name."""
    if case.path.startswith("/media/"):
        ids = ids | {"store": ids["store_id"], "object": ids["object"] + ".png"}
    return case.path.format(**ids) + case.query.format(**ids)


def path_of(url):
    """What a client below the server's root asks for: tests know another port than its public address says."""
    return "/" + url.split("/", 3)[3]


class Taker:
    """A webhook receiver that takes everything, so that nothing is tried again later."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with contextlib.suppress(OSError), connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class Victim:
    """A store with two of everything that has an id, all of it a customer's or the store's own; `ids` has the first."""

    def __init__(self, souk, receiver):
        self.ship = next_name("ship-")
        method = {"id": self.ship, "name": "Ship", "price": {"amount": 100, "currency": "EUR"}}
        self.store = store = souk.new_store(shipping_methods=[method])
        again = souk.http.post("/v1/stores", json={"slug": next_name("second-"), "name": "S", "currency": "EUR"}, headers=store.owner)
        assert again.status_code == 201, again.text
        session = souk.sign_up(store.base, next_name("ada") + "@example.com")
        self.ada = bearer(session["access_token"])
        sku, sizes = next_name("SKU-V"), ("S", "M")
        variants = [{"sku": f"{sku}{size}", "price": store.money(1000), "option_values": {"Size": size}} for size in sizes]
        store.product(f"{sku}S", stock=20, variants=variants, options=[{"name": "Size", "values": sizes}])
        skus = [f"{sku}S", store.product(stock=20)]
        product = store.product_id(skus[0])
        self.made(f"/inventory/{skus[0]}/adjustments", {"delta": 1, "reason": "found"})
        hooks = [self.made("/webhooks", {"url": receiver.url, "events": ["souk.stock.low.v1"]}) for _ in skus]
        tests = [store.call("POST", f"/webhooks/{hooks[0]['id']}/test", 202, headers=store.owner).json() for _ in skus]
        csv = {"content": "Handle,Title,Variant SKU,Variant Price\nw,W,W-1,1.00\n"}
        orders = [store.order(store.cart((sku, 1), headers=self.ada), headers=self.ada) for sku in skus]
        cart = store.cart((skus[0], 1), headers=self.ada)
        addresses = [store.call("POST", "/me/addresses", 201, json=matrix.address, headers=self.ada).json() for _ in skus]
        member = next_name("member") + "@example.com"
        souk.sign_up("/v1", member)
        self.made("/members", {"email": member, "role": "support"})
        self.ids = {
            "store": store.slug, "store_id": store.id, "sku": skus[0], "product": product, "order": orders[0]["id"], "cart": cart["id"],
            "variant": store.get(f"/products/{product}")["variants"][0]["id"], "line": cart["items"][0]["id"],
            "webhook": hooks[0]["id"], "delivery": tests[0]["id"], "shipping": self.ship, **self.uploaded(),
            "key": [self.made("/api-keys", {"name": "k", "scopes": ["orders:read"]}) for _ in skus][0]["id"],
            "import": store.call("POST", "/imports", 202, **csv, headers=store.owner | {"Content-Type": "text/csv"}).json()["id"],
            "category": [self.made("/categories", {"name": f"C{i}"}) for i in range(2)][0]["id"], "address": addresses[0]["id"],
            "user": store.get("/members", headers=store.owner)["items"][0]["user_id"], "order_line": orders[0]["lines"][0]["id"],
            "customer": store.get("/me", headers=self.ada)["id"], "refresh": session["refresh_token"],
        }  # fmt: skip

    def made(self, path, body):
        return self.store.call("POST", path, 201, json=body, headers=self.store.owner).json()

    def uploaded(self):
        """The id of a picture that is there, and what its upload address asks, with and without another's signature."""
        address = self.made("/media", {"content_type": "image/png", "size": len(png)})
        at, _, query = path_of(address["upload"]["url"]).partition("?")
        assert at == f"/media/{self.store.id}/{address['id']}.png"
        put = self.store.http.put(f"{at}?{query}", content=png, headers=as_png)
        assert put.status_code == 204, put.text
        return {"object": address["id"], "upload": query, "forged": re.sub("(?<=signature=).*", "0" * 43, query)}

    def rows(self):
        """Everything about the store that an answer shows, by path."""
        lists = (
            "", "/products?limit=100", "/categories", "/members", "/api-keys", "/webhooks", "/orders", "/inventory/{sku}",
            "/products/{product}", "/orders/{order}", "/orders/{order}/timeline", "/imports/{import}",
            "/inventory/{sku}/adjustments", "/exports/products.csv", "/webhooks/{webhook}", "/webhooks/{webhook}/deliveries",
        )  # fmt: skip
        seen = {p: self.store.call("GET", p.format(**self.ids), headers=self.store.owner) for p in lists}
        for path in ("/me", "/me/addresses", "/me/orders", "/carts/{cart}"):
            seen[path] = self.store.call("GET", path.format(**self.ids), headers=self.ada)
        seen["picture"] = self.store.http.get("/media/{store_id}/{object}.png".format(**self.ids))
        assert all(a.status_code == 200 for a in seen.values()), {p: a.status_code for p, a in seen.items()}
        return {p: (a.headers.get("ETag"), a.text) for p, a in seen.items()}


def journal(souk):
    """What files there are, and of what size.

    Whatever is written to the database, in whatever table, makes its log longer; mails and pictures are files of their own.
    """
    found = {file: file.stat().st_size for file in (souk.data / "ledger").iterdir() if file.suffix in (".log", ".sst")}
    files = [file for folder in ("outbox", "media") for file in (souk.data / folder).rglob("*") if file.is_file()]
    return found | {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def at_rest(souk, quiet=1.5, seconds=30):
    """Waits until nothing has been written for a while: what the setting up set in motion is done."""
    end, seen, since = time.monotonic() + seconds, None, time.monotonic()
    while time.monotonic() - since < quiet:
        now = journal(souk)
        if now != seen:
            seen, since = now, time.monotonic()
        assert time.monotonic() < end, f"still writing after {seconds} s"
        time.sleep(0.05)


@contextlib.contextmanager
def nothing_written(souk):
    before = journal(souk)
    yield
    assert journal(souk) == before, "something was written"


class World:
    """Victims a, b and c (suspended), and the principals with their headers."""

    def __init__(self, souk):
        self.souk, self.receiver = souk, Taker()
        self.stores = {name: Victim(souk, self.receiver) for name in "abc"}
        self.headers, self.ada = {}, {}
        self.add(matrix.Principal("nobody", "none"), {})
        for name, token in {
            "garbage": "x", "a JWT's shape": "eyJhbGciOiJub25lIn0.e30.x", "no such key": "sk_" + "0" * 43,
        }.items():  # fmt: skip
            self.add(matrix.Principal(name, "garbage"), bearer(token))
        self.add(matrix.Principal("Basic", "garbage"), {"Authorization": "Basic YTpi"})
        self.add(matrix.Principal("staff of no store", "staff"), souk.staff())
        self.add(matrix.Principal("platform admin", "platform"), souk.admin())
        for home, victim in self.stores.items():
            self.add(matrix.Principal(f"customer of {home}", "customer", home), victim.store.customer())
            self.ada[f"ada of {home}"] = victim.ada
            self.add(matrix.staff("owner", home), victim.store.owner)
            self.add_key(list(matrix.granted), home, "all")
        # Who is in two stores may do all in both, but in neither with what is the other's.
        for role, home in [*((role, "b") for role in matrix.roles[1:]), ("admin", "ab")]:
            self.add(matrix.staff(role, home), self.member(role, home)[0])
        for scope in matrix.granted:
            self.add_key([scope], "b")
        self.add_those_who_were_let_in_once()
        admin = next(h for who, h in self.headers.items() if who.kind == "platform")
        suspended = souk.http.post(f"/v1/admin/stores/{self.stores['c'].store.id}/suspend", headers=admin)
        assert suspended.status_code == 200, suspended.text
        at_rest(souk)
        self.seen = self.stores["a"].rows()

    def add(self, who, headers):
        self.headers[who] = headers

    def member(self, role, home):
        """The headers of someone who has this role in each of these stores, and their id."""
        mail = next_name("role") + "@example.com"
        headers = bearer(self.souk.sign_up("/v1", mail)["access_token"])
        users = [self.stores[store].made("/members", {"email": mail, "role": role})["user_id"] for store in home]
        return headers, users[0]

    def add_those_who_were_let_in_once(self):
        """And then no more: whatever remembers their credential has seen it pass."""
        victim = self.stores["a"]
        made = victim.made("/api-keys", {"name": "revoked", "scopes": list(matrix.granted)})
        member, user = self.member("admin", "a")
        for who, headers, taken in (
            (matrix.Principal("revoked key of a", "garbage"), bearer(made["secret"]), f"/api-keys/{made['id']}"),
            (matrix.Principal("removed member of a", "staff"), member, f"/members/{user}"),
        ):
            victim.store.call("GET", "/orders", 200, headers=headers)
            victim.store.call("DELETE", taken, 204, headers=victim.store.owner)
            self.add(who, headers)

    def add_key(self, scopes, home, name=None):
        made = self.stores[home].made("/api-keys", {"name": name or scopes[0], "scopes": scopes})
        self.add(matrix.key_with(scopes, home, name), bearer(made["secret"]))

    def principal(self, name):
        return next(who for who in self.headers if who.name == name)

    def ask(self, case, who, ids):
        body = case.body
        if body is not None:
            body = json.loads(re.sub(r"\{(sku|cart)\}", lambda found: ids[found[1]], json.dumps(body)))
        return self.send(who, case.method, path_with(case, ids), body)

    def headers_of(self, name):
        return self.ada.get(name) or self.headers[self.principal(name)]

    def send(self, who, method, path, body=None):
        headers = self.headers[who] | (key() if method == "POST" else {})
        return self.souk.http.request(method, path, json=body, headers=headers)

    def ids(self, store, of):
        """The ids of one store, below the name of another. A platform's own routes get one that is not there."""
        asked = self.stores[store].store
        return self.stores[of].ids | {"store": asked.slug, "store_id": asked.id, "id": ids_of_nothing()["id"]}

    def attack(self, case, store, of, everyone, ids=None):
        """What answered otherwise than the table says; `ids` other than all of that store's, if given."""
        wrong = []
        for who in everyone:
            answer = self.ask(case, who, ids or self.ids(store, of))
            want = matrix.expected(case, who, store, of)
            if answer.status_code != want:
                wrong.append(f"{who.name}: {answer.status_code}, not {want}: {answer.text[:200]}")
        return wrong


# `instance` is the path, whose length the answer's length shows. The others count, or say when.
its_own = {"request_id", "instance", "x-request-id", "date", "content-length", "ratelimit", "ratelimit-policy", "retry-after"}


def told(answer):
    """An answer without what is its own: two that differ in nothing else tell nothing apart.

    Of a header of its own the value is left out, and not that it is there.
    """
    headers = sorted((name, "" if name in its_own else value) for name, value in answer.headers.multi_items())
    body = answer.json() if answer.content else {}
    return answer.status_code, headers, {name: value for name, value in body.items() if name not in its_own}
