"""Accounts of customers and staff: from signing up to one-time codes, without telling who exists."""

import base64
import hashlib
import hmac
import re
import struct
import time
import urllib.parse

import pytest

from shop import bearer, next_name, password, wait_for

new_password = "another correct horse"


@pytest.fixture(params=["customer", "staff"])
def base(request, store):
    """Where the routes are: both kinds of account behave alike."""
    return store.base if request.param == "customer" else "/v1"


def post(souk, base, verb, expect=None, headers=None, **body):
    answer = souk.http.post(f"{base}/auth/{verb}", json=body, headers=headers)
    if expect:
        assert answer.status_code == expect, f"{verb}: {answer.status_code} {answer.text}"
    return answer


def address():
    return next_name("person") + "@example.com"


def me(souk, base, token):
    return souk.http.get(f"{base}/me", headers=bearer(token))


def test_from_sign_up_to_sign_in(souk, base):
    who = address()
    made = post(souk, base, "sign-up", 202, email=who, password=password, name="Ada")
    assert password not in made.text
    early = post(souk, base, "sign-in", email=who, password=password)
    assert early.status_code in (401, 403)  # Not before it is confirmed.
    code = souk.code_mailed_to(who)
    wrong = "000000" if code != "000000" else "111111"
    assert post(souk, base, "confirm-sign-up", email=who, code=wrong).status_code in (400, 401, 422)
    assert post(souk, base, "confirm-sign-up", email=who, code=code).is_success
    tokens = post(souk, base, "sign-in", 200, email=who.upper(), password=password).json()
    assert set(tokens) == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert tokens["token_type"] == "Bearer" and 60 <= tokens["expires_in"] <= 86400
    seen = me(souk, base, tokens["access_token"]).json()
    assert (seen["email"], seen["name"]) == (who, "Ada") and seen["id"].startswith("user_")
    assert "password" not in str(seen)


def test_a_known_e_mail_signs_up_as_an_unknown_one_does_and_its_owner_is_told(souk, base):
    who = address()
    first = post(souk, base, "sign-up", 202, email=who, password=password, name="Ada")
    post(souk, base, "confirm-sign-up", email=who, code=souk.code_mailed_to(who))
    before = len(souk.mails(who))
    again = post(souk, base, "sign-up", 202, email=who, password=new_password, name="Eve")
    assert again.content == first.content
    wait_for(lambda: len(souk.mails(who)) > before)
    post(souk, base, "sign-in", 200, email=who, password=password)
    post(souk, base, "sign-in", 401, email=who, password=new_password)


def test_unknown_accounts_and_wrong_passwords_look_alike(souk, base):
    who = address()
    souk.sign_up(base, who)
    wrong = post(souk, base, "sign-in", 401, email=who, password="wrong wrong wrong")
    unknown = post(souk, base, "sign-in", 401, email=address(), password="wrong wrong wrong")
    drop = lambda body: {k: v for k, v in body.items() if k != "request_id"}  # noqa: E731
    assert drop(wrong.json()) == drop(unknown.json())
    assert {k for k in wrong.headers if k != "retry-after"} == {k for k in unknown.headers if k != "retry-after"}
    known, nobody = (post(souk, base, "forgot-password", email=e) for e in (who, address()))
    assert (known.status_code, known.content) == (nobody.status_code, nobody.content)
    known, nobody = (post(souk, base, "resend-confirmation", email=e) for e in (who, address()))
    assert (known.status_code, known.content) == (nobody.status_code, nobody.content)
    known, nobody = (post(souk, base, "confirm-sign-up", email=e, code="123456") for e in (who, address()))
    assert (known.status_code, drop(known.json())) == (nobody.status_code, drop(nobody.json()))


