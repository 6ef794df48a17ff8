"""Attacks a real souk, driven as the scenarios drive it."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenarios"))

from shop import Souk  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture(scope="module")
def souk(tmp_path_factory):
    with Souk(tmp_path_factory.mktemp("souk")) as running:
        yield running


@pytest.fixture(scope="module")
def store(souk):
    return souk.new_store()


@pytest.fixture(scope="module")
def world(souk):
    return World(souk)
