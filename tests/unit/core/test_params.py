"""What a section of params.yaml may say, and what of it makes another model."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from slipway.core.params import CanaryParams, UseCaseParams
from slipway.workspace.params import read_params
from tests.support.documents import PROJECT


def section(**more: Any) -> UseCaseParams:
    plain = read_params(PROJECT).use_cases["churn"].model_dump(mode="json") | more
    return UseCaseParams.model_validate_json(json.dumps(plain))


def test_how_a_release_goes_out_makes_no_other_model() -> None:
    assert section(deploy={"canary": {}}).evidence() == section().evidence()
    assert section(split={"salt": "another"}).evidence() != section().evidence()


@pytest.mark.parametrize(
    "steps", [[], [{"share": 50}, {"share": 10}], [{"share": 100}], [{"share": -1}], [{"requests": 5}]], ids=str
)
def test_steps_that_are_no_canary_are_refused(steps: list[dict[str, int]]) -> None:
    with pytest.raises(ValidationError):
        CanaryParams.model_validate({"steps": tuple(steps)})


def test_a_canary_begins_in_the_shadow_unless_it_is_told_otherwise() -> None:
    assert [step.share for step in CanaryParams().steps] == [0, 10, 50]


@pytest.mark.parametrize(
    "split",
    [
        {"holdout_from": "2016-01-01"},
        {"by": "time", "holdout_from": "2016-02-30"},
        {"by": "time", "holdout_from": 2016},
        {"by": "date"},
    ],
    ids=str,
)
def test_a_split_that_says_two_things_or_none_is_refused(split: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section(split=split)


def test_by_time_the_day_may_be_named_or_left_to_the_share() -> None:
    assert section(split={"by": "time", "holdout_from": "2016-01-01"}).split.holdout_from == "2016-01-01"
    assert section(split={"by": "time"}).split.holdout_share == 0.25


@pytest.mark.parametrize(
    "train",
    [
        {"level": {}},
        {"target": "log", "level": {"window_days": 3}},
        {"target": "log", "level": {"drift_days": 3}},
        {"estimator": "catboost", "num_leaves": 3},
    ],
    ids=str,
)
def test_training_that_cannot_be_is_refused(train: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section(train={"estimator": "linear"} | train)


def test_an_estimator_is_told_its_own_settings_alone() -> None:
    train = section(train={"estimator": "linear", "target": "log", "strength": 2.0}).train
    assert train.own() == {"strength": 2.0}
