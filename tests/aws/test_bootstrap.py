"""The Lambda binary needs nothing of the machine: it starts in an empty root and asks for its first event. The one for
arm64 is started in the same way, under an emulator, by `./dev aws package`, which builds it."""

import json
import signal
import zipfile

import pytest

import first_start
import rehearsal

services = ["stores", "products", "carts", "users", "orders", "notifications"]
handlers = [f"{one}.{kind}" for one in services for kind in ("http", "reactions", "sweep")] + ["platform.relay"]


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    packed = rehearsal.named_zip()
    if packed is None:
        pytest.skip("there is no packed Lambda binary: ./dev aws package, or SOUK_LAMBDA_ZIP")
    if not first_start.can_change_root():
        pytest.skip("an empty root needs chroot")
    return first_start.starter(first_start.unpacked(packed, tmp_path_factory.mktemp("root")), "x86_64")


@pytest.mark.parametrize("handler", handlers)
def test_every_function_starts_in_an_empty_root(command, handler):
    with first_start.asked(command, _HANDLER=handler) as (_, words, _):
        assert words.startswith(first_start.next_event), words


def test_what_is_wrong_is_told_to_the_runtime_and_ends_the_process(command):
    with first_start.asked(command, _HANDLER="stores.nothing") as (connection, words, process):
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        assert process.wait(first_start.patience) != 0
    assert words.startswith(b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\n") and b"UnknownFunction" in words, words


def test_a_function_that_is_told_to_stop_ends_at_once_without_an_error(command):
    with first_start.asked(command, _HANDLER="stores.http") as (_, words, process):
        assert words.startswith(first_start.next_event), words
        process.send_signal(signal.SIGTERM)
        assert process.wait(first_start.patience) == 0


def test_what_was_counted_leaves_with_a_function_that_is_told_to_stop(command):
    event = json.dumps({
        "version": "2.0", "routeKey": "GET /healthz", "rawPath": "/healthz", "rawQueryString": "", "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/healthz", "sourceIp": "192.0.2.1"}, "stage": "$default"},
        "isBase64Encoded": False,
    })  # fmt: skip
    head = (
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n"
        f"Content-Length: {len(event)}\r\n\r\n"
    )
    with first_start.asked(command, _HANDLER="stores.http") as (connection, words, process):
        assert words.startswith(first_start.next_event), words
        connection.sendall((head + event).encode())
        # Its answer is not taken, so the invocation has not ended, and nothing was written for it.
        assert connection.recv(8192).startswith(b"POST /2018-06-01/runtime/invocation/r/response")
        process.send_signal(signal.SIGTERM)
        assert process.wait(first_start.patience) == 0
        lines = [json.loads(line) for line in process.stdout.read().splitlines()]
    assert any(line.get("route") == "health" for line in lines if "_aws" in line), lines


@pytest.mark.parametrize("refusal", ["404 Not Found", "500 Internal Server Error"])
def test_a_function_works_where_there_are_no_extensions(command, refusal, monkeypatch):
    monkeypatch.setattr(first_start, "registered", f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n".encode())
    with first_start.asked(command, _HANDLER="stores.http") as (_, words, process):
        assert words.startswith(first_start.next_event), words
        process.kill()
        told = json.loads(process.stdout.read().splitlines()[0])
    assert (told["level"], told["message"]) == ("WARN", "no notice before a shutdown")


def test_what_never_asks_for_an_event_does_not_pass(tmp_path):
    packed = tmp_path / "souk.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bootstrap", b"#!/bin/sh\necho no such instruction\nexit 132\n")
    command = [str(first_start.unpacked(packed, tmp_path) / "bootstrap")]
    with pytest.raises(AssertionError, match="132: no such instruction"), first_start.asked(command, _HANDLER="stores.http"):
        pass
