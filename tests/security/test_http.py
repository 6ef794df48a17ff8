"""What no honest client sends: ambiguous framing, floods, bad chunks, slow ones. Refused within bounds, memory flat."""

import socket
import time

import pytest

from wire import ask, drained, flat_memory, last, opened, statuses

smuggled = b"GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
post = b"POST /v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
chunked = b"Transfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module", autouse=True)
def warm(souk):
    """Whatever is made on first use is made before memory is looked at."""
    for _ in range(50):
        assert statuses(souk.port, ask + post + b"Content-Length: 2\r\n\r\n{}" + last)[0] == 200


def body(headers, content=b"0\r\n\r\n"):
    return post + headers + b"\r\n" + content


ambiguous = {
    "CL.TE": body(b"Content-Length: 6\r\n" + chunked, b"0\r\n\r\nG"),
    "TE.CL": body(chunked + b"Content-Length: 3\r\n", b"8\r\nSMUGGLED\r\n0\r\n\r\n"),
    "CL 0 and TE": body(b"Content-Length: 0\r\n" + chunked),
    "two CL that differ": body(b"Content-Length: 2\r\nContent-Length: 40\r\n", b"{}"),
    "two CL that agree": body(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
    "CL list": body(b"Content-Length: 2, 2\r\n", b"{}"),
    "two TE": body(chunked + chunked), "TE chunked and TE cow": body(chunked + b"Transfer-encoding: cow\r\n"),
    "TE cow and TE chunked": body(b"Transfer-Encoding: cow\r\n" + chunked), "TE list that ends empty": body(b"Transfer-Encoding: chunked,\r\n"),
    "TE in capitals and CL": body(b"TRANSFER-ENCODING: CHUNKED\r\nContent-Length: 4\r\n"),
    "CL.TE, the TE folded away": body(b"Content-Length: 6\r\nTransfer-Encoding:\r\n\tchunked\r\n", b"0\r\n\r\nG"),
    "CL in two spellings": body(b"Content-Length: 2\r\ncontent-length: 02\r\n", b"{}"),
    "TE twice in one": body(b"Transfer-Encoding: chunked, chunked\r\n"),
    "TE identity, chunked": body(b"Transfer-Encoding: identity, chunked\r\n"),
    "TE gzip, chunked": body(b"Transfer-Encoding: gzip, chunked\r\n"),
    "TE chunked, identity": body(b"Transfer-Encoding: chunked, identity\r\n"),
    "TE identity": body(b"Transfer-Encoding: identity\r\n", b"{}"),
    "TE empty": body(b"Transfer-Encoding:\r\n", b"{}"),
    "TE xchunked": body(b"Transfer-Encoding: xchunked\r\n"),
    "TE quoted": body(b'Transfer-Encoding: "chunked"\r\n'),
    "TE with parameter": body(b"Transfer-Encoding: chunked;q=1\r\n"),
    "TE with vertical tab": body(b"Transfer-Encoding: \x0bchunked\r\n"),
    "TE with NUL": body(b"Transfer-Encoding: chunked\x00\r\n"),
    "TE space before colon": body(b"Transfer-Encoding : chunked\r\n"),
    "TE tab before colon": body(b"Transfer-Encoding\t: chunked\r\n"),
    "TE space before name": body(b" Transfer-Encoding: chunked\r\n"),
    "TE folded": body(b"Transfer-Encoding:\r\n chunked\r\n"),
    "TE folded with tab": body(b"Transfer-Encoding:\r\n\tchunked\r\n"),
    "TE hidden by a fold": body(b"X: y\r\n Transfer-Encoding: chunked\r\n"),
    "TE after bare CR": body(b"X: y\rTransfer-Encoding: chunked\r\n"),
    "TE after bare LF": body(b"X: y\nTransfer-Encoding: chunked\r\n"),
    "TE ends with LF": body(b"Transfer-Encoding: chunked\n"),
    "TE with line of NUL": body(b"X: y\x00\r\n" + chunked),
    "TE in HTTP/1.0": body(chunked).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "name with a non-breaking space": body(b"Transfer-Encoding\xa0: chunked\r\n"),
    "name that is no token": body(b"Transfer(Encoding): chunked\r\n"),
    "line without colon": body(b"Transfer-Encoding chunked\r\n"),
    "empty name": body(b": chunked\r\n"),
    **{
        f"CL {value!r}": body(b"Content-Length: " + value + b"\r\n", b"{}")
        for value in (
            b"+2", b"-2", b"2 2", b"2,", b"0x2", b"2.0", b"2e0", b"", b"two", b"2;", b"\x0b2", b"2\x00", b"\xb2", b"18446744073709551618",
            b"99999999999999999999999", b"-18446744073709551614", b"'2'",
        )
    },
    "CL space before colon": body(b"Content-Length : 2\r\n", b"{}"),
    "CL folded": body(b"Content-Length:\r\n 2\r\n", b"{}"),
    "CL ends with LF": body(b"Content-Length: 2\n", b"{}"),
    "two Hosts": post.replace(b"Host: x\r\n", b"Host: x\r\nHost: y\r\n") + b"Content-Length: 2\r\n\r\n{}",
    "no Host": post.replace(b"Host: x\r\n", b"") + b"Content-Length: 2\r\n\r\n{}",
    "Host with a path": post.replace(b"Host: x", b"Host: x/y") + b"Content-Length: 2\r\n\r\n{}",
    "Host with a user": post.replace(b"Host: x", b"Host: a@x") + b"Content-Length: 2\r\n\r\n{}",
    "bare LF lines": body(b"Content-Length: 2\r\n", b"{}").replace(b"\r\n", b"\n"),
    "two spaces in the first line": ask.replace(b"GET /", b"GET  /"),
    "tab in the first line": ask.replace(b"GET /", b"GET\t/"),
    "no version": ask.replace(b" HTTP/1.1", b""),
    "HTTP/2.0": ask.replace(b"1.1", b"2.0"),
    "HTTP/1.10": ask.replace(b"1.1", b"1.10"),
    "http/1.1": ask.replace(b"HTTP", b"http"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "target with a fragment": ask.replace(b"/healthz", b"/healthz#x"),
    "target with bytes": ask.replace(b"/healthz", b"/health\xff"),
    "target without a slash": ask.replace(b"/healthz", b"healthz"),
    "target of another scheme": ask.replace(b"/healthz", b"ftp://x/healthz"),
    "target with NUL": ask.replace(b"/healthz", b"/healthz\x00"),
    "header with NUL": ask.replace(b"Host: x", b"Host: x\r\nX: a\x00b"),
    "header with bare CR": ask.replace(b"Host: x", b"Host: x\r\nX: a\rb"),
}  # fmt: skip


@pytest.mark.parametrize("name", ambiguous)
def test_ambiguous_requests_end_the_connection_unserved(souk, name):
    seen = statuses(souk.port, ambiguous[name] + smuggled + last)
    assert len(seen) == 1 and 400 <= seen[0] < 500 and seen[0] not in (401, 404, 422), seen
    assert statuses(souk.port, last) == [200]


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_a_smuggling_pair_is_refused_however_it_is_cut(souk, cut):
    whole = ambiguous["CL.TE"]
    with opened(souk.port) as s:
        for piece in (whole[: -cut * 2], whole[-cut * 2 : -cut], whole[-cut:] + smuggled):
            s.sendall(piece)
            time.sleep(0.002)
        s.shutdown(socket.SHUT_WR)
        got = drained(s)
    assert got.startswith(b"HTTP/1.1 400 ") and got.count(b"HTTP/1.1 ") == 1


def test_a_body_that_a_get_brings_is_no_request(souk):
    inner = b"Content-Length: %d\r\n\r\n" % len(smuggled) + smuggled
    assert 404 not in statuses(souk.port, ask[:-2] + inner + last)
    assert statuses(souk.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + chunked + b"\r\n0\r\n\r\n" + last)[-1] == 200


chunks = {
    "no size": b"\r\n{}\r\n0\r\n\r\n", "size is no number": b"z\r\n{}\r\n0\r\n\r\n", "0x": b"0x2\r\n{}\r\n0\r\n\r\n",
    "sign": b"+2\r\n{}\r\n0\r\n\r\n", "minus": b"-2\r\n{}\r\n0\r\n\r\n", "space before": b" 2\r\n{}\r\n0\r\n\r\n",
    "overflow": b"10000000000000002\r\n{}\r\n0\r\n\r\n", "all bits": b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "too short": b"1\r\n{}\r\n0\r\n\r\n", "no CRLF after": b"2\r\n{}0\r\n\r\n", "LF after size": b"2\n{}\r\n0\r\n\r\n",
    "LF after chunk": b"2\r\n{}\n0\r\n\r\n", "LF at the end": b"2\r\n{}\r\n0\r\n\n", "CR alone": b"2\r{}\r\n0\r\n\r\n",
    "extension with LF": b"2;x\n\r\n{}\r\n0\r\n\r\n", "extension flood": b"2;" + b"x" * 9000 + b"\r\n{}\r\n0\r\n\r\n",
    "extensions in pieces": b"".join(b"1;" + b"x" * 100 + b"\r\na\r\n" for _ in range(100)) + b"0\r\n\r\n",
    "trailer flood": b"2\r\n{}\r\n0\r\nX: " + b"x" * 1000000 + b"\r\n\r\n", "bad trailer": b"2\r\n{}\r\n0\r\nX y\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", chunks)
def test_bad_chunks_end_the_connection(souk, name):
    seen = statuses(souk.port, body(chunked, chunks[name]) + smuggled + last)
    assert len(seen) == 1 and seen[0] in (400, 413, 431), seen


def test_a_last_chunk_in_pieces_ends_no_process(souk):
    """It did: three bytes, and then one more."""
    for end in (b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"0;x\r\n\r\n"):
        for cut in range(1, len(end)):
            with opened(souk.port) as s:
                s.sendall(body(chunked, end[:cut]))
                assert statuses(souk.port, last) == [200]
                s.sendall(end[cut:])
                s.shutdown(socket.SHUT_WR)
                assert drained(s).startswith(b"HTTP/1.1 4"), (end, cut)


def test_an_import_of_a_hundred_mebibytes_is_awaited_and_one_byte_more_is_not(souk, store):
    token = store.owner["Authorization"].encode()
    head = b"POST /v1/stores/%s/imports HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n" % store.id.encode()
    head += b"Authorization: " + token + b"\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    most = 100 * 1024 * 1024
    assert statuses(souk.port, head % most) == [100]
    assert statuses(souk.port, head % (most + 1)) == [413]


def test_what_follows_a_refused_expectation_is_no_request(souk):
    """The client may send its body all the same: it must not be read as the next request."""
    for expect, status in ((b"100-continue", 413), (b"something", 400)):
        request = post + b"Expect: " + expect + b"\r\nContent-Length: 2000000\r\n\r\n" + smuggled
        assert statuses(souk.port, request) == [status]
    taken = post + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(smuggled) + smuggled + last
    assert [status for status in statuses(souk.port, taken) if status != 100] == [400, 200]


def test_a_trailer_is_no_header(souk, store):
    token = store.owner["Authorization"].encode()
    request = b"POST /v1/stores HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + chunked
    request += b"Trailer: Authorization\r\n\r\n2\r\n{}\r\n0\r\nAuthorization: " + token + b"\r\n\r\n"
    assert statuses(souk.port, request)[0] == 401


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + b"a" * 2_000_000, 414), (b"A" * 2_000_000, 414),
        (ask[:-2] + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431), (ask[:-2] + b"X: " + b"a" * 2_000_000, 431),
        (ask[:-2] + b"X: y\r\n" * 101 + b"\r\n", 431), (ask[:-2] + b"X: y\r\n" * 100_000, 431),
        (ask[:-2] + b"x" * 2_000_000, 431), (b"\r\n" * 100_000, 400),
        (post + b"Content-Length: 1048577\r\n\r\n", 413), (post + b"Content-Length: 9000000000000000000\r\n\r\n", 413),
        (post + chunked + b"\r\n7fffffffffffffff\r\n", 413), (post + chunked + b"\r\n" + (b"10000\r\n" + b"a" * 65536 + b"\r\n") * 40, 413),
    ],
    ids=[
        "target", "endless target", "endless method", "header", "endless header", "101 headers", "header flood", "endless name",
        "blank lines", "body", "huge body", "huge chunk", "chunk flood",
    ],
)  # fmt: skip
def test_what_is_too_large_is_refused_at_its_bound(souk, request_, status):
    with flat_memory(souk), opened(souk.port) as s:
        try:
            s.sendall(request_)
        except (ConnectionResetError, BrokenPipeError):
            pass
        got = drained(s)
    assert got is not None, "still open"
    if got:  # A reset may overtake the answer when the client goes on sending.
        assert got.startswith(b"HTTP/1.1 %d " % status), got[:100]
    else:
        assert len(request_) > 100_000, "closed without a word"
    assert statuses(souk.port, last) == [200]


def test_pipelined_requests_are_answered_in_order_and_each_once(souk):
    mixed = (ask + ask.replace(b"/healthz", b"/v1/none")) * 500
    assert statuses(souk.port, mixed + last) == [200, 404] * 500 + [200]


def test_a_pipeline_whose_answers_nobody_reads_holds_no_memory(souk):
    asking = ask.replace(b"/healthz", b"/openapi.json") * 200
    with flat_memory(souk):
        sockets = []
        for _ in range(20):
            s = opened(souk.port)
            s.setblocking(False)
            try:
                for _ in range(50):
                    s.send(asking)
            except BlockingIOError:
                pass
            sockets.append(s)
        assert statuses(souk.port, last) == [200]
        time.sleep(1)
        for s in sockets:
            s.close()


def test_connections_that_come_and_go_hold_no_memory(souk):
    with flat_memory(souk):
        for request in (b"", b"GET", ask[:-2], post + b"Content-Length: 1000000\r\n\r\n{", ask):
            for _ in range(300):
                with opened(souk.port) as s:
                    s.sendall(request)
    assert statuses(souk.port, last) == [200]
