#!/usr/bin/env python3
"""Fuzzes what reads other people's bytes (tests/fuzz), with clang's libFuzzer under ASan and UBSan.

    tools/fuzz.py [SECONDS] [TARGET…]     each target for so long (60 s by default), as many at once as there are cores

Prints per target what was executed and covered; exits 1 if a promise was broken. What a run finds worth keeping stays
in build/fuzz/grown/<target> and begins the next run; the committed corpus is tests/fuzz/corpus/<target>.
"""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = root / "build/fuzz"
home = root / "tests/fuzz"
seconds_default = 60
input_bytes_max = 4096
hang_seconds = 20
memory_mb_max = 2048


@dataclasses.dataclass
class Outcome:
    target: str
    status: int
    log: str

    def number(self, pattern: str) -> str:
        found = re.findall(pattern, self.log)
        return found[-1] if found else "?"

    def row(self) -> str:
        columns = (
            self.number(r"stat::number_of_executed_units:\s*(\d+)"),
            self.number(r"stat::average_exec_per_sec:\s*(\d+)"),
            self.number(r"cov: (\d+)"),
            self.number(r"corp: (\d+)"),
            "0" if self.status == 0 else "1",
        )
        return f"{self.target:<16}" + "".join(f"{column:>12}" for column in columns)


def all_targets() -> list[str]:
    return sorted(path.stem for path in (home / "targets").glob("*.cc"))


def compile_targets(targets: list[str]) -> None:
    subprocess.run(["cmake", "--preset", "fuzz", "--log-level=WARNING"], cwd=root, check=True)
    programs = [f"fuzz_{target}" for target in targets]
    subprocess.run(
        ["cmake", "--build", build, "-j", str(os.cpu_count() or 2), "--target", *programs], cwd=root, check=True
    )


def fuzz(target: str, seconds: int) -> Outcome:
    grown = build / "grown" / target
    findings = build / "findings"
    for folder in (grown, findings):
        folder.mkdir(parents=True, exist_ok=True)
    dictionary = home / f"dictionaries/{target}.dict"
    command = [
        build / f"tests/fuzz/fuzz_{target}", f"-max_total_time={seconds}", "-print_final_stats=1",
        f"-max_len={input_bytes_max}", f"-timeout={hang_seconds}", f"-rss_limit_mb={memory_mb_max}",
        f"-artifact_prefix={findings}/{target}-", *([f"-dict={dictionary}"] if dictionary.exists() else []),
        grown, home / "corpus" / target,
    ]  # fmt: skip
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace")
    log = ran.stdout + ran.stderr
    (build / f"{target}.log").write_text(log)
    return Outcome(target, ran.returncode, log)


def explain(outcome: Outcome) -> None:
    """A finding: what broke, and how to see it again."""
    said = [line for line in outcome.log.splitlines() if re.search(r"does not hold|ERROR:|SUMMARY|Check failed", line)]
    print("\n".join(["", f"FINDING in {outcome.target}:", *said[:6]]))
    for path in re.findall(r"Test unit written to (\S+)", outcome.log):
        print(f"again: build/fuzz/tests/fuzz/fuzz_{outcome.target} {os.path.relpath(path, root)}")
    print(f"all that it said: build/fuzz/{outcome.target}.log", flush=True)


def main(words: list[str]) -> int:
    seconds = int(words.pop(0)) if words and words[0].isdigit() else seconds_default
    targets = words or all_targets()
    if unknown := set(targets) - set(all_targets()):
        sys.exit(f"No such target: {', '.join(sorted(unknown))}. There are: {', '.join(all_targets())}")
    compile_targets(targets)
    heads = ("executions", "a second", "coverage", "corpus", "findings")
    print(f"{'target':<16}" + "".join(f"{head:>12}" for head in heads), flush=True)
    found = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for outcome in pool.map(lambda target: fuzz(target, seconds), targets):
            print(outcome.row(), flush=True)
            if outcome.status != 0:
                found.append(outcome)
    for outcome in found:
        explain(outcome)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
