"""docs/benchmarks.md is what the kept figures say, and its plots are drawn to scale."""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import curves  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402

kept = json.loads(report.kept.read_text())


def drawn(series):
    """The points of each line, as drawn."""
    picture = xml.fromstring(plot.chart("A & B", "x", "y", series))
    lines = picture.iter("{http://www.w3.org/2000/svg}polyline")
    return [[tuple(map(float, spot.split(","))) for spot in line.get("points").split()] for line in lines]


def test_page_and_plots_are_made_from_what_is_kept(tmp_path, monkeypatch):
    page, pictures = report.page.read_text(), {p.name: p.read_text() for p in report.pictures.glob("*.svg")}
    monkeypatch.setattr(report, "page", tmp_path / "benchmarks.md")
    monkeypatch.setattr(report, "pictures", tmp_path / "benchmarks")
    report.main()
    assert report.page.read_text() == page
    assert {p.name: p.read_text() for p in report.pictures.glob("*.svg")} == pictures


@pytest.mark.parametrize("name", kept)
def test_curve_says_when_where_and_how_it_was_measured(name):
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", kept[name]["date"])
    assert kept[name]["machine"] and kept[name]["command"] == f"./dev bench --curves {name}"


@pytest.mark.parametrize("name", kept)
def test_curve_has_its_part_of_the_page(name):
    assert f"## {report.curves[name].title}\n" in report.page.read_text()


def test_every_curve_can_be_reported():
    assert set(curves.curves) == set(report.curves)


def test_what_does_not_grow_is_level():
    (line,) = drawn({"a": [(1, 7.0), (1000, 7.0)]})
    assert line[0][1] == line[1][1] and line[0][0] < line[1][0]


def test_what_grows_is_higher_up():
    (line,) = drawn({"a": [(1, 1.0), (10, 10.0), (100, 100.0)]})
    assert line[0][1] - line[1][1] == pytest.approx(line[1][1] - line[2][1], abs=0.2) and line[0][1] > line[1][1]


def test_nothing_at_all_is_drawn_at_the_left_edge():
    (line,) = drawn({"a": [(0, 1.0), (10, 10.0)]})
    assert line[0][0] == pytest.approx(plot.left)
