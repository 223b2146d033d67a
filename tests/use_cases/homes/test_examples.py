"""The examples in documentation strings are true."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["addresses", "molit.calendar", "molit.keys"])
def test_examples_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"use_cases.homes.source.{name}"))
    assert found.attempted
    assert found.failed == 0
