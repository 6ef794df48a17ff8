#!/usr/bin/env python3
"""clang-tidy over src/**/*.cc, in parallel, remembering what it said.

    tools/tidy.py [PATH…]      all sources, or those below the paths; exit 1 if any has a finding

What was said of a source holds as long as it, everything of ours that it includes, its flags, .clang-tidy and
clang-tidy itself are what they were. It is kept by content in ~/.cache/souk/tidy (or $TIDY_CACHE), so a fresh
checkout profits as it does from ccache. The cache holds a source's last few states; it can be deleted.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = root / "build/lint"
tidy_command = "clang-tidy-19"
states_kept = 8


def cache_folder() -> pathlib.Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(os.environ.get("TIDY_CACHE") or pathlib.Path(home) / "souk/tidy")


def configure() -> None:
    done = subprocess.run(["cmake", "--preset", "lint"], cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)


def sources(below: list[str]) -> list[dict]:
    """The compile commands of our sources that lie below one of the paths."""
    folders = [str((root / path).resolve()) for path in below] or [str(root / "src")]
    database = json.loads((build / "compile_commands.json").read_text())
    return [
        entry
        for entry in database
        if entry["file"].startswith(str(root / "src") + "/")
        and any(entry["file"] == folder or entry["file"].startswith(folder + "/") for folder in folders)
    ]


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Hashes:
    """Each file's content is hashed once a run."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def of(self, path: str) -> str:
        if path not in self.known:
            try:
                self.known[path] = hashlib.sha256((root / path).read_bytes()).hexdigest()
            except OSError:
                self.known[path] = "absent"
        return self.known[path]


def included(entry: dict) -> list[str]:
    """Our own files that the source is made of, relative to the root."""
    words = shlex.split(entry["command"])
    at = words.index("-o")
    words = words[:at] + words[at + 2 :]
    listed = subprocess.run(
        [*words, "-MM", "-MF", "-"], cwd=entry["directory"], capture_output=True, text=True
    )
    paths = re.split(r"[\s\\]+", listed.stdout.partition(":")[2])
    real = {os.path.realpath(os.path.join(entry["directory"], path)) for path in paths if path}
    return sorted(os.path.relpath(path, root) for path in real if path.startswith(str(root) + "/"))


def check(entry: dict, settings: str, hashes: Hashes) -> tuple[str, str]:
    """The source's name and its findings, empty if clean."""
    name = os.path.relpath(entry["file"], root)
    key = digest(settings, name, entry["command"].replace(str(root), ""))
    memory = cache_folder() / f"{key}.json"
    try:
        states = json.loads(memory.read_text())
    except (OSError, ValueError):
        states = []
    for state in states:
        if all(hashes.of(path) == known for path, known in state["files"].items()):
            return name, state["said"]
    files = {path: hashes.of(path) for path in [name, *included(entry)]}
    ran = subprocess.run(
        [tidy_command, "-p", str(build), "--quiet", entry["file"]], capture_output=True, text=True
    )
    said = "" if ran.returncode == 0 else ran.stdout.replace(str(root) + "/", "") or ran.stderr or "failed"
    states.append({"files": files, "said": said})
    scratch = memory.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(states[-states_kept:]))
    scratch.replace(memory)
    return name, said


def findings(below: list[str]) -> dict[str, str]:
    """Every source that was checked, with its findings."""
    configure()
    cache_folder().mkdir(parents=True, exist_ok=True)
    version = subprocess.run([tidy_command, "--version"], capture_output=True, text=True).stdout
    settings = digest(version, (root / ".clang-tidy").read_text())
    hashes = Hashes()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(lambda entry: check(entry, settings, hashes), sources(below)))


if __name__ == "__main__":
    found = findings(sys.argv[1:])
    bad = {name: text for name, text in found.items() if text}
    for text in bad.values():
        print(text.strip())
    print(f"clang-tidy: {len(found)} sources, {len(bad)} with findings")
    sys.exit(1 if bad else 0)
