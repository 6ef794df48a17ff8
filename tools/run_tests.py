#!/usr/bin/env python3
"""Builds and tests everything, or one area, and closes with one line: N passed, N failed, N skipped.

    tools/run_tests.py            presets dev and release, lint, unit tests, house rules, scenarios,
                                  recovery, AWS's emulators
    tools/run_tests.py orders     builds and runs one area of tests/ alone: the quick loop
    tools/run_tests.py --tsan [AREA…]   under ThreadSanitizer: the unit tests and a server with many at once, or
                                  those areas alone

Every part runs even when one before it failed, unless it needs what that one made.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

import lint

root = pathlib.Path(__file__).resolve().parent.parent
dev = root / "build/dev"
results = root / "build/results"
binary = root / "build/release/src/apps/souk/souk"
bootstrap = root / "build/release/src/apps/bootstrap/bootstrap"
python = root / "tests/.venv/bin/python"
cores = str(os.cpu_count() or 2)


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = dataclasses.field(default_factory=list)

    def note(self, name: str, good: bool) -> bool:
        if good:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append(name)
        return good

    def add_junit(self, name: str, report: pathlib.Path, status: int) -> None:
        """Adds up a runner's report. A runner that failed without naming a failed test failed as a whole."""
        failed_before = self.failed
        try:
            cases = list(xml.parse(report).iter("testcase"))
        except (OSError, xml.ParseError) as problem:
            cases = []
            self.note(f"{name}: no readable report ({problem})", False)
        for case in cases:
            label = f"{name}: {case.get('classname') or ''} {case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None:
                self.note(label, False)
            elif "SOUK_PEER_" in "".join(case.itertext()) and case.get("status") == "notrun":
                continue  # tests/aws runs it, with the emulator that it names.
            elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
                self.skipped += 1
                if os.environ.get("CI") == "true":
                    self.note(f"{label}: skipped, which CI does not allow", False)
            else:
                self.passed += 1
        if status != 0 and self.failed == failed_before:
            self.note(f"{name}: ended with status {status}", False)


def heading(text: str) -> float:
    print(f"\n\033[1m== {text}\033[0m", flush=True)
    return time.monotonic()


def took(start: float) -> None:
    print(f"   ({time.monotonic() - start:.0f} s)", flush=True)


def run(*command: object, **environment: str) -> int:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=root, env=os.environ | environment, check=False).returncode


def build(tally: Tally, preset: str, *targets: str) -> bool:
    start = heading(f"build {preset} {' '.join(targets)}".rstrip())
    wanted = ["--target", *targets] if targets else []
    good = run("cmake", "--preset", preset, "--log-level=WARNING") == 0 and (
        run("cmake", "--build", f"build/{preset}", "-j", cores, *wanted) == 0
    )
    took(start)
    if not good:
        tally.note(f"build {preset}", False)  # A build that works is no test that passed.
    return good


def unit_tests(tally: Tally, *selection: str, folder: pathlib.Path = dev, **environment: str) -> None:
    start = heading(f"unit tests {' '.join(selection)}".rstrip())
    report = results / "ctest.xml"
    report.unlink(missing_ok=True)
    status = run(
        "ctest", "--test-dir", folder, "-j", cores, "--output-on-failure", "--no-tests=error",
        "--progress", "--output-junit", report, *selection, **environment,
    )  # fmt: skip
    tally.add_junit("unit", report, status)
    took(start)


def pytest(tally: Tally, name: str, *options: str, files: tuple[str, ...] = (), **environment: str) -> None:
    """What stands in tests/{name}, or these files."""
    start = heading(f"pytest {name}")
    report = results / f"{name}.xml"
    report.unlink(missing_ok=True)
    status = run(
        python, "-m", "pytest", *(files or [f"tests/{name}"]), "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
        *options, **{"SOUK_BINARY": str(binary)} | environment,
    )  # fmt: skip
    tally.add_junit(name, report, status)
    took(start)


def lint_checks(tally: Tally) -> None:
    for name, check in lint.checks.items():
        if name == "house rules":
            continue  # tests/house runs them one by one, with their fixtures.
        start = heading(name)
        found = check()
        print(found.strip() or "clean")
        tally.note(name, not found)
        took(start)


def scenarios(tally: Tally) -> None:
    # A file's scenarios stay together, on one worker; two files never share a server or a folder.
    pytest(tally, "scenarios", "-n", cores, "--dist", "loadfile", "--timeout", "600")


def security(tally: Tally) -> None:
    pytest(tally, "security", "-n", cores, "--dist", "loadfile", "--timeout", "600")


