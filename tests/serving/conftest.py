from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.bundle.loading import load
from serving.endpoint import create_app
from tests.support.bundles import CHURN, HOMES, write_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid classification bundle that a test may spoil."""
    return write_bundle(tmp_path / "bundle")


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(load(write_bundle(tmp_path_factory.mktemp("churn") / "bundle", CHURN)))) as client:
        yield client


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(load(write_bundle(tmp_path_factory.mktemp("homes") / "bundle", HOMES)))) as client:
        yield client
