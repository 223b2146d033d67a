"""The examples in documentation strings are true."""

import doctest

import pytest

from use_cases.homes.source import addresses
from use_cases.homes.source.molit import calendar, keys


@pytest.mark.parametrize("module", [addresses, calendar, keys], ids=lambda module: module.__name__)
def test_examples_are_true(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted
    assert found.failed == 0
