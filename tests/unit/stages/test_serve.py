import json
import math
import shlex
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.endpoint import InMemoryEndpoint
from slipway.core.errors import DataMissing, EndpointFailed
from slipway.core.signature import Signature
from slipway.stages.serve import curl_line, serve_forever, trial
from slipway.workspace.paths import Paths
from tests.support.bundles import CHURN, HOMES, write_bundle


def project(root: Path, signature: Signature = CHURN) -> Path:
    paths = Paths(root, signature.use_case)
    write_bundle(paths.bundle, signature)
    return paths.bundle


def leaving(row: dict[str, Any]) -> dict[str, Any]:
    return {"probability": 1 / (1 + math.exp(-0.05 * row["tenure"]))}


def test_a_trial_returns_the_endpoints_own_answer(tmp_path: Path) -> None:
    with InMemoryEndpoint(leaving) as endpoint:
        tried = trial(project(tmp_path), endpoint)
    assert json.loads(tried.answer) == leaving({"tenure": 12.0})


def test_a_regressor_is_held_to_its_value(tmp_path: Path) -> None:
    bundle = project(tmp_path, HOMES)
    with InMemoryEndpoint(lambda row: {"value": 1000.0 * row["area"]}) as endpoint:
        assert trial(bundle, endpoint).answer == '{"value": 100000.0}'
    with InMemoryEndpoint(lambda row: {"value": 1000.0 * row["area"] + 1}) as endpoint, pytest.raises(EndpointFailed):
        trial(bundle, endpoint)


def test_an_example_with_nulls_is_held_to_the_models_own_reading_of_them(tmp_path: Path) -> None:
    gaps = CHURN.model_copy(update={"examples": CHURN.examples[1:]})
    with InMemoryEndpoint(lambda _: {"probability": 1 / (1 + math.exp(-1))}) as endpoint:
        assert "0.731" in trial(project(tmp_path, gaps), endpoint).answer


def test_an_answer_that_is_not_the_models_is_refused_with_both_figures(tmp_path: Path) -> None:
    def shifted(row: dict[str, Any]) -> dict[str, Any]:
        return {"probability": leaving(row)["probability"] + 1e-5}

    with (
        InMemoryEndpoint(shifted) as endpoint,
        pytest.raises(EndpointFailed, match=r"answered 0\.645666\d+ where the model itself says 0\.645656\d+"),
    ):
        trial(project(tmp_path), endpoint)


@pytest.mark.parametrize("answer", [{}, {"value": 1.0}, {"probability": None}, {"probability": "high"}])
def test_an_answer_without_a_probability_is_refused(tmp_path: Path, answer: dict[str, Any]) -> None:
    with (
        InMemoryEndpoint(lambda _: answer) as endpoint,
        pytest.raises(EndpointFailed, match="answered without a probability"),
    ):
        trial(project(tmp_path), endpoint)


def test_a_project_without_a_bundle_is_told_how_to_make_one(tmp_path: Path) -> None:
    with InMemoryEndpoint(leaving) as endpoint, pytest.raises(DataMissing, match="slipway run"):
        trial(Paths(tmp_path, "churn").bundle, endpoint)


def test_the_curl_line_points_where_it_is_told(tmp_path: Path) -> None:
    with InMemoryEndpoint(leaving) as endpoint:
        bundle = project(tmp_path)
        assert endpoint.url in trial(bundle, endpoint).curl
        assert "http://127.0.0.1:8080/predict" in trial(bundle, endpoint, shown_at="http://127.0.0.1:8080").curl


def test_a_curl_line_survives_the_shell_whatever_the_row_holds() -> None:
    row = {"name": 'O\'Neil $HOME `ls` "größe"', "n": None}
    words = shlex.split(curl_line("http://127.0.0.1:1", row))
    assert words[:3] == ["curl", "-s", "http://127.0.0.1:1/predict"]
    assert json.loads(words[-1]) == row


def test_serving_says_where_and_ends_quietly_on_ctrl_c(tmp_path: Path) -> None:
    class UntilCtrlC(InMemoryEndpoint):
        def wait(self) -> None:
            raise KeyboardInterrupt

    said: list[str] = []
    with UntilCtrlC(leaving) as endpoint:
        serve_forever(project(tmp_path), endpoint, said.append)
    assert "/docs" in said[0]
    assert said[1].startswith("curl -s ")
    assert said[-1] == "stopped"


def test_an_endpoint_that_ends_by_itself_ends_serving_with_an_error(tmp_path: Path) -> None:
    with InMemoryEndpoint(leaving) as endpoint, pytest.raises(EndpointFailed, match="ended by itself"):
        serve_forever(project(tmp_path), endpoint, print)
