"""Clients that are slow, many or endless: each is cut off at its bound, memory stays flat, and everybody else is served meanwhile.

What a server of the default settings keeps at most: 10,000 connections, of each a head and a body of 16 KiB; all bodies and unread
answers beyond that together 256 MiB; on the disk, of bodies that it was shown a right to send, 1 GiB
(src/adapters/http_server/http_server.h).
"""

import contextlib
import os
import pathlib
import random
import resource
import select
import socket
import ssl
import threading
import time

import httpx
import pytest

from certificates import write_server_files
from shop import Souk, bearer, wait_for
from wire import ask, drained, flat_memory, last, opened, resident_mib, statuses

post = b"POST /v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
sign_in = post + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
bound = 10  # Seconds: for a head, for a handshake, and the grace of a body or an answer that stands still.
late = 3.5  # And so much for a busy machine.


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """One that speaks TLS, and a client that trusts it."""
    folder = tmp_path_factory.mktemp("secure")
    write_server_files(folder, "127.0.0.1")
    settings = {"SOUK_HTTP_TLS_CERTIFICATE": folder / "server.pem", "SOUK_HTTP_TLS_KEY": folder / "server.key"}
    souk = Souk(folder, **settings)
    souk.url = souk.url.replace("http:", "https:")
    souk.http = httpx.Client(base_url=souk.url, verify=ssl.create_default_context(cafile=folder / "ca.pem"))
    with souk:
        souk.ca = folder / "ca.pem"
        yield souk


def is_served(souk):
    asked = time.monotonic()
    assert statuses(souk.port, last) == [200]
    assert time.monotonic() - asked < 2


def is_served_securely(souk):
    with httpx.Client(base_url=souk.url, verify=ssl.create_default_context(cafile=souk.ca)) as client:
        assert client.get("/healthz").status_code == 200


@contextlib.contextmanager
def many(port, count, first=b""):
    sockets = []
    try:
        for _ in range(count):
            sockets.append(opened(port, bound + late))
            with contextlib.suppress(OSError):
                sockets[-1].sendall(first)
        yield sockets
    finally:
        for s in sockets:
            s.close()


# What is sent at once, and what again and again: for ever, if it is let.
slow = {
    "head": (ask[:-2], b"X: y\r\n"), "silence": (b"", b""), "one byte": (b"G", b""),
    "body": (post + b"Content-Length: 1000\r\n\r\n{", b" "), "chunk": (chunked + b"3e8\r\n{", b" "),
    "chunks": (chunked + b"1\r\n{\r\n", b"1\r\n \r\n"), "chunk size": (chunked, b"0"), "extension": (chunked + b"1;", b"x"),
    "trailer": (chunked + b"2\r\n{}\r\n0\r\n", b"X: y\r\n"), "trailer's name": (chunked + b"0\r\n", b"x"),
}  # fmt: skip


def drip(pairs, gone):
    while not gone.wait(0.5):
        for s, more in pairs:
            with contextlib.suppress(OSError):
                s.sendall(more)


def test_whoever_is_slow_is_cut_off_in_time_and_nobody_waits_for_it(souk, secure):
    gone, each = threading.Event(), 20
    with contextlib.ExitStack() as stack:
        held = {name: stack.enter_context(many(souk.port, each, first)) for name, (first, _) in slow.items()}
        held["handshake"] = stack.enter_context(many(secure.port, each, b"\x16\x03\x01\x02\x00\x01"))
        more = {name: again for name, (_, again) in slow.items()} | {"handshake": b"\x00"}
        started = time.monotonic()
        feeder = threading.Thread(target=drip, args=([(s, more[name]) for name in held for s in held[name]], gone))
        stack.callback(feeder.join)
        stack.callback(gone.set)
        feeder.start()
        for _ in range(30):
            is_served(souk)
            is_served_securely(secure)
            time.sleep(0.1)
        ends = {name: {None if (end := drained(s)) is None else end[9:12] for s in held[name]} for name in held}
        took = time.monotonic() - started
    assert {name for name, end in ends.items() if None in end} == set(), "still open"
    assert took < bound + late, took
    assert {name: end for name, end in ends.items() if not end <= {b"408", b"400", b""}} == {}


def test_ten_thousand_connections_that_say_nothing_keep_nobody_out(souk):
    """One more than the bound closes the idlest; each costs a few KiB, which those that come after it use again."""
    count = 10_200
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < count + 500:
        pytest.skip("this machine lets a process have too few descriptors")
    before = resident_mib(souk)
    with many(souk.port, count):
        is_served(souk)
    # What the allocator holds back of it serves for the next ones: it does not add up.
    with flat_memory(souk, 5), many(souk.port, count) as sockets:
        for _ in range(20):
            is_served(souk)
        assert statuses(souk.port, sign_in) == [422]
        grown = resident_mib(souk) - before
        assert grown < count * 8 / 1024, f"{grown:.0f} MiB for {count} connections"
        assert sum(1 for s in sockets if is_closed(s)) >= count - 10_000
    is_served(souk)


