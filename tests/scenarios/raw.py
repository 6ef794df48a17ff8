"""Bytes to a socket, for what no HTTP client would send."""

import socket


def exchange(port, request, seconds=10):
    """All that comes back until the other side closes, or an answer without more to come."""
    with socket.create_connection(("127.0.0.1", port), seconds) as s:
        s.sendall(request)
        s.shutdown(socket.SHUT_WR)
        got = b""
        while piece := s.recv(65536):
            got += piece
    return got
