"""docs/params.md explains what core.params accepts."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from slipway.core import params

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "params.md").read_text()
MODELS = [model for model in vars(params).values() if isinstance(model, type) and issubclass(model, BaseModel)]
KEYS = sorted({name for model in MODELS for name in model.model_fields})
ROWS = [line.split("|") for line in TEXT.splitlines() if line.startswith("| `")]
BLOCKS = {
    "use_cases",
    "split",
    "train",
    "evaluate",
    "gates",
    "serve",
    "deploy",
    "train_on",
    "tune",
    "monitor",
    "retrain",
}


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_params_is_explained(key: str) -> None:
    assert f"`{key}`" in TEXT


def test_no_key_is_explained_that_does_not_exist() -> None:
    assert {key for row in ROWS for key in re.findall(r"`(\w+)`", row[1])} == set(KEYS) - BLOCKS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_defaults_are_those_of_the_code(model: type[BaseModel]) -> None:
    said = {(key, row[2].strip()) for row in ROWS for key in re.findall(r"`(\w+)`", row[1])}
    for name, field in model.model_fields.items():
        if isinstance(field.default, int | float | str):
            default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert (name, default) in said
