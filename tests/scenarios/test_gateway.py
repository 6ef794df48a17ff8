"""What every answer has around it: request ids, traces, CORS, limits, the operator's pages."""

import json
import re
import time

import pytest

from shop import Souk, bearer, key, next_name, password, wait_for


def test_a_request_id_is_echoed_or_made(store):
    for path in ("", "/products", "/nothing", "/orders"):
        assert store.call("GET", path, headers={"X-Request-Id": "my-id_1.2"}).headers["X-Request-Id"] == "my-id_1.2"
        one, two = (store.call("GET", path).headers["X-Request-Id"] for _ in range(2))
        assert one and two and one != two
    for bad in ("a b", "x" * 500, "<script>\x7f"):
        made = store.call("GET", "", headers={"X-Request-Id": bad}).headers["X-Request-Id"]
        assert made != bad and len(made) < 200
    refused = store.call("GET", "/products/none", headers={"X-Request-Id": "mine"})
    assert refused.json()["request_id"] == "mine"


@pytest.mark.parametrize("kind", ["json", "method", "length"])
def test_refusals_of_the_server_itself_echo_the_request_id_too(store, kind):
    mine = {"X-Request-Id": "mine"}
    if kind == "json":
        answer = store.call("POST", "/carts", content="{", headers=mine | {"Content-Type": "application/json"})
    elif kind == "method":
        answer = store.call("TRACE", "/products", headers=mine)
    else:
        large = b" " * (1024 * 1024 + 10)
        answer = store.call("POST", "/carts", content=large, headers=mine | {"Content-Type": "application/json"})
    assert answer.status_code in (400, 405, 413)
    assert answer.headers["X-Request-Id"] == "mine" and answer.json()["request_id"] == "mine"
    assert answer.json()["instance"].startswith(store.base)


def test_a_malformed_trace_is_no_reason_to_refuse(store):
    for bad in ("nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff-x"):
        store.call("GET", "", 200, headers={"traceparent": bad})


