"""Every route, what to throw at it, and what must come back: the table that test_matrix.py holds against openapi.yaml.

What a principal may do is written down here once more, from the contract and the roles' table, and not asked of the server.
"""

import dataclasses
import re

roles = ("owner", "admin", "catalog", "orders", "support")
granted = {
    # permission: the roles besides the owner
    "store:read": {"admin", "catalog", "orders", "support"},
    "store:write": {"admin"},
    "members:write": {"admin"},
    "api_keys:write": {"admin"},
    "catalog:read": {"admin", "catalog", "orders", "support"},
    "catalog:write": {"admin", "catalog"},
    "catalog:approve": {"admin"},
    "inventory:read": {"admin", "catalog", "orders", "support"},
    "inventory:write": {"admin", "catalog", "orders"},
    "orders:read": {"admin", "orders", "support"},
    "orders:write": {"admin", "orders"},
    "webhooks:write": {"admin"},
    "notifications:read": {"admin", "orders", "support"},
}


@dataclasses.dataclass(frozen=True)
class Case:
    """One operation. `open` is what it answers to whoever may call it, without an id of another store in its path."""

    method: str
    path: str
    audience: str  # anyone, customer, staff, customer staff, account, platform
    permission: str | None = None
    body: object = None
    open: int = 200
    needs: str | None = None  # What the handler asks beyond the permission, before it looks anything up.
    public: bool = False  # In the id's own store anyone may read it.
    signed: bool = False  # The address itself is the credential.
    by_body: bool = False  # The body proves what is to be proved: a token beside it is not looked at.
    writes: bool = False  # To the caller's own account, when it may.
    query: str = ""

    @property
    def operation(self):
        return f"{self.method} {self.path}"

    @property
    def of_store(self):
        return self.path.startswith("/v1/stores/{store}")

    @property
    def names_something(self):
        return "{" in self.path.replace("{store}", "")


@dataclasses.dataclass(frozen=True)
class Principal:
    """Who asks. `home` has the letter of each store that its credential belongs to: none for accounts without one."""

    name: str
    kind: str  # none, garbage, customer, staff, key, platform
    home: str = ""
    permissions: frozenset = frozenset()

    def at(self, store):
        return store in self.home


def staff(role, home):
    all_of = {p for p, holders in granted.items() if role == "owner" or role in holders}
    return Principal(f"{role} of {' and '.join(home)}", "staff", home, frozenset(all_of))


def key_with(scopes, home, name=None):
    return Principal(f"key {name or '+'.join(scopes)} of {home}", "key", home, frozenset(scopes))


def verdict(case, who, store):
    """401, 403, or None where the principal gets through to the handler. `store` is the one in the path."""
    if case.by_body:
        return None
    if who.kind == "none":
        return None if case.audience == "anyone" else 401
    if who.kind == "garbage":
        return 401
    if who.kind == "customer" and (not case.of_store or not who.at(store)):
        return 401
    if who.kind == "key" and case.of_store and not who.at(store):
        return 401
    if case.audience == "anyone":
        return None
    at_home = case.of_store and who.at(store)
    if who.kind == "customer":
        return None if "customer" in case.audience else 403
    if who.kind == "platform":
        return None if case.audience in ("platform", "account") else 403
    if case.audience == "account":
        return None if who.kind == "staff" else 403
    wanted = {case.permission, case.needs} - {None}
    return None if at_home and "staff" in case.audience and wanted <= who.permissions else 403


def expected(case, who, store, ids_of):
    """The one status that the answer must have when `store` is in the path and the other ids are those of `ids_of`."""
    refused = verdict(case, who, store)
    if refused:
        return refused
    if case.signed:
        return case.open
    if case.names_something and not (case.public and ids_of == store):
        return 404
    return case.open


