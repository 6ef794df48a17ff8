"""AWS's emulators, started and stopped: each on a free port of the loopback interface, in a folder of its own.

    with peers.moto() as moto:
        call(moto.url)

    tests/aws/peers.py NAME                starts one, prints its address, and stops it at Ctrl-C

Each starts within `start_max` seconds or raises NotInstalled (it cannot be had here) or NotStarted (it is broken).
Only the standard library is used here.
"""

import contextlib
import ctypes
import dataclasses
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "support")]

import peer_install  # noqa: E402
from peer_install import NotInstalled  # noqa: E402,F401
from ports import free_port  # noqa: E402

start_max = 60  # Units: seconds. JVMs on a busy machine.
stop_max = 10
region = "eu-west-1"
# Credentials that no emulator objects to: letters and digits alone, for DynamoDB Local.
credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": region}
code = "123456"  # What cognito-local sends as every code.


class NotStarted(Exception):
    """A peer that is installed and does not come up, with the end of its log."""


@dataclasses.dataclass
class Peer:
    name: str
    url: str  # "http://127.0.0.1:8000"
    process: subprocess.Popen
    folder: pathlib.Path  # Its own; gone when it has stopped.

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


def answers(url: str) -> bool:
    """Whether somebody there speaks HTTP, whatever he says."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def listening(group: int) -> list[str]:
    """The addresses ("127.0.0.1", "0.0.0.0", "::" …) that processes of the group accept TCP connections on."""
    inodes = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == group:
                inodes |= {os.readlink(file) for file in (process / "fd").iterdir()}
        except OSError:
            continue  # It has just ended.
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                found.append(address_of(fields[1].partition(":")[0]))
    return found


def address_of(words: str) -> str:
    """ "0100007F" -> "127.0.0.1": 32-bit words, each in the machine's order of bytes."""
    raw = b"".join(bytes.fromhex(words[at : at + 8])[::-1] for at in range(0, len(words), 8))
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, raw).removeprefix("::ffff:")


def is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def stop(process: subprocess.Popen) -> None:
    """Ends the peer and what it has started, which are a process group of their own."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(stop_max)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def end_with_parent() -> None:
    """In the child: the kernel ends the peer when whoever started it is killed and cannot."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def wait_until_ready(peer: Peer, path: str) -> None:
    end = time.monotonic() + start_max
    while not answers(peer.url + path):
        if peer.process.poll() is not None or time.monotonic() > end:
            raise NotStarted(f"{peer.name} did not come up:\n" + "\n".join(peer.log.splitlines()[-20:]))
        time.sleep(0.05)
    if everywhere := [one for one in listening(peer.process.pid) if not is_loopback(one)]:
        raise NotStarted(f"{peer.name} listens on {everywhere}, which others can reach")


@contextlib.contextmanager
def started(name: str, command: list[object], port: int, ready: str, **environment: str) -> Iterator[Peer]:
    """Runs a peer for as long as the block lasts. `ready` is a path that answers once it is."""
    with tempfile.TemporaryDirectory(prefix=f"souk-{name}-") as folder:
        own = pathlib.Path(folder)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "SOUK_"))}
        with open(own / "log", "wb") as log:
            process = subprocess.Popen(
                [str(word) for word in command], cwd=own, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env=inherited | environment, start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip
        peer = Peer(name, f"http://127.0.0.1:{port}", process, own)
        try:
            wait_until_ready(peer, ready)
            yield peer
        finally:
            stop(process)


def java(folder: pathlib.Path, *words: object) -> list[object]:
    return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}/classes:{folder}/lib/*", *words]


@contextlib.contextmanager
def dynamodb_local() -> Iterator[Peer]:
    """DynamoDB and DynamoDB Streams, from Amazon; in memory."""
    peer_install.install_dynamodb_local()
    port = free_port()
    options = ("-inMemory", "-sharedDb", "-disableTelemetry", "-port", port)
    command = java(peer_install.peers / "dynamodb_local", "Loopback", *options)
    with started("dynamodb_local", command, port, "/") as peer:
        yield peer


elasticmq_settings = """
include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = %(port)s, context-path = "" }
rest-sqs { enabled = true, bind-hostname = "127.0.0.1", bind-port = %(port)s, sqs-limits = strict }
rest-stats { enabled = false }
generate-node-address = false
queues-storage { enabled = false }
"""


@contextlib.contextmanager
def elasticmq() -> Iterator[Peer]:
    """SQS alone, with its limits enforced. Queue addresses are {url}/000000000000/{name}."""
    peer_install.install_elasticmq()
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
        settings.write(elasticmq_settings % {"port": port})
        settings.flush()
        folder = peer_install.peers / "elasticmq"
        command = java(folder, f"-Dconfig.file={settings.name}", "org.elasticmq.server.Main")
        with started("elasticmq", command, port, "/?Action=ListQueues") as peer:
            yield peer


@contextlib.contextmanager
def moto(free_calls: int | None = None) -> Iterator[Peer]:
    """Most of AWS, roughly. With `free_calls`, every call after the first so many is authenticated (the signature is
    computed again) and authorised by the caller's IAM policies."""
    peer_install.install_python()
    port = free_port()
    command = [peer_install.python, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
    mode = {} if free_calls is None else {"INITIAL_NO_AUTH_ACTION_COUNT": str(free_calls)}
    with started("moto", command, port, "/moto-api/data.json", **credentials, **mode) as peer:
        yield peer


@contextlib.contextmanager
def cognito_local() -> Iterator[Peer]:
    """Cognito's public flows with real checks. Every code is `code`."""
    peer_install.install_node()
    port = free_port()
    tool = peer_install.peers / "node/node_modules/cognito-local/lib/bin/start.js"
    environment = credentials | {"HOST": "127.0.0.1", "PORT": str(port), "CODE": code}
    command = [peer_install.node_tool("node"), tool]
    with started("cognito_local", command, port, "/health", **environment) as peer:
        yield peer


# What Souk uses. Each service more is a thread or a port more.
ministack_services = (
    "apigateway,cloudformation,cloudfront,cloudwatch,cognito-idp,dynamodb,events,iam,lambda,logs,s3,secretsmanager,ses,"
    "sns,sqs,ssm,sts"
)


@contextlib.contextmanager
def ministack(**environment: str) -> Iterator[Peer]:
    """All of AWS that Souk uses, Lambda functions in their own processes included."""
    peer_install.install_python()
    port = free_port()
    own = credentials | {
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_REGION": region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "SERVICES": ministack_services,
        "IOT_MTLS_ENABLED": "0",  # A broker on all interfaces, otherwise.
    }  # fmt: skip
    command = [peer_install.python, "-m", "ministack"]
    with started("ministack", command, port, "/_ministack/health", **own | environment) as peer:
        yield peer


every = {one.__name__: one for one in (dynamodb_local, elasticmq, moto, cognito_local, ministack)}


def main(words: list[str]) -> None:
    if len(words) != 1 or words[0] not in every:
        raise SystemExit(f"{__doc__}\nNames: {', '.join(every)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with every[words[0]]() as peer:
        print(peer.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            peer.process.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
