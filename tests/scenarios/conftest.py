"""A real souk in a folder of its own, for each test file that asks for one."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from shop import Souk  # noqa: E402


@pytest.fixture(scope="module")
def souk(tmp_path_factory):
    with Souk(tmp_path_factory.mktemp("souk")) as running:
        yield running


@pytest.fixture
def own_souk(tmp_path):
    """For tests that stop, kill or misconfigure it."""
    with Souk(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def store(souk):
    return souk.new_store()