def is_closed(s):
    s.setblocking(False)
    try:
        return s.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_heads_that_stop_short_hold_their_own_size_and_no_more(souk):
    unfinished = ask[:-2] + b"X: " + b"a" * 15_000
    before = resident_mib(souk)
    with flat_memory(souk, 30), many(souk.port, 1500, unfinished):
        time.sleep(0.2)
        is_served(souk)
        grown = resident_mib(souk) - before
        assert grown < 1500 * 32 / 1024, f"{grown:.0f} MiB"
    is_served(souk)


def test_bodies_that_stop_short_hold_no_more_than_their_bound(souk):
    """400 of a MiB each: 256 MiB of them are kept, the rest is refused; small ones go on being taken."""
    unfinished = post + b"Content-Length: 1048576\r\n\r\n" + b" " * 1_048_000
    before = resident_mib(souk)
    with flat_memory(souk, 60), many(souk.port, 400, unfinished) as sockets:
        time.sleep(0.3)
        assert statuses(souk.port, sign_in) == [422]
        is_served(souk)
        grown = resident_mib(souk) - before
        assert grown < 256 + 100, f"{grown:.0f} MiB"
        refused = [s for s in sockets if answered(s).startswith(b"HTTP/1.1 503 ")]
        assert 100 <= len(refused) <= 300, len(refused)
    is_served(souk)
    assert statuses(souk.port, post + b"Content-Length: 1000000\r\n\r\n" + b" " * 1_000_000 + last)[0] == 400


def answered(s):
    s.setblocking(False)
    try:
        return s.recv(100)
    except OSError:
        return b""


