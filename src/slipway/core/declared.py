"""Whether the parts of a use case's declaration fit each other."""

from collections.abc import Iterator

from slipway.core.use_case import Comparables, UseCase

MOST_ROWS = 50_000


def problem_of(use_case: UseCase) -> str | None:
    """The first thing that does not fit, in words."""
    return next(_problems(use_case), None)


def _problems(use_case: UseCase) -> Iterator[str]:
    if use_case.outlook is not None:
        if not use_case.task.is_amount or use_case.time is None or use_case.level is None:
            yield "its `outlook` needs a `time`, a `level` and an amount as the target"
        if not 1 <= use_case.outlook.months <= 12:
            yield "its `outlook` may look 1 to 12 months ahead"
    if use_case.comparables is not None:
        yield from _of_comparables(use_case, use_case.comparables)


def _of_comparables(use_case: UseCase, declared: Comparables) -> Iterator[str]:
    if not use_case.task.is_amount or use_case.time is None:
        yield "its `comparables` need a `time` and an amount as the target"
    for name in (*declared.place, declared.size):
        if name not in use_case.numeric:
            yield f"its `comparables` name {name!r}, which is no numeric feature"
    for name in declared.same:
        if name not in use_case.categorical:
            yield f"its `comparables` name {name!r}, which is no categorical feature"
    features = {feature.name for feature in use_case.features}
    for name in declared.shown:
        if name not in features:
            yield f"its `comparables` name {name!r}, which is no feature"
    if declared.kept > MOST_ROWS:
        yield f"its `comparables` may keep at most {MOST_ROWS:,} rows: each endpoint holds them in memory"
    if not (declared.km > 0 and declared.ratio > 1 and declared.days > 0 and 1 <= declared.count <= declared.kept):
        yield "its `comparables` need km and days above 0, a ratio above 1 and a count of 1 to kept"
