"""What is kept in files outside the ledger is on the disk before anybody is told so: the content before the file has
its name, and the name before the answer. Read from the system calls."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest
import shop as shop_module
from shop import Souk, wait_for
from test_stock import png

writing = {"write": 0, "pwrite64": 0, "writev": 0, "pwritev2": 0, "sendfile": 0, "copy_file_range": 2}  # Which argument is written to.
calls = ",".join(writing) + ",openat,open,creat,fsync,fdatasync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat"
line_form = re.compile(r"^(?P<time>\d+\.\d+) (?P<call>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
quoted_form = re.compile(r'"((?:[^"\\]|\\.)*)"')
of_descriptor = re.compile(r"\d+<(?P<path>[^>]*)>")


def may_trace():
    """Whether strace may attach here: not in a container without SYS_PTRACE."""
    return shutil.which("strace") and subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_trace() or os.geteuid() != 0, reason="needs strace, and root to attach it")


class Trace:
    """The calls that changed or synced files, by time."""

    def __init__(self, notes):
        self.written, self.synced, self.named = {}, {}, {}
        lines = [line for file in notes.parent.glob(f"{notes.name}.*") for line in file.read_text().splitlines()]
        for line in sorted(filter(line_form.match, lines)):
            self.read(line_form.match(line))

    def read(self, line):
        time, call, arguments = float(line["time"]), line["call"], line["arguments"]
        if int(line["result"]) < 0:
            return
        if call in writing:
            self.written[of_descriptor.findall(arguments)[min(writing[call], 1)]] = time
        elif call in ("fsync", "fdatasync"):
            self.synced.setdefault(of_descriptor.findall(arguments)[0], []).append(time)
        elif call.startswith("mkdir") or ("open" in call and "O_CREAT" in arguments) or call == "creat":
            path = quoted_form.findall(arguments)[0]
            self.named.setdefault(path, (time, None))
        elif call.startswith(("rename", "link")):
            source, target = quoted_form.findall(arguments)
            self.named[target] = (time, source)

    def is_synced(self, path, after, before=float("inf")):
        return any(after <= time <= before for time in self.synced.get(str(path), []))

    def complaints(self, path):
        """What a power cut after the last call could take of the file or folder."""
        path, wrong = str(path), []
        if path not in self.named:  # Perhaps with a folder that got its name later.
            for folder in map(str, pathlib.PurePath(path).parents):
                if folder in self.named and self.named[folder][1]:
                    return self.complaints(self.named[folder][1] + path[len(folder) :])
            return [f"{path}: nobody made it"]
        when, source = self.named[path]
        content = source or path
        if content in self.written and not self.is_synced(content, self.written[content], when if source else float("inf")):
            wrong.append(f"{path}: its content is not synced{' before it has its name' if source else ''}")
        if not self.is_synced(os.path.dirname(path), when):
            wrong.append(f"{path}: its name is not synced")
        # And the folders that were made for it.
        folder = os.path.dirname(path)
        return wrong + (self.complaints(folder) if folder in self.named else [])


def command_of(notes):
    return ["strace", "-ff", "-ttt", "-y", "-s", "0", "-e", f"trace={calls}", "-e", "signal=none", "-o", notes]


def wrong_of(trace, files):
    files = list(files)
    assert files, "nothing was made"
    return [complaint for file in files for complaint in trace.complaints(file)]


@contextlib.contextmanager
def watched(souk):
    notes = souk.folder / "calls"
    tracer = subprocess.Popen(
        [*command_of(notes), "-f", "-p", str(souk.process.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    attached = tracer.stderr.readline()
    assert "attached" in attached, attached
    try:
        yield notes
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def run(souk, *words):
    """The calls of a command."""
    notes = souk.folder / words[0]
    done = subprocess.run(
        [*command_of(notes), shop_module.binary, *map(str, words)], env=souk.environment(), cwd=souk.folder,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Trace(notes)


def test_a_picture_is_on_the_disk_before_its_upload_is_answered(tmp_path):
    with Souk(tmp_path) as souk:
        store = souk.new_store()
        asked = {"content_type": "image/png", "size": len(png), "alt": "A dot"}
        with watched(souk) as notes:
            made = store.call("POST", "/media", 201, json=asked, headers=store.owner).json()["upload"]
            put = store.http.request(made["method"], made["url"], content=png, headers=made["headers"])
            assert put.status_code in (200, 201, 204), put.text
        pictures = [file for file in files_below(souk.data / "media") if file.read_bytes() == png]
        assert wrong_of(Trace(notes), pictures) == []


def test_a_mail_is_on_the_disk_before_it_counts_as_sent(tmp_path):
    with Souk(tmp_path) as souk:
        store = souk.new_store()
        souk.forget_mails()
        with watched(souk) as notes:
            souk.http.post(f"{store.base}/auth/forgot-password", json={"email": "nobody@example.com"})
            made = {"email": "ada@example.com", "password": shop_module.password, "name": "Ada"}
            assert souk.http.post(f"{store.base}/auth/sign-up", json=made).status_code == 202
            wait_for(lambda: souk.mails("ada@example.com"))
        mails = [file for file in files_below(souk.data / "outbox") if file.suffix == ".eml"]
        assert wrong_of(Trace(notes), mails) == []


def test_a_new_key_is_on_the_disk_before_the_command_ends(tmp_path):
    with Souk(tmp_path) as souk:
        souk.stop()
        before = set(files_below(souk.data / "keys"))
        trace = run(souk, "keys", "rotate")
        after = set(files_below(souk.data / "keys"))
        assert after - before
        changed = [file for file in after if str(file) in trace.named]
        assert wrong_of(trace, changed) == []


def test_a_backup_is_on_the_disk_before_the_command_ends(tmp_path):
    with Souk(tmp_path) as souk:
        store = souk.new_store()
        store.product(stock=3)
        asked = {"content_type": "image/png", "size": len(png), "alt": "A dot"}
        made = store.call("POST", "/media", 201, json=asked, headers=store.owner).json()["upload"]
        store.http.request(made["method"], made["url"], content=png, headers=made["headers"])
        souk.stop()
        trace = run(souk, "backup", tmp_path / "kept")
        assert wrong_of(trace, files_below(tmp_path / "kept")) == []


def test_the_trace_would_notice(tmp_path):
    """What is written without a sync, or named before it, is complained about."""
    program = """
