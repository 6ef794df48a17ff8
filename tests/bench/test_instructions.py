"""A slowdown of a hot path shows as instructions, on any machine: bench/instructions.json keeps what each costs."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import instructions  # noqa: E402

kept = json.loads(instructions.kept.read_text())
pytestmark = pytest.mark.xdist_group("instructions")  # Counted once.


@pytest.fixture(scope="module")
def counts():
    return instructions.counted()


@pytest.mark.parametrize("path", kept)
def test_path_costs_what_is_kept(counts, path):
    mistake = instructions.mistake(path, kept[path], counts[path])
    assert not mistake, f"{mistake}; if that is meant: ./dev bench --only instructions --update"


def test_every_path_is_kept(counts):
    assert set(counts) == set(kept) | {instructions.planted}


def test_planted_slowdown_is_found(counts):
    assert instructions.mistake("product_page_cached", kept["product_page_cached"], counts[instructions.planted])


@pytest.mark.parametrize("seen", [951, 1000, 1049])
def test_small_changes_are_let_pass(seen):
    assert instructions.mistake("path", 1000, seen) is None


@pytest.mark.parametrize("seen", [940, 1060, 2000])
def test_changes_beyond_the_tolerance_are_mistakes(seen):
    assert instructions.mistake("path", 1000, seen)


def test_path_without_a_figure_is_a_mistake():
    assert instructions.mistake("path", None, 1000)
