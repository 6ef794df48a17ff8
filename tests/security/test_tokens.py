"""Forged, foreign, stale and stolen tokens are refused; what ends a session or a role ends it; guessing is slowed."""

import json
import time

import pytest

import tokens as forge
from raw import exchange
from shop import Souk, bearer, key, next_name, password, root


@pytest.fixture(scope="module")
def ada(souk):
    """A staff account's tokens, taken apart, and the keys at hand."""
    pair = souk.sign_up("/v1", "ada@example.com")
    head, claims, signature = forge.parts(pair["access_token"])
    return {
        "access": pair["access_token"], "refresh": pair["refresh_token"], "head": head, "claims": claims,
        "signature": signature, "server": forge.server_key(souk, head["kid"]), "own": forge.own_key(),
    }  # fmt: skip


def me(souk, token, path="/v1/me"):
    return souk.http.get(path, headers=bearer(token))


def test_a_token_made_with_the_servers_key_is_good(souk, ada):
    """Without this the refusals below would prove nothing."""
    assert me(souk, forge.signed(ada["head"], ada["claims"], ada["server"])).status_code == 200
    assert me(souk, forge.signed(ada["head"], ada["claims"], ada["own"])).status_code == 401


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, "HS256", "HS384", "RS384", "RS512", "PS256", "ES256"])
def test_another_algorithm_is_refused_even_with_the_right_key(souk, ada, alg):
    head = ada["head"] | {"alg": alg}
    body = f"{forge.b64(head)}.{forge.b64(ada['claims'])}"
    for token in (
        f"{body}.", body, f"{body}.{ada['signature']}", f"{body}.{forge.b64(b'0')}",
        forge.signed(head, ada["claims"], ada["server"]),
    ):  # fmt: skip
        assert me(souk, token).status_code == 401, token


def test_the_public_key_is_no_shared_secret(souk, ada):
    published = souk.http.get("/.well-known/jwks.json").json()
    shapes = [
        forge.pem(ada["server"]), forge.pem(ada["server"]).strip(), forge.der(ada["server"]), json.dumps(published).encode(),
        json.dumps(published["keys"][0]).encode(), forge.unb64(published["keys"][0]["n"]), b"", b"\0",
    ]  # fmt: skip
    for secret in shapes:
        for head in (ada["head"] | {"alg": "HS256"}, ada["head"], {"alg": "HS256"}):
            assert me(souk, forge.mac(head, ada["claims"], secret)).status_code == 401


