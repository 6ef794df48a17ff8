"""A network of its own, in which every address there is can be ours: names say what the test says, and whoever connects is seen.

Of this thread and what it starts (network namespaces are per thread): the server under attack, the name server and the
listeners live in it. Needs root, util-linux and iproute2; where namespaces are not allowed the tests that ask for it are skipped.
"""

import contextlib
import ctypes
import ipaddress
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import threading

new_network = 0x40000000  # CLONE_NEWNET
libc = ctypes.CDLL(None, use_errno=True)
a_record, cname_record, aaaa_record = 1, 5, 28
ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def is_allowed():
    """Whether this machine lets a process have a network and mounts of its own."""
    try:
        return subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def own_network(addresses):
    """While it lasts this thread is on a network with nothing but loopback, which has these addresses too."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    if libc.unshare(new_network) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in addresses:
            bits = 128 if ":" in address else 32
            subprocess.run(["ip", "address", "add", f"{address}/{bits}", "dev", "lo"], check=True)
        yield
    finally:
        assert libc.setns(home, new_network) == 0
        os.close(home)


def launcher(folder, hosts="files dns"):
    """The words before a command that make it ask 127.0.0.1 for names, as far as the machine's files decide."""
    folder = pathlib.Path(folder)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (folder / "nsswitch.conf").write_text(f"hosts: {hosts}\n")
    mounts = " && ".join(f'mount --bind "{folder}/{name}" /etc/{name}' for name in ("resolv.conf", "nsswitch.conf"))
    return ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "sh"]


class Names:
    """Answers for every name what `zone` says: a list of answers, one a question of each type; the last one stays."""

    def __init__(self):
        self.zone, self.asked = {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def say(self, name, *answers):
        """Each answer is a list of addresses and of names (canonical ones); None: no answer at all."""
        self.zone[name] = [None if answer is None else list(answer) for answer in answers]
        self.asked = [(asked, kind) for asked, kind in self.asked if asked != name]

    def questions(self, name, kind=a_record):
        return self.asked.count((name, kind))

    def serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            answer = self.answer(question)
            if answer:
                self.socket.sendto(answer, peer)

    def answer(self, question):
        end = question.index(b"\0", 12) + 1
        name, kind = read_name(question[12:end]), struct.unpack("!H", question[end : end + 2])[0]
        before = self.questions(name, kind)
        self.asked.append((name, kind))
        answers = self.zone.get(name)
        if answers is None:
            return reply(question, end, [], nothing_of_that_name=True)
        now = answers[min(before, len(answers) - 1)]
        return None if now is None else reply(question, end, records(now, kind))

    def close(self):
        self.socket.close()


def read_name(wire):
    labels = []
    while wire[0]:
        labels.append(wire[1 : wire[0] + 1].decode())
        wire = wire[wire[0] + 1 :]
    return ".".join(labels).lower()


def written_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def records(answer, kind):
    """(owner, type, content) of each; the addresses belong to the last canonical name."""
    owner, made = b"\xc0\x0c", []
    for entry in answer:
        try:
            address = ipaddress.ip_address(entry)
        except ValueError:
            made.append((owner, cname_record, written_name(entry)))
            owner = written_name(entry)
            continue
        if kind == (a_record if address.version == 4 else aaaa_record):
            made.append((owner, kind, address.packed))
    return made


def reply(question, end, found, nothing_of_that_name=False):
    flags = 0x8180 | (3 if nothing_of_that_name else 0)
    head = question[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0)
    body = b"".join(owner + struct.pack("!HHIH", kind, 1, 0, len(content)) + content for owner, kind, content in found)
    return head + question[12 : end + 4] + body


class Catcher:
    """Takes every connection to a port at any address, keeps where it went to and what it said, and answers."""

    def __init__(self, port, tls=None):
        self.tls, self.seen, self.requests = tls, [], []
        self.answers = {}  # By path; of all others ok.
        self.socket = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            address = ipaddress.ip_address(connection.getsockname()[0])
            self.seen.append(str(getattr(address, "ipv4_mapped", None) or address))
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        connection.settimeout(5)
        with contextlib.suppress(OSError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            request = read_request(connection)
            self.requests.append(request)
            connection.sendall(self.answers.get(request.split(b" ")[1].decode(), ok))

    def taken(self):
        """The addresses connected to since the last call."""
        seen, self.seen[:], self.requests[:] = list(self.seen), [], []
        return seen

    def close(self):
        self.socket.close()


def read_request(connection):
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536) or b"\r\n\r\n"
    return got


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
