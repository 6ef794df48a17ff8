"""The benchmarks run to their end and measure what they tell of, here with as little of everything as they take."""

import argparse
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import curves  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402
from targets import Targets  # noqa: E402

least = {"catalogue": 1000, "stores": 1, "cart": 1, "clients": 1, "backlog": 10, "idle": 1}


@pytest.mark.parametrize("name", curves.curves)
def test_a_point_of_each_curve(name, tmp_path, monkeypatch):
    """The bug: how a server was ended had changed, and no curve could be measured any more."""
    for module, what, value in (
        (curves, "seconds", 1), (curves, "rounds", 1), (report, "kept", tmp_path / "kept.json"),
        (report, "page", tmp_path / "page.md"), (report, "pictures", tmp_path),
    ):  # fmt: skip
        monkeypatch.setattr(module, what, value)
    assert curves.main([f"{name}:{least[name]}"]) == 0
    curve = report.curves[name]
    (row,) = [line for line in report.page.read_text().splitlines() if line.startswith(f"| {least[name]:,} |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    measured = dict(zip(curve.columns.values(), cells, strict=True))
    assert not [heading for heading, cell in measured.items() if cell in ("–", "0")], measured


def test_the_figures_of_the_readme(capsys):
    # Only ./dev bench installs nginx, which on some machines begins to serve by itself.
    has_nginx = shutil.which("nginx") is not None
    run.figures(argparse.Namespace(seconds=1, rounds=1, products=1000, only=None if has_nginx else "writes"), Targets())
    told = capsys.readouterr().out
    assert told.count("cart writes, durable") == 1 and told.count("| GET ") == (2 if has_nginx else 0)
    assert all(figure in told for figure in ("orders settled per second", "import: ", "MiB at rest"))
