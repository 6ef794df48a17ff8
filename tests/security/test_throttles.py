"""Guessing stays slow however many addresses it seems to come from."""

import itertools
import signal

import httpx
import pytest

from shop import Souk, bearer, next_name, password, wait_for

addresses = (f"198.51.{a}.{b}" for a, b in itertools.product(range(256), range(1, 255)))


def post(souk, verb, forwarded=None, **body):
    headers = {"X-Forwarded-For": forwarded or next(addresses)}
    return souk.http.post(f"/v1/auth/{verb}", json=body, headers=headers)


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory):
    """It believes what 127.0.0.1 says of where a request comes from, so that every request has a new address."""
    limits = {"SOUK_LIMITS_SIGN_INS_PER_SECOND": 1, "SOUK_LIMITS_SIGN_IN_BURST": 10}
    with Souk(tmp_path_factory.mktemp("proxied"), SOUK_HTTP_TRUSTED_PROXIES="127.0.0.1", **limits) as running:
        yield running


def account(souk):
    mail = next_name("victim") + "@example.com"
    assert post(souk, "sign-up", email=mail, password=password, name="V").status_code == 202
    assert post(souk, "confirm-sign-up", email=mail, code=souk.code_mailed_to(mail)).status_code == 200
    return mail


def test_sign_in_is_throttled_by_account_over_many_addresses(behind_proxy):
    mail = account(behind_proxy)
    for mail in (mail, "nobody@example.com"):  # Known or not: alike.
        tries = [post(behind_proxy, "sign-in", email=mail, password=f"guess {i}").status_code for i in range(20)]
        assert tries == [401] * 5 + [429] * 15, mail
    other = account(behind_proxy)
    assert post(behind_proxy, "sign-in", email=other, password=password).status_code == 200


def test_the_right_password_does_not_pass_a_closed_throttle_either(behind_proxy):
    mail = account(behind_proxy)
    for i in range(5):
        spelled = mail.upper() if i % 2 else mail.capitalize()
        assert post(behind_proxy, "sign-in", email=spelled, password="guess").status_code == 401
    refused = post(behind_proxy, "sign-in", email=mail, password=password)
    assert refused.status_code == 429 and 1 <= int(refused.headers["Retry-After"]) <= 60


def test_guesses_at_once_do_not_slip_past_the_throttle(behind_proxy):
    import concurrent.futures

    mail = account(behind_proxy)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        tries = list(pool.map(lambda i: post(behind_proxy, "sign-in", email=mail, password=f"g{i}").status_code, range(32)))
    assert tries.count(401) <= 5 and set(tries) <= {401, 429}, tries


def test_a_code_dies_after_a_few_guesses_from_anywhere(behind_proxy):
    mail = account(behind_proxy)
    before = len(behind_proxy.mails(mail))
    assert post(behind_proxy, "forgot-password", email=mail).status_code == 202
    code = behind_proxy.code_mailed_to(mail, before)
    for i in range(12):
        guess = f"{(int(code) + 1 + i) % 1_000_000:06}"
        answer = post(behind_proxy, "confirm-forgot-password", email=mail, code=guess, new_password="quite another horse")
        assert answer.status_code in (400, 401, 422, 429), answer.text
    late = post(behind_proxy, "confirm-forgot-password", email=mail, code=code, new_password="quite another horse")
    assert not late.is_success, "the code was still good after 12 wrong guesses"
    assert post(behind_proxy, "sign-in", email=mail, password=password).status_code == 200


def test_nobodys_mailbox_is_flooded_with_codes(behind_proxy):
    mail = account(behind_proxy)
    before = len(behind_proxy.mails(mail))
    answers = {post(behind_proxy, "forgot-password", email=mail).status_code for _ in range(30)}
    strangers = {post(behind_proxy, "forgot-password", email="nobody2@example.com").status_code for _ in range(30)}
    assert answers == strangers == {202, 429}
    wait_for(lambda: len(behind_proxy.mails(mail)) > before)
    assert len(behind_proxy.mails(mail)) - before <= 10


def test_sign_in_is_throttled_by_account_over_many_real_addresses(tmp_path):
    """Loopback has sixteen million of them: each try is a connection from another one."""
    with Souk(tmp_path) as souk:
        souk.sign_up("/v1", "victim@example.com")

        def attempt(i, secret):
            with httpx.Client(base_url=souk.url, transport=httpx.HTTPTransport(local_address=f"127.0.{i}.77")) as client:
                return client.post("/v1/auth/sign-in", json={"email": "victim@example.com", "password": secret}).status_code

        assert [attempt(i, f"guess {i}") for i in range(12)] == [401] * 5 + [429] * 7
        assert attempt(99, password) == 429


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_restart_is_no_new_allowance(tmp_path, how):
    with Souk(tmp_path) as souk:
        souk.sign_up("/v1", "victim@example.com")
        tries = []
        for i in range(9):
            tries.append(post(souk, "sign-in", email="victim@example.com", password=f"guess {i}").status_code)
            if i % 2:
                souk.restart(how)
        assert tries == [401] * 5 + [429] * 4
        assert post(souk, "sign-in", email="victim@example.com", password=password).status_code == 429


def test_a_second_process_is_no_new_allowance_either(tmp_path):
    """There is none: the data belong to one process at a time."""
    with Souk(tmp_path) as souk:
        other = Souk(tmp_path)
        refused = other.command("serve", check=None)
        assert refused.returncode != 0, "two processes serve one folder"
        assert souk.http.get("/readyz").status_code == 200


def test_a_network_of_ipv6_is_one_client(behind_proxy):
    seen = [post(behind_proxy, "forgot-password", f"2001:db8:1:2:{i:x}::1", email=f"six{i}@example.com").status_code for i in range(30)]
    assert seen.count(429) >= 10, seen
    assert post(behind_proxy, "forgot-password", "2001:db8:1:3::1", email="six@example.com").status_code == 202


def test_addresses_that_a_client_makes_up_before_the_proxys_do_not_count(behind_proxy):
    """The proxy appends where it was called from; all before that is the client's word."""
    seen = [
        post(behind_proxy, "forgot-password", f"{next(addresses)}, 203.0.113.9", email=f"n{i}@example.com").status_code
        for i in range(30)
    ]
    assert seen.count(429) >= 10, seen


def test_without_a_trusted_proxy_no_header_says_where_one_is(tmp_path):
    limits = {"SOUK_LIMITS_SIGN_INS_PER_SECOND": 1, "SOUK_LIMITS_SIGN_IN_BURST": 10}
    with Souk(tmp_path, **limits) as souk:
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"):
            seen = [
                souk.http.post(
                    "/v1/auth/forgot-password", json={"email": f"n{i}@example.com"}, headers={name: f"for={next(addresses)}"}
                ).status_code
                for i in range(30)
            ]
            assert seen.count(429) >= 10, (name, seen)


def test_made_up_credentials_do_not_escape_the_limit_of_an_address(tmp_path):
    with Souk(tmp_path, SOUK_LIMITS_REQUESTS_PER_SECOND=5, SOUK_LIMITS_REQUEST_BURST=10) as souk:
        seen = [souk.http.get("/v1/me", headers=bearer(f"sk_{i:043}")).status_code for i in range(200)]
        assert seen.count(429) > 100