nonsense = {"no_such_member": 1}  # Past the wall and no further: 422.
address = {"name": "A", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
money = {"amount": 1, "currency": "EUR"}


def rows(audience, permission, *listed):
    for method, path, *more in listed:
        yield Case(method, path.replace("S", "/v1/stores/{store}", 1) if path[0] == "S" else path, audience, permission,
                   **(more[0] if more else {}))  # fmt: skip


def refusing(**more):
    return {"body": nonsense, "open": 422} | more


auth_words = (
    "sign-up", "confirm-sign-up", "resend-confirmation", "sign-in", "refresh", "sign-out", "forgot-password",
    "confirm-forgot-password",
)  # fmt: skip


def own_account(prefix):
    return (
        ("POST", f"{prefix}/auth/change-password", refusing()), ("POST", f"{prefix}/auth/totp", {"writes": True}),
        ("POST", f"{prefix}/auth/totp/confirm", refusing()), ("POST", f"{prefix}/auth/totp/remove", refusing()),
    )  # fmt: skip


cases = [
    *rows(
        "anyone", None,
        ("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/openid-configuration"), ("GET", "/healthz"),
        ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/openapi.json"),
        ("PUT", "/media/{store}/{object}", {"signed": True, "open": 403, "body": {}, "query": "?{forged}"}),
        ("GET", "/media/{store}/{object}", {"public": True}),
        *(("POST", f"{prefix}/auth/{word}", refusing() | {"by_body": True}) for prefix in ("/v1", "S") for word in auth_words),
        ("GET", "S"), ("POST", "S/carts", refusing()), ("GET", "S/carts/{cart}"),
        ("PATCH", "S/carts/{cart}", {"body": {"email": "x@example.com"}}),
        ("PUT", "S/carts/{cart}/email", {"body": {"email": "x@example.com"}}),
        ("POST", "S/carts/{cart}/items", {"body": {"sku": "{sku}", "quantity": 1}}),
        ("PATCH", "S/carts/{cart}/items/{line}", {"body": {"quantity": 2}}), ("DELETE", "S/carts/{cart}/items/{line}"),
        ("PUT", "S/carts/{cart}/shipping-address", {"body": address}),
        ("GET", "S/categories"), ("GET", "S/categories/{category}", {"public": True}), ("GET", "S/products"), ("GET", "S/products/{product}", {"public": True}),
        ("POST", "S/orders", {"body": {"cart_id": "{cart}", "cart_version": 1, "payment": {"provider": "manual"}}, "open": 404}),
    ),
    *rows("anyone", "orders:read", ("GET", "S/orders/{order}")),
    *rows(
        "customer", None,
        *own_account("S"), ("POST", "S/carts/{cart}/merge"), ("GET", "S/me"), ("PATCH", "S/me", refusing()),
        ("GET", "S/me/addresses"), ("POST", "S/me/addresses", refusing()), ("GET", "S/me/addresses/{address}"),
        ("PATCH", "S/me/addresses/{address}", {"body": {"city": "Mine"}}), ("DELETE", "S/me/addresses/{address}"),
        ("GET", "S/me/orders"),
    ),
    *rows("customer staff", "orders:write", ("POST", "S/orders/{order}/cancel", {"body": {}})),
    *rows(
        "account", None,
        *own_account("/v1"), ("GET", "/v1/me"), ("GET", "/v1/stores"), ("POST", "/v1/stores", refusing()),
    ),
    *rows(
        "platform", None,
        ("GET", "/v1/admin/stores"), ("GET", "/v1/admin/dead-letters"),
        ("POST", "/v1/admin/dead-letters/redrive", refusing()), ("POST", "/v1/admin/stores/{id}/suspend"),
        ("POST", "/v1/admin/stores/{id}/resume"),
    ),
    *rows("staff", "store:write", ("PATCH", "S", refusing())),
    *rows(
        "staff", "store:read",
        ("GET", "S/members"), ("GET", "S/members/{user}"), ("DELETE", "S/members/{user}", {"needs": "members:write"}),
    ),
    *rows(
        "staff", "members:write",
        ("POST", "S/members", refusing()), ("PATCH", "S/members/{user}", {"body": {"role": "admin"}}),
    ),
    *rows(
        "staff", "api_keys:write",
        ("GET", "S/api-keys"), ("POST", "S/api-keys", refusing()), ("GET", "S/api-keys/{key}"), ("DELETE", "S/api-keys/{key}"),
    ),
    *rows(
        "staff", "catalog:read",
        ("GET", "S/exports/products.csv"), ("GET", "S/imports/{import}"), ("GET", "S/products/{product}/variants"),
    ),
    *rows(
        "staff", "catalog:write",
        ("POST", "S/categories", refusing()), ("PATCH", "S/categories/{category}", {"body": {"name": "Mine"}}),
        ("DELETE", "S/categories/{category}"), ("POST", "S/imports", {"body": nonsense, "open": 415}),
        ("POST", "S/media", refusing()), ("POST", "S/products", refusing()),
        ("PATCH", "S/products/{product}", {"body": {"title": "Mine"}}), ("DELETE", "S/products/{product}"),
        *(("POST", f"S/products/{{product}}/{verb}") for verb in ("archive", "publish", "unpublish")),
        ("POST", "S/products/{product}/variants", {"body": {"price": money}}),
        ("PATCH", "S/products/{product}/variants/{variant}", {"body": {"title": "Mine"}}),
        ("DELETE", "S/products/{product}/variants/{variant}"),
    ),
    *rows("staff", "catalog:approve", ("POST", "S/products/{product}/approve")),
    *rows("staff", "inventory:read", ("GET", "S/inventory/{sku}"), ("GET", "S/inventory/{sku}/adjustments")),
    *rows("staff", "inventory:write", ("POST", "S/inventory/{sku}/adjustments", {"body": {"delta": 1, "reason": "x"}})),
    *rows("staff", "notifications:read", ("GET", "S/notifications")),
    *rows("staff", "orders:read", ("GET", "S/orders"), ("GET", "S/orders/{order}/timeline")),
    *rows(
        "staff", "orders:write",
        ("POST", "S/orders/{order}/fulfilments", {"body": {}}), ("POST", "S/orders/{order}/refunds", {"body": {}}),
    ),
    *rows(
        "staff", "webhooks:write",
        ("POST", "S/webhooks", refusing()), ("GET", "S/webhooks"), ("GET", "S/webhooks/{webhook}"),
        ("PATCH", "S/webhooks/{webhook}", {"body": {"description": "Mine"}}), ("DELETE", "S/webhooks/{webhook}"),
        ("GET", "S/webhooks/{webhook}/deliveries"),
        ("POST", "S/webhooks/{webhook}/deliveries/{delivery}/redeliver"),
        ("POST", "S/webhooks/{webhook}/rotate-secret"), ("POST", "S/webhooks/{webhook}/test"),
    ),
]  # fmt: skip

by_operation = {case.operation: case for case in cases}


def differences(document, known=by_operation):
    """What an OpenAPI document says of routes and who may call them that `known` does not, or otherwise. Nothing: all is attacked."""
    said = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            audience = operation["x-audience"]
            audience = "anyone" if "anyone" in audience else audience
            said[f"{method.upper()} {path}"] = (audience, operation.get("x-permission"))
    mine = {name: (case.audience, case.permission) for name, case in known.items()}
    told = [f"not attacked: {name}" for name in sorted(said.keys() - mine.keys())]
    told += [f"no longer there: {name}" for name in sorted(mine.keys() - said.keys())]
    return told + [f"{name} is for {said[name]}, not {mine[name]}" for name in sorted(said.keys() & mine.keys()) if said[name] != mine[name]]


def schemas_below(document, schema, pointer=""):
    """Every schema within one, by the JSON pointer of what it describes; * stands for each item of a list."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    yield pointer, schema
    for name, inner in schema.get("properties", {}).items():
        yield from schemas_below(document, inner, f"{pointer}/{name}")
    if "items" in schema:
        yield from schemas_below(document, schema["items"], f"{pointer}/*")
    for kind in ("oneOf", "anyOf", "allOf"):
        for inner in schema.get(kind, []):
            yield from schemas_below(document, inner, pointer)


reference = re.compile(r"(^|_)(ids?|sku|token)$")  # Names of members that may name something without its form saying so.
own_words = {"/variants/*/sku", "/sku", "/shipping_methods/*/id"}  # In a product or a store they give a name and ask for nothing.


# Queries that name nothing; `cursor` has a test of its own, over all lists.
told_apart = {
    "limit", "cursor", "status", "from", "to", "tag", "q", "price_min", "price_max", "in_stock", "sort", "queue", "expires", "size", "type",
    "signature",
}  # fmt: skip


def references(document):
    """(operation, pointer) of every member of a body that names something, and (operation, query parameter) alike."""
    found = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for pointer, schema in schemas_below(document, content["schema"]):
                    typed = re.match(r"\^[a-z]+_\[", schema.get("pattern", ""))
                    named = "array" not in schema.get("type", "") and reference.search(pointer.removesuffix("/*").rsplit("/", 1)[-1])
                    if (typed or named) and not (re.search("/products|/stores(/{store})?$", path) and pointer in own_words):
                        found.add((name, pointer))
            found |= {(name, f"?{p['name']}") for p in operation["parameters"] if p["in"] == "query" and p["name"] not in told_apart}
    return found


def foreign(operation, pointer, make, status, principal="owner of b"):
    return (operation.replace(" S", " /v1/stores/{store}"), pointer), (make, status, principal)


one_line = "/lines/*/line_id"
# What a body or query says that names something of another store (the argument), and what comes back: as if it were nowhere.
bodies = dict([
    foreign("POST S/carts", "/items/*/variant_id", lambda ids: {"items": [{"variant_id": ids["variant"], "quantity": 1}]}, 422, "nobody"),
    foreign("POST S/carts", "/items/*/sku", lambda ids: {"items": [{"sku": ids["sku"], "quantity": 1}]}, 422, "nobody"),
    foreign("POST S/carts/{cart}/items", "/variant_id", lambda ids: {"variant_id": ids["variant"], "quantity": 1}, 422, "ada of b"),
    foreign("POST S/carts/{cart}/items", "/sku", lambda ids: {"sku": ids["sku"], "quantity": 1}, 422, "ada of b"),
    foreign("PATCH S/carts/{cart}", "/shipping_method_id", lambda ids: {"shipping_method_id": ids["shipping"]}, 422, "ada of b"),
    foreign("POST S/orders", "/cart_id", lambda ids: {"cart_id": ids["cart"], "cart_version": 1, "payment": {"provider": "manual"}}, 404, "nobody"),
    foreign("POST S/categories", "/parent_id", lambda ids: {"name": "x", "parent_id": ids["category"]}, 422),
    foreign("PATCH S/categories/{category}", "/parent_id", lambda ids: {"parent_id": ids["category"]}, 422),
    foreign("POST S/products", "/category_ids/*", lambda ids: {"title": "x", "category_ids": [ids["category"]]}, 422),
    foreign("POST S/products", "/media/*/id", lambda ids: {"title": "x", "media": [{"id": ids["object"]}]}, 422),
    foreign("PATCH S/products/{product}", "/category_ids/*", lambda ids: {"category_ids": [ids["category"]]}, 422),
    foreign("PATCH S/products/{product}", "/media/*/id", lambda ids: {"media": [{"id": ids["object"]}]}, 422),
    foreign("PATCH S/products/{product}", "/variants/*/id", lambda ids: {"variants": [{"id": ids["variant"]}]}, 422),
    foreign("POST S/orders/{order}/fulfilments", one_line, lambda ids: {"lines": [{"line_id": ids["order_line"], "quantity": 1}]}, 422),
    foreign("POST S/orders/{order}/refunds", one_line, lambda ids: {"lines": [{"line_id": ids["order_line"], "quantity": 1}]}, 422),
    foreign("POST /v1/admin/dead-letters/redrive", "/ids/*", lambda ids: {"queue": "notifications-mails", "ids": [ids["import"]]}, 200, "platform admin"),
    *(foreign(f"POST {prefix}/auth/{verb}", "/refresh_token", lambda ids: {"refresh_token": ids["refresh"]}, status, "nobody")
      for prefix in ("S", "/v1") for verb, status in (("refresh", 401), ("sign-out", 204))),
    foreign("GET S/orders", "?customer", lambda ids: {"customer": ids["customer"]}, 200),
    foreign("GET S/products", "?category", lambda ids: {"category": ids["category"]}, 200),
])  # fmt: skip
