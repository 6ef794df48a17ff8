"""`souk serve` with home = "aws": the API in a container, on DynamoDB Local and on moto for all the rest."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator

import boto3

import peers

root = pathlib.Path(__file__).resolve().parent.parent.parent
prefix = "souk-container-"
binary = os.environ.get("SOUK_BINARY", str(root / "build/release/src/apps/souk/souk"))
up_max = 60  # Units: seconds.
# What deploy/aws/platform gives the pool: docs in src/adapters/identity_cognito/cognito_identity.h.
password_policy = {
    "MinimumLength": 8, "RequireUppercase": False, "RequireLowercase": False, "RequireNumbers": False,
    "RequireSymbols": False,
}  # fmt: skip


class Container:
    def __init__(self, folder: pathlib.Path, environment: dict[str, str], moto: peers.Peer):
        self.folder, self.environment, self.moto = folder, environment, moto
        self.url = f"http://127.0.0.1:{environment['SOUK_HTTP_PORT']}"
        # What tests/scenarios/elsewhere.py reads.
        self.description = folder / "elsewhere.json"
        self.description.write_text(json.dumps({
            "url": self.url, "mails": f"{moto.url}/moto-api/data.json",
            "environment": {name: value for name, value in environment.items() if name.startswith(("SOUK_", "AWS_"))},
        }))  # fmt: skip

    @property
    def log(self) -> str:
        return (self.folder / "log.jsonl").read_text(errors="replace")

    def wait_until_ready(self, process: subprocess.Popen) -> None:
        end = time.monotonic() + up_max
        while time.monotonic() < end:
            assert process.poll() is None, self.log
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.1)
        raise AssertionError(f"not ready within {up_max} s: {self.log}")


def prepared(endpoints: dict[str, str]) -> dict[str, str]:
    """The environment of a container whose tables, topic and queues `souk aws prepare` has made."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SOUK_"))}
    environment = kept | peers.credentials | endpoints | {"SOUK_STAGE": "container", "SOUK_TABLE_PREFIX": prefix}
    made = subprocess.run(
        [binary, "aws", "prepare"], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return environment | dict(line.split("=", 1) for line in made.stdout.split())


def pool_and_bucket(moto: peers.Peer) -> dict[str, str]:
    def client(service):
        return boto3.client(
            service, endpoint_url=moto.url, region_name=peers.region,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="souk", Policies={"PasswordPolicy": password_policy})["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="souk",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )  # fmt: skip
    client("s3").create_bucket(Bucket="souk-media", CreateBucketConfiguration={"LocationConstraint": peers.region})
    client("ses").verify_email_identity(EmailAddress="shop@shop.example")
    return {
        "SOUK_USER_POOL_ID": pool,
        "SOUK_USER_POOL_CLIENT_ID": made["UserPoolClient"]["ClientId"],
        "SOUK_USER_POOL_REFRESH": "classic",  # moto lacks GetTokensFromRefreshToken.
        "SOUK_MEDIA_BUCKET": "souk-media",
        "SOUK_MEDIA_URL": f"{moto.url}/souk-media",
    }


@contextlib.contextmanager
def running(database: peers.Peer, moto: peers.Peer, **others: str) -> Iterator[Container]:
    """`others`: endpoints of single services, SQS="http://…"."""
    endpoints = {
        "AWS_ENDPOINT_URL": moto.url, "AWS_ENDPOINT_URL_DYNAMODB": database.url,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": database.url,
    }  # fmt: skip
    endpoints |= {f"AWS_ENDPOINT_URL_{service}": url for service, url in others.items()}
    with tempfile.TemporaryDirectory(prefix="souk-container-") as name:
        folder = pathlib.Path(name)
        environment = prepared(endpoints) | pool_and_bucket(moto) | {
            "SOUK_HOME": "aws", "SOUK_DATA": str(folder / "data"), "SOUK_HTTP_PORT": str(peers.free_port()),
            "SOUK_MAIL_FROM": "shop@shop.example", "SOUK_ORDERS_PAYMENT_DEADLINE_S": "30",
            "SOUK_SECRET": "for tests alone, and long enough for it",
            "SOUK_WEBHOOKS_ALLOW_PRIVATE": "true", "SOUK_LOG_LEVEL": "warning",
            "SOUK_LIMITS_REQUESTS_PER_SECOND": "0", "SOUK_LIMITS_SIGN_INS_PER_SECOND": "0",
        }  # fmt: skip
        container = Container(folder, environment, moto)
        with (folder / "log.jsonl").open("ab") as log:
            process = subprocess.Popen([binary, "serve"], env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            container.wait_until_ready(process)
            yield container
        finally:
            process.terminate()
            process.wait(30)
