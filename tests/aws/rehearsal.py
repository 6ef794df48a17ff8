"""All of Souk deployed on MiniStack by osls, as it is on AWS: each function runs in a process of its own with the
credentials of its own role, and MiniStack holds it to that role's policies (AUTH=true)."""

import concurrent.futures
import contextlib
import functools
import io
import os
import pathlib
import stat
import tempfile
import zipfile
from collections.abc import Iterator

import boto3

import peers
import stacks

stage = "rehearsal"
prefix = f"souk-{stage}-"
account = "000000000000"
at_once = 3  # Deployments; they mostly wait for CloudFormation.


class Deployed:
    """What was deployed, seen by an operator."""

    def __init__(self, peer: peers.Peer):
        self.peer = peer

    @functools.cache
    def client(self, service: str):
        return boto3.client(
            service, endpoint_url=self.peer.url, region_name=peers.region,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    @functools.cached_property
    def exports(self) -> dict[str, str]:
        """What the platform's stack exports, by their names without the stage."""
        pages = self.client("cloudformation").get_paginator("list_exports").paginate()
        every = {one["Name"]: one["Value"] for page in pages for one in page["Exports"]}
        return {name.removeprefix(prefix): value for name, value in every.items() if name.startswith(prefix)}

    @property
    def url(self) -> str:
        """Where the API is. By path, because no name would resolve to the loopback address."""
        return f"{self.peer.url}/_aws/execute-api/{self.exports['HttpApiId']}/$default"

    def queue_url(self, name: str) -> str:
        return f"{self.peer.url}/{account}/{prefix}{name}"


def zip_of(script: str) -> bytes:
    """A Lambda zip whose bootstrap is a script."""
    file = io.BytesIO()
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.external_attr = (stat.S_IFREG | 0o755) << 16
    entry.create_system = 3
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, script)
    return file.getvalue()


def deploy(folder: pathlib.Path, peer: peers.Peer, lambda_zip: pathlib.Path, variables: dict[str, str]) -> None:
    """Every service's own `osls deploy`: the platform first, then the others."""
    environment = stacks.offline_environment(
        AWS_ENDPOINT_URL=peer.url, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
        SOUK_REGION=peers.region, SOUK_ARCHITECTURE="x86_64", SOUK_LAMBDA_ZIP=str(lambda_zip),
        SOUK_MAIL_FROM="shop@shop.example",
        **{f"SOUK_REHEARSAL_{name}": value for name, value in variables.items()},
    )  # fmt: skip

    def one(service: str) -> None:
        stacks.osls(folder / service, "deploy", "--stage", stage, environment=environment)

    one("platform")
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, stacks.services))


@contextlib.contextmanager
def deployed(lambda_zip: pathlib.Path, variables: dict[str, str]) -> Iterator[Deployed]:
    """`variables` are given to every function, as SOUK_…."""
    with tempfile.TemporaryDirectory(prefix="souk-rehearsal-") as folder:
        own = stacks.copied(pathlib.Path(folder))
        (own / "serverless-compose.yml").unlink()
        with peers.ministack(AUTH="true") as peer:
            deploy(own, peer, lambda_zip, variables)
            yield Deployed(peer)


def named_zip() -> pathlib.Path | None:
    """The packed bootstrap: SOUK_LAMBDA_ZIP, or what tools/package_lambda.py made last."""
    named = os.environ.get("SOUK_LAMBDA_ZIP")
    path = pathlib.Path(named) if named else stacks.source / "build/x86_64/souk.zip"
    return path.resolve() if path.exists() else None