def put_aside(souk):
    """Bytes of large bodies that are on their way, in files without a name."""
    size, folder = 0, str(souk.data.resolve())
    for file in pathlib.Path(f"/proc/{souk.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            name = os.readlink(file)
            if os.path.dirname(name) == folder and name.endswith(" (deleted)"):
                size += file.stat().st_size
    return size


def large(method, path, size, headers=None, more=b""):
    head = {"Host": "x", "Content-Type": "text/csv", "Content-Length": size} | (headers or {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join(lines).encode() + b"\r\n" + more + b"\r\n"


def test_large_bodies_of_strangers_are_refused_by_their_heads_and_never_stored(souk, store):
    """They were stored whole before the store, the credential or the signature was looked at: strangers filled the disk."""
    png = {"content_type": "image/png", "size": 20_000_000}
    made = store.call("POST", "/media", 201, json=png, headers=store.owner).json()["upload"]["url"]
    address = "/" + made.split("/", 3)[3]
    imports, image = f"{store.base}/imports", {"Content-Type": "image/png"}
    heads = {
        "no such store": (404, "POST", "/v1/stores/anything/imports", 99_000_000, {}),
        "nobody": (401, "POST", imports, 99_000_000, {}),
        "a made-up key": (401, "POST", imports, 99_000_000, bearer("sk_" + "0" * 43)),
        "a customer": (403, "POST", imports, 99_000_000, store.customer()),
        "no address": (403, "PUT", "/media/x/y", 20_000_000, image),
        "a forged address": (403, "PUT", address.replace("signature=", "signature=A")[:-1], 20_000_000, image),
        "another size": (422, "PUT", address, 19_000_000, image),
    }  # fmt: skip
    for name, (status, *head) in heads.items():
        for more in (b"", b"Expect: 100-continue\r\n"):
            with opened(souk.port, 5) as s:
                s.sendall(large(*head, more))  # And nothing of the body.
                got = drained(s)
            assert got and got.startswith(b"HTTP/1.1 %d " % status), (name, more, got)
            assert got.count(b"HTTP/1.1 ") == 1 and b"Connection: close\r\n" in got, (name, more, got)
        with many(souk.port, 30, large(*head) + bytes(600_000)) as sockets:
            assert put_aside(souk) == 0, name
            assert {drained(s)[9:12] for s in sockets} == {b"%d" % status}, name
            assert put_aside(souk) == 0, name
    is_served(souk)


def pushed(s, size):
    """Sends so much, or until an answer comes, which it gives."""
    while size > 0 and not select.select([s], [], [], 0)[0]:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            size -= s.send(bytes(min(size, 65536)))
    return answered(s)


def test_all_large_bodies_together_leave_the_disk_its_room(tmp_path):
    """Even of those who may send them: 100 MiB here, and whoever comes too late is told to come back."""
    mib = 1024 * 1024
    with Souk(tmp_path, SOUK_LIMITS_SPOOLED_MIB=100) as souk:
        store = souk.new_store()
        head = large("POST", f"{store.base}/imports", 99_000_000, store.owner)
        with opened(souk.port) as first, opened(souk.port) as second:
            first.sendall(head)
            assert pushed(first, 60 * mib) == b""
            wait_for(lambda: put_aside(souk) > 59 * mib)
            second.sendall(head)
            refused = pushed(second, 60 * mib) or drained(second)
            assert refused.startswith(b"HTTP/1.1 503 "), refused
            wait_for(lambda: put_aside(souk) <= 60 * mib)
            store.product(stock=1)
            is_served(souk)
        wait_for(lambda: put_aside(souk) == 0)
        rows = "Handle,Title,Variant SKU,Variant Price\nw,W,W-1,1.00\n"
        store.call("POST", "/imports", 202, content=rows, headers=store.owner | {"Content-Type": "text/csv"})


def test_ten_thousand_pipelined_requests_whose_answers_nobody_reads_hold_no_memory(souk):
    asking = ask.replace(b"/healthz", b"/openapi.json") * 10_000
    with many(souk.port, 10) as sockets, flat_memory(souk):
        for s in sockets:
            s.setblocking(False)
        sent, end = [0] * len(sockets), time.monotonic() + 2
        while time.monotonic() < end:
            for i, s in enumerate(sockets):
                with contextlib.suppress(BlockingIOError):
                    sent[i] += s.send(asking[sent[i] : sent[i] + 65536])
            time.sleep(0.01)
        is_served(souk)
        # Here memory is looked at, with the answers unread. tests/adapters/http_server has the time after which they are given up.


def test_garbage_holds_no_memory(souk, secure):
    made = random.Random(4)
    for server in (souk, secure):
        with flat_memory(server):
            for _ in range(300):
                with contextlib.suppress(OSError), opened(server.port) as s:
                    s.sendall(made.randbytes(made.randrange(1, 3000)))
                    s.shutdown(socket.SHUT_WR)
                    assert drained(s) is not None
    is_served(souk)
    is_served_securely(secure)


records = {
    "plain HTTP": ask, "an alert": b"\x15\x03\x03\x00\x02\x02\x28", "data before the handshake": b"\x17\x03\x03\x00\x05hello",
    "a record of 65535": b"\x16\x03\x01\xff\xff" + b"x" * 65535, "an empty record": b"\x16\x03\x01\x00\x00" * 100,
    "an unknown type": b"\x99\x03\x01\x00\x01x", "SSL 2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + b"x" * 37,
    "a hello that lies about its length": b"\x16\x03\x01\x00\x10\x01\xff\xff\xff" + b"x" * 12, "SSL 3": b"\x16\x03\x00\x00\x05\x01\x00\x00\x01x",
    "a heartbeat": b"\x18\x03\x02\x00\x03\x01\x40\x00", "zeros": b"\0" * 20_000, "a hello flood": b"\x16\x03\x01\x00\x04\x01\x00\xff\xfc" * 2000,
}  # fmt: skip


@pytest.mark.parametrize("name", records)
def test_bad_records_end_the_handshake(secure, name):
    with flat_memory(secure), opened(secure.port) as s:
        with contextlib.suppress(OSError):
            s.sendall(records[name])
            s.shutdown(socket.SHUT_WR)
        got = drained(s)
    assert got is not None and b"HTTP/" not in got
    is_served_securely(secure)


class Handshaken:
    """A TLS connection whose records can be tampered with on the way."""

    def __init__(self, souk):
        context = ssl.create_default_context(cafile=souk.ca)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")
        self.socket = opened(souk.port)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())
                self.incoming.write(self.socket.recv(65536))
        self.socket.sendall(self.outgoing.read())

    def written(self, plain):
        self.tls.write(plain)
        return bytearray(self.outgoing.read())

    def answers_to(self, records):
        """How many answers come once these were sent, and nothing more will be."""
        with self.socket as s:
            s.sendall(records)
            s.shutdown(socket.SHUT_WR)
            got = drained(s)
        assert got is not None
        self.incoming.write(got)
        plain = b""
        with contextlib.suppress(ssl.SSLError):  # An alert, or the end.
            while piece := self.tls.read(65536):
                plain += piece
        return plain.count(b"HTTP/1.1 ")


def test_a_tampered_record_ends_the_connection_unserved(secure):
    for at in (None, 0, 3, 5, -1):
        connection = Handshaken(secure)
        record = connection.written(last)
        if at is not None:
            record[at] ^= 1
        assert connection.answers_to(record) == (at is None), f"byte {at}"
    connection = Handshaken(secure)
    # The same record again: its number is another one.
    assert connection.answers_to(connection.written(last) * 2) == 1
    is_served_securely(secure)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(secure, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, ConnectionResetError)), opened(secure.port) as s:
        context.wrap_socket(s)


def test_http_2_is_not_spoken(souk, secure):
    settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
    assert statuses(souk.port, settings) == [400]
    upgrade = ask[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
    assert statuses(souk.port, upgrade + settings) == [200, 400]
    context = ssl.create_default_context(cafile=secure.ca)
    context.set_alpn_protocols(["h2"])
    with opened(secure.port) as s, contextlib.suppress(ssl.SSLError):
        assert context.wrap_socket(s, server_hostname="127.0.0.1").selected_alpn_protocol() is None


def test_a_flood_of_connections_that_reset_holds_no_memory(souk):
    with flat_memory(souk):
        for i in range(2000):
            with contextlib.suppress(OSError), opened(souk.port) as s:
                s.sendall((b"", b"G", ask, chunked + b"ff\r\n")[i % 4])
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    is_served(souk)
    assert len(os.listdir(f"/proc/{souk.process.pid}/fd")) < 200