def test_they_take_as_long_too(souk, store):
    who = address()
    souk.sign_up(store.base, who)

    def fastest(pick):
        times = []
        for _ in range(4):
            started = time.perf_counter()
            post(souk, store.base, "sign-in", 401, email=pick(), password="wrong wrong wrong")
            times.append(time.perf_counter() - started)
        return min(times)

    known, unknown = fastest(lambda: who), fastest(address)
    assert unknown > known / 3, (known, unknown)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"email": "no"}, "/email"), ({"password": "short"}, "/password"), ({"password": "p" * 5000}, "/password"),
     ({"name": ""}, "/name"), ({"name": None}, "/name"), ({"email": None}, "/email"), ({"role": "admin"}, "/role")],
)  # fmt: skip
def test_bad_sign_ups_are_told(souk, base, change, pointer):
    body = {"email": address(), "password": password, "name": "Ada"} | change
    refused = post(souk, base, "sign-up", 422, **body).json()
    assert [e["pointer"] for e in refused["errors"]] == [pointer]


def test_a_code_has_few_tries_and_a_fresh_one_can_be_asked_for(souk, base):
    who = address()
    post(souk, base, "sign-up", 202, email=who, password=password, name="Ada")
    code = souk.code_mailed_to(who)
    wrong = [f"{(int(code) + i) % 10**6:06}" for i in range(1, 12)]
    for guess in wrong:
        assert post(souk, base, "confirm-sign-up", email=who, code=guess).status_code in (400, 401, 422, 429)
    assert post(souk, base, "confirm-sign-up", email=who, code=code).is_client_error
    before = len(souk.mails(who))
    resent = post(souk, base, "resend-confirmation", email=who)
    assert resent.status_code in (202, 429), resent.text
    if resent.status_code == 202:
        assert post(souk, base, "confirm-sign-up", email=who, code=souk.code_mailed_to(who, before)).is_success


