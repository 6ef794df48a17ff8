"""Every refusal is a problem+json that tells all mistakes at once and where they are."""

import re

import pytest

from shop import bearer, key

json_type = {"Content-Type": "application/json"}


def problem(answer, status, code=None):
    """The parsed problem of an answer, checked for what every problem has."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"} <= body.keys()
    assert body["status"] == status
    assert re.fullmatch(r"[a-z][a-z0-9_]*", body["code"])
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["instance"] == answer.request.url.path
    assert body["detail"]
    for mistake in body["errors"]:
        assert mistake.keys() == {"pointer", "code", "detail"}
        assert re.fullmatch("(/([^~]|~[01])*)?", mistake["pointer"]), "RFC 6901"
    if code:
        assert body["code"] == code
    return body


def pointers(body):
    return {mistake["pointer"]: mistake["code"] for mistake in body["errors"]}


def test_all_mistakes_are_told_at_once(store):
    wrong = {
        "title": 5, "colour": "red", "tags": ["ok", 7], "handle": "Not A Slug",
        "variants": [{"price": {"amount": 1.5, "currency": "EUR"}}, {"price": {"amount": -1, "currency": "EURO"}}],
    }  # fmt: skip
    told = pointers(problem(store.call("POST", "/products", json=wrong, headers=store.owner), 422, "validation_failed"))
    assert told["/colour"] == "unknown_member"
    assert {
        "/title", "/tags/1", "/handle", "/variants/0/price/amount", "/variants/1/price/amount",
        "/variants/1/price/currency",
    } <= told.keys()  # fmt: skip


def test_unknown_members_are_refused_at_every_depth(store):
    cart = store.cart(address=None)
    for method, path, body, pointer in [
        ("POST", "/carts", {"items": [{"sku": "x", "quantity": 1, "note": ""}]}, "/items/0/note"),
        ("PATCH", f"/carts/{cart['id']}", {"total": 1}, "/total"),
        ("PUT", f"/carts/{cart['id']}/email", {"email": "a@example.com", "a/b~c": 1}, "/a~1b~0c"),
        ("POST", "/auth/sign-in", {"email": "a@example.com", "password": "x", "admin": True}, "/admin"),
    ]:
        told = pointers(problem(store.call(method, path, json=body), 422))
        assert told[pointer] == "unknown_member", (method, path)
    # Where nothing else is wrong, the whole answer says so.
    problem(store.call("PUT", f"/carts/{cart['id']}/email", json={"email": "a@example.com", "x": 1}), 422, "unknown_member")
    problem(store.call("GET", "/products?colour=red"), 400, "unknown_parameter")
    problem(store.call("GET", "/products?colour=red&limit=0"), 400, "invalid_query")


def test_unknown_and_wrong_query_parameters_are_refused(store):
    told = pointers(problem(store.call("GET", "/products?limit=0&sort=colour&colour=red&price_min=x&in_stock=si"), 400))
    assert {"colour", "limit", "sort", "price_min", "in_stock"} == {p.lstrip("/") for p in told}
    for path in ("", "/categories", "/products?limit=101", "/products?limit=-1", "/products?limit=ten"):
        answer = store.call("GET", path + ("&" if "?" in path else "?") + "page=2")
        problem(answer, 400)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("{", 1, 2), ('{\n  "email": "a@example.com",\n  oops\n}', 3, 3), ("[1,]", 1, 4), ("", 1, 1)],
)  # fmt: skip
def test_bad_json_is_400_with_line_and_column(store, text, line, column):
    cart = store.cart(address=None)
    answer = store.call("PATCH", f"/carts/{cart['id']}", content=text, headers=json_type)
    detail = problem(answer, 400, "malformed_json")["detail"].lower()
    assert f"line {line}" in detail and f"column {column}" in detail


@pytest.mark.parametrize(
    "text",
    [
        b'{"email": "\xff\xfe@example.com"}', b'{"email": "a@example.com"', b'{"email": "a@example.com"} {}',
        b"[" * 5000, b'{"email":' * 3000, b'{"email": "a", "email": "b"}', b"{'email': 1}", b'{"email": NaN}',
        b"\x00", b'{"email": "\\ud800"}',
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused_and_nothing_is_written(store, text):
    cart = store.cart(address=None)
    problem(store.call("PATCH", f"/carts/{cart['id']}", content=text, headers=json_type), 400)
    assert store.get(f"/carts/{cart['id']}")["version"] == cart["version"]


def test_nul_characters_and_wrong_types_are_mistakes(store):
    for body in ({"email": "a\u0000@example.com"}, {"email": 1}, {"email": ["a@example.com"]}, {"email": "no-at"}):
        told = pointers(problem(store.call("POST", "/carts", json=body), 422))
        assert told.keys() == {"/email"}
    for body in ("[]", '"text"', "7", "null", "true"):
        problem(store.call("POST", "/carts", content=body, headers=json_type), 422)


@pytest.mark.parametrize("quantity", [0, -1, 10000, 1.0, 1.5, "1", None, True, 10**30])
def test_quantities_out_of_range_are_refused(store, quantity):
    sku = store.product()
    cart = store.cart(address=None)
    body = {"sku": sku, "quantity": quantity}
    told = pointers(problem(store.call("POST", f"/carts/{cart['id']}/items", json=body), 422))
    assert told.keys() == {"/quantity"}


def test_unknown_routes_are_404_and_wrong_methods_405(souk, store):
    for path in ("/", "/v1", "/v1/nothing", store.base + "/nothing", store.base + "/products/x/y/z", "/v2/stores"):
        problem(souk.http.get(path), 404)
    for method, path, allowed in [
        ("DELETE", store.base, {"GET", "PATCH"}), ("PUT", f"{store.base}/products", {"GET", "POST"}),
        ("GET", f"{store.base}/carts", {"POST"}), ("POST", f"{store.base}/carts/x/email", {"PUT"}),
        ("PATCH", "/healthz", {"GET"}), ("GET", f"{store.base}/auth/sign-in", {"POST"}),
    ]:  # fmt: skip
        answer = souk.http.request(method, path)
        problem(answer, 405)
        assert allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "LINK"])
def test_methods_that_no_route_has_are_405(store, method):
    answer = store.call(method, "/products")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_another_content_type_is_415(store):
    cart = store.cart(address=None)
    place = f"/carts/{cart['id']}/email"
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        problem(store.call("PUT", place, content='{"email":"a@example.com"}', headers={"Content-Type": kind}), 415)
    problem(store.call("PUT", place, content='{"email":"a@example.com"}'), 415)
    utf8 = {"Content-Type": "Application/JSON; charset=utf-8"}
    store.call("PUT", place, 200, content='{"email":"a@example.com"}', headers=utf8)
    problem(store.call("POST", "/imports", json={}, headers=store.owner), 415)


def test_too_large_a_body_is_413(store):
    large = b'{"email": "' + b"a" * (1024 * 1024) + b'"}'
    for content in (large, iter([large[:1000], large[1000:]])):  # With its length, and in chunks.
        answer = store.call("POST", "/carts", content=content, headers=json_type)
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "body_too_large"


def test_a_body_of_just_under_a_megabyte_is_read(store):
    padded = b'{"email": "a@example.com"' + b" " * (1000 * 1000) + b"}"
    store.call("POST", "/carts", 201, content=padded, headers=json_type)


def test_without_a_credential_401_says_how_and_with_too_little_403(souk, store):
    for path in ("/orders", "/members", "/api-keys", "/webhooks", "/me", "/notifications", "/inventory/x"):
        answer = store.call("GET", path)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    problem(souk.http.get("/v1/admin/stores", headers=store.owner), 403)
    problem(store.call("GET", "/orders", headers=store.customer()), 403)
    for word in ("Basic abc", "Bearer", "Bearer nonsense", "Bearer sk_nonsense", "Bearer a.b.c"):
        problem(store.call("GET", "/products", headers={"Authorization": word}), 401)
    problem(souk.http.get("/v1/me", headers=bearer("x" * 5000)), 401)


def test_an_order_without_a_key_or_with_a_bad_one_is_400(store):
    cart = store.cart((store.product(stock=1), 1))
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    problem(store.call("POST", "/orders", json=body), 400, "idempotency_key_required")
    for bad in ("", "x" * 256, "a b", "a\tb"):
        problem(store.call("POST", "/orders", json=body, headers={"Idempotency-Key": bad}), 400)
    assert store.get(f"/carts/{cart['id']}")["status"] == "open"


@pytest.mark.parametrize("path", ["/orders", "/orders/order_0/refunds", "/orders/order_0/fulfilments"])
def test_a_missing_key_is_told_before_what_else_is_wrong(store, path):
    for body in ({}, {"what": "ever"}):
        problem(store.call("POST", path, json=body, headers=store.owner), 400, "idempotency_key_required")


def test_mistakes_of_the_order_itself_have_pointers(store):
    wrong = {"cart_id": "order_1", "cart_version": "1", "payment": {"provider": "gold"}, "gift": True}
    told = pointers(problem(store.call("POST", "/orders", json=wrong, headers=key()), 422))
    assert told.keys() == {"/cart_id", "/cart_version", "/payment/provider", "/gift"}


def test_malformed_http_is_refused_politely(souk):
    from raw import exchange

    for request in (b"GET / HTTP/1.1\r\n\r\n", b"NONSENSE\r\n\r\n", b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert exchange(souk.port, request).startswith(b"HTTP/1.1 400")
    long = b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    assert exchange(souk.port, long)[9:12] in (b"414", b"431")
    assert souk.http.get("/healthz").status_code == 200


def test_a_problem_is_told_to_head_without_its_body(store):
    answer = store.call("HEAD", "/products/none")
    assert answer.status_code == 404 and answer.content == b""
    assert answer.headers["Content-Type"] == "application/problem+json"
