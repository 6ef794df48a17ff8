"""The load: threads that browse, buy, cancel, refund, send, adjust stock and import, and journal every write."""

import random
import threading
import time

import httpx

patience = 120  # Seconds until a write counts as never answered.
head = "Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Published,Status\n"
kinds_of_writes = ["cart", "item", "email", "order", "cancel", "refund", "fulfilment", "adjustment", "abandon", "import"]
# The only refusal that is fair, and its code: goods ran out. Nobody comes between a shopper and their cart or order.
fair = {"adjustment": {"stock_below_zero"}}


class Shopper(threading.Thread):
    """One client with a journal. Its choices follow from the seed; what comes of them does not."""

    def __init__(self, number, seed, journal, url, base, staff, stop):
        super().__init__(daemon=True, name=f"shopper-{number}")
        self.random = random.Random(f"{seed}/{number}")
        self.journal, self.base, self.staff, self.stopping = journal, base, staff, stop
        self.http = httpx.Client(base_url=url, timeout=30)
        self.keys = (f"{seed}-{number}-{i}" for i in range(10**9))
        self.skus = list(journal.initial)
        self.reads = 0

    def run(self):
        moves = [(self.shop, 70), (self.browse, 15), (self.adjust, 12), (self.bring_in, 3)]
        while not self.stopping.is_set():
            try:
                self.random.choices([m for m, _ in moves], [w for _, w in moves])[0]()
            except Exception as problem:  # A shopper that fell over would pass for one who was served.
                self.journal.odd(f"{self.name}: {problem!r}")
                return
        self.http.close()

    def send(self, method, path, **options):
        """The answer, and how many attempts it took; None if there was none within `patience`."""
        attempts, end = 0, time.monotonic() + patience
        while time.monotonic() < end:
            attempts += 1
            try:
                answer = self.http.request(method, self.base + path, **options)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            code = answer.json().get("code") if answer.status_code == 409 else None
            if answer.status_code in (429, 503) or code in ("idempotency_key_in_flight", "conflict", "busy"):
                time.sleep(0.05)
                continue
            return answer, attempts
        return None, attempts

    def write(self, kind, method, path, asked, headers=None, key=None, **options):
        """The journal's entry of a write that was repeated under its key until it was answered."""
        key = key or next(self.keys)
        headers = (headers or {}) | {"Idempotency-Key": key}
        answer, attempts = self.send(method, path, headers=headers, **options)
        if answer is None:
            return self.journal.write(kind, key, asked, None, None, attempts)
        if not answer.is_success and answer.json().get("code") not in fair.get(kind, ()):
            self.journal.odd(f"{kind} {key}: {method} {path} {answer.status_code} {answer.text}")
        return self.journal.write(kind, key, asked, answer.status_code, answer.json(), attempts)

    def read(self, path, headers=None, must=True):
        answer, _ = self.send("GET", path, headers=headers)
        self.reads += 1
        if must and (answer is None or answer.status_code != 200):
            self.journal.odd(f"GET {path}: {answer and answer.status_code} {answer and answer.text}")
            return None
        return answer.json()

    def browse(self):
        page = self.read(f"/products?limit=20&sort={self.random.choice(['title', 'price', '-created'])}")
        if page and page["items"]:
            self.read(f"/products/{self.random.choice(page['items'])['id']}")

    def shop(self):
        cart = self.write("cart", "POST", "/carts", {}, json={})["answer"]
        if not cart or "id" not in cart:
            return
        items = {}
        for sku in self.random.sample(self.skus, self.random.randint(1, 3)):
            item = {"sku": sku, "quantity": self.random.randint(1, 3)}
            added = self.write("item", "POST", f"/carts/{cart['id']}/items", {"cart": cart["id"]} | item, json=item)
            if added["status"] == 201:
                items[sku] = item["quantity"]
        if not items or self.random.random() < 0.1:
            self.journal.write("abandon", next(self.keys), {"cart": cart["id"], "items": items}, 200, None)
            return
        self.check_out(cart, items)

    def check_out(self, cart, items):
        key = next(self.keys)
        address = {"email": f"{key}@torture.example"}
        named = self.write("email", "PUT", f"/carts/{cart['id']}/email", {"cart": cart["id"]} | address, json=address)
        if named["status"] != 200:
            return
        method = "manual_decline" if self.random.random() < 0.12 else "manual"
        body = {"cart_id": cart["id"], "cart_version": named["answer"]["version"],
                "payment": {"provider": "manual", "method": method}}  # fmt: skip
        wait = {"Prefer": "wait=5"} if self.random.random() < 0.8 else {}
        asked = {"cart": cart["id"], "items": items, "method": method} | address
        order = self.write("order", "POST", "/orders", asked, wait, key, json=body)["answer"]
        if not order or "id" not in order:
            return
        seen = self.read(f"/orders/{order['id']}", {"X-Order-Token": order.get("token", "none")})
        if seen and seen["status"] == "confirmed":
            self.change(seen)

    def change(self, order):
        """What may become of a confirmed order."""
        path, choice, key = f"/orders/{order['id']}", self.random.random(), next(self.keys)
        asked = {"order": order["id"]}
        if choice < 0.15:
            self.write("cancel", "POST", f"{path}/cancel", asked, self.staff, key, json={"reason": key})
        elif choice < 0.4:
            line = self.random.choice(order["lines"])
            part = {"line_id": line["id"], "quantity": 1, "restock": self.random.random() < 0.5}
            body = {"lines": [part], "reason": key} if self.random.random() < 0.7 else {"reason": key}
            self.write("refund", "POST", f"{path}/refunds", asked, self.staff, key, json=body)
            if self.random.random() < 0.2:
                again = next(self.keys)
                self.write("cancel", "POST", f"{path}/cancel", asked, self.staff, again, json={"reason": again})
        elif choice < 0.6:
            body = {"tracking": {"carrier": "Post", "number": key}}
            if self.random.random() < 0.3:
                body["lines"] = [{"line_id": order["lines"][0]["id"], "quantity": 1}]
            self.write("fulfilment", "POST", f"{path}/fulfilments", asked, self.staff, key, json=body)

    def adjust(self):
        sku, key = self.random.choice(self.skus), next(self.keys)
        delta = self.random.choice([1, 2, 5, 10, -1, -2])
        body = {"delta": delta, "reason": key}
        self.write("adjustment", "POST", f"/inventory/{sku}/adjustments", {"sku": sku, "delta": delta}, self.staff, key, json=body)

    def bring_in(self):
        key = next(self.keys)
        stock = {f"imp-{key}-{i}".upper(): self.random.randint(1, 50) for i in range(self.random.randint(1, 5))}
        rows = "".join(f"{sku.lower()},{sku},{sku},shopify,{n},9.99,TRUE,active\n" for sku, n in stock.items())
        headers = self.staff | {"Content-Type": "text/csv"}
        self.write("import", "POST", "/imports", {"stock": stock}, headers, key, content=head + rows)
