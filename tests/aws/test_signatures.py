"""Our signatures beside botocore's, over requests that no hand would write.

SOUK_SIGN_REQUESTS names the built tests/adapters/aws_client/sign_requests.cc.
"""

import base64
import datetime
import json
import os
import random
import subprocess
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

botocore_auth = pytest.importorskip("botocore.auth")
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402

requests_count = 4000
services = (
    "dynamodb", "sqs", "sns", "cognito-idp", "ses", "s3", "s3", "s3", "events", "xray", "logs", "monitoring", "lambda",
    "sts", "secretsmanager",
)  # fmt: skip
regions = ("eu-west-1", "us-east-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1")
hosts = ("127.0.0.1:8000", "dynamodb.eu-west-1.amazonaws.com", "[::1]:4566", "localhost:80", "localhost:443")
# Every character that has a meaning somewhere, some that need more than one byte, and plain ones.
letters = "abzAZ09-_.~ /%+&=?#:;,@!$'()*\"<>[]{}|\\^`äß€中😀é\t"
header_letters = "abzAZ09-_.~/%+&=?#:;,@!$'()*\"<>[]{}|äß€中😀    "
driver = os.environ.get("SOUK_SIGN_REQUESTS")

pytestmark = pytest.mark.skipif(not driver, reason="SOUK_SIGN_REQUESTS does not name the built sign_requests")


def text(choose: random.Random, alphabet: str, shortest: int, longest: int) -> str:
    return "".join(choose.choice(alphabet) for _ in range(choose.randint(shortest, longest)))


def path(choose: random.Random) -> str:
    segments = [
        choose.choice(("", ".", "..", "a", "%2F", "%41", text(choose, letters, 0, 8).replace("/", "")))
        for _ in range(choose.randint(0, 5))
    ]
    return "/" + "/".join(segments)


def query(choose: random.Random, presigned: bool) -> list[tuple[str, str]]:
    keys = [text(choose, letters, 1, 5) for _ in range(choose.randint(0, 4))]
    if keys and not presigned:
        keys += choose.choices(keys, k=choose.randint(0, 3))  # Repeated ones.
    pairs = [(key, text(choose, letters, 0, 6)) for key in keys]
    return list(dict(pairs).items()) if presigned else pairs


def headers(choose: random.Random) -> list[tuple[str, str]]:
    names = ["Content-Type", "X-Amz-Target", "x-amz-meta-a", "x-amz-meta-A", "X-Custom", "content-md5", "Range"]
    unsigned = ["User-Agent", "Expect", "X-Amzn-Trace-Id", "Connection", "TE"]
    chosen = choose.choices(names, k=choose.randint(0, 4)) + choose.choices(unsigned, k=choose.randint(0, 1))
    return [(name, text(choose, header_letters, 0, 12)) for name in chosen]


