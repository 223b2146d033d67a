"""What the committed parameters reach on 2016, the year after everything that was learned."""

import json
from typing import Any

import pytest

from slipway.core.expectation import Validation
from slipway.core.params import UseCaseParams
from slipway.stages.evaluate import evaluate
from slipway.stages.prepare import prepare
from slipway.stages.train import train
from slipway.workspace.files import write_document, write_frame
from slipway.workspace.params import read_params
from slipway.workspace.paths import Paths
from tests.support import records
from tests.support.documents import PROJECT
from use_cases.homes import USE_CASE
from use_cases.homes.source import king_county

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    paths = Paths(tmp_path_factory.mktemp("homes"), "homes")
    params: UseCaseParams = read_params(PROJECT).use_cases["homes"]
    raw = king_county.sales()
    write_frame(paths.raw, raw)
    validation = Validation(use_case="homes", rows=len(raw), columns=9, data_digest="d", results=())
    write_document(paths.validation, validation)
    prepare(USE_CASE, paths, params.split)
    train(USE_CASE, paths, params.train, in_time=True)
    nobody = records.incumbents().model_copy(update={"champion": None, "anchor": None})
    write_document(paths.incumbents / "incumbents.json", nobody)
    evaluate(USE_CASE, paths, params)
    found: dict[str, Any] = json.loads(paths.evaluation.read_text())
    return found


def test_errors_are_as_small_as_documented_and_not_so_small_that_something_leaks(evaluation: dict[str, Any]) -> None:
    metrics = {metric["name"]: metric["value"] for metric in evaluation["metrics"]}
    assert 0.10 < metrics["mape"] <= 0.13
    assert metrics["rmse"] <= 160_000


def test_intervals_hold_nine_of_ten_sales_within_two_points(evaluation: dict[str, Any]) -> None:
    assert evaluation["interval"]["level"] == 0.9
    assert abs(evaluation["interval"]["coverage"]["value"] - 0.9) <= 0.02


def test_every_district_and_price_band_is_looked_at_with_its_intervals(evaluation: dict[str, Any]) -> None:
    columns = [found["column"] for found in evaluation["slices"]]
    assert columns.count("price band") == 5
    assert columns.count("district") == 26
    assert all(found["interval"]["coverage"]["low"] is not None for found in evaluation["slices"])


def test_the_candidate_is_promoted_and_every_sabotage_refused(evaluation: dict[str, Any]) -> None:
    assert evaluation["verdict"]["decision"] == "promote"
    assert evaluation["self_test"]["failures"] == []
