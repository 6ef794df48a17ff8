"""A packed Lambda binary's first start, on nothing: an empty root, an environment with the functions' own settings alone,
and a Runtime API that only listens. What was built for arm64 is started by an emulator of its instructions."""

import contextlib
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator

settings = {
    "SOUK_STAGE": "test", "SOUK_TABLE_PREFIX": "souk-test-", "SOUK_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:souk",
    "SOUK_QUEUE_URL_PREFIX": "http://127.0.0.1:1/souk-test-", "SOUK_USER_POOL_ID": "eu-west-1_test",
    "SOUK_USER_POOL_CLIENT_ID": "test", "SOUK_MEDIA_BUCKET": "test", "SOUK_MEDIA_URL": "http://127.0.0.1:1",
    "SOUK_MAIL_FROM": "a@shop.example", "SOUK_SECRET": "x" * 32, "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}  # fmt: skip
machines = {"x86_64": "x86_64", "arm64": "aarch64"}  # As Lambda and as Linux call them.
one_of_each = ("stores.http", "orders.reactions", "carts.sweep", "platform.relay")
next_event = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n"
registers = b"POST /2020-01-01/extension/register HTTP/1.1\r\n"
registered = b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: e\r\nContent-Length: 0\r\n\r\n"
patience = 20  # Units: seconds.


class NotPossible(Exception):
    """This machine lacks what it takes to start the binary."""


def can_change_root() -> bool:
    return os.geteuid() == 0 and shutil.which("chroot") is not None


def starter(folder: pathlib.Path, architecture: str) -> list[str]:
    """The command that starts `bootstrap` in this folder. An emulator that it needs is put beside it. Without the right to
    change its root the process sees the machine's files, but nothing of its environment. Errors: NotPossible."""
    words = ["bootstrap"]
    if machines[architecture] != platform.machine():
        emulator = f"qemu-{machines[architecture]}-static"
        found = shutil.which(emulator)
        if found is None:
            raise NotPossible(f"{emulator} is missing")
        shutil.copy(found, folder / emulator)
        words.insert(0, emulator)
    if can_change_root():
        return [shutil.which("chroot"), str(folder), *(f"/{word}" for word in words)]
    return [str(folder / word) for word in words]


def unpacked(packed: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    with zipfile.ZipFile(packed) as archive:
        archive.extract("bootstrap", folder)
    (folder / "bootstrap").chmod(0o755)
    return folder


@contextlib.contextmanager
def asked(command: list[str], **environment: str) -> Iterator[tuple[socket.socket, bytes, subprocess.Popen]]:
    """The first that the process asks of the Runtime API, once it has registered as its own extension, which then waits
    for events. Errors: AssertionError with its words, if that is nothing."""
    with socket.create_server(("127.0.0.1", 0)) as runtime_api:
        runtime_api.settimeout(0.2)
        own = settings | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_api.getsockname()[1]}"} | environment
        process = subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            with connected(runtime_api, process) as extension:
                assert (said := extension.recv(8192)).startswith(registers), said
                extension.sendall(registered)
                with connected(runtime_api, process) as connection:
                    yield connection, connection.recv(8192), process
        finally:
            process.kill()
            process.wait()


def connected(runtime_api: socket.socket, process: subprocess.Popen) -> socket.socket:
    for _ in range(5 * patience):
        with contextlib.suppress(TimeoutError):
            connection = runtime_api.accept()[0]
            connection.settimeout(patience)
            return connection
        if process.poll() is not None:
            raise AssertionError(f"It ended with {process.returncode}: {process.stdout.read().decode(errors='replace')}")
    raise AssertionError(f"It asked for nothing within {patience} s.")


def start(packed: pathlib.Path, architecture: str) -> None:
    """One function of each kind. Errors: AssertionError for what does not ask for its first event; NotPossible."""
    with tempfile.TemporaryDirectory(prefix="souk-start-") as name:
        command = starter(unpacked(packed, pathlib.Path(name)), architecture)
        for handler in one_of_each:
            with asked(command, _HANDLER=handler) as (_, words, _):
                assert words.startswith(next_event), f"{handler}: {words}"