def order(choose: random.Random) -> dict:
    presigned = choose.random() < 0.3
    body = b"" if presigned else choose.choice((b"", b"{}", choose.randbytes(choose.randint(1, 300))))
    return {
        "method": choose.choice(("GET", "PUT", "DELETE", "HEAD", "PATCH") if presigned else ("POST", "GET", "PUT")),
        "service": choose.choice(services),
        "region": choose.choice(regions),
        "host": choose.choice(hosts),
        "scheme": choose.choice(("http", "https")),
        "path": path(choose),
        "query": query(choose, presigned),
        "headers": headers(choose),
        "body": base64.b64encode(body).decode(),
        "access_key": "AKID" + text(choose, "ABC012", 4, 16),
        # A few only, so that kept signing keys are used again, and must not be when secret or day differ.
        "secret_key": choose.choice(("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "s", "ü")),
        "token": choose.choice(("", "FwoG/Z+XIv==" + text(choose, "abc/+=", 1, 40))),
        "time": choose.randint(0, 4_000_000_000) if choose.random() < 0.5 else 1_764_000_000,
        **({"expires": choose.randint(1, 604_800)} if presigned else {}),
    }


def botocore_signs(wanted: dict, monkeypatch) -> AWSRequest:
    moment = datetime.datetime.fromtimestamp(wanted["time"], datetime.timezone.utc)
    monkeypatch.setattr(botocore_auth, "get_current_datetime", lambda *_, **__: moment)
    encoded = "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in wanted["query"])
    url = f"{wanted['scheme']}://{wanted['host']}{quote(wanted['path'], safe='/~')}"
    request = AWSRequest(
        method=wanted["method"], url=f"{url}?{encoded}" if encoded else url, data=base64.b64decode(wanted["body"])
    )
    for name, value in wanted["headers"]:
        request.headers[name] = value  # Adds: botocore's headers are those of an e-mail.
    credentials = Credentials(wanted["access_key"], wanted["secret_key"], wanted["token"] or None)
    is_s3 = wanted["service"] == "s3"
    if "expires" in wanted:
        scheme = botocore_auth.S3SigV4QueryAuth if is_s3 else botocore_auth.SigV4QueryAuth
        signer = scheme(credentials, wanted["service"], wanted["region"], wanted["expires"])
    else:
        scheme = botocore_auth.S3SigV4Auth if is_s3 else botocore_auth.SigV4Auth
        signer = scheme(credentials, wanted["service"], wanted["region"])
    signer.add_auth(request)
    return request


def authority(wanted: dict) -> str:
    """As the Host header has it: without the scheme's own port."""
    return wanted["host"].removesuffix(":443" if wanted["scheme"] == "https" else ":80")


def for_driver(wanted: dict) -> dict:
    told = {**wanted, "headers": [*wanted["headers"], ("host", authority(wanted))]}
    if "expires" in wanted:  # A presigned URL covers each header that it is given.
        told["headers"] = [
            (name, value)
            for name, value in told["headers"]
            if name.lower() not in botocore_auth.SIGNED_HEADERS_BLACKLIST
        ]
    return told


@pytest.fixture(scope="module")
def orders() -> list[dict]:
    choose = random.Random(20261125)
    return [order(choose) for _ in range(requests_count)]


@pytest.fixture(scope="module")
def signed(orders) -> list[dict]:
    lines = "".join(json.dumps(for_driver(wanted)) + "\n" for wanted in orders)
    run = subprocess.run([driver], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(orders)
    return answers


def test_headers_are_signed_as_botocore_signs_them(orders, signed, monkeypatch):
    compared = 0
    for wanted, ours in zip(orders, signed, strict=True):
        if "expires" in wanted:
            continue
        theirs = botocore_signs(wanted, monkeypatch)
        target = urlsplit(theirs.url)
        assert ours["target"] == theirs.url.split(target.netloc, 1)[1], wanted
        for name in ("authorization", "x-amz-date", "x-amz-security-token"):
            assert ours.get(name) == theirs.headers.get(name), (name, wanted)
        if wanted["service"] == "s3":
            assert ours["x-amz-content-sha256"] == theirs.headers["x-amz-content-sha256"], wanted
        compared += 1
    assert compared > requests_count / 2


def test_urls_are_presigned_as_botocore_presigns_them(orders, signed, monkeypatch):
    compared = 0
    for wanted, ours in zip(orders, signed, strict=True):
        if "expires" not in wanted:
            continue
        theirs = urlsplit(botocore_signs(wanted, monkeypatch).url)
        assert ours["target"] == theirs.path, wanted
        pairs = [sorted(parse_qsl(query, keep_blank_values=True)) for query in (ours["query"], theirs.query)]
        assert pairs[0] == pairs[1], wanted
        compared += 1
    assert compared > requests_count / 5


def test_the_requests_are_as_odd_as_they_should_be(orders):
    """That the generator reaches what it is for: else the comparison above says little."""
    assert sum(1 for wanted in orders if wanted["service"] == "s3") > 300
    assert sum(1 for wanted in orders if wanted["token"]) > 1000
    assert sum(1 for wanted in orders if "//" in wanted["path"] or "/.." in wanted["path"]) > 500
    assert sum(1 for wanted in orders if len({key for key, _ in wanted["query"]}) < len(wanted["query"])) > 500
    assert sum(1 for wanted in orders if not wanted["path"].isascii()) > 300
    assert sum(1 for wanted in orders if " " in wanted["path"]) > 50
