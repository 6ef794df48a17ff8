"""The Lambda binary needs nothing of the machine: it starts in an empty root and asks for its first event."""

import os
import pathlib
import shutil
import socket
import subprocess
import zipfile

import pytest

import rehearsal

settings = {
    "SOUK_STAGE": "test", "SOUK_TABLE_PREFIX": "souk-test-", "SOUK_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:souk",
    "SOUK_QUEUE_URL_PREFIX": "http://127.0.0.1:1/souk-test-", "SOUK_USER_POOL_ID": "eu-west-1_test",
    "SOUK_USER_POOL_CLIENT_ID": "test", "SOUK_MEDIA_BUCKET": "test", "SOUK_MEDIA_URL": "http://127.0.0.1:1",
    "SOUK_MAIL_FROM": "a@shop.example", "SOUK_PUBLIC_URL": "http://127.0.0.1:1", "SOUK_SECRET": "x" * 32,
    "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}  # fmt: skip
services = ["stores", "products", "carts", "users", "orders", "notifications"]
handlers = [f"{one}.{kind}" for one in services for kind in ("http", "reactions", "sweep")] + ["platform.relay"]


@pytest.fixture(scope="module")
def empty_root(tmp_path_factory):
    packed = rehearsal.named_zip()
    if packed is None:
        pytest.skip("there is no packed Lambda binary: ./dev aws package, or SOUK_LAMBDA_ZIP")
    if os.geteuid() != 0 or not shutil.which("chroot"):
        pytest.skip("an empty root needs chroot")
    folder = tmp_path_factory.mktemp("root")
    zipfile.ZipFile(packed).extract("bootstrap", folder)
    (folder / "bootstrap").chmod(0o755)
    return folder


def run(folder: pathlib.Path, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [shutil.which("chroot"), folder, "/bootstrap"], env=settings | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.mark.parametrize("handler", handlers)
def test_every_function_starts_in_an_empty_root(empty_root, handler):
    with socket.create_server(("127.0.0.1", 0)) as runtime_api:
        runtime_api.settimeout(20)
        address = f"127.0.0.1:{runtime_api.getsockname()[1]}"
        process = run(empty_root, AWS_LAMBDA_RUNTIME_API=address, _HANDLER=handler)
        connection, _ = runtime_api.accept()
        asked = connection.recv(4096)
        process.kill()
        process.wait()
    assert asked.startswith(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n"), asked


def test_what_is_wrong_is_told_to_the_runtime_and_ends_the_process(empty_root):
    with socket.create_server(("127.0.0.1", 0)) as runtime_api:
        runtime_api.settimeout(20)
        address = f"127.0.0.1:{runtime_api.getsockname()[1]}"
        process = run(empty_root, AWS_LAMBDA_RUNTIME_API=address, _HANDLER="stores.nothing")
        connection, _ = runtime_api.accept()
        asked = connection.recv(8192)
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        assert process.wait(20) != 0
    assert asked.startswith(b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\n") and b"UnknownFunction" in asked, asked
