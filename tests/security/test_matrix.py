"""Every route x every principal x another store's ids: 401, 403 or 404 as the table says, and nothing written."""

import json
import re

import pytest

import matrix
from shop import bearer, key, next_name

address = {"name": "A", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
nowhere = {
    "product": "prod_", "order": "order_", "variant": "var_", "line": "line_", "webhook": "wh_", "delivery": "whd_",
    "key": "key_", "import": "imp_", "category": "cat_", "user": "user_", "address": "addr_", "id": "store_",
}  # fmt: skip


class Victim:
    """A store with one of everything that has an id, all of it a customer's or the store's own."""

    def __init__(self, souk):
        self.store = store = souk.new_store()
        self.ada = store.customer()
        sku = store.product(stock=20)
        product = store.product_id(sku)
        hook = self.made("/webhooks", {"url": "http://127.0.0.1:9/", "events": ["souk.stock.low.v1"]})
        delivery = store.call("POST", f"/webhooks/{hook['id']}/test", 202, headers=store.owner).json()
        csv = {"content": "Handle,Title,Variant SKU,Variant Price\nw,W,W-1,1.00\n"}
        order = store.order(store.cart((sku, 1), headers=self.ada), headers=self.ada)
        cart = store.cart((sku, 1), headers=self.ada)
        self.ids = {
            "store": store.slug, "sku": sku, "product": product, "order": order["id"], "cart": cart["id"],
            "variant": store.get(f"/products/{product}")["variants"][0]["id"], "line": cart["items"][0]["id"],
            "webhook": hook["id"], "delivery": delivery["id"], "object": "med_" + "0" * 26,
            "key": self.made("/api-keys", {"name": "k", "scopes": ["orders:read"]})["id"],
            "import": store.call("POST", "/imports", 202, **csv, headers=store.owner | {"Content-Type": "text/csv"}).json()["id"],
            "category": self.made("/categories", {"name": "C"})["id"],
            "address": store.call("POST", "/me/addresses", 201, json=address, headers=self.ada).json()["id"],
            "user": store.get("/members", headers=store.owner)["items"][0]["user_id"],
        }  # fmt: skip

    def made(self, path, body):
        return self.store.call("POST", path, 201, json=body, headers=self.store.owner).json()

    def rows(self):
        """Everything about the store that an answer shows, by path."""
        lists = (
            "", "/products?limit=100", "/categories", "/members", "/api-keys", "/webhooks", "/orders", "/inventory/{sku}",
            "/products/{product}", "/orders/{order}", "/orders/{order}/timeline", "/imports/{import}",
            "/inventory/{sku}/adjustments", "/exports/products.csv", "/webhooks/{webhook}",
        )  # fmt: skip
        seen = {p: self.store.call("GET", p.format(**self.ids), headers=self.store.owner) for p in lists}
        for path in ("/me", "/me/addresses", "/me/orders", "/carts/{cart}"):
            seen[path] = self.store.call("GET", path.format(**self.ids), headers=self.ada)
        assert all(a.status_code == 200 for a in seen.values()), {p: a.status_code for p, a in seen.items()}
        return {p: (a.headers.get("ETag"), a.text) for p, a in seen.items()}


class World:
    """Victims a, b and c (suspended), and everyone who could knock at their doors."""

    def __init__(self, souk):
        self.souk = souk
        self.stores = {name: Victim(souk) for name in "abc"}
        self.headers = {}
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
            self.add(matrix.staff("owner", home), victim.store.owner)
            self.add_key(list(matrix.granted), home, "all")
        for role in matrix.roles[1:]:
            mail = next_name("role") + "@example.com"
            self.add(matrix.staff(role, "b"), bearer(souk.sign_up("/v1", mail)["access_token"]))
            self.stores["b"].made("/members", {"email": mail, "role": role})
        for scope in matrix.granted:
            self.add_key([scope], "b")
        admin = next(h for who, h in self.headers.items() if who.kind == "platform")
        suspended = souk.http.post(f"/v1/admin/stores/{self.stores['c'].store.id}/suspend", headers=admin)
        assert suspended.status_code == 200, suspended.text

    def add(self, who, headers):
        self.headers[who] = headers

    def add_key(self, scopes, home, name=None):
        made = self.stores[home].made("/api-keys", {"name": name or scopes[0], "scopes": scopes})
        self.add(matrix.key_with(scopes, home, name), bearer(made["secret"]))

    def ask(self, case, who, ids):
        path = case.path.format(**ids) + case.query
        body = case.body
        if body is not None:
            body = json.loads(re.sub(r"\{(sku|cart)\}", lambda found: ids[found[1]], json.dumps(body)))
        headers = self.headers[who] | (key() if case.method == "POST" else {})
        return self.souk.http.request(case.method, path, json=body, headers=headers)

    def ids(self, store, of):
        """The ids of one store, below the name of another. A platform's own routes get one that is not there."""
        return self.stores[of].ids | {"store": self.stores[store].store.slug, "id": "store_" + "0" * 26}

    def attack(self, case, store, of, everyone):
        """What answered otherwise than the table says."""
        wrong = []
        for who in everyone:
            answer = self.ask(case, who, self.ids(store, of))
            want = matrix.expected(case, who, store, of)
            if answer.status_code != want:
                wrong.append(f"{who.name}: {answer.status_code}, not {want}: {answer.text[:200]}")
        return wrong


@pytest.fixture(scope="module")
def world(souk):
    return World(souk)


every_case = pytest.mark.parametrize("case", matrix.cases, ids=lambda case: case.operation)


def test_the_matrix_has_every_route_as_the_document_says(souk):
    said = {}
    for path, operations in souk.http.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            audience = operation["x-audience"]
            audience = "anyone" if "anyone" in audience else audience
            said[f"{method.upper()} {path}"] = (audience, operation.get("x-permission"))
    known = {name: (case.audience, case.permission) for name, case in matrix.by_operation.items()}
    assert known == said
    assert len(matrix.cases) == len(known)


@every_case
def test_strangers_at_a_store_find_its_doors_closed(world, case):
    before = world.stores["a"].rows()
    strangers = [who for who in world.headers if who.home != "a"]
    assert world.attack(case, "a", "a", strangers) == []
    assert world.stores["a"].rows() == before


@every_case
def test_the_ids_of_another_store_lead_nowhere(world, case):
    before = {name: world.stores[name].rows() for name in "ab"}
    assert world.attack(case, "b", "a", world.headers) == []
    assert {name: world.stores[name].rows() for name in "ab"} == before


@every_case
def test_another_customer_of_the_store_is_a_stranger_too(world, case):
    before = world.stores["a"].rows()
    assert world.attack(case, "a", "a", [who for who in world.headers if who.name == "customer of a"]) == []
    assert world.stores["a"].rows() == before


@every_case
def test_what_is_elsewhere_and_what_is_nowhere_answer_alike(world, case):
    if not (case.of_store and case.names_something):
        return
    missing = {name: prefix + "0" * 26 for name, prefix in nowhere.items()} | {"sku": "none", "cart": "cart_" + "0" * 32}
    for who in world.headers:
        if who.home != "b":
            continue
        elsewhere = world.ask(case, who, world.ids("b", "a"))
        nothing = world.ask(case, who, world.ids("b", "a") | missing)
        told = [
            {k: v for k, v in answer.json().items() if k not in ("request_id", "instance")} for answer in (elsewhere, nothing)
        ]
        assert told[0] == told[1], (who.name, elsewhere.text, nothing.text)


@every_case
def test_a_suspended_store_serves_only_its_staff_who_read(world, case):
    if not case.of_store or case.path == "/v1/stores/{store}":
        return
    for who, home in [(w, w.home) for w in world.headers if w.home in (None, "c")]:
        refused = matrix.verdict(case, who, "c")
        if not refused and who.kind == "staff" and home is None and case.method == "GET":
            continue  # test_a_suspended_store_is_closed_to_the_staff_of_others
        reads = who.kind in ("staff", "key") and home == "c" and case.method == "GET"
        answer = world.ask(case, who, world.ids("c", "a"))
        want = refused or (matrix.expected(case, who, "c", "a") if reads else 403)
        assert answer.status_code == want, (who.name, answer.text)
        if not refused and not reads:
            assert answer.json()["code"] == "store_suspended", who.name


def test_a_suspended_store_is_closed_to_the_staff_of_others(world):
    others = [who for who in world.headers if who.kind == "staff" and who.home != "c"]
    ids = world.ids("c", "c")
    wrong = []
    for case in matrix.cases:
        if case.of_store and case.path != "/v1/stores/{store}" and case.method == "GET" and case.audience == "anyone":
            wrong += [(who.name, case.operation) for who in others if world.ask(case, who, ids).status_code != 403]
    assert wrong == []


def test_foreign_ids_in_queries_show_nothing(world):
    mine, ids = world.stores["b"].store, world.stores["a"].ids
    customer = world.stores["a"].store.get("/me", headers=world.stores["a"].ada)["id"]
    assert mine.get(f"/orders?customer={customer}", headers=mine.owner)["items"] == []
    for query in (f"category={ids['category']}", f"q={ids['sku']}"):
        answer = mine.call("GET", f"/products?{query}", headers=mine.owner)
        assert answer.status_code in (404, 422) or answer.json()["items"] == [], answer.text


@pytest.mark.parametrize("path", ["/orders", "/products", "/members", "/api-keys", "/webhooks", "/notifications"])
def test_a_cursor_of_another_store_is_refused(world, path):
    theirs, mine = world.stores["a"].store, world.stores["b"].store
    if path == "/products":
        theirs.product(), theirs.product()
    page = theirs.get(f"{path}?limit=1", headers=theirs.owner)
    cursor = page["next_cursor"] or mine.get("/api-keys?limit=1", headers=mine.owner)["next_cursor"]
    if page["next_cursor"] or path != "/api-keys":
        answer = mine.call("GET", f"{path}?limit=1&cursor={cursor}", headers=mine.owner)
        assert answer.status_code == 400, answer.text


def test_foreign_ids_in_bodies_are_refused(world):
    mine, ids = world.stores["b"].store, world.stores["a"].ids
    before = world.stores["a"].rows()
    product = mine.product_id(mine.product())
    for body in (
        {"category_ids": [ids["category"]]}, {"variants": [{"id": ids["variant"]}]}, {"media": [{"id": ids["object"]}]},
    ):  # fmt: skip
        mine.call("PATCH", f"/products/{product}", 422, json=body, headers=mine.owner)
    mine.call("POST", "/categories", 422, json={"name": "x", "parent_id": ids["category"]}, headers=mine.owner)
    cart = mine.cart()
    for item in ({"sku": ids["sku"]}, {"variant_id": ids["variant"]}):
        answer = mine.call("POST", f"/carts/{cart['id']}/items", json=item | {"quantity": 1})
        assert answer.status_code in (404, 422), answer.text
    assert world.stores["a"].rows() == before
