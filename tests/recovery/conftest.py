"""Lets the tests find the program and the scenarios' Souk."""

import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "scenarios")]
