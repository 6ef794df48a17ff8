#!/usr/bin/env python3
"""Instructions that Souk's hottest paths cost, counted by callgrind: the same on any machine, however busy it is.

    bench/instructions.py [--update] [PATH…]

Compares with instructions.json (tests/bench does so in ./dev test), or rewrites it. The figures are per walk of a path, all
threads included, from the bytes of the request to those of the answer. They hold for one compiler and one set of libraries:
when Debian's change, or when a path is meant to cost more (or now costs less), update them and say why in the commit.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
kept = root / "bench/instructions.json"
program = root / "build/release/bench/hot_paths"
tolerance = 0.05
planted = "planted_slowdown"  # A path that is too dear on purpose; no figure of it is kept.

# What a processor offers beyond x86-64-v2 must not choose the code that is counted: memcpy and the ciphers have variants.
plain_processor = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-BMI1,-BMI2,-LZCNT,-MOVBE,-ERMS,-FSRM,-SSSE3",
    "OPENSSL_ia32cap": "~0x1000180000000000:0",
    "PATH": os.environ.get("PATH", "/usr/bin"),
}


def counted(paths=(), stores=1):
    """{path: instructions of one walk}, of all paths or some, in an installation of so many stores."""
    with tempfile.TemporaryDirectory() as folder:
        souk, dump = f"{folder}/souk", f"{folder}/callgrind"
        os.mkdir(souk)
        subprocess.run([program, "prepare", souk, str(stores)], env=plain_processor, check=True)
        ran = subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={dump}",
             program, "measure", souk, *paths],
            env=plain_processor, capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        counts = {}
        for number, line in enumerate(ran.stdout.splitlines(), 1):
            path, times = line.split()
            text = pathlib.Path(f"{dump}.{number}").read_text()
            assert f"Trigger: Client Request: {path}\n" in text, f"{dump}.{number} is not of {path}"
            counts[path] = round(int(re.search(r"^totals: (\d+)", text, re.M)[1]) / int(times))
        return counts


def mistake(path, expected, seen):
    """What is wrong with a path's count, or nothing. Less is a mistake too: a gain that is not kept can be lost unseen."""
    if expected is None:
        return f"{path}: {seen:,} instructions, and nothing is kept to compare with"
    change = seen / expected - 1
    if abs(change) <= tolerance:
        return None
    return f"{path}: {seen:,} instructions, {change:+.1%} of the {expected:,} that are kept"


def main(words=None):
    options = argparse.ArgumentParser()
    options.add_argument("--update", action="store_true", help="keep what is counted now")
    options.add_argument("paths", nargs="*")
    chosen = options.parse_args(words)
    counts = counted(chosen.paths)
    counts.pop(planted, None)
    before = json.loads(kept.read_text()) if kept.exists() else {}
    print("| path | instructions | kept |\n| --- | ---: | ---: |")
    for path, count in counts.items():
        print(f"| {path} | {count:,} | {before.get(path, 0):,} |")
    if chosen.update:
        known = before if chosen.paths else {}
        kept.write_text(json.dumps(known | counts, indent=2) + "\n")
        return 0
    mistakes = [m for path, count in counts.items() if (m := mistake(path, before.get(path), count))]
    print("\n".join(mistakes))
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
