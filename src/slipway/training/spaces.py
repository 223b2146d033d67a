"""Where good parameters of each estimator are looked for."""

from collections.abc import Mapping

from pydantic import ValidationError

from slipway.core.errors import ParamsInvalid
from slipway.core.params import RangeParams, TrainParams
from slipway.core.tuning import Parameters, Range, Setting

_CHOSEN_ELSEWHERE = {"estimator", "seed"}
SPACES: Mapping[str, Mapping[str, Range]] = {
    "lightgbm": {
        "n_estimators": Range(low=50, high=800, log=True, whole=True),
        "learning_rate": Range(low=0.01, high=0.3, log=True),
        "num_leaves": Range(low=4, high=64, log=True, whole=True),
        "min_child_samples": Range(low=5, high=200, log=True, whole=True),
        "subsample": Range(low=0.5, high=1.0),
        "colsample_bytree": Range(low=0.3, high=1.0),
        "reg_lambda": Range(low=0.0, high=20.0),
    },
    "catboost": {
        "iterations": Range(low=100, high=1500, log=True, whole=True),
        "learning_rate": Range(low=0.02, high=0.3, log=True),
        "depth": Range(low=3, high=10, whole=True),
        "l2_leaf_reg": Range(low=0.5, high=30.0),
        "subsample": Range(low=0.5, high=1.0),
        "rsm": Range(low=0.3, high=1.0),
    },
    "linear": {"strength": Range(low=1e-4, high=1e4, log=True)},
}
"""By estimator and parameter; wide enough for tables of some thousand to some million rows."""


def tunable(train: TrainParams) -> Parameters:
    """The parameters of an estimator that are numbers, with their present values."""
    values = train.model_dump(exclude=_CHOSEN_ELSEWHERE)
    return {name: value for name, value in values.items() if type(value) in {int, float}}


def space_of(train: TrainParams, wished: Mapping[str, RangeParams | None], use_case: str) -> dict[str, Range]:
    """The ranges to search, by parameter.

    Ours are widened to hold the present value. One that is wished for replaces ours, and None leaves a parameter as
    it is.

    Raises:
        ParamsInvalid: a wished range has values that the estimator does not take, does not hold the present value, or
            nothing is left to search.
    """
    present = tunable(train)
    ours = {name: _widened(given, present[name]) for name, given in SPACES.get(train.estimator, {}).items()}
    theirs = {name: _checked(name, given, train, use_case) for name, given in wished.items() if given is not None}
    space = {name: found for name, found in (ours | theirs).items() if wished.get(name, found) is not None}
    if not space:
        raise _refused(use_case, "leaves nothing to search", "name at least one parameter with low and high")
    return {name: space[name] for name in present if name in space}


def _widened(given: Range, present: Setting) -> Range:
    return given.model_copy(update={"low": min(given.low, present), "high": max(given.high, present)})


def _checked(name: str, given: RangeParams, train: TrainParams, use_case: str) -> Range:
    present = tunable(train)[name]
    whole = isinstance(present, int)
    made = Range(low=given.low, high=given.high, log=given.log, whole=whole)
    for end in (given.low, given.high):
        if not _is_taken(train, name, round(end) if whole and end == round(end) else end):
            raise _refused(
                use_case, f"{name}: {train.estimator} does not take {end:g}", "docs/params.md has its limits"
            )
    if not made.holds(present):
        raise _refused(
            use_case,
            f"{name}: {given.low:g} to {given.high:g} does not hold the present value {present:g}",
            "widen the range, or change the value below train",
        )
    return made


def _is_taken(train: TrainParams, name: str, value: Setting) -> bool:
    try:
        type(train).model_validate(train.model_dump() | {name: value})
    except ValidationError:
        return False
    return True


def _refused(use_case: str, what: str, next_step: str) -> ParamsInvalid:
    return ParamsInvalid(
        f"params.yaml: use_cases.{use_case}.tune.space: {what}",
        cause="a range that was written for another estimator, or for other values",
        next_step=f"{next_step}, and run the same command again",
    )
