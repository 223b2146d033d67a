"""Which columns have moved: every test of a window, judged together."""

from dataclasses import dataclass
from typing import Literal

from slipway.core.params import MonitorParams
from slipway.core.watch import ColumnDrift
from slipway.monitoring.category_column import CategoryCounts
from slipway.monitoring.found import Found
from slipway.monitoring.hidden_column import HiddenCounts
from slipway.monitoring.reference import Reference
from slipway.monitoring.significance import discoveries, shares_p_value
from slipway.monitoring.tally import Counted, Tally

PREDICTIONS = "predictions"


@dataclass(frozen=True)
class Test:
    """A comparison before it is known what the others say.

    Attributes:
        can_reject: whether another count could have been a discovery. A share that is 0 both times could not; counted
            among the tests it would only raise the bar for the others (Tarone, A modified Bonferroni method for
            discrete data, 1990).
    """

    column: str
    kind: Literal["distribution", "missing"]
    found: Found
    floor: float
    importance: float | None
    can_reject: bool = True


def drifts(reference: Reference, tally: Tally, params: MonitorParams) -> tuple[tuple[ColumnDrift, ...], ColumnDrift]:
    """Two tests of each column, and one of the predictions.

    With fewer rows than ``params.least_rows`` nothing is tested. A drift is what Benjamini and Hochberg's procedure
    over all tests of the window calls a discovery, and what is large enough besides.
    """
    tests = [test for name, counts in tally.columns.items() for test in _of_column(name, counts, reference, params)]
    tests.append(Test(PREDICTIONS, "distribution", tally.prediction.found(), params.floors.distance, None))
    if tally.rows < params.least_rows:
        tests = [_left(test, f"{tally.rows} predictions, fewer than {params.least_rows}") for test in tests]
    *columns, prediction = _judged(tests, params)
    return tuple(columns), prediction


def _of_column(name: str, counts: Counted, reference: Reference, params: MonitorParams) -> tuple[Test, Test]:
    floors, importance = params.floors, reference.importance(name)
    floor = floors.share if isinstance(counts, CategoryCounts) else floors.distance
    values = Test(name, "distribution", counts.found(), floor, importance)
    both = counts.missing + counts.column.missing
    can_reject = 0 < both < counts.rows + counts.column.rows
    return values, Test(name, "missing", _missing(counts), floors.missing, importance, can_reject)


def _missing(counts: Counted) -> Found:
    column = counts.column
    if isinstance(counts, HiddenCounts) and not counts.column.shows_missing:
        return Found(counts.rows, column.rows, None, None, untested=counts.column.why)
    if not (counts.rows and column.rows):
        where = "window" if column.rows else "reference"
        return Found(counts.rows, column.rows, None, None, untested=f"no row in the {where}")
    mine, theirs = counts.missing / counts.rows, column.missing / column.rows
    p_value = shares_p_value(counts.missing, counts.rows, column.missing, column.rows)
    return Found(counts.rows, column.rows, p_value, abs(mine - theirs), f"missing {theirs:.1%} -> {mine:.1%}")


def _left(test: Test, why: str) -> Test:
    old = test.found
    found = Found(old.rows, old.reference_rows, None, old.effect, old.detail, old.untested or why)
    return Test(test.column, test.kind, found, test.floor, test.importance, can_reject=False)


def _judged(tests: list[Test], params: MonitorParams) -> list[ColumnDrift]:
    p_values = [test.found.p_value for test in tests if test.can_reject and test.found.p_value is not None]
    rejected = iter(discoveries(p_values, params.alpha))
    return [
        _told(test, params, sure=test.can_reject and test.found.p_value is not None and next(rejected))
        for test in tests
    ]


def _told(test: Test, params: MonitorParams, *, sure: bool) -> ColumnDrift:
    found = test.found
    drifted = sure and found.effect is not None and found.effect >= test.floor
    return ColumnDrift(
        column=test.column,
        test=test.kind,
        rows=found.rows,
        reference_rows=found.reference_rows,
        p_value=found.p_value,
        effect=found.effect,
        floor=test.floor,
        importance=test.importance,
        drifted=drifted,
        matters=drifted and (test.importance is None or test.importance >= params.least_importance),
        detail=found.detail,
        untested=found.untested,
    )
