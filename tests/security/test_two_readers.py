"""Two servers that read one stream must see the same requests in it, or one of them can be made to smuggle.

Streams of three requests, broken at random places of their framing, are read by Souk and by h11. What Souk serves must be
what h11 sees, request by request; Souk may refuse where h11 is lenient, never the other way round.
"""

import json
import os
import random
import re

import h11
import pytest

from raw import exchange

whole = [
    b"POST /v1/r0 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
    b"POST /v1/r1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n20\r\nGET /v1/r9 HTTP/1.1\r\nHost: x\r\n\r\n\r\n0\r\nT: u\r\n\r\n",
    b"GET /v1/r2 HTTP/1.1\r\nHost: x\r\n\r\n",
]  # fmt: skip
pieces = [
    b"\r\n", b"\n", b"\r", b"\r\r\n", b" ", b"\t", b"\0", b"\x0b", b"\xa0", b"0", b"1", b"5", b"+", b"-", b",", b":", b";", b"=", b'"', b"x", b"_",
    b"chunked", b"identity", b"gzip, ", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Content-Length: 40\r\n", b"Content-Length:5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"transfer-encoding:\tchunked\r\n", b"Transfer-Encoding : chunked\r\n", b" Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"Connection: close\r\n", b"Connection: content-length\r\n", b"Expect: 100-continue\r\n",
    b"HTTP/1.0", b"0\r\n\r\n", b"00000000000000005\r\n", b"5\r\nhello\r\n", b"GET /v1/r8 HTTP/1.1\r\nHost: x\r\n\r\n",
]  # fmt: skip


def broken(made):
    stream = bytearray(b"".join(whole))
    heads = [stream.index(b"POST /v1/r0"), stream.index(b"POST /v1/r1"), stream.index(b"GET /v1/r2")]
    for _ in range(made.choice((1, 1, 1, 2, 3))):
        at = min(made.choice(heads) + made.randrange(130), len(stream) - 1)
        if made.random() < 0.4:  # At the beginning of a line, where headers are.
            at = max(stream.rfind(b"\n", 0, at) + 1, 0)
        match made.randrange(4):
            case 0:
                stream[at:at] = made.choice(pieces)
            case 1:
                stream[at : at + made.choice((1, 2, 6))] = made.choice(pieces)
            case 2:
                del stream[at : at + made.choice((1, 1, 2))]
            case 3:
                end = stream.find(b"\n", at) + 1
                stream[at:at] = stream[at:end]
    return bytes(stream)


def read_by_h11(stream):
    """The targets of the requests that are whole."""
    targets = []
    while True:
        # Both may skip one empty line before a request (RFC 9112, section 2.2); Souk does.
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=16 * 1024)
        connection.receive_data(stream.removeprefix(b"\r\n"))
        connection.receive_data(b"")
        target = None
        try:
            while not isinstance(event := connection.next_event(), h11.EndOfMessage):
                if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                    return targets
                if isinstance(event, h11.Request):
                    target = event.target.decode()
        except h11.RemoteProtocolError:
            return targets
        targets.append(target)
        connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
        connection.send(h11.EndOfMessage())
        if connection.our_state is not h11.DONE:
            return targets
        stream = connection.trailing_data[0]


def read_by_souk(souk, stream):
    try:
        got = exchange(souk.port, stream)
    except (ConnectionResetError, BrokenPipeError):
        return []
    assert not re.search(rb"HTTP/1.1 5\d\d ", got), got
    return [json.loads(path) for path in re.findall(rb'"status":404,.*?"instance":("(?:[^"\\]|\\.)*")', got)]


def test_the_streams_are_read_alike_when_they_are_whole(souk):
    stream = b"".join(whole)
    assert read_by_souk(souk, stream) == read_by_h11(stream) == ["/v1/r0", "/v1/r1", "/v1/r2"]


@pytest.mark.parametrize("seed", range(int(os.environ.get("SMUGGLING_SEEDS", "8"))))
def test_souk_serves_nothing_that_another_reader_does_not_see(souk, seed):
    made, served = random.Random(seed), 0
    for _ in range(250):
        stream = broken(made)
        mine, theirs = read_by_souk(souk, stream), read_by_h11(stream)
        paths = [target.split("?")[0] for target in theirs]
        assert mine == paths[: len(mine)], stream
        served += len(mine)
    assert served > 100
