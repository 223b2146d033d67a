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
