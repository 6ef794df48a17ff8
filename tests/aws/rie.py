"""AWS's own Lambda Runtime Interface Emulator, around one bootstrap.

    with rie.function("build/…/bootstrap", AWS_LAMBDA_FUNCTION_TIMEOUT="1") as function:
        function.invoke({"any": "event"})

It serves one invocation at a time, starts the bootstrap at the first, and answers 200 whatever the function says.
"""

import contextlib
import json
import os
import pathlib
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import peer_install  # noqa: E402
import peers  # noqa: E402

# Its tags have two numbers, which Go takes for none: a version is a moment and a commit.
module = "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
version = "v0.0.0-20261030222936-bef5c4ba774d"
patience = 60  # Units: seconds, for one invocation.


def install() -> pathlib.Path:
    """The emulator's path. Errors: NotInstalled."""
    wanted = f"{module}@{version}"
    with peer_install.fresh("rie", wanted) as folder:
        if folder:
            environment = os.environ | {"GOBIN": str(folder), "CGO_ENABLED": "0"}
            peer_install.run(peer_install.go(), "install", "-trimpath", "-ldflags", "-s -w", wanted, env=environment)
    return peer_install.peers / "rie/aws-lambda-rie"


class Function:
    """A bootstrap that is invoked through the emulator."""

    def __init__(self, peer: peers.Peer) -> None:
        self.peer = peer
        self.url = f"{peer.url}/2015-03-31/functions/function/invocations"

    def raw(self, payload: bytes, **headers: str) -> bytes:
        """What the function answered, be it an error. Headers are spelled X_Amzn_RequestId="…"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url, payload, named)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return answer.read()
        except urllib.error.HTTPError as answer:
            return answer.read()

    def invoke(self, event: object, **headers: str) -> object:
        return json.loads(self.raw(json.dumps(event).encode(), **headers))

    @property
    def lines(self) -> list[dict]:
        """The lines of JSON that the function has written so far."""
        found = []
        for line in self.peer.log.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                if isinstance(line_as_json := json.loads(line), dict):
                    found.append(line_as_json)
        return found


@contextlib.contextmanager
def function(bootstrap: str | os.PathLike, **environment: str) -> Iterator[Function]:
    emulator = install()
    port = peers.free_port()
    command = [
        emulator, "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{peers.free_port()}", pathlib.Path(bootstrap).resolve(), "handler",
    ]  # fmt: skip
    with peers.started("rie", command, port, "/", **environment) as peer:
        yield Function(peer)