def test_a_store_s_domains_may_read_it_from_the_browser(souk):
    store = souk.new_store(domains=[f"{next_name('shop')}.example.com"])
    origin = "https://" + store.body["domains"][0]
    for path in ("", "/products", "/products/none", "/orders", "/no/such/route"):
        answer = store.call("GET", path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin, path
        assert "origin" in answer.headers["Vary"].lower()
        exposed = answer.headers["Access-Control-Expose-Headers"].lower()
        assert "etag" in exposed and "x-request-id" in exposed and "location" in exposed
    for stranger in ("https://evil.example.com", "https://" + "x" + store.body["domains"][0], "null", "https://a"):
        answer = store.call("GET", "/products", headers={"Origin": stranger})
        assert "Access-Control-Allow-Origin" not in answer.headers, stranger


def test_one_store_s_domain_is_a_stranger_in_another(souk):
    store = souk.new_store(domains=[f"{next_name('one')}.example.com"])
    other = souk.new_store(domains=[f"{next_name('two')}.example.com"])
    origin = {"Origin": "https://" + store.body["domains"][0]}
    for _ in range(2):  # Also when the page was kept for the first.
        assert "Access-Control-Allow-Origin" in store.call("GET", "/products", headers=origin).headers
        assert "Access-Control-Allow-Origin" not in other.call("GET", "/products", headers=origin).headers


def test_the_gateway_answers_preflights(souk):
    store = souk.new_store(domains=[f"{next_name('pre')}.example.com"])
    origin = "https://" + store.body["domains"][0]
    asked = {
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, idempotency-key, x-order-token, if-match, prefer, authorization",
    }  # fmt: skip
    for path in ("/orders", "/carts", "/carts/cart_1/items", "/auth/sign-in"):
        answer = store.call("OPTIONS", path, headers=asked)
        assert answer.status_code in (200, 204) and answer.content == b""
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        for name in asked["Access-Control-Request-Headers"].split(", "):
            assert name in allowed
    asked["Origin"] = "https://evil.example.com"
    assert "Access-Control-Allow-Origin" not in store.call("OPTIONS", "/orders", headers=asked).headers


def test_the_operator_s_pages(souk):
    assert souk.http.get("/healthz").status_code == souk.http.get("/readyz").status_code == 200
    metrics = souk.http.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert re.search(r"^souk_http_requests_total\{.*\} \d", metrics.text, re.M)
    assert souk.http.get("/openapi.json").json()["openapi"].startswith("3.1")
    keys = souk.http.get("/.well-known/jwks.json").json()["keys"]
    assert keys and all(k["kty"] == "RSA" and k["alg"] == "RS256" and "d" not in k and k["kid"] for k in keys)
    about = souk.http.get("/.well-known/openid-configuration").json()
    assert about["jwks_uri"].endswith("/.well-known/jwks.json") and "RS256" in about["id_token_signing_alg_values_supported"]


def test_metrics_are_for_who_asks_directly_from_nearby(tmp_path):
    """Through a proxy that nobody has named, everybody comes from this machine."""
    handed_on = [{"X-Forwarded-For": "10.0.0.7"}, {"Forwarded": "for=10.0.0.7"}]
    with Souk(tmp_path) as souk:
        assert souk.http.get("/metrics").status_code == 200
        for headers in handed_on:
            answer = souk.http.get("/metrics", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    with Souk(tmp_path, SOUK_HTTP_PUBLIC_METRICS="true") as souk:
        assert all(souk.http.get("/metrics", headers=headers).status_code == 200 for headers in handed_on)


def test_a_stale_if_match_is_412_on_every_write_to_what_has_versions(souk):
    """The bug: POSTs that change a product or a webhook went by it."""
    store = souk.new_store()
    product = store.call("POST", "/products", 201, json={"title": "Rug"}, headers=store.owner).json()["id"]
    webhook = store.call("POST", "/webhooks", 201, json={"url": "https://shop.example/"}, headers=store.owner).json()["id"]
    below = f"/products/{product}"
    variant = {"price": {"amount": 1, "currency": store.currency}}
    for path, body in [
        (f"{below}/variants", variant), (f"{below}/publish", None), (f"{below}/unpublish", None), (f"{below}/archive", None),
        (f"{below}/approve", None), (f"/webhooks/{webhook}/rotate-secret", None),
    ]:  # fmt: skip
        for tag, status, code in [('"999"', 412, "version_mismatch"), ("", 400, "invalid_header"), ("*", None, None)]:
            answer = store.call("POST", path, json=body, headers=store.owner | {"If-Match": tag})
            assert answer.status_code == (status or answer.status_code) and answer.json().get("code") == code, (path, tag)
            assert status or answer.is_success, answer.text


def test_an_empty_if_match_matches_nothing(souk):
    """The bug: it counted as none, so a client without a version changed what it had not seen."""
    store = souk.new_store()
    product = store.call("POST", "/products", 201, json={"title": "Rug"}, headers=store.owner).json()["id"]
    answer = store.call("DELETE", f"/products/{product}", headers=store.owner | {"If-Match": ""})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_header")


def test_what_is_made_is_found_by_the_store_s_id(souk):
    """The bug: a webhook's Location had the slug, which changes."""
    store = souk.new_store()
    made = store.call("POST", "/webhooks", 201, json={"url": "https://shop.example/"}, headers=store.owner)
    assert made.headers["Location"] == f"/v1/stores/{store.id}/webhooks/{made.json()['id']}"


def test_text_is_in_utf_8(souk):
    store = souk.new_store()
    for charset, status in [("utf-8", 201), ('"UTF-8"', 201), ("iso-8859-1", 415), ("utf-16", 415), ("", 415)]:
        headers = {"Content-Type": f"application/json; charset={charset}"}
        assert store.call("POST", "/carts", content=b"{}", headers=headers).status_code == status, charset


@pytest.mark.parametrize("text", ["a\nb", "a\r\nBcc: b", "a\tb", "a\u0085b", "a\u2028b", "a\x7f"])
def test_what_is_shown_in_a_line_is_one(souk, text):
    """The bug: a store's name could have lines, which then stood in its mails."""
    store = souk.new_store()
    renamed = store.call("PATCH", "", json={"name": text}, headers=store.owner)
    made = store.call("POST", "/products", json={"title": text, "description": "a\nb"}, headers=store.owner)
    for answer, pointer in [(renamed, "/name"), (made, "/title")]:
        assert answer.status_code == 422, answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, "bad_format")]


