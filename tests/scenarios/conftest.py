"""A real souk in a folder of its own, for each test file that asks for one; or one that runs elsewhere (elsewhere.py)."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import elsewhere  # noqa: E402
from shop import Souk  # noqa: E402


@pytest.fixture(scope="module")
def souk(tmp_path_factory):
    kind = elsewhere.Elsewhere if elsewhere.described else Souk
    with kind(tmp_path_factory.mktemp("souk")) as running:
        yield running


@pytest.fixture
def own_souk(tmp_path):
    """For tests that stop, kill or misconfigure it."""
    if elsewhere.described:
        pytest.skip("what runs elsewhere is not ours to stop")
    with Souk(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def store(souk):
    return souk.new_store()
