"""Every route, what to throw at it, and what must come back: the table that test_matrix.py holds against openapi.json.

What a principal may do is written down here once more, from api.md and the roles' table, and not asked of the server.
"""

import dataclasses

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
    """Who asks. `home` is the store that its credential belongs to, None for accounts without one."""

    name: str
    kind: str  # none, garbage, customer, staff, key, platform
    home: str | None = None
    permissions: frozenset = frozenset()


def staff(role, home):
    all_of = {p for p, holders in granted.items() if role == "owner" or role in holders}
    return Principal(f"{role} of {home}", "staff", home, frozenset(all_of))


def key_with(scopes, home, name=None):
    return Principal(f"key {name or '+'.join(scopes)} of {home}", "key", home, frozenset(scopes))


def verdict(case, who, store):
    """401, 403, or None where the principal gets through to the handler. `store` is the one in the path."""
    if who.kind == "none":
        return None if case.audience == "anyone" else 401
    if who.kind == "garbage":
        return 401
    if who.kind == "customer" and (not case.of_store or who.home != store):
        return 401
    if who.kind == "key" and case.of_store and who.home != store:
        return 401
    if case.audience == "anyone":
        return None
    at_home = case.of_store and who.home == store
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
        ("POST", f"{prefix}/auth/change-password", refusing()), ("POST", f"{prefix}/auth/totp"),
        ("POST", f"{prefix}/auth/totp/confirm", refusing()), ("POST", f"{prefix}/auth/totp/remove", refusing()),
    )  # fmt: skip


cases = [
    *rows(
        "anyone", None,
        ("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/openid-configuration"), ("GET", "/healthz"),
        ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/openapi.json"),
        ("PUT", "/media/{store}/{object}", {"signed": True, "open": 403, "body": {}, "query": "?type=image/png&size=2&expires=4102444800&signature=" + "0" * 43}),
        ("GET", "/media/{store}/{object}", {"signed": True, "open": 404}),
        *(("POST", f"{prefix}/auth/{word}", refusing()) for prefix in ("/v1", "S") for word in auth_words),
        ("GET", "S"), ("POST", "S/carts", refusing()), ("GET", "S/carts/{cart}"),
        ("PATCH", "S/carts/{cart}", {"body": {"email": "x@example.com"}}),
        ("PUT", "S/carts/{cart}/email", {"body": {"email": "x@example.com"}}),
        ("POST", "S/carts/{cart}/items", {"body": {"sku": "{sku}", "quantity": 1}}),
        ("PATCH", "S/carts/{cart}/items/{line}", {"body": {"quantity": 2}}), ("DELETE", "S/carts/{cart}/items/{line}"),
        ("PUT", "S/carts/{cart}/shipping-address", {"body": address}),
        ("GET", "S/categories"), ("GET", "S/products"), ("GET", "S/products/{product}", {"public": True}),
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