def test_refreshing_rotates_and_a_used_token_ends_the_session(souk, base):
    first = souk.sign_up(base, address())
    second = post(souk, base, "refresh", 200, refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert me(souk, base, second["access_token"]).status_code == 200
    post(souk, base, "refresh", 401, refresh_token=first["refresh_token"])
    post(souk, base, "refresh", 401, refresh_token=second["refresh_token"])  # A thief or the owner: both are out.
    for token in ("", "x", first["access_token"]):
        assert post(souk, base, "refresh", refresh_token=token).status_code in (401, 422)


def test_signing_out_ends_the_session(souk, base):
    tokens = souk.sign_up(base, address())
    assert post(souk, base, "sign-out", refresh_token=tokens["refresh_token"]).status_code in (200, 204)
    post(souk, base, "refresh", 401, refresh_token=tokens["refresh_token"])
    assert post(souk, base, "sign-out", refresh_token=tokens["refresh_token"]).is_success


def test_a_forgotten_password_is_reset_by_mail_and_ends_all_sessions(souk, base):
    who = address()
    tokens = souk.sign_up(base, who)
    before = len(souk.mails(who))
    post(souk, base, "forgot-password", 202, email=who)
    code = souk.code_mailed_to(who, before)
    weak = post(souk, base, "confirm-forgot-password", 422, email=who, code=code, new_password="short").json()
    assert weak["errors"][0]["pointer"] == "/new_password"
    weak = post(souk, base, "confirm-forgot-password", 422, email=who, code=code, password="short").json()
    assert weak["errors"][0]["pointer"] == "/password"
    assert post(souk, base, "confirm-forgot-password", email=who, code=code, new_password=new_password).is_success
    again = post(souk, base, "confirm-forgot-password", email=who, code=code, new_password=password)
    assert again.status_code in (400, 401, 422)
    post(souk, base, "sign-in", 401, email=who, password=password)
    post(souk, base, "sign-in", 200, email=who, password=new_password)
    post(souk, base, "refresh", 401, refresh_token=tokens["refresh_token"])


def test_changing_the_password_asks_for_the_old_one(souk, base):
    who = address()
    tokens = souk.sign_up(base, who)
    mine = bearer(tokens["access_token"])
    post(souk, base, "change-password", 401, password=password, new_password=new_password)
    wrong = post(souk, base, "change-password", headers=mine, password="wrong wrong wrong", new_password=new_password)
    assert wrong.status_code in (400, 401, 403, 422)
    assert post(souk, base, "change-password", headers=mine, password=password, new_password=new_password).is_success
    post(souk, base, "sign-in", 200, email=who, password=new_password)
    post(souk, base, "sign-in", 401, email=who, password=password)


def code_now(url, step=0):
    query = urllib.parse.parse_qs(urllib.parse.urlparse(url).query)
    secret = query["secret"][0]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_one_time_codes_are_asked_for_once_they_are_on(souk, base):
    who = address()
    mine = bearer(souk.sign_up(base, who)["access_token"])
    url = post(souk, base, "totp", 200, headers=mine).json()["otpauth_url"]
    assert url.startswith("otpauth://totp/")
    post(souk, base, "sign-in", 200, email=who, password=password)  # Not in force yet.
    assert post(souk, base, "totp/confirm", headers=mine, code="000000").is_client_error
    assert post(souk, base, "totp/confirm", headers=mine, code=code_now(url)).is_success
    asked = post(souk, base, "sign-in", 401, email=who, password=password).json()
    assert asked["code"] == "totp_required"
    post(souk, base, "sign-in", 401, email=who, password="wrong wrong wrong", totp=code_now(url, 1))
    post(souk, base, "sign-in", 401, email=who, password=password, totp="000000")
    signed = post(souk, base, "sign-in", 200, email=who, password=password, totp=code_now(url, 1))
    assert signed.json()["access_token"]
    again = post(souk, base, "sign-in", email=who, password=password, totp=code_now(url, 1))
    assert again.status_code == 401  # A code is good for one sign-in.


def test_the_same_e_mail_is_another_account_in_another_store(souk, store):
    who = address()
    other = souk.new_store()
    here = souk.sign_up(store.base, who)
    post(souk, other.base, "sign-in", 401, email=who, password=password)
    post(souk, "/v1", "sign-in", 401, email=who, password=password)
    there = souk.sign_up(other.base, who)
    assert me(souk, store.base, here["access_token"]).json()["id"] != me(souk, other.base, there["access_token"]).json()["id"]
    assert me(souk, other.base, here["access_token"]).status_code == 401
    post(souk, other.base, "refresh", 401, refresh_token=here["refresh_token"])
    before = len(souk.mails(who))
    post(souk, store.base, "forgot-password", 202, email=who)
    code = souk.code_mailed_to(who, before)
    refused = post(souk, other.base, "confirm-forgot-password", email=who, code=code, new_password=new_password)
    assert refused.is_client_error


def test_a_customer_changes_their_name_and_addresses(store):
    ada = store.customer()
    changed = store.call("PATCH", "/me", 200, json={"name": "Ada L."}, headers=ada).json()
    assert changed["name"] == "Ada L." and store.get("/me", headers=ada)["name"] == "Ada L."
    for wrong in ({"name": ""}, {"email": "new@example.com"}, {"id": "user_1"}):
        assert store.call("PATCH", "/me", 422, json=wrong, headers=ada).json()["errors"]
    home = {"name": "Ada", "line1": "1 Road", "city": "Town", "postal_code": "12345", "country": "GB"}
    first = store.call("POST", "/me/addresses", 201, json=home, headers=ada).json()
    assert home.items() <= first.items() and re.fullmatch(r"[a-z]+_[0-9A-HJKMNP-TV-Z]{26}", first["id"])
    second = store.call("POST", "/me/addresses", 201, json=home | {"city": "Ville"}, headers=ada).json()
    path = f"/me/addresses/{first['id']}"
    assert store.call("PATCH", path, 200, json={"city": "Stadt"}, headers=ada).json()["city"] == "Stadt"
    listed = store.get("/me/addresses", headers=ada)["items"]
    assert {a["id"]: a["city"] for a in listed} == {first["id"]: "Stadt", second["id"]: "Ville"}
    told = store.call("POST", "/me/addresses", 422, json=home | {"country": "UK1", "line1": ""}, headers=ada).json()
    assert {e["pointer"] for e in told["errors"]} == {"/country", "/line1"}
    store.call("DELETE", path, 204, headers=ada)
    store.call("DELETE", path, 404, headers=ada)
    store.call("PATCH", path, 404, json={"city": "X"}, headers=ada)
    assert len(store.get("/me/addresses", headers=ada)["items"]) == 1
