"""A benchmark that misses what is promised fails, and says what it missed."""

import pathlib
import re
import sys
import types

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import report  # noqa: E402
import run  # noqa: E402
import start  # noqa: E402
from targets import Targets  # noqa: E402


def wrk(rate, cpu_us):
    return types.SimpleNamespace(rate=rate, cpu_us=cpu_us)


def reads(rate=100, cpu_us=10):
    return lambda targets: run.print_reads([("one", wrk(100, 10), wrk(rate, cpu_us), "≤ 1.3")], targets)


def writes(rate):
    return lambda targets: run.print_writes("cart writes", 100, wrk(rate, 1), targets)


def stores(*p99s):
    level = dict.fromkeys(report.curves["stores"].level, 1)
    points = [level | {"stores": 10**i, "read_p99_ms": p99} for i, p99 in enumerate(p99s)]
    return lambda targets: list(report.judge("stores", points, targets))


def starts(monkeypatch, tmp_path, ours, size):
    def go(targets):
        monkeypatch.setattr(start, "started", lambda command: (100.0 if command[0] == "node" else ours, 1024))
        monkeypatch.setattr(start, "loop", lambda *_: None)
        (tmp_path / "bootstrap").write_bytes(b"x" * size)
        start.start(str(tmp_path / "bootstrap"), targets)

    return go


@pytest.mark.parametrize(
    ("measured", "missed"),
    [
        (reads(rate=80, cpu_us=13), 0), (reads(rate=79), 1), (reads(cpu_us=13.1), 1), (reads(rate=1, cpu_us=99), 2),
        (writes(50), 0), (writes(49), 1),
        (stores(5, 6, 5.9, 6), 0), (stores(5, 5, 6.1), 1),
        (stores(9, 5, 5, 7), 1),  # However slow the first was.
    ],
)  # fmt: skip
def test_a_missed_target_fails_the_run(measured, missed, capsys):
    targets = Targets()
    measured(targets)
    capsys.readouterr()
    assert targets.verdict() == (1 if missed else 0)
    said = capsys.readouterr().out
    assert said.count("missed: ") == missed and ("every target was met" in said) == (not missed)


@pytest.mark.parametrize(("ours", "size", "missed"), [(10.0, 8_000_000, 0), (10.1, 10, 1), (10.0, 8_000_001, 1)])
def test_a_function_that_is_late_or_large_fails_the_run(ours, size, missed, monkeypatch, tmp_path):
    targets = Targets()
    starts(monkeypatch, tmp_path, ours, size)(targets)
    assert len(targets.missed) == missed


def test_the_readme_names_the_targets_that_are_judged():
    readme = (run.root / "README.md").read_text()
    sources = "".join((run.root / "bench" / name).read_text() for name in ("run.py", "start.py"))
    for target in ("≤ 1.3", "≥ 0.8", "≤ 2.5", "≥ 0.5", "≤ 40", "≥ 10"):
        assert f"| {target} " in readme, target
        assert re.search(f"['\"]{target}['\"]", sources), target
