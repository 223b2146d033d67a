"""The endpoint as a process and its twin keep the same promises."""

import json
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.endpoint import InMemoryEndpoint, LocalEndpoint
from slipway.core.errors import EndpointFailed
from slipway.ports import Endpoint
from tests.support.bundles import CHURN, write_bundle

EXAMPLE = json.dumps(CHURN.examples[0])


def by_hand(row: dict[str, Any]) -> dict[str, Any] | None:
    if set(row) != {field.name for field in CHURN.inputs}:
        return None
    shift = 1.0 if row["contract"] == "Two year" else 0.0
    return {"probability": 1 / (1 + math.exp(-(0.05 * row["tenure"] + shift)))}


@pytest.fixture(scope="module", params=["process", "twin"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    bundle = write_bundle(tmp_path_factory.mktemp("endpoint") / "bundle")
    makers: dict[str, AbstractContextManager[Endpoint]] = {
        "process": LocalEndpoint(bundle),
        "twin": InMemoryEndpoint(by_hand),
    }
    with makers[request.param] as running:
        yield running


@pytest.fixture(params=["process", "twin"])
def stopped(request: pytest.FixtureRequest, tmp_path: Path) -> Endpoint:
    bundle = write_bundle(tmp_path / "bundle")
    with LocalEndpoint(bundle) if request.param == "process" else InMemoryEndpoint(by_hand) as endpoint:
        pass
    return endpoint


def test_it_has_an_address(endpoint: Endpoint) -> None:
    assert endpoint.url.startswith("http://")


def test_it_answers_a_row(endpoint: Endpoint) -> None:
    answer = json.loads(endpoint.post("/predict", EXAMPLE))
    assert answer["probability"] == pytest.approx(1 / (1 + math.exp(-0.6)), abs=1e-7)


def test_a_refused_row_is_an_error_with_the_status(endpoint: Endpoint) -> None:
    with pytest.raises(EndpointFailed, match="answered 422 to /predict"):
        endpoint.post("/predict", "{}")


def test_an_unknown_route_is_an_error_with_the_status(endpoint: Endpoint) -> None:
    with pytest.raises(EndpointFailed, match="answered 404 to /nothing"):
        endpoint.post("/nothing", EXAMPLE)


def test_it_answers_no_more_once_it_is_stopped(stopped: Endpoint) -> None:
    with pytest.raises(EndpointFailed, match="did not answer"):
        stopped.post("/predict", EXAMPLE)
