from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from slipway.core.declared import problem_of
from slipway.core.task import Task
from slipway.core.use_case import Categorical, Comparables, Level, Numeric, Outlook, UseCase

COMPARABLES = Comparables(place=("north", "east"), size="area", same=("kind",), shown=("area",))
WHOLE = UseCase(
    name="sales",
    title="What a sale brings",
    task=Task.REGRESSION,
    target="price",
    key=("id",),
    features=(Categorical("kind"), Numeric("area"), Numeric("north"), Numeric("east")),
    collect=lambda root: pd.DataFrame(),
    expectations=(),
    time="sold",
    level=Level(by="kind", per="area"),
    outlook=Outlook(),
    comparables=COMPARABLES,
)


def test_what_fits_has_no_problem() -> None:
    assert problem_of(WHOLE) is None
    assert problem_of(replace(WHOLE, outlook=None, comparables=None, level=None, time=None)) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"time": None}, "`outlook` needs a `time`"),
        ({"level": None}, "`outlook` needs a `time`, a `level`"),
        ({"task": Task.CLASSIFICATION}, "an amount as the target"),
        ({"outlook": Outlook(months=0)}, "1 to 12 months ahead"),
        ({"outlook": Outlook(months=13)}, "1 to 12 months ahead"),
        ({"outlook": None, "time": None}, "`comparables` need a `time`"),
        ({"comparables": replace(COMPARABLES, place=("north", "west"))}, "'west', which is no numeric feature"),
        ({"comparables": replace(COMPARABLES, size="kind")}, "'kind', which is no numeric feature"),
        ({"comparables": replace(COMPARABLES, same=("area",))}, "'area', which is no categorical feature"),
        ({"comparables": replace(COMPARABLES, shown=("rooms",))}, "'rooms', which is no feature"),
        ({"comparables": replace(COMPARABLES, ratio=1.0)}, "a ratio above 1"),
        ({"comparables": replace(COMPARABLES, km=0.0)}, "km and days above 0"),
        ({"comparables": replace(COMPARABLES, kept=50_001)}, "at most 50,000 rows"),
        ({"comparables": replace(COMPARABLES, count=9, kept=8)}, "a count of 1 to kept"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_told(changes: dict[str, Any], told: str) -> None:
    problem = problem_of(replace(WHOLE, **changes))
    assert problem is not None
    assert told in problem
