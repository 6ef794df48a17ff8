"""All of Souk deployed on MiniStack by osls, as it is on AWS: each function runs in a process of its own with the
credentials of its own role, and MiniStack holds it to that role's policies (AUTH=true)."""

import concurrent.futures
import contextlib
import functools
import io
import json
import os
import pathlib
import stat
import tempfile
import time
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

    def sweep(self, service: str) -> int:
        """How many rows the service's sweep settled, run once as its schedule does, under its own role."""
        name = f"{prefix}{service}-sweep"
        answer = self.client("lambda").invoke(FunctionName=name, Qualifier="live", Payload=b"{}")
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said["swept"]

    @contextlib.contextmanager
    def deaf(self, queue: str) -> Iterator[None]:
        """Meanwhile no event reaches the queue: its messages are lost."""
        topics = self.client("sns")
        every = topics.list_subscriptions()["Subscriptions"]
        (one,) = [one for one in every if one["Endpoint"].endswith(f":{prefix}{queue}")]
        name = {"SubscriptionArn": one["SubscriptionArn"]}
        policy = topics.get_subscription_attributes(**name)["Attributes"]["FilterPolicy"]

        def listen(to: str) -> None:
            topics.set_subscription_attributes(**name, AttributeName="FilterPolicy", AttributeValue=to)

        listen(json.dumps({"type": ["nothing"]}))
        try:
            yield
        finally:
            listen(policy)

    def rows(self, table: str, *, sort: str, of: str) -> list[dict]:
        """The items with this sort key whose partition or body has `of` in it."""

        def text(item: dict) -> str:
            return item["pk"]["S"] + item.get("b", {}).get("S", "")

        return [one for one in self.items(table) if one["sk"]["S"] == sort and of in text(one)]

    def items(self, table: str) -> Iterator[dict]:
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=prefix + table, ConsistentRead=True)
        return (item for page in pages for item in page["Items"])

    def events(self, table: str, event_type: str) -> list[str]:
        """What waits for the relay or has been announced in the last day."""
        return [one["e"]["S"] for one in self.items(table) if event_type in one.get("e", {}).get("S", "")]

    def make_due(self, table: str, row: dict, body: dict) -> None:
        """Rewrites the row with this body, and has it due an hour ago. Fails if it has changed since it was read."""
        _, _, key = row["g2sk"]["S"].partition("#")
        self.client("dynamodb").update_item(
            TableName=prefix + table, Key={"pk": row["pk"], "sk": row["sk"]},
            UpdateExpression="SET b = :body, g2sk = :due", ConditionExpression="v = :seen",
            ExpressionAttributeValues={
                ":body": {"S": json.dumps(body)}, ":seen": row["v"],
                ":due": {"S": f"{round(time.time() - 3600) * 1000:015}#{key}"},
            },
        )  # fmt: skip


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