@pytest.mark.parametrize("email", ["a\u200b@example.com", "a\u00a0b@example.com", "a@exa\u202emple.com", "\ufeffa@example.com"])
def test_no_two_addresses_look_the_same(souk, email):
    store = souk.new_store()
    cart = store.call("POST", "/carts", 201, json={}).json()["id"]
    assert store.call("PUT", f"/carts/{cart}/email", json={"email": email}).status_code == 422
    assert store.call("PUT", f"/carts/{cart}/email", json={"email": "z\u00f6e@example.com"}).status_code == 200


@pytest.mark.parametrize("country,status", [("DE", 200), ("XK", 200), ("ZZ", 422), ("UK", 422), ("de", 422)])
def test_a_country_is_one_of_iso_3166(souk, country, status):
    store = souk.new_store()
    cart = store.call("POST", "/carts", 201, json={}).json()["id"]
    address = {"name": "Ada", "line1": "1 Main St", "city": "Town", "country": country}
    assert store.call("PUT", f"/carts/{cart}/shipping-address", json=address).status_code == status


def test_too_many_requests_are_429_with_when_to_come_back(tmp_path):
    with Souk(tmp_path, SOUK_LIMITS_REQUESTS_PER_SECOND=1, SOUK_LIMITS_REQUEST_BURST=60) as souk:
        staff = souk.staff()
        answers = [souk.http.get("/v1/stores/none") for _ in range(90)]
        assert answers[0].status_code == 404
        assert "RateLimit" in answers[0].headers and "RateLimit-Policy" in answers[0].headers
        refused = answers[-1]
        assert refused.status_code == 429 and refused.json()["code"] == "rate_limited"
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) >= 1
        assert re.search(r"r=0", refused.headers["RateLimit"]) and "RateLimit-Policy" in refused.headers
        assert souk.http.get("/v1/me", headers=staff).status_code == 200  # Whoever is known has an allowance of his own,
        assert souk.http.get("/v1/me", headers=bearer("made up")).status_code == 429  # and a made-up credential has none.
        assert [souk.http.get(f"/{p}").status_code for p in ("healthz", "readyz", "metrics")] == [200, 200, 429]  # A probe
        assert souk.http.get("/healthz", headers=bearer("made up")).status_code == 429  # is let in, a guess never.


def test_pages_from_the_cache_tell_the_limits_too(tmp_path):
    with Souk(tmp_path, SOUK_LIMITS_REQUESTS_PER_SECOND=1000, SOUK_LIMITS_REQUEST_BURST=1000) as souk:
        store = souk.new_store()
        first, second = store.call("GET", "/products", 200), store.call("GET", "/products", 200)
        assert "RateLimit" in first.headers and "RateLimit" in second.headers
        assert first.headers.keys() == second.headers.keys()


