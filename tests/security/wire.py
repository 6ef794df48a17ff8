"""Bytes to and from a socket, cut as an attacker cuts them."""

import contextlib
import pathlib
import re
import socket
import time

from raw import exchange

ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def statuses(port, request):
    """The status of every answer that comes back for these bytes, in order."""
    try:
        got = exchange(port, request)
    except (ConnectionResetError, BrokenPipeError):
        return []
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n", got)]


def opened(port, seconds=10):
    return socket.create_connection(("127.0.0.1", port), seconds)


def drained(s):
    """All that still comes until the other side closes; None when it did not within the socket's time."""
    got = b""
    try:
        while piece := s.recv(65536):
            got += piece
    except (ConnectionResetError, BrokenPipeError):
        return got
    except TimeoutError:
        return None
    return got


def resident_mib(souk):
    status = pathlib.Path(f"/proc/{souk.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


@contextlib.contextmanager
def flat_memory(souk, mib=20):
    """Fails when the server holds this much more afterwards; what is freed soon after is no growth."""
    before = resident_mib(souk)
    yield
    end = time.monotonic() + 5
    while resident_mib(souk) - before > mib and time.monotonic() < end:
        time.sleep(0.1)
    assert resident_mib(souk) - before <= mib, f"{before:.0f} MiB before, {resident_mib(souk):.0f} MiB after"
