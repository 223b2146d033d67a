"""Which rows an endpoint takes, told from its signature alone."""

from typing import Any

import pytest

from slipway.deploying.known import distinct, fits
from tests.support.bundles import CHURN

ROW: dict[str, Any] = {"tenure": 12.0, "total charges": 500.5, "contract": "Two year"}


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        ({"total charges": None}, True),
        ({"tenure": None}, False),
        ({"tenure": 73.0}, False),
        ({"tenure": "12"}, False),
        ({"contract": "Weekly"}, False),
        ({"more": 1.0}, False),
    ],
    ids=str,
)
def test_a_row_fits_when_the_endpoint_would_answer_it(changes: dict[str, Any], taken: bool) -> None:
    assert fits(CHURN, ROW | changes) is taken


def test_a_row_without_a_field_does_not_fit() -> None:
    assert not fits(CHURN, {"tenure": 12.0})


def test_equal_rows_are_sent_once() -> None:
    assert distinct([ROW, dict(reversed(ROW.items())), ROW | {"tenure": 1.0}]) == (
        dict(reversed(ROW.items())),
        ROW | {"tenure": 1.0},
    )