@pytest.mark.parametrize("where", ["staff", "customer"])
def test_signing_in_is_five_tries_a_minute_per_account(own_souk, where):
    store = own_souk.new_store()
    base = "/v1" if where == "staff" else store.base
    own_souk.sign_up(base, "slow@example.com")
    own_souk.sign_up(base, "other@example.com")
    sign_in = lambda who, word: own_souk.http.post(f"{base}/auth/sign-in", json={"email": who, "password": word})  # noqa: E731
    tries = [sign_in("slow@example.com", "wrong wrong wrong") for _ in range(8)]
    assert [t.status_code for t in tries[:4]] == [401] * 4
    assert tries[-1].status_code == 429
    assert 1 <= int(tries[-1].headers["Retry-After"]) <= 60
    # The account's limit, not what the address that was let in has left.
    assert tries[-1].headers.get_list("RateLimit-Policy") == ['"account";q=5;w=60']
    assert tries[-1].headers.get_list("RateLimit") == [f'"account";r=0;t={tries[-1].headers["Retry-After"]}']
    assert sign_in("slow@example.com", password).status_code == 429
    assert sign_in("other@example.com", password).status_code == 200
    unknown = [sign_in("nobody@example.com", "wrong wrong wrong") for _ in range(8)]
    assert [t.status_code for t in unknown] == [t.status_code for t in tries]  # No telling who exists.
    assert unknown[0].json()["detail"] == tries[0].json()["detail"]


def test_waiting_is_capped_and_ends_with_202(own_souk):
    store = own_souk.new_store()
    sku = store.product(stock=2)
    cart = store.cart((sku, 1))
    body = {
        "cart_id": cart["id"], "cart_version": cart["version"],
        "payment": {"provider": "manual", "method": "manual_timeout"},
    }  # fmt: skip
    started = time.monotonic()
    answer = store.call("POST", "/orders", json=body, headers=key() | {"Prefer": "wait=1"})
    assert 0.5 < time.monotonic() - started < 5
    assert answer.status_code == 202 and answer.headers["Location"].endswith(answer.json()["id"])
    for odd in ("wait=0", "wait=-1", "wait=x", "respond-async", "wait"):
        cart = store.cart((sku, 1))
        body = body | {"cart_id": cart["id"], "cart_version": cart["version"]}
        answer = store.call("POST", "/orders", json=body, headers=key() | {"Prefer": odd})
        assert answer.status_code == 202, odd


@pytest.mark.parametrize("preference", ["wait=100", "respond-async, wait=10", "WAIT=10", "wait = 10", 'wait="10"', "wait=10; x=y"])
def test_preferences_are_read_as_rfc_7240_writes_them(store, preference):
    cart = store.cart((store.product(stock=1), 1))
    body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
    answer = store.call("POST", "/orders", json=body, headers=key() | {"Prefer": preference})
    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")


def test_a_complaint_is_followed_from_the_answer_through_the_log(tmp_path):
    """The bug: of what was answered nothing was written, so that an id on a customer's screen led nowhere."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with Souk(tmp_path, SOUK_LOG_REQUESTS="true", SOUK_LOG_LEVEL="notice", SOUK_HTTP_TRUSTED_PROXIES="127.0.0.0/8") as souk:
        store = souk.new_store()
        cart = store.cart((store.product(stock=1), 1))
        body = {"cart_id": cart["id"], "cart_version": cart["version"], "payment": {"provider": "manual"}}
        asked = key() | {"Prefer": "wait=10", "X-Request-Id": "bought", "traceparent": trace, "X-Forwarded-For": "203.0.113.9"}
        store.call("POST", "/orders", 201, json=body, headers=asked)
        for _ in range(2):  # Rendered, and kept.
            store.call("GET", "/products", 200, headers={"X-Request-Id": "page"})
        store.call("GET", f"/carts/{cart['id']}/none", 404)
        text = wait_for(lambda: (log := (tmp_path / "log.jsonl").read_text()).count('"page"') == 2 and log)
    lines = [json.loads(line) for line in text.splitlines() if '"message":"request"' in line]
    bought, = (line for line in lines if line["request_id"] == "bought")
    assert (bought["status"], bought["method"], bought["store"]) == ("201", "POST", store.id)
    assert (bought["traceparent"], bought["client"], bought["level"]) == (trace, "203.0.113.9", "notice")
    assert float(bought["duration_ms"]) > 0
    pages = [line for line in lines if line["request_id"] == "page"]
    assert [(line["status"], line["store"]) for line in pages] == [("200", store.id)] * 2
    assert pages[0]["route"] == pages[1]["route"] != "none"
    assert cart["id"] not in text  # Whoever has it has the cart.
