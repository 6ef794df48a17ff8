"""Ports on the loopback interface for servers that tests start.

A port that is asked of the kernel and given back lies in the range from which the kernel takes the near end of each
connection: while the server has not begun to listen, or restarts, some client may sit on it. These lie below it.
"""

import pathlib
import random
import socket

lowest = 10_000
ephemeral = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
reserved = []  # One socket a port given out, without a file: it says to other processes that the port is taken.


def free_port() -> int:
    """A port that no other caller is given, in this process or another, while this one lives."""
    above = int(ephemeral.read_text().split()[0])
    while True:
        port = random.randrange(lowest, above)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0souk-test-port-{port}")
            with socket.socket() as one:
                one.bind(("127.0.0.1", port))
        except OSError:  # Taken: by another test, or by whatever else runs here.
            claim.close()
            continue
        reserved.append(claim)
        return port
