from typing import get_args

import pytest

from slipway.core.errors import ParamsInvalid
from slipway.core.params import LightGBMParams, LinearParams, RangeParams, TrainParams
from slipway.core.tuning import Range
from slipway.training.spaces import SPACES, space_of, tunable

ESTIMATORS = get_args(get_args(TrainParams)[0])


@pytest.mark.parametrize("model", ESTIMATORS, ids=lambda model: model.__name__)
def test_every_estimator_has_a_space_of_parameters_that_it_takes(model: type) -> None:
    [name] = get_args(model.model_fields["estimator"].annotation)
    default = model(estimator=name)
    assert SPACES[name]
    for parameter, given in SPACES[name].items():
        kind = int if given.whole else float
        assert isinstance(tunable(default)[parameter], kind)
        for end in (given.low, given.high):
            model.model_validate(default.model_dump() | {parameter: kind(end)})


def test_a_present_value_outside_of_our_range_widens_it() -> None:
    space = space_of(LightGBMParams(estimator="lightgbm", num_leaves=500), {}, "churn")
    assert (space["num_leaves"].low, space["num_leaves"].high) == (4, 500)


def test_a_range_of_one_s_own_takes_the_place_of_ours_and_none_leaves_a_parameter_alone() -> None:
    wished = {"strength": RangeParams(low=0.5, high=2.0)}
    assert space_of(LinearParams(estimator="linear"), wished, "churn") == {"strength": Range(low=0.5, high=2.0)}
    trees = space_of(LightGBMParams(estimator="lightgbm"), {"reg_lambda": None}, "churn")
    assert set(SPACES["lightgbm"]) - set(trees) == {"reg_lambda"}


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        ({"num_leaves": RangeParams(low=1, high=64)}, "num_leaves: lightgbm does not take 1"),
        ({"num_leaves": RangeParams(low=2.5, high=64)}, "num_leaves: lightgbm does not take 2.5"),
        ({"subsample": RangeParams(low=0.1, high=0.9)}, "does not hold the present value 1"),
        (dict.fromkeys(SPACES["lightgbm"]), "leaves nothing to search"),
    ],
)
def test_a_space_that_cannot_be_searched_is_refused(wished: dict[str, RangeParams | None], words: str) -> None:
    with pytest.raises(ParamsInvalid, match=words):
        space_of(LightGBMParams(estimator="lightgbm"), wished, "churn")


@pytest.mark.parametrize(("value", "spelled"), [(0.123456, 0.1235), (0.30001, 0.3), (0.0099999, 0.01)])
def test_a_value_is_spelled_with_four_digits_and_stays_inside(value: float, spelled: float) -> None:
    assert Range(low=0.01, high=0.3).spelled(value) == spelled