def recovery(tally: Tally) -> None:
    pytest(tally, "recovery", "-n", cores, "--dist", "loadfile", "--timeout", "600")


def bench(tally: Tally) -> None:
    """What the hot paths cost, counted, and that the benchmarks run; speed itself is no test's affair."""
    pytest(tally, "bench", "-n", cores, "--dist", "loadgroup", "--timeout", "600")


def aws(tally: Tally) -> None:
    """Everything under tests/aws, with the Lambda binary of the release build."""
    start = heading("pytest aws")
    report = results / "aws.xml"
    report.unlink(missing_ok=True)
    words = [sys.executable, "tools/package_lambda.py", f"x86_64={bootstrap}"]
    if tally.note("package the Lambda binary", run(*words) == 0):
        status = run(
            sys.executable, "tools/aws.py", "test", "tests/aws", "--timeout", "1200", f"--junitxml={report}",
            # Emulators take most of the time to wait; the tests of a file share theirs.
            "-n", "2", "--dist", "loadfile",
            SOUK_BINARY=str(binary), SOUK_LAMBDA_ZIP=str(root / "deploy/aws/build/x86_64/souk.zip"),
            SOUK_TEST_BUILD=str(dev),
        )  # fmt: skip
        tally.add_junit("aws", report, status)
    took(start)


def everything(tally: Tally) -> None:
    pytest(tally, "house")
    lint_checks(tally)
    tested = build(tally, "dev", "all", "headers")
    if tested:
        unit_tests(tally)
    if build(tally, "release"):
        scenarios(tally)
        security(tally)
        recovery(tally)
        bench(tally)
        if tested:
            aws(tally)


def one_area(tally: Tally, area: str) -> None:
    if area == "house":
        pytest(tally, "house")
    elif area == "scenarios":
        if build(tally, "release", "souk"):
            scenarios(tally)
    elif area == "security":
        if build(tally, "release", "souk"):
            security(tally)
    elif area == "recovery":
        if build(tally, "release", "souk"):
            recovery(tally)
    elif area == "bench":
        if build(tally, "release", "hot_paths"):
            bench(tally)
    elif area == "aws":
        if build(tally, "dev") and build(tally, "release"):
            aws(tally)
    elif build(tally, "dev", f"{area}_tests"):
        unit_tests(tally, "-L", f"^{area}$")


def threads(tally: Tally, areas: list[str]) -> None:
    """Unit tests under ThreadSanitizer, but for areas of one thread that cost more than they could show, and for a test
    whose forked child starts threads, which ThreadSanitizer does not support; then crowds at a server that it watches."""
    selection = ["-L", f"^({'|'.join(areas)})$"] if areas else ["-LE", "^(fuzz|saga)$"]
    selection += ["-E", "^Recovery.LosesNoAcknowledgedCommitWhenTheProcessIsKilled$"]
    options = f"suppressions={root / 'tests/thread_sanitizer.supp'}:second_deadlock_stack=1"
    # The longest memory of stacks: one that is lost cannot be told to be RocksDB's, which is not instrumented.
    options += ":history_size=7"
    if build(tally, "tsan", *(f"{area}_tests" for area in areas)):
        unit_tests(tally, *selection, folder=root / "build/tsan", TSAN_OPTIONS=options)
        if not areas:
            served_threads(tally, options)


def served_threads(tally: Tally, options: str) -> None:
    """Scenarios in which many act at once, with a server that ThreadSanitizer watches; what it finds lands in files."""
    found = results / "races"
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir()
    crowds = ("race_rounds", "purchase", "webhooks", "imports", "recovery")
    pytest(
        tally, "scenarios", "--timeout", "600", files=tuple(f"tests/scenarios/test_{name}.py" for name in crowds),
        SOUK_BINARY=str(root / "build/tsan/src/apps/souk/souk"), TSAN_OPTIONS=f"{options}:log_path={found}/found",
    )  # fmt: skip
    reports = sorted(found.iterdir())
    for file in reports[:3]:
        print(file.read_text()[:4000])
    tally.note(f"no data race while serving ({len(reports)} reports)", not reports)


def main(areas: list[str]) -> int:
    results.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    start = time.monotonic()
    if areas[:1] == ["--tsan"]:
        threads(tally, areas[1:])
    elif areas:
        for area in areas:
            one_area(tally, area)
    else:
        everything(tally)
    for failure in tally.failures:
        print(f"FAILED {failure}")
    print(f"({time.monotonic() - start:.0f} s)")
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped", flush=True)
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