@pytest.mark.parametrize(
    "more",
    [
        {"jku": "http://127.0.0.1:9/jwks.json"}, {"x5u": "http://127.0.0.1:9/cert.pem"}, {"x5c": ["MIIB"]}, {"jwk": "own"},
        {"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}, {"zip": "DEF"}, {"cty": "JWT"}, {"typ": "at+jwt"},
    ],
    ids=lambda more: next(iter(more)),
)  # fmt: skip
def test_headers_that_bring_a_key_or_ask_for_more_are_refused(souk, ada, more):
    more = {name: forge.jwk(ada["own"]) if value == "own" else value for name, value in more.items()}
    for signer in ("own", "server"):
        assert me(souk, forge.signed(ada["head"] | more, ada["claims"], ada[signer])).status_code == 401


@pytest.mark.parametrize(
    "kid",
    ["", "own", "../../../dev/null", "/dev/null", "x' OR '1'='1", "x\0", "%s%s%n", "a" * 4000, 1, None, [], {"a": 1}, "http://127.0.0.1:9/k"],
    ids=str,
)  # fmt: skip
def test_a_key_id_names_a_key_and_nothing_else(souk, ada, kid):
    head = ada["head"] | {"kid": kid}
    for token in (forge.signed(head, ada["claims"], ada["own"]), forge.mac(head | {"alg": "HS256"}, ada["claims"], b"")):
        assert me(souk, token).status_code == 401


def test_no_key_id_is_no_key(souk, ada):
    assert me(souk, forge.signed({"alg": "RS256", "typ": "JWT"}, ada["claims"], ada["own"])).status_code == 401
    assert me(souk, forge.signed({"alg": "RS256", "typ": "JWT"}, ada["claims"], ada["server"])).status_code == 401


nobody = "user_" + "0" * 26


@pytest.mark.parametrize("member", [f'"sub": "{nobody}"', '"platform_admin": true', '"exp": 9999999999', '"aud": "other"', '"token_use": "id"'])
@pytest.mark.parametrize("where", ["first", "last"])
def test_two_members_of_one_name_are_refused_even_if_the_server_signed_them(souk, ada, member, where):
    """Two readers may each believe another one."""
    claims = ada["claims"] | ({"platform_admin": False} if "platform" in member else {})
    whole = json.dumps(claims)
    doubled = "{" + member + ", " + whole[1:] if where == "first" else whole[:-1] + ", " + member + "}"
    assert me(souk, forge.signed(ada["head"], forge.b64(doubled.encode()), ada["server"])).status_code == 401


@pytest.mark.parametrize("member", ['"alg": "none"', '"alg": "HS256"', '"kid": "own"'])
def test_two_members_of_one_name_in_the_header_are_refused(souk, ada, member):
    whole = json.dumps(ada["head"])
    for doubled in ("{" + member + ", " + whole[1:], whole[:-1] + ", " + member + "}"):
        for signer in ("server", "own"):
            token = forge.signed(ada["head"], ada["claims"], ada[signer], written_head=doubled.encode())
            assert me(souk, token).status_code == 401


now = int(time.time())


def named(change):
    """The same in every worker, each of which has a `now` of its own: once they differed, and no test ran."""
    near = {name: f"now{value - now:+}" for name, value in change.items() if isinstance(value, int) and abs(value - now) <= 10**8}
    return ",".join(f"{name}={value}" for name, value in (change | near).items())


@pytest.mark.parametrize(
    "change",
    [
        {"exp": now - 1, "iat": now - 60}, {"exp": now - 86400}, {"exp": 0}, {"exp": -1}, {"exp": None}, {"exp": "9999999999"},
        {"exp": 1e300}, {"exp": 2**63}, {"exp": now + 10**8}, {"nbf": now + 3600}, {"nbf": "soon"}, {"iat": now + 3600}, {"iat": None},
        {"iss": "https://evil.example"}, {"iss": None}, {"iss": []}, {"aud": "other"}, {"aud": None}, {"aud": ["souk", "other"]},
        {"token_use": "refresh"}, {"token_use": "id"}, {"token_use": None}, {"sub": None}, {"sub": ""}, {"sub": "user_x"}, {"sub": 1},
        {"email": None}, {"store": ""}, {"store": "shop"}, {"store": 1}, {"store": "store_" + "0" * 26},
    ],
    ids=named,
)  # fmt: skip
def test_claims_that_the_server_never_makes_are_refused_even_if_it_signed_them(souk, ada, change):
    claims = {name: value for name, value in (ada["claims"] | change).items() if value is not None}
    assert me(souk, forge.signed(ada["head"], claims, ada["server"])).status_code == 401


@pytest.mark.parametrize("change", [{"sub": "user_" + "0" * 26}, {"platform_admin": True}, {"exp": now + 3000}], ids=named)
def test_a_payload_that_was_changed_is_refused(souk, ada, change):
    claims = forge.b64(ada["claims"] | change)
    head = forge.b64(ada["head"])
    assert me(souk, f"{head}.{claims}.{ada['signature']}").status_code == 401
    assert souk.http.get("/v1/admin/stores", headers=bearer(f"{head}.{claims}.{ada['signature']}")).status_code == 401


def test_a_token_in_any_other_shape_is_refused(souk, ada):
    head, body, signature = ada["access"].split(".")
    flipped = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    for token in (
        f"{head}.{body}.", f"{head}.{body}", f"{head}..{signature}", f".{body}.{signature}", f"{head}.{body}.{flipped}",
        f"{head}.{body}.{signature}.", f"{head}.{body}.{signature}.x", f"{head}.{body}.{signature}==", f"{head}.{body}.{signature}A",
        f"{head}.{body}.{signature[:-4]}", f"{head}=.{body}.{signature}", f"{head}.{body}. {signature}", "..", ".", "null", "{}",
        ada["refresh"], password, "sk_", "sk_" + ada["access"], "A" * 15000, f"{head}.{body}.{signature}.{signature}.{signature}",
        f"{head}.{body}.{'A' * 342}", f"{head}.{body}.{'A' * 341}Q", f"{head}.{body}.{forge.number(ada['server'].public_key().public_numbers().n)}",
        forge.signed(ada["head"], forge.b64(ada["access"].encode()), ada["server"]), f"{head}.{body}.{signature[:86]}",
    ):  # fmt: skip
        assert me(souk, token).status_code == 401, token
    for value in ("", "Bearer", f"Basic {ada['access']}", ada["access"], f"Bearer{ada['access']}", f"Token {ada['access']}"):
        assert souk.http.get("/v1/me", headers={"Authorization": value}).status_code == 401, value


def test_the_last_bits_of_a_signature_are_not_free(souk, ada):
    """256 bytes in base64url leave four bits over; only one spelling of them is the token."""
    head, body, signature = ada["access"].split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for i in range(64):
        if alphabet[i] != signature[-1]:
            assert me(souk, f"{head}.{body}.{signature[:-1]}{alphabet[i]}").status_code == 401


def test_a_customers_token_stays_in_its_store(souk, store):
    other = souk.new_store()
    mine = souk.sign_up(store.base, "eve@example.com")
    souk.sign_up(other.base, "eve@example.com")
    assert me(souk, mine["access_token"], f"{store.base}/me").status_code == 200
    for path in (f"{other.base}/me", f"{other.base}/me/orders", "/v1/me", "/v1/stores", "/v1/admin/stores"):
        assert me(souk, mine["access_token"], path).status_code == 401, path
    head, claims, _ = forge.parts(mine["access_token"])
    moved = forge.signed(head, claims | {"store": other.id}, forge.own_key())
    assert me(souk, moved, f"{other.base}/me").status_code == 401
    for base in (other.base, "/v1"):
        stolen = souk.http.post(f"{base}/auth/refresh", json={"refresh_token": mine["refresh_token"]})
        assert stolen.status_code == 401, stolen.text
        souk.http.post(f"{base}/auth/sign-out", json={"refresh_token": mine["refresh_token"]})
    fresh = souk.http.post(f"{store.base}/auth/refresh", json={"refresh_token": mine["refresh_token"]})
    assert fresh.status_code == 200, "another realm's sign-out ended it"


def test_a_query_parameter_or_cookie_is_no_credential(souk, ada):
    for query in (f"access_token={ada['access']}", f"token={ada['access']}"):
        assert souk.http.get(f"/v1/me?{query}").status_code in (400, 401)
    assert souk.http.get("/v1/me", headers={"Cookie": f"Authorization=Bearer {ada['access']}"}).status_code == 401


def status_of(souk, *credentials):
    lines = "".join(f"{name}: {value}\r\n" for name, value in credentials)
    got = exchange(souk.port, f"GET /v1/me HTTP/1.1\r\nHost: x\r\n{lines}Connection: close\r\n\r\n".encode())
    return int(got.split(b" ", 2)[1])


@pytest.mark.parametrize("order", ["good first", "good last", "twice the same"])
def test_two_credentials_are_none(souk, ada, order):
    good, bad = ("Authorization", f"Bearer {ada['access']}"), ("authorization", "Bearer garbage")
    assert status_of(souk, good) == 200
    pair = {"good first": (good, bad), "good last": (bad, good), "twice the same": (good, good)}[order]
    assert status_of(souk, *pair) in (400, 401)


def refresh(souk, base, token):
    return souk.http.post(f"{base}/auth/refresh", json={"refresh_token": token})


@pytest.mark.parametrize("realm", ["customer", "staff"])
def test_a_refresh_token_that_comes_back_ends_its_family(souk, store, realm):
    base = store.base if realm == "customer" else "/v1"
    mail = next_name("family") + "@example.com"
    first = souk.sign_up(base, mail)["refresh_token"]
    bystander = souk.sign_in(base, mail)["refresh_token"]
    second = refresh(souk, base, first).json()["refresh_token"]
    third = refresh(souk, base, second).json()["refresh_token"]
    assert refresh(souk, base, first).status_code == 401  # The thief, or the victim after the thief.
    assert refresh(souk, base, third).status_code == 401  # Whoever holds the newest is out as well.
    assert refresh(souk, base, second).status_code == 401
    assert refresh(souk, base, bystander).status_code == 200  # Another device's session is not.


def test_sign_out_a_new_password_and_a_lost_role_take_effect_at_once(souk, store):
    mail = next_name("leaver") + "@example.com"
    pair = souk.sign_up("/v1", mail)
    who = bearer(pair["access_token"])
    store.call("POST", "/members", 201, json={"email": mail, "role": "admin"}, headers=store.owner)
    user = souk.http.get("/v1/me", headers=who).json()["id"]
    store.call("GET", "/api-keys", 200, headers=who)
    store.call("PATCH", f"/members/{user}", 200, json={"role": "support"}, headers=store.owner)
    store.call("GET", "/api-keys", 403, headers=who)
    store.call("GET", "/orders", 200, headers=who)
    store.call("DELETE", f"/members/{user}", 204, headers=store.owner)
    store.call("GET", "/orders", 403, headers=who)
    assert souk.http.post("/v1/auth/sign-out", json={"refresh_token": pair["refresh_token"]}).status_code == 204
    assert refresh(souk, "/v1", pair["refresh_token"]).status_code == 401
    other = souk.sign_in("/v1", mail)
    body = {"password": password, "new_password": "quite another horse"}
    changed = souk.http.post("/v1/auth/change-password", json=body, headers=bearer(other["access_token"]) | key())
    assert changed.status_code == 200, changed.text
    assert refresh(souk, "/v1", other["refresh_token"]).status_code == 401


def test_an_access_token_outlives_its_session_by_its_own_life_at_most(souk, ada):
    """Stated in src/domain/users/README.md: 15 minutes. Nothing longer is made, and nothing longer is taken (exp, above)."""
    assert ada["claims"]["exp"] - ada["claims"]["iat"] == 900
    assert "15 minutes" in (root / "src/domain/users/README.md").read_text()


def test_a_revoked_key_and_a_suspended_store_are_closed_at_once(souk, store):
    made = store.call("POST", "/api-keys", 201, json={"name": "k", "scopes": ["orders:read"]}, headers=store.owner).json()
    store.call("GET", "/orders", 200, headers=bearer(made["secret"]))
    store.call("DELETE", f"/api-keys/{made['id']}", 204, headers=store.owner)
    store.call("GET", "/orders", 401, headers=bearer(made["secret"]))
    closed, admin = souk.new_store(), souk.admin()
    customer = closed.customer()
    closed.call("GET", "/me", 200, headers=customer)
    assert souk.http.post(f"/v1/admin/stores/{closed.id}/suspend", headers=admin).status_code == 200
    closed.call("GET", "/me", 403, headers=customer)
    closed.call("POST", "/carts", 403)


def test_a_new_signing_key_takes_the_place_of_the_old_one(tmp_path):
    with Souk(tmp_path) as souk:
        before = souk.sign_up("/v1", "old@example.com")["access_token"]
        old_head, claims, _ = forge.parts(before)
        stolen = forge.server_key(souk, old_head["kid"])
        souk.command("keys", "rotate")
        after = souk.sign_in("/v1", "old@example.com")["access_token"]
        new_head, _, _ = forge.parts(after)
        assert new_head["kid"] != old_head["kid"]
        assert {k["kid"] for k in souk.http.get("/.well-known/jwks.json").json()["keys"]} == {old_head["kid"], new_head["kid"]}
        assert me(souk, before).status_code == me(souk, after).status_code == 200
        assert me(souk, forge.signed(new_head, claims, stolen)).status_code == 401
        assert me(souk, forge.signed(old_head, claims, forge.server_key(souk, new_head["kid"]))).status_code == 401
        keys = [file for file in souk.data.rglob("*.pem") if "PRIVATE" in file.read_text()]
        assert len(keys) == 1 and new_head["kid"] in keys[0].name, "the old private key is still there"
        # Whoever fears that the old key was stolen does not wait: without its public half nothing of it is good.
        for file in souk.data.rglob(f"*{old_head['kid']}*"):
            file.unlink()
        souk.restart()
        assert me(souk, before).status_code == 401 and me(souk, after).status_code == 200
        assert me(souk, forge.signed(old_head, claims, stolen)).status_code == 401


def test_a_restart_keeps_what_was_ended_ended(tmp_path):
    with Souk(tmp_path) as souk:
        pair = souk.sign_up("/v1", "gone@example.com")
        second = refresh(souk, "/v1", pair["refresh_token"]).json()["refresh_token"]
        assert refresh(souk, "/v1", pair["refresh_token"]).status_code == 401
        souk.restart()
        assert refresh(souk, "/v1", second).status_code == 401
        assert me(souk, pair["access_token"]).status_code == 200
