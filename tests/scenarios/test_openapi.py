"""The OpenAPI document: the committed one is the served one, and schemathesis finds the binary true to it."""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from shop import Souk, next_name, password, wait_for

root = pathlib.Path(__file__).resolve().parent.parent.parent


def test_the_committed_document_is_the_served_one(souk):
    committed = yaml.safe_load((root / "docs/api/openapi.yaml").read_text())
    assert committed == souk.http.get("/openapi.json").json(), "run tools/openapi.py BINARY"


def test_every_operation_names_an_audience(souk):
    paths = souk.http.get("/openapi.json").json()["paths"]
    operations = [op for path in paths.values() for op in path.values()]
    assert len(operations) > 80
    assert all(op["x-audience"] for op in operations)
    assert len({op["operationId"] for op in operations}) == len(operations)


def test_answers_name_the_headers_that_they_carry(souk):
    document = souk.http.get("/openapi.json").json()
    answers = document["paths"]["/v1/stores/{store}/orders"]["post"]["responses"]
    assert {"ETag", "Idempotent-Replayed", "Location"} <= answers["201"]["headers"].keys()
    assert answers["429"]["headers"].keys() == {"RateLimit", "RateLimit-Policy", "Retry-After"}
    assert answers["409"]["headers"].keys() == {"Retry-After"}  # The key is in flight.
    assert "ETag" in document["paths"]["/v1/stores/{store}/carts/{cart}"]["get"]["responses"]["304"]["headers"]
    for path in document["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                for header in answer.get("headers", {}).values():
                    assert header["$ref"].removeprefix("#/components/headers/") in document["components"]["headers"]


def test_answers_name_what_they_hold(souk):
    paths = souk.http.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for verb, operation in operations.items():
            assert "content" in operation["responses"].get("200", {"content": None}), (verb, path)
    for path in ("/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json", "/.well-known/openid-configuration"):
        told = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert told["type"] == "object", path


def test_a_store_s_slug_is_as_long_as_the_server_takes(souk):
    document = souk.http.get("/openapi.json").json()
    bodies = [document["paths"][path][verb]["requestBody"]["content"]["application/json"]["schema"]
              for path, verb in (("/v1/stores", "post"), ("/v1/stores/{store}", "patch"))]  # fmt: skip
    schemas = document["components"]["schemas"]
    for schema in (*bodies, schemas["Store"], schemas["StoreMembership"]):
        assert schema["properties"]["slug"]["maxLength"] == 63
    owner = souk.staff()
    for length, status in ((63, 201), (64, 422)):
        body = {"slug": next_name("s").ljust(length, "x"), "name": "Long", "currency": "EUR"}
        answer = souk.http.post("/v1/stores", json=body, headers=owner)
        assert answer.status_code == status, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/slug", "too_long")]


# Who tries the routes of which audience. What anyone may do, nobody in particular tries; carts and orders, a customer too.
principals = {"nobody": {"anyone"}, "customer": {"customer"}, "owner": {"staff", "account"}, "administrator": {"platform"}}
# After these a thing is not there any more, or not as it was: they get one of their own.
ending = (
    "cancel_order", "delete_category", "delete_product", "delete_variant", "merge_cart", "remove_address", "remove_cart_item",
    "remove_member", "remove_webhook", "revoke_api_key",
)  # fmt: skip
# These succeed only with a secret that changes what else the principal may do, or with a signature; test_accounts.py and
# test_stock.py have them.
refused = {f"{who}_{verb}" for who in ("staff", "customer") for verb in ("change_password", "confirm_totp", "remove_totp")}
refused |= {"upload_media"}


def operations(document, principal):
    """The ids of the operations that this principal tries."""
    for path in document["paths"].values():
        for operation in path.values():
            audience, name = set(operation["x-audience"].split()), operation["operationId"]
            shops = re.search("_cart|_order$", name) is not None
            if principals[principal] & audience and ("anyone" not in audience or principal == "nobody" or shops):
                if principal != "owner" or "anyone" not in audience:
                    yield name


def things(store, customer, buyer):
    """One of each thing that a path or a body names, by the name of its parameter or member."""
    sizes = [{"sku": next_name(s), "price": store.money(1000), "option_values": {"Size": s}} for s in ("S-", "M-")]
    sku = store.product(sizes[0]["sku"], stock=100, variants=sizes)
    product = store.get(f"/products/{store.product_id(sku)}", headers=store.owner)
    first, second = (variant["id"] for variant in product["variants"])
    member = next_name("member") + "@example.com"
    store.souk.sign_up("/v1", member)
    webhook = store.call("POST", "/webhooks", 201, json=hook, headers=store.owner).json()["id"]
    store.product()  # For the webhook to be told of.
    deliveries = f"/webhooks/{webhook}/deliveries"
    catalogue = {"content": csv, "headers": store.owner | {"Content-Type": "text/csv"}}
    cart, order = store.cart((sku, 1)), store.order(store.cart((sku, 1), headers=buyer), headers=buyer)

    def made(path, body, headers=store.owner):
        return store.call("POST", path, 201, json=body, headers=headers).json()

    return {
        "store": store.id, "id": store.id, "sku": sku, "product": product["id"], "variant": second, "variant_id": first,
        "category": made("/categories", {"name": next_name("Category ")})["id"],
        "cart": cart["id"], "line": cart["items"][0]["id"], "cart_id": store.cart((sku, 1))["id"],
        "order": order["id"], "X-Order-Token": order.get("token"),
        "address": made("/me/addresses", address, customer)["id"],
        "user": made("/members", {"email": member, "role": "support"})["user_id"],
        "key": made("/api-keys", {"name": "k", "scopes": ["orders:read"]})["id"], "webhook": webhook,
        "delivery": wait_for(lambda: store.get(deliveries, headers=store.owner)["items"])[0]["id"],
        "import": store.call("POST", "/imports", 202, **catalogue).json()["id"], "object": picture(store),
    }  # fmt: skip


hook = {"url": "http://127.0.0.1:9/", "events": ["souk.product.published.v1"]}
address = {"name": "A", "line1": "1", "city": "T", "postal_code": "1", "country": "DE"}
csv = "Handle,Title\n"


def picture(store):
    """The last part of the address of a picture that is there."""
    png = b"\x89PNG\r\n\x1a\n" + bytes(8)
    asked = {"content_type": "image/png", "size": len(png)}
    upload = store.call("POST", "/media", 201, json=asked, headers=store.owner).json()["upload"]
    put = store.http.request(upload["method"], upload["url"], content=png, headers=upload["headers"])
    assert put.status_code == 204, put.text
    return upload["url"].split("?")[0].rsplit("/", 1)[1]


def accounts(souk, base, who):
    """Bodies with which a stranger to the API, but not to the mailbox, gets in."""
    known, new, forgetful = (next_name(who) + "@example.com" for _ in range(3))
    tokens = souk.sign_up(base, known)
    souk.sign_up(base, forgetful)
    souk.http.post(f"{base}/auth/sign-up", json={"email": new, "password": password, "name": "New"})
    before = len(souk.mails(forgetful))
    souk.http.post(f"{base}/auth/forgot-password", json={"email": forgetful})
    reset = {"email": forgetful, "code": souk.code_mailed_to(forgetful, before)}
    return {
        f"{who}_sign_in": {"email": known, "password": password},
        f"{who}_refresh": {"refresh_token": tokens["refresh_token"]},
        f"{who}_confirm_sign_up": {"email": new, "code": souk.code_mailed_to(new)},
        f"{who}_confirm_forgot_password": reset | {"password": password + "!"},
    }


def bodies(store):
    """What succeeds where generated bodies seldom or never do."""
    stranger = next_name("stranger") + "@example.com"
    store.souk.sign_up("/v1", stranger)
    return accounts(store.souk, "/v1", "staff") | accounts(store.souk, store.base, "customer") | {
        "create_store": {"slug": next_name("another-"), "name": "Another", "currency": "EUR"},
        "add_member": {"email": stranger, "role": "support"},
        "add_variant": {"price": store.money(5), "sku": next_name("L-"), "option_values": {"Size": "L"}},
        "create_webhook": hook, "start_import": csv, "set_cart_shipping_address": address, "change_cart_item": {"quantity": 2},
        "change_cart": {"email": "ada@example.com"}, "set_cart_email": {"email": "ada@example.com"},
        "place_order": {"cart_id": "", "payment": {"provider": "manual"}},
    }  # fmt: skip


hooks = """
import collections
import json
import pathlib

import schemathesis

known, own, bodies = json.loads(pathlib.Path("known.json").read_text())
calls = collections.Counter()


@schemathesis.hook
def before_call(context, case, kwargs):
    # Every other case of an operation reaches something that exists; of the rest, most reach the store at least.
    name = case.operation.definition.raw["operationId"]
    number = calls[name]
    calls[name] += 1
    found = known | own.get(name, {})
    for parameter in case.path_parameters or {}:
        if parameter in found and (number % 2 == 0 or parameter == "store" and number % 8 != 1):
            case.path_parameters[parameter] = found[parameter]
    if number % 2:
        return
    if name in bodies and number % 4 == 0:
        case.body = bodies[name]
    if isinstance(case.body, dict) and name in ("add_cart_item", "place_order"):
        case.body = case.body | {m: found[m] for m in ("sku", "variant_id", "cart_id") if m in case.body}
    headers = case.headers if case.headers is not None else {}
    headers.pop("If-Match", None)
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = f"{name}-{number}"  # Else all are taken for repeats of one.
    if name == "get_order" and found["X-Order-Token"]:
        headers["X-Order-Token"] = found["X-Order-Token"]
    case.headers = headers
"""


def answered(souk):
    """Which statuses each route has answered."""
    seen = collections.defaultdict(set)
    for line in souk.http.get("/metrics").text.splitlines():
        if counted := re.match(r'souk_http_requests_total\{route="(\w+)",status="(\d+)"\}', line):
            seen[counted[1]].add(int(counted[2]))
    return seen


def test_every_operation_is_tried_by_somebody(souk):
    document = souk.http.get("/openapi.json").json()
    tried = {name for principal in principals for name in operations(document, principal)}
    assert tried == {operation["operationId"] for path in document["paths"].values() for operation in path.values()}


@pytest.mark.parametrize("principal", principals)
def test_schemathesis_finds_no_fault(tmp_path, principal):
    with Souk(tmp_path) as souk:
        store = souk.new_store(slug="shop")
        customer = store.customer()
        buyer = {} if principal == "nobody" else customer
        known, spare, third = (things(store, customer, buyer) for _ in range(3))
        other = {"slug": "other", "name": "Other", "currency": "EUR"}
        other = souk.http.post("/v1/stores", json=other, headers=store.owner).json()["id"]
        own = {name: spare for name in ending} | {"merge_cart": third, "add_variant": third, "update_store": {"store": other}}
        (tmp_path / "known.json").write_text(json.dumps([known, own, bodies(store)]))
        (tmp_path / "hooks.py").write_text(hooks)
        # Every refusal counts as one, those of the HTTP server itself (413, 414, 431) among them.
        (tmp_path / "schemathesis.toml").write_text(
            '[checks]\nnegative_data_rejection.expected-statuses = ["4xx"]\n'
        )
        document = souk.http.get("/openapi.json")
        (tmp_path / "openapi.json").write_bytes(document.content)
        chosen = list(operations(document.json(), principal))
        who = {"nobody": {}, "customer": customer, "owner": store.owner, "administrator": souk.admin()}[principal]
        souk.restart()  # From here on, its metrics count the tool's requests alone.
        tool = pathlib.Path(sys.executable).parent / "schemathesis"
        checks = (
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
            "negative_data_rejection"
        )
        # One worker: with more, Python 3.11's parser now and then loses count of its recursion ("AST constructor …").
        done = subprocess.run(
            [
                tool, "run", "openapi.json", "--url", souk.url, "--phases", "examples,coverage,fuzzing", "--checks", checks,
                "--max-examples", "10", "--seed", "1", "--request-timeout", "30",
                "--include-operation-id-regex", f"^({'|'.join(chosen)})$",
                *[word for name, value in who.items() for word in ("--header", f"{name}: {value}")],
            ],
            env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks"}, cwd=tmp_path, capture_output=True, text=True, timeout=550,
        )  # fmt: skip
        assert done.returncode == 0, "\n".join(line[:300] for line in (done.stdout + done.stderr).splitlines()[-150:])
        assert wait_for(souk.ready)
        seen = answered(souk)
        # Not only refused: the handler did what it is for.
        unreached = {name: seen[name] for name in chosen if not any(status < 300 for status in seen[name])}
        assert unreached.keys() == refused & set(chosen), unreached