import os, sys
folder = sys.argv[1]
def write(name, sync):
    with open(f"{folder}/{name}", "wb", buffering=0) as file:
        file.write(b"x")
        if sync: os.fsync(file.fileno())
write("bare", False)
write("original", True)
os.makedirs(f"{folder}/inner", exist_ok=True)
with open(f"{folder}/original", "rb") as source, open(f"{folder}/copied", "wb") as target:
    os.sendfile(target.fileno(), source.fileno(), 0, 1)
with open(f"{folder}/inner/file", "wb", buffering=0) as file:
    file.write(b"x")
    os.fsync(file.fileno())
inner = os.open(f"{folder}/inner", os.O_RDONLY)
os.fsync(inner)
write("late.new", False)
os.rename(f"{folder}/late.new", f"{folder}/late")
write("unnamed.new", True)
directory = os.open(folder, os.O_RDONLY)
os.fsync(directory)
os.rename(f"{folder}/unnamed.new", f"{folder}/unnamed")
write("good.new", True)
os.rename(f"{folder}/good.new", f"{folder}/good")
"""
    folder = tmp_path / "made"
    folder.mkdir()
    notes = tmp_path / "calls"
    subprocess.run([*command_of(notes), "/usr/bin/python3", "-c", program, str(folder)], check=True, timeout=60)
    trace = Trace(notes)
    assert [len(trace.complaints(folder / name)) for name in ("bare", "copied", "late", "unnamed", "good")] == [1] * 5
    assert trace.complaints(folder / "inner/file") == []
    subprocess.run(
        [*command_of(tmp_path / "more"), "/usr/bin/python3", "-c", program + "os.fsync(directory)\n", str(folder)],
        check=True, timeout=60,
    )  # fmt: skip
    trace = Trace(tmp_path / "more")
    assert trace.complaints(folder / "good") == [] and trace.complaints(folder / "unnamed") == []
    assert len(trace.complaints(folder / "bare")) == 1 and len(trace.complaints(folder / "late")) == 1
